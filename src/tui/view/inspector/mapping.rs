//! What the inspector says of a runner mapping: what its match specs select, who takes it before, what it gives.

use super::super::super::model::Model;
use super::super::super::model::runners::Row;
use super::super::super::theme::Role;
use super::super::runners::key;
use super::{Item, at, merged, push};
use crate::emit::mapping_letter;
use crate::environment::attributes::{JobKind, MatchBehavior, Merging, RunnerMapping, Section};
use crate::plan::assign::MappingId;
use crate::yaml::{Entry, Node, Value, inline};

/// Values longer than this, in characters, are written a line an entry.
const LONGEST_INLINE: usize = 60;
/// Maps and lists nested deeper than this are written on one line.
const DEEPEST: usize = 6;

/// Describes the selected row of the mappings.
pub(super) fn describe(model: &Model, items: &mut Vec<Item>) {
    match model.runners.rows.get(model.runners.cursor.selected) {
        Some(Row::Mapping(id)) => {
            if let Some(mapping) = model.document.plan.mapping(*id) {
                self::mapping(model, *id, mapping, items);
            }
        }
        Some(Row::Section(index)) => section(model, *index, items),
        Some(Row::Unassigned) => unassigned(model, items),
        None => {}
    }
}

fn section(model: &Model, index: usize, items: &mut Vec<Item>) {
    let rules = &model.document.plan.rules;
    let Some(section) = rules.sections.get(index) else { return };
    let place = section.place().map(|place| at(model, place)).unwrap_or_default();
    push(items, Some(Role::Title), 0, format!("{} ({place})", key(Some(section), rules.merging)));
    where_to_edit(model, items);
    let applied = (0..=index).filter(|at| is_written(model, *at)).count();
    let all = (0..rules.sections.len()).filter(|at| is_written(model, *at)).count();
    push(items, None, 0, format!("applied as number {applied} of {all}; later ones win"));
    match section {
        Section::Jobs { attributes, removes, .. } => {
            if let Some(removes) = removes {
                push(items, Some(Role::Title), 0, "takes away");
                self::attributes(Some(removes), items);
            }
            push(items, Some(Role::Title), 0, "attributes");
            self::attributes(attributes.as_ref(), items);
        }
        Section::Submapping(list) => {
            let counts = model.document.plan.assignments.counts[index].iter();
            let taken: usize = counts.map(|count| count.takes).sum();
            let behavior = match list.behavior {
                MatchBehavior::First => {
                    "its entries are tried from the last one up, and the first that matches is taken"
                }
                MatchBehavior::Merge => "all entries that match are applied, from the last one up",
            };
            push(items, None, 0, behavior);
            let entries = if list.mappings.len() == 1 { "entry" } else { "entries" };
            push(items, None, 0, format!("{} {entries} for {}", list.mappings.len(), jobs(taken)));
        }
        Section::Dynamic(dynamic) => {
            let address = dynamic.address();
            let text = match &dynamic.answers {
                Some(answers) => format!("{address} gave {} attributes", jobs(answers.len())),
                None => format!("{address} is asked for attributes of each job"),
            };
            push(items, None, 0, text);
        }
    }
    merged(model, items);
}

fn is_written(model: &Model, index: usize) -> bool {
    let place = model.document.plan.rules.sections.get(index).and_then(Section::place);
    place.is_some_and(|place| model.document.planned.is_written(place))
}

/// Says why the selected row cannot be edited here, and what can be done instead.
fn where_to_edit(model: &Model, items: &mut Vec<Item>) {
    if let Err(reason) = model.runners.target(&model.document) {
        push(items, Some(Role::Note), 0, reason);
        if model.document.plan.rules.merging == Merging::Prepend {
            push(items, Some(Role::Note), 0, "hint: what spack.yaml says wins over it; add a mapping or section there");
        }
    }
}

/// Shows what most jobs of the selected row have in the end.
fn merged(model: &Model, items: &mut Vec<Item>) {
    let Some(set) = model.runners.usual_set(&model.document) else { return };
    let same = |id: &crate::plan::JobId| model.document.plan.assignments.set_of(*id) == set;
    let count = model.runners.members.iter().filter(|id| same(id)).count();
    let all = model.runners.members.len();
    let whose = if count == all { jobs(all) } else { format!("{count} of {}", jobs(all)) };
    push(items, Some(Role::Title), 0, format!("merged, for {whose}"));
    merged::describe(model, set, items);
}

fn unassigned(model: &Model, items: &mut Vec<Item>) {
    let count = model.document.plan.assignments.unassigned.count_ones(..);
    if count == 0 {
        return push(items, Some(Role::Dim), 0, "every job has a runner");
    }
    push(items, Some(Role::Error), 0, format!("no mapping takes {}", jobs(count)));
    push(items, Some(Role::Note), 0, "hint: mark jobs in the list below and send them to a runner");
}

fn mapping(model: &Model, id: MappingId, mapping: &RunnerMapping, items: &mut Vec<Item>) {
    let plan = &model.document.plan;
    let letter = |id| mapping_letter(plan.number_of(id));
    let Some(count) = plan.assignments.counts.get(id.section).and_then(|counts| counts.get(id.mapping)) else { return };
    push(items, Some(Role::Title), 0, format!("{} ({})", letter(id), at(model, &mapping.place)));
    where_to_edit(model, items);
    if let Some(label) = &mapping.label {
        push(items, None, 0, format!("label {label}"));
    }
    push(items, None, 0, format!("takes {} of {} that it matches", count.takes, jobs(count.matches)));
    for (rival, count) in &model.runners.rivals {
        let at = plan.mapping(*rival).map(|mapping| at(model, &mapping.place)).unwrap_or_default();
        push(items, Some(Role::Warning), 2, format!("{count} taken before by {} ({at})", letter(*rival)));
    }
    push(items, Some(Role::Title), 0, "match specs");
    if mapping.matches.is_empty() {
        push(items, Some(Role::Warning), 2, "none: it takes nothing");
    }
    for (wanted, count) in mapping.matches.iter().zip(&count.by_match) {
        let role = (*count == 0).then_some(Role::Dim);
        push(items, role, 2, format!("{}: {} (line {})", wanted.text, jobs(*count), wanted.place.line()));
    }
    push(items, Some(Role::Title), 0, "attributes");
    attributes(mapping.attributes.as_ref(), items);
    if let Some(removes) = &mapping.removes {
        push(items, Some(Role::Title), 0, "takes away");
        attributes(Some(removes), items);
    }
    if plan.rules.sections.iter().filter(|section| bears_on_builds(section)).count() > 1 {
        merged(model, items);
    }
}

fn bears_on_builds(section: &Section) -> bool {
    match section {
        Section::Jobs { kind, .. } => kind.includes(JobKind::Build),
        Section::Submapping(_) | Section::Dynamic(_) => true,
    }
}

fn attributes(node: Option<&Node>, items: &mut Vec<Item>) {
    match node.and_then(Node::as_mapping) {
        Some(map) if !map.is_empty() => map.iter().for_each(|(key, entry)| self::entry(key, entry, 2, items)),
        _ => push(items, Some(Role::Dim), 2, "none"),
    }
}

fn entry(key: &str, Entry { key: place, node }: &Entry, indent: usize, items: &mut Vec<Item>) {
    value(&format!("{key}:"), place.line(), node, indent, items);
}

/// Writes a value, on one line if it is short.
fn value(before: &str, line: usize, node: &Node, indent: usize, items: &mut Vec<Item>) {
    let text = inline(node);
    let is_short = text.chars().nth(LONGEST_INLINE).is_none() || indent > 2 * DEEPEST;
    match &node.value {
        Value::Mapping(map) if !map.is_empty() && indent <= 2 * DEEPEST => {
            push(items, Some(Role::Name), indent, format!("{before} (line {line})"));
            map.iter().for_each(|(key, entry)| self::entry(key, entry, indent + 2, items));
        }
        Value::Sequence(list) if !is_short => {
            push(items, Some(Role::Name), indent, format!("{before} (line {line})"));
            for node in list {
                value("-", node.place.line(), node, indent + 2, items);
            }
        }
        _ => push(items, Some(Role::Name), indent, format!("{before} {text} (line {line})")),
    }
}

fn jobs(count: usize) -> String {
    if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") }
}

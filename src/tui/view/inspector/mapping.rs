//! What the inspector says of a runner mapping: what its match specs select, who takes it before, what it gives.

use super::super::super::model::Model;
use super::super::super::model::runners::Row;
use super::super::super::theme::Role;
use super::{Item, push};
use crate::emit::mapping_letter;
use crate::environment::attributes::RunnerMapping;
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
        Some(Row::Unassigned) => unassigned(model, items),
        None => {}
    }
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
    push(items, Some(Role::Title), 0, format!("{} (line {})", letter(id), mapping.place.line()));
    if let Some(label) = &mapping.label {
        push(items, None, 0, format!("label {label}"));
    }
    push(items, None, 0, format!("takes {} of {} that it matches", count.takes, jobs(count.matches)));
    for (rival, count) in &model.runners.rivals {
        let line = plan.mapping(*rival).map_or(0, |mapping| mapping.place.line());
        push(items, Some(Role::Warning), 2, format!("{count} taken before by {} (line {line})", letter(*rival)));
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

//! What the inspector says of merged attributes: each value with what gave it, and in which order they were applied.

use super::super::super::model::Model;
use super::super::super::theme::Role;
use super::super::runners::key;
use super::{Item, at, push};
use crate::environment::attributes::{JobKind, Merging, Section};
use crate::plan::assign::AttributeSetId;
use crate::plan::attributes::merged;
use crate::plan::explain::Giver;
use crate::source::Place;
use crate::yaml::{Mapping, Value, inline};

/// Maps and lists nested deeper than this are written on one line.
const DEEPEST: usize = 3;

/// Describes the attributes of jobs to which a combination of mappings applies.
pub(super) fn describe(model: &Model, set: AttributeSetId, items: &mut Vec<Item>) {
    let plan = &model.document.plan;
    let steps = steps(model, set);
    let names = plan.rules.merging == Merging::Prepend || steps.len() > 1;
    attributes(model, &merged(&plan.rules, &plan.assignments.sets[set.index()]), 0, names, items);
    if steps.len() > 1 {
        push(items, Some(Role::Title), 0, "applied in order, later ones win");
        for step in steps {
            push(items, None, 2, step);
        }
    }
}

/// Names the sections and mappings that apply, in the order in which they do.
fn steps(model: &Model, set: AttributeSetId) -> Vec<String> {
    let plan = &model.document.plan;
    let set = &plan.assignments.sets[set.index()];
    let mut steps = Vec::new();
    for (index, section) in plan.rules.sections.iter().enumerate() {
        let place = section.place().map(|place| at(model, place)).unwrap_or_default();
        match section {
            Section::Jobs { kind, .. } if kind.includes(JobKind::Build) => {
                steps.push(format!("{} ({place})", key(Some(section), plan.rules.merging)));
            }
            Section::Jobs { .. } => {}
            Section::Dynamic(dynamic) => steps.push(format!("what {} answers ({place})", dynamic.address())),
            Section::Submapping(_) => {
                for id in set.mappings.iter().filter(|id| id.section == index) {
                    let place = plan.mapping(*id).map(|mapping| at(model, &mapping.place)).unwrap_or_default();
                    steps.push(format!("{} ({place})", Giver::Mapping(*id).name(&plan.rules)));
                }
            }
        }
    }
    steps
}

/// Writes attributes, each with what gave it; maps and lists that several sections gave, value by value.
fn attributes(model: &Model, map: &Mapping, depth: usize, names: bool, items: &mut Vec<Item>) {
    for (key, entry) in map {
        match &entry.node.value {
            Value::Mapping(inner) if depth < DEEPEST && several(model, inner.values().map(|entry| &entry.key)) => {
                push(items, Some(Role::Name), 2 * depth, format!("{key}:"));
                attributes(model, inner, depth + 1, names, items);
            }
            Value::Sequence(list) if several(model, list.iter().map(|item| &item.place)) => {
                push(items, Some(Role::Name), 2 * depth, format!("{key}:"));
                for item in list {
                    let line = format!("- {} {}", inline(item), given(model, &item.place, names));
                    push(items, Some(Role::Name), 2 * depth + 2, line);
                }
            }
            _ => {
                let line = format!("{key}: {} {}", inline(&entry.node), given(model, &entry.key, names));
                push(items, Some(Role::Name), 2 * depth, line);
            }
        }
    }
}

/// Says where a value is written, and in which section or mapping.
fn given(model: &Model, place: &Place, names: bool) -> String {
    let rules = &model.document.plan.rules;
    let is_named = names && model.document.planned.is_written(place);
    let by = if is_named { Giver::of(rules, place) } else { None };
    let by = by.map(|giver| format!(", {}", giver.name(rules)));
    format!("({}{})", at(model, place), by.unwrap_or_default())
}

/// Tells whether more than one section or mapping gave these values.
fn several<'a>(model: &Model, places: impl Iterator<Item = &'a Place>) -> bool {
    let mut givers = places.map(|place| (Giver::of(&model.document.plan.rules, place), place.source().name()));
    let first = givers.next();
    givers.any(|giver| first.as_ref() != Some(&giver))
}

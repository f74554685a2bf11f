//! The rules of runners, what is pruned, and where attributes come from.

use super::{mapping_index, node, place};
use crate::environment::attributes::Section;
use crate::plan::assign::MappingId;
use crate::plan::explain::Giver;
use crate::plan::prune::{Pruned, Reason};
use crate::release::Release;
use crate::source::Place;
use crate::yaml::{Mapping, Node, Value};
use serde_json::{Map, Value as Json, json};

/// Returns a section of the rules; they stand in the order in which they are applied.
pub(super) fn section(release: &Release, index: usize, section: &Section) -> Json {
    match section {
        Section::Jobs { kind, attributes, removes } => {
            let of = attributes.as_ref().or(removes.as_ref()).map(|node| place(&node.place));
            json!({
                "jobs": kind.name(),
                "place": of,
                "attributes": attributes.as_ref().map(node),
                "removes": removes.as_ref().map(node),
            })
        }
        Section::Submapping(list) => {
            let first = mapping_index(release, MappingId { section: index, mapping: 0 });
            json!({ "mappings": [first, first + list.mappings.len()], "place": place(&list.place) })
        }
        Section::Dynamic(dynamic) => json!({
            "endpoint": dynamic.address(),
            "place": place(&dynamic.place),
            "answers": dynamic.answers.as_ref().map(|answers| answers.attributes.iter().map(node).collect::<Vec<_>>()),
        }),
    }
}

/// Returns the specs that get no job, with the reason.
pub(super) fn pruned(release: &Release) -> Vec<Json> {
    let graph = &release.plan.graph;
    let one = |pruned: &Pruned| {
        let spec = graph.phases[pruned.phase].specs.spec(pruned.spec);
        let (reason, mirrors) = match &pruned.reason {
            Reason::External => ("external", None),
            Reason::UpToDate(mirrors) => ("up-to-date", Some(mirrors)),
            Reason::Untouched => ("untouched", None),
            Reason::Missing | Reason::ChangedPackage | Reason::DependencyOfChanged | Reason::DependentOfChanged => {
                ("none", None)
            }
        };
        json!({
            "phase": pruned.phase,
            "name": &*spec.name,
            "version": spec.version.to_string(),
            "hash": &*spec.hash,
            "reason": reason,
            "mirrors": mirrors,
        })
    };
    graph.pruned.iter().map(one).collect()
}

/// Returns a map with the place of every value in it.
pub(super) fn placed_entries(release: &Release, map: &Mapping) -> Json {
    let entries = map.iter().map(|(key, entry)| (key.clone(), placed(release, &entry.node, &entry.key)));
    Json::Object(entries.collect::<Map<_, _>>())
}

/// Returns a value with the place, section and mapping of what gave it.
fn placed(release: &Release, value: &Node, at: &Place) -> Json {
    let inner = match &value.value {
        Value::Mapping(map) => placed_entries(release, map),
        Value::Sequence(items) => Json::Array(items.iter().map(|item| placed(release, item, &item.place)).collect()),
        _ => node(value),
    };
    let (section, mapping) = match Giver::of(&release.plan.rules, at) {
        Some(Giver::Section(index)) => (Some(index), None),
        Some(Giver::Mapping(id)) => (Some(id.section), Some(mapping_index(release, id))),
        None => (None, None),
    };
    json!({ "value": inner, "place": place(at), "section": section, "mapping": mapping })
}

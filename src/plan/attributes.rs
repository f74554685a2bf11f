//! Merges the attributes that sections give to a job; every value keeps the place it came from.

use super::assign::AttributeSet;
use crate::environment::attributes::{JobKind, RunnerRules, Section};
use crate::yaml::{Entry, Mapping, Value};

/// Returns the attributes of jobs to which the mappings of `set` apply, in order of first appearance.
///
/// As Spack did it up to 0.19, a later section replaces an attribute of an earlier one, and `variables` are merged
/// name by name.
pub fn merged(rules: &RunnerRules, set: &AttributeSet) -> Mapping {
    let mut result = Mapping::default();
    for (index, section) in rules.sections.iter().enumerate() {
        match section {
            Section::Jobs { kind: JobKind::Any | JobKind::Build, attributes, removes } => {
                apply(&mut result, attributes.as_ref(), removes.as_ref());
            }
            Section::Jobs { .. } => {}
            Section::Submapping(submapping) => {
                for id in set.mappings.iter().filter(|id| id.section == index) {
                    let mapping = &submapping.mappings[id.mapping];
                    apply(&mut result, mapping.attributes.as_ref(), mapping.removes.as_ref());
                }
            }
        }
    }
    result
}

fn apply(result: &mut Mapping, attributes: Option<&crate::yaml::Node>, removes: Option<&crate::yaml::Node>) {
    if let Some(removes) = removes.and_then(|node| node.as_mapping()) {
        remove(result, removes);
    }
    for (key, entry) in attributes.and_then(|node| node.as_mapping()).into_iter().flatten() {
        match (result.get_mut(key), &entry.node.value) {
            (Some(Entry { node, .. }), Value::Mapping(new)) if key == "variables" => {
                if let Value::Mapping(old) = &mut node.value {
                    old.extend(new.iter().map(|(name, value)| (name.clone(), value.clone())));
                    continue;
                }
                *node = entry.node.clone();
            }
            _ => {
                result.insert(key.clone(), entry.clone());
            }
        }
    }
}

/// Takes the items of lists in `removes` out of the lists of the same name.
fn remove(result: &mut Mapping, removes: &Mapping) {
    for (key, entry) in removes {
        let Some(Entry { node, .. }) = result.get_mut(key) else { continue };
        if let (Value::Sequence(items), Value::Sequence(gone)) = (&mut node.value, &entry.node.value) {
            items
                .retain(|item| !gone.iter().any(|other| other.as_text() == item.as_text() && item.as_text().is_some()));
        }
    }
}

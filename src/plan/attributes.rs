//! Merges the attributes that sections give to a job; every value keeps the place it came from.

use super::assign::AttributeSet;
use crate::environment::attributes::{JobKind, Merging, RunnerRules, Section};
use crate::yaml::merge::{self, Content, bare, merge_maps, unmarked};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Returns the attributes of build jobs to which the mappings of `set` apply.
pub fn merged(rules: &RunnerRules, set: &AttributeSet) -> Mapping {
    unmarked(gathered(rules, Jobs::Build(set), Mapping::default()))
}

/// Returns the attributes of the jobs of one kind that build nothing.
pub fn of_kind(rules: &RunnerRules, kind: JobKind) -> Mapping {
    unmarked(gathered(rules, Jobs::Of(kind), Mapping::default()))
}

/// The jobs whose attributes are gathered.
#[derive(Clone, Copy, Debug)]
pub enum Jobs<'a> {
    /// Build jobs to which these mappings apply.
    Build(&'a AttributeSet),
    /// Jobs of another kind.
    Of(JobKind),
}

/// Merges the attributes of jobs over what they have to begin with; keys keep Spack's marks (`::` and others).
pub fn gathered(rules: &RunnerRules, jobs: Jobs<'_>, initial: Mapping) -> Mapping {
    let (kind, set) = match jobs {
        Jobs::Build(set) => (JobKind::Build, Some(set)),
        Jobs::Of(kind) => (kind, None),
    };
    let mut result = initial;
    for (index, section) in rules.sections.iter().enumerate() {
        match section {
            Section::Jobs { kind: of, attributes, removes } if of.includes(kind) => {
                apply(rules.merging, &mut result, attributes.as_ref(), removes.as_ref());
            }
            Section::Jobs { .. } => {}
            Section::Dynamic(service) => {
                for id in set.into_iter().flat_map(|set| &set.answers).filter(|id| id.section == index) {
                    let answer = service.answers.as_ref().and_then(|answers| answers.attributes.get(id.mapping));
                    apply(rules.merging, &mut result, answer, None);
                }
            }
            Section::Submapping(submapping) => {
                for id in set.into_iter().flat_map(|set| &set.mappings).filter(|id| id.section == index) {
                    let mapping = &submapping.mappings[id.mapping];
                    apply(rules.merging, &mut result, mapping.attributes.as_ref(), mapping.removes.as_ref());
                }
            }
        }
    }
    result
}

/// Applies what one section gives and takes away.
fn apply(merging: Merging, result: &mut Mapping, attributes: Option<&Node>, removes: Option<&Node>) {
    if let Some(removes) = removes.and_then(Node::as_mapping) {
        merge::remove(result, removes);
    }
    let Some(attributes) = attributes.and_then(Node::as_mapping) else { return };
    match merging {
        Merging::Prepend => *result = merge_maps(std::mem::take(result), attributes.clone()),
        Merging::Replace => attributes.iter().for_each(|(key, entry)| replace(result, bare(key), entry)),
    }
}

/// Puts an attribute in place of one of that name; variables are merged name by name, and tags are united.
fn replace(result: &mut Mapping, key: &str, entry: &Entry) {
    match (result.get_mut(key).map(|entry| &mut entry.node.value), &entry.node.value) {
        (Some(Value::Mapping(old)), Value::Mapping(new)) if key == "variables" => {
            old.extend(new.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        (Some(Value::Sequence(old)), Value::Sequence(new)) if key == "tags" => {
            let added = new.iter().filter(|tag| !old.iter().any(|known| Content(known) == Content(tag)));
            let added: Vec<Node> = added.cloned().collect();
            old.extend(added);
        }
        _ => {
            result.insert(key.to_owned(), entry.clone());
        }
    }
}

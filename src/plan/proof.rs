//! Whether two plans give every job the same attributes, however their rules are written, and where they do not.

use super::attributes::{merged, of_kind};
use super::change::Counterparts;
use super::{JobId, Plan};
use crate::environment::attributes::JobKind;
use crate::yaml::merge::Content;
use crate::yaml::{Entry, Mapping, Node, Value, inline};
use std::collections::BTreeMap;
use std::fmt;

/// The kinds of job that build nothing; none cleans up any more.
const SERVICES: [JobKind; 4] = [JobKind::Copy, JobKind::Noop, JobKind::Reindex, JobKind::Signing];

/// Jobs of which two plans say different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Build jobs by name, at least one.
    Jobs(Vec<String>),
    /// The jobs of a kind that build nothing.
    Kind(JobKind),
}

/// What two plans say of the same jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only the older plan has these jobs.
    Lost(Subject),
    /// Only the newer plan has these jobs.
    Gained(Subject),
    /// No mapping took these jobs, so that they were left out; now they are built.
    LeftOutBefore(Subject),
    /// A mapping took these jobs; now none does.
    LeftOutNow(Subject),
    /// An attribute has another value.
    Attribute {
        /// Whose.
        of: Subject,
        /// Its name.
        name: String,
        /// Its value in the older plan, as YAML on one line.
        before: Option<String>,
        /// Its value in the newer plan.
        now: Option<String>,
    },
}

/// Compares what jobs of two plans are given; tags and variables have no order.
pub fn differences(before: &Plan, now: &Plan) -> Vec<Difference> {
    let counterparts = Counterparts::new(&now.graph, &before.graph);
    let mut met = vec![false; before.graph.len()];
    let (mut gained, mut added, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    let mut pairs: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for id in now.graph.ids() {
        let name = now.graph.job(id).name.clone();
        let Some(old) = counterparts.of(id) else {
            gained.push(name);
            continue;
        };
        met[old.index()] = true;
        match (before.assignments.is_unassigned(old), now.assignments.is_unassigned(id)) {
            (true, false) => added.push(name),
            (false, true) => removed.push(name),
            (true, true) => {}
            (false, false) => {
                let sets = (before.assignments.set_of(old).index(), now.assignments.set_of(id).index());
                pairs.entry(sets).or_default().push(name);
            }
        }
    }
    let name_of = |id: JobId| before.graph.job(id).name.clone();
    let lost: Vec<String> = before.graph.ids().filter(|id| !met[id.index()]).map(name_of).collect();
    let some = |names: Vec<String>| (!names.is_empty()).then_some(Subject::Jobs(names));
    let mut found: Vec<Difference> = Vec::new();
    found.extend(some(lost).map(Difference::Lost));
    found.extend(some(gained).map(Difference::Gained));
    found.extend(some(added).map(Difference::LeftOutBefore));
    found.extend(some(removed).map(Difference::LeftOutNow));
    for ((old, new), jobs) in pairs {
        let old = merged(&before.rules, &before.assignments.sets[old]);
        let new = merged(&now.rules, &now.assignments.sets[new]);
        of_attributes(&Subject::Jobs(jobs), &old, &new, &mut found);
    }
    for kind in SERVICES {
        of_attributes(&Subject::Kind(kind), &of_kind(&before.rules, kind), &of_kind(&now.rules, kind), &mut found);
    }
    found
}

fn of_attributes(of: &Subject, before: &Mapping, now: &Mapping, found: &mut Vec<Difference>) {
    let only_now = now.keys().filter(|key| !before.contains_key(*key));
    for name in before.keys().chain(only_now) {
        let value = |map: &Mapping| map.get(name).map(|entry| normal(name, &entry.node));
        let (old, new) = (value(before), value(now));
        let same = match (&old, &new) {
            (Some(old), Some(new)) => Content(old) == Content(new),
            (None, None) => true,
            // An empty list or map says nothing.
            (Some(one), None) | (None, Some(one)) => is_empty(one),
        };
        if !same {
            let text = |node: Option<Node>| node.map(|node| inline(&node));
            let (before, now) = (text(old), text(new));
            found.push(Difference::Attribute { of: of.clone(), name: name.clone(), before, now });
        }
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(map) => map.is_empty(),
        _ => false,
    }
}

/// Returns a value in a form that is the same wherever it has the same effect.
fn normal(name: &str, node: &Node) -> Node {
    let value = match (&node.value, name) {
        (Value::Sequence(tags), "tags") => {
            let mut tags = tags.clone();
            tags.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
            Value::Sequence(tags)
        }
        (Value::Sequence(lines), "script" | "before_script" | "after_script") => {
            let flat = lines.iter().flat_map(|line| line.as_sequence().unwrap_or(std::slice::from_ref(line)));
            Value::Sequence(flat.cloned().collect())
        }
        (Value::Mapping(variables), "variables") => {
            let mut sorted: Vec<(String, Entry)> = variables.clone().into_iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Mapping(sorted.into_iter().collect())
        }
        (value, _) => value.clone(),
    };
    Node { value, place: node.place.clone() }
}

impl fmt::Display for Subject {
    /// Writes ``the job `zlib`…``, or how many jobs there are and the first of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jobs(names) => match names.as_slice() {
                [name] => write!(f, "the job `{name}`"),
                [name, ..] => write!(f, "{} jobs, among them `{name}`", names.len()),
                [] => f.write_str("no jobs"),
            },
            Self::Kind(kind) => write!(f, "the {} job", kind.name()),
        }
    }
}

impl fmt::Display for Difference {
    /// Writes one sentence without a final period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(jobs) => write!(f, "{jobs}: not built any more"),
            Self::Gained(jobs) => write!(f, "{jobs}: not built before"),
            Self::LeftOutBefore(jobs) => {
                write!(f, "{jobs}: no mapping took this, and it was left out; `ci` builds it, on any runner")
            }
            Self::LeftOutNow(jobs) => write!(f, "{jobs}: no mapping takes this any more"),
            Self::Attribute { of, name, before, now } => {
                let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
                write!(f, "{of}: `{name}` was {} and is {}", value(before), value(now))
            }
        }
    }
}

//! Which roots of a lockfile answer which root specs of an environment: those that are the same constraint.

use super::lockfile::Lockfile;
use crate::environment::RootSpec;
use crate::spec::Spec;
use std::collections::{BTreeMap, VecDeque};

/// The last lockfile version whose writer adds a platform to root specs that name only an operating system or target.
const LAST_WITH_ADDED_PLATFORM: u32 = 3;

/// How the roots of an environment and a lockfile correspond.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Correspondence {
    /// For each root of the environment the root of the lockfile, as an index; duplicates are matched in order.
    pub(super) answers: Vec<Option<usize>>,
    /// Roots of the lockfile that nothing asks for, as indices.
    pub(super) extra: Vec<usize>,
}

/// Matches roots as parsed specs.
pub(super) fn correspond(roots: &[RootSpec], lockfile: &Lockfile) -> Correspondence {
    let mut by_text: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
    for (index, root) in lockfile.roots.iter().enumerate() {
        let text = Spec::parse(&root.text).map_or_else(|_| root.text.to_string(), |spec| key(&spec, lockfile.version));
        by_text.entry(text).or_default().push_back(index);
    }
    let mut last = BTreeMap::new();
    let mut answer = |root: &RootSpec| {
        let key = key(&root.spec, lockfile.version);
        let next = by_text.get_mut(&key).and_then(VecDeque::pop_front);
        // Spack keeps one root where it unifies duplicates; all of them are then answered by it.
        let next = next.or_else(|| last.get(&key).copied());
        if let Some(index) = next {
            last.insert(key, index);
        }
        next
    };
    let answers = roots.iter().map(&mut answer).collect();
    let mut extra: Vec<usize> = by_text.into_values().flatten().collect();
    extra.sort_unstable();
    Correspondence { answers, extra }
}

/// Returns a text that is equal for root specs that mean the same to the writer of the lockfile.
fn key(spec: &Spec, version: u32) -> String {
    let spec = spec.with_bare_compilers();
    if version <= LAST_WITH_ADDED_PLATFORM { spec.without_platform().to_string() } else { spec.to_string() }
}

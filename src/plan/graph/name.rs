//! Job names, as `spack release-jobs` or `spack ci generate` formats them, made unique.

use super::PhaseKind;
use crate::environment::Dialect;
use crate::spec::concrete::{Architecture, ConcreteSpec, ConcreteSpecs, SpecId};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Returns name and version of the compiler that built a spec: the one it is annotated with (before Spack 1.0),
/// else its dependency that provides `c`, else `cxx`, else `fortran`.
pub fn compiler(specs: &ConcreteSpecs, id: SpecId) -> Option<(Arc<str>, String)> {
    if let Some(compiler) = &specs.spec(id).compiler {
        return Some((Arc::clone(&compiler.name), compiler.version.to_string()));
    }
    let spec = specs.spec(specs.compiler_node(id)?);
    Some((Arc::clone(&spec.name), spec.version.to_string()))
}

/// Returns an architecture as `platform-os-target`.
pub fn architecture(arch: &Architecture) -> String {
    format!("{}-{}-{}", arch.platform, arch.os, arch.target)
}

/// Longest name of a job that Spack writes, in characters: GitLab takes no more.
const LONGEST: usize = 255;

/// How jobs are named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naming<'a> {
    pub(super) dialect: Dialect,
    /// The build group, where results are reported to CDash.
    pub(super) group: Option<&'a str>,
}

impl Naming<'_> {
    /// Returns the longest name that the dialect allows, in characters.
    pub(super) fn longest(self) -> usize {
        match self.dialect {
            Dialect::ReleaseJobs => usize::MAX,
            Dialect::SpackCi => LONGEST,
        }
    }

    /// Returns `(PHASE) NAME VERSION [COMPILER@VERSION] ARCH [BUILD-GROUP]`, or today `NAME@VERSION /HASH [BUILD-GROUP]`.
    pub(super) fn job_name(self, phase: &str, kind: PhaseKind, specs: &ConcreteSpecs, id: SpecId) -> String {
        let spec = specs.spec(id);
        let mut name = match self.dialect {
            Dialect::SpackCi => format!("{}@{} /{}", spec.name, spec.version, spec.hash),
            Dialect::ReleaseJobs => {
                let mut name = format!("({phase}) {} {}", spec.name, spec.version);
                if kind != PhaseKind::AgnosticBootstrap
                    && let Some((compiler, version)) = compiler(specs, id)
                {
                    let _ = write!(name, " {compiler}@{version}");
                }
                let _ = write!(name, " {}", architecture(&spec.arch));
                name
            }
        };
        if let Some(group) = self.group {
            let _ = write!(name, " {group}");
        }
        cut(&mut name, self.longest());
        name
    }
}

/// Cuts a text to so many characters.
fn cut(text: &mut String, longest: usize) {
    if text.len() > longest
        && let Some((end, _)) = text.char_indices().nth(longest)
    {
        text.truncate(end);
    }
}

/// Appends ` /hash7` to every name that occurs more than once (more characters, or the lockfile's key, where seven
/// do not tell the specs apart), and returns the groups of indices that shared a name, in order.
///
/// A name that would be longer than `longest` characters loses its end.
pub(super) fn make_unique(names: &mut [String], specs: &[&ConcreteSpec], longest: usize) -> Vec<Vec<usize>> {
    let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, name) in names.iter().enumerate() {
        by_name.entry(name).or_default().push(index);
    }
    let mut shared: Vec<Vec<usize>> = by_name.into_values().filter(|group| group.len() > 1).collect();
    shared.sort();
    for group in &shared {
        for (index, suffix) in group.iter().zip(suffixes(group, specs)) {
            cut(&mut names[*index], longest.saturating_sub(suffix.len() + 2));
            let _ = write!(names[*index], " /{suffix}");
        }
    }
    shared
}

fn suffixes(group: &[usize], specs: &[&ConcreteSpec]) -> Vec<String> {
    let hashes: Vec<&str> = group.iter().map(|&index| &*specs[index].hash).collect();
    let keys: Vec<&str> = group.iter().map(|&index| &*specs[index].key).collect();
    let cut = |ids: &[&str], length: usize| -> Vec<String> {
        ids.iter().map(|id| id.chars().take(length).collect()).collect()
    };
    let distinct = |list: &Vec<String>| {
        let mut sorted: Vec<_> = list.iter().collect();
        sorted.sort();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    };
    let lengths = [7, 12, usize::MAX];
    let short = lengths.iter().map(|&length| cut(&hashes, length)).find(distinct);
    short
        .or_else(|| lengths.iter().map(|&length| cut(&keys, length)).find(distinct))
        .unwrap_or_else(|| cut(&keys, usize::MAX))
}

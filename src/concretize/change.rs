//! What differs between two lockfiles of a phase: roots that came, went or became other specs, and how many specs changed.

use super::Lockfiles;
use super::lockfile::{self, Lockfile};
use crate::environment::Environment;
use crate::error::Result;
use crate::source::Source;
use crate::spec::Spec;
use crate::spec::concrete::ConcreteSpec;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A root as a lockfile answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The version of its spec.
    pub version: String,
    /// The hash of its spec.
    pub hash: Arc<str>,
}

/// What became of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootChange {
    /// Only the newer lockfile has it.
    Added(Answered),
    /// Only the older one has it.
    Removed(Answered),
    /// It is another spec now.
    Changed(Answered, Answered),
}

/// What differs between two lockfiles of a phase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockChanges {
    /// The roots that differ, by their texts.
    pub roots: BTreeMap<String, RootChange>,
    /// How many specs only the newer one has.
    pub gained: usize,
    /// How many specs only the older one has.
    pub lost: usize,
}

impl LockChanges {
    /// Compares lockfiles of one phase; without an older one everything is new.
    ///
    /// # Errors
    /// Returns an error if the newer one is malformed; an older one that is has nothing to compare with.
    pub fn between(before: Option<&Arc<Source>>, now: &Arc<Source>) -> Result<Self> {
        let before = before.and_then(|source| lockfile::parse(source).ok());
        let now = lockfile::parse(now)?;
        let mut roots = BTreeMap::new();
        let mut old = before.as_ref().map(answers).unwrap_or_default();
        for (text, answer) in answers(&now) {
            match old.remove(&text) {
                None => drop(roots.insert(text, RootChange::Added(answer))),
                Some(earlier) if earlier.hash != answer.hash => {
                    roots.insert(text, RootChange::Changed(earlier, answer));
                }
                Some(_) => {}
            }
        }
        roots.extend(old.into_iter().map(|(text, answer)| (text, RootChange::Removed(answer))));
        let (old, new) = (before.as_ref().map(hashes).unwrap_or_default(), hashes(&now));
        Ok(Self { roots, gained: new.difference(&old).count(), lost: old.difference(&new).count() })
    }

    /// Tells whether both hold the same specs for the same roots.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns one line that counts what changes, e.g. `2 roots change, +3 -1 specs`.
    pub fn summary(&self) -> String {
        let roots = match self.roots.len() {
            1 => "1 root changes".to_owned(),
            count => format!("{count} roots change"),
        };
        format!("{roots}, +{} -{} specs", self.gained, self.lost)
    }

    /// Returns a line for each root that differs, with versions and the beginnings of hashes.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.roots.iter().map(|(text, change)| match change {
            RootChange::Added(now) => format!("+ {text}: {now}"),
            RootChange::Removed(before) => format!("- {text}: {before}"),
            RootChange::Changed(before, now) => format!("~ {text}: {before} -> {now}"),
        })
    }
}

/// A lockfile of a phase beside the file that it may replace.
#[derive(Clone, Debug)]
pub struct LockUpdate {
    /// The phase.
    pub phase: String,
    /// Where its lockfile is, or would be.
    pub path: PathBuf,
    /// How the lockfile differs from that file.
    pub changes: LockChanges,
}

impl LockUpdate {
    /// Compares lockfiles with the files of an environment, with the paths and names that [`Lockfiles::load`] takes.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or if one of `now` is malformed.
    pub fn all(environment: &Environment, path: &Path, named: &[String], now: &Lockfiles) -> Result<Vec<Self>> {
        let before = Lockfiles::load(environment, path, named)?;
        let paths = Lockfiles::paths(environment, path, named)?;
        let placed = now.iter().filter_map(|(phase, source)| Some((phase, paths.get(phase)?, source)));
        let update = |(phase, path, source): (&str, &PathBuf, _)| {
            let changes = LockChanges::between(before.get(phase), source)?;
            Ok(Self { phase: phase.to_owned(), path: path.clone(), changes })
        };
        placed.map(update).collect()
    }

    /// Tells whether writing it would change anything.
    pub fn is_due(&self) -> bool {
        !self.changes.is_empty() || !self.path.is_file()
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{}", self.version, self.hash.get(..7).unwrap_or(&self.hash))
    }
}

/// Returns the roots of a lockfile by their texts.
fn answers(lockfile: &Lockfile) -> BTreeMap<String, Answered> {
    let answer = |root: &lockfile::LockedRoot| {
        let spec = lockfile.specs.spec(root.spec);
        let text = Spec::parse(&root.text).map_or_else(|_| root.text.to_string(), |spec| spec.to_string());
        (text, Answered { version: spec.version.to_string(), hash: Arc::clone(&spec.hash) })
    };
    lockfile.roots.iter().map(answer).collect()
}

fn hashes(lockfile: &Lockfile) -> BTreeSet<Arc<str>> {
    let hash = |(_, spec): (_, &ConcreteSpec)| Arc::clone(&spec.hash);
    lockfile.specs.iter().map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(roots: &[(&str, &str, &str)]) -> Arc<Source> {
        let nodes = roots.iter().map(|(text, version, hash)| {
            let name = text.split('@').next().unwrap();
            format!(
                r#""{hash}":{{"name":"{name}","version":"{version}","arch":{{"platform":"linux","platform_os":"o","target":"x86_64"}},"namespace":"builtin","parameters":{{}},"hash":"{hash}"}}"#
            )
        });
        let listed = roots.iter().map(|(text, _, hash)| format!(r#"{{"hash":"{hash}","spec":"{text}"}}"#));
        let text = format!(
            r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"roots":[{}],"concrete_specs":{{{}}}}}"#,
            listed.collect::<Vec<_>>().join(","),
            nodes.collect::<Vec<_>>().join(",")
        );
        Source::new("spack.lock", text)
    }

    #[test]
    fn roots_that_change_are_told_with_versions_and_hashes() {
        let before = lock(&[("zlib", "1.2", "aaaaaaaaaa"), ("bzip2", "1.0", "bbbb"), ("xz@5:", "5.4", "cccc")]);
        let now = lock(&[("zlib", "1.3", "dddddddddd"), ("xz@5:", "5.4", "cccc"), ("pcre", "8", "eeee")]);
        let changes = LockChanges::between(Some(&before), &now).unwrap();
        let lines: Vec<String> = changes.lines().collect();
        assert_eq!(lines, ["- bzip2: 1.0 /bbbb", "+ pcre: 8 /eeee", "~ zlib: 1.2 /aaaaaaa -> 1.3 /ddddddd"]);
        assert_eq!(changes.summary(), "3 roots change, +2 -2 specs");
    }

    #[test]
    fn equal_lockfiles_differ_in_nothing_and_without_an_older_one_all_is_new() {
        let now = lock(&[("zlib", "1.3", "dddd")]);
        assert!(LockChanges::between(Some(&now), &now).unwrap().is_empty());
        assert_eq!(LockChanges::between(None, &now).unwrap().summary(), "1 root changes, +1 -0 specs");
        let broken = Source::new("spack.lock", "{");
        assert_eq!(LockChanges::between(Some(&broken), &now).unwrap().gained, 1);
    }
}

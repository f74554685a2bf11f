//! The set of versions that a constraint allows: ranges, exact versions and git references, sorted and merged.

use super::{Version, VersionRange, is_git};
use std::fmt;

/// A member of a [`VersionList`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionSet {
    /// Exactly one version: `=1.2`, or a git reference.
    Exact(Version),
    /// All versions of a range.
    Range(VersionRange),
}

impl VersionSet {
    /// Tells whether a version is in the set.
    pub fn contains(&self, version: &Version) -> bool {
        match self {
            Self::Exact(exact) => exact == version,
            Self::Range(range) => range.contains(version),
        }
    }

    /// Tells whether the two sets share a version.
    pub fn intersects(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Range(a), Self::Range(b)) => a.intersects(b),
            (Self::Exact(version), set) | (set, Self::Exact(version)) => set.contains(version),
        }
    }

    /// Tells whether every version of this set is in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(version), set) => set.contains(version),
            (Self::Range(_), Self::Exact(_)) => false,
            (Self::Range(a), Self::Range(b)) => a.is_within(b),
        }
    }

    fn intersection(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Range(a), Self::Range(b)) => a.intersection(b).map(Self::Range),
            (exact @ Self::Exact(version), set) | (set, exact @ Self::Exact(version)) => {
                set.contains(version).then(|| exact.clone())
            }
        }
    }

    /// Tells whether this set sorts before `other`; an exact version precedes the range that it begins.
    fn is_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => a < b,
            (Self::Exact(a), Self::Range(b)) => a.number().is_none_or(|number| number <= b.start()),
            (Self::Range(a), Self::Exact(b)) => b.number().is_some_and(|number| number > a.start()),
            (Self::Range(a), Self::Range(b)) => a < b,
        }
    }
}

impl fmt::Display for VersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(version) if version.is_release() => write!(f, "={version}"),
            Self::Exact(version) => write!(f, "{version}"),
            Self::Range(range) => write!(f, "{range}"),
        }
    }
}

/// Why a text is no list of versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionListError {
    /// A bound of a range has characters that versions do not have.
    #[error("`{0}` is no version")]
    BadVersion(String),
    /// The upper end is below the lower one.
    #[error("the range `{0}` is empty")]
    EmptyRange(String),
}

/// The versions that a constraint allows, in ascending order; overlapping ranges are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionList {
    sets: Vec<VersionSet>,
}

impl Default for VersionList {
    fn default() -> Self {
        Self::any()
    }
}

impl VersionList {
    /// The list that allows every version.
    pub fn any() -> Self {
        Self { sets: vec![VersionSet::Range(VersionRange::any())] }
    }

    /// The list that allows one version only (`@=1.2`).
    pub fn exact(version: Version) -> Self {
        Self { sets: vec![VersionSet::Exact(version)] }
    }

    /// Reads what stands behind the `@` of a constraint: `1.2:1.4,=1.6`.
    pub fn parse(text: &str) -> Result<Self, VersionListError> {
        let mut list = Self { sets: Vec::new() };
        for item in text.split(',') {
            list.add(parse_set(item.trim())?);
        }
        Ok(list)
    }

    /// Returns the members in ascending order.
    pub fn sets(&self) -> &[VersionSet] {
        &self.sets
    }

    /// Tells whether every version is allowed, as when a constraint names none.
    pub fn is_any(&self) -> bool {
        matches!(self.sets.as_slice(), [VersionSet::Range(range)] if range.is_any())
    }

    /// Returns the version if only one is allowed.
    pub fn as_exact(&self) -> Option<&Version> {
        match self.sets.as_slice() {
            [VersionSet::Exact(version)] => Some(version),
            _ => None,
        }
    }

    /// Tells whether a version is allowed.
    pub fn contains(&self, version: &Version) -> bool {
        self.sets.iter().any(|set| set.contains(version))
    }

    /// Tells whether every version that this list allows is allowed by `other`.
    pub fn satisfies(&self, other: &Self) -> bool {
        self.sets.iter().all(|set| other.sets.iter().any(|o| set.is_within(o)))
    }

    /// Tells whether a version is allowed by both lists.
    pub fn intersects(&self, other: &Self) -> bool {
        self.sets.iter().any(|set| other.sets.iter().any(|o| set.intersects(o)))
    }

    /// Returns the versions that both lists allow.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut list = Self { sets: Vec::new() };
        for set in &self.sets {
            for common in other.sets.iter().filter_map(|o| set.intersection(o)) {
                list.add(common);
            }
        }
        list
    }

    /// Allows the versions of `set` too.
    pub fn add(&mut self, set: VersionSet) {
        let mut at = self.sets.partition_point(|s| s.is_before(&set));
        let mut range = match set {
            VersionSet::Exact(_) => {
                let neighbours = [at.checked_sub(1), Some(at)];
                let known =
                    neighbours.into_iter().flatten().filter_map(|i| self.sets.get(i)).any(|s| s.intersects(&set));
                if !known {
                    self.sets.insert(at, set);
                }
                return;
            }
            VersionSet::Range(range) => range,
        };
        while let Some(merged) = at.checked_sub(1).and_then(|i| merge(&range, &self.sets[i])) {
            range = merged;
            at -= 1;
            self.sets.remove(at);
        }
        while let Some(merged) = self.sets.get(at).and_then(|s| merge(&range, s)) {
            range = merged;
            self.sets.remove(at);
        }
        self.sets.insert(at, VersionSet::Range(range));
    }
}

/// Returns the range that holds both, if they are connected.
fn merge(range: &VersionRange, set: &VersionSet) -> Option<VersionRange> {
    match set {
        VersionSet::Exact(version) => range.contains(version).then(|| range.clone()),
        VersionSet::Range(other) => range.union(other),
    }
}

fn parse_set(text: &str) -> Result<VersionSet, VersionListError> {
    if let Some((low, high)) = text.split_once(':') {
        let bound = |text: &str| if text.is_empty() { Ok(None) } else { checked(text).map(Some) };
        let (low, high) = (bound(low.trim())?, bound(high.trim())?);
        let range = VersionRange::new(low, high.as_ref());
        return range.map(VersionSet::Range).ok_or_else(|| VersionListError::EmptyRange(text.into()));
    }
    let exact = text.strip_prefix('=');
    let bare = exact.unwrap_or(text);
    if is_git(bare) {
        if bare.matches('=').count() > 1 {
            return Err(VersionListError::BadVersion(bare.into()));
        }
        return Ok(VersionSet::Exact(Version::parse(bare)));
    }
    let version = checked(bare)?;
    match exact {
        Some(_) => Ok(VersionSet::Exact(version)),
        None => VersionRange::prefix(version)
            .map(VersionSet::Range)
            .ok_or_else(|| VersionListError::EmptyRange(text.into())),
    }
}

/// Reads a release that must have no characters but those of versions.
fn checked(text: &str) -> Result<Version, VersionListError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if text.chars().all(is_plain) { Ok(Version::release(text)) } else { Err(VersionListError::BadVersion(text.into())) }
}

impl fmt::Display for VersionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, set) in self.sets.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{set}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, VersionList, VersionListError};

    fn list(text: &str) -> VersionList {
        VersionList::parse(text).unwrap()
    }

    #[test]
    fn a_range_is_inclusive_with_prefix_semantics_at_the_top() {
        let range = list("1.2:1.4");
        for inside in ["1.2", "1.2.0", "1.3", "1.4", "1.4.9", "1.4.develop"] {
            assert!(range.contains(&Version::parse(inside)), "{inside}");
        }
        for outside in ["1.1.9", "1.2-rc1", "1.5", "1.40", "develop"] {
            assert!(!range.contains(&Version::parse(outside)), "{outside}");
        }
    }

    #[test]
    fn a_bare_version_is_a_prefix_and_an_exact_one_is_not() {
        assert!(list("1.2").contains(&Version::parse("1.2.3")));
        assert!(!list("1.2").contains(&Version::parse("1.20")));
        assert!(list("=1.2").contains(&Version::parse("1.2")));
        assert!(!list("=1.2").contains(&Version::parse("1.2.3")));
    }

    #[test]
    fn overlapping_and_touching_ranges_are_merged_and_sorted() {
        for (given, merged) in [
            ("1.4,1.2", "1.2,1.4"),
            ("1.2,1.3,1.4", "1.2:1.4"),
            ("1.4:1.6,1.2:1.5", "1.2:1.6"),
            ("1:2,3:4", "1:4"),
            ("1.0.0,1.0", "1.0"),
            (":", ":"),
            ("=1.3,=1.2", "=1.2,=1.3"),
        ] {
            assert_eq!(list(given).to_string(), merged);
        }
    }

    #[test]
    fn a_range_upside_down_is_refused() {
        assert_eq!(VersionList::parse("main:1.0"), Err(VersionListError::EmptyRange("main:1.0".into())));
    }

    #[test]
    fn an_intersection_keeps_what_both_allow() {
        assert_eq!(list("1.2:1.6").intersection(&list("1.4:")).to_string(), "1.4:1.6");
        assert_eq!(list("1:3,5:").intersection(&list("2:6")).to_string(), "2:3,5:6");
        assert!(list("1").intersection(&list("2")).sets().is_empty());
    }

    #[test]
    fn a_list_satisfies_another_if_all_its_versions_are_allowed() {
        assert!(list("=1.2.3").satisfies(&list("1.2")));
        assert!(list("1.3").satisfies(&list("1.2:1.4,2:")));
        assert!(!list("1.2").satisfies(&list("=1.2")));
        assert!(!list(":").satisfies(&list("1:")));
    }

    #[test]
    fn a_git_reference_lies_in_the_ranges_of_its_release() {
        let version = Version::parse("git.main=1.2.3");
        assert!(list("1.2").contains(&version));
        assert!(!list("=1.2.3").contains(&version));
        assert!(!list("1.2").contains(&Version::parse("git.main")));
        assert!(list(":").is_any() && !list("1:").is_any());
    }
}

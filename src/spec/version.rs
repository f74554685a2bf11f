//! Versions as Spack orders them: numbers above words, `develop` above all, prereleases below their release.
//!
//! A [`Version`] is one version of a concrete spec; a [`VersionList`] is the set of versions that a constraint allows.

mod list;
mod number;
mod range;

pub use list::{VersionList, VersionListError, VersionSet};
pub use range::VersionRange;

pub(crate) use number::Number;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// One version: a release such as `1.2.11`, or a git reference such as `git.main=1.2`.
///
/// Releases are equal if their segments are, so `01.2` equals `1-2`.
#[derive(Clone, Debug)]
pub struct Version {
    text: Box<str>,
    git: Option<GitReference>,
    number: Option<Number>,
}

/// The git side of a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct GitReference {
    reference: Box<str>,
}

impl Version {
    /// Reads any text as a version; characters that versions do not have only separate segments.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if !is_git(text) {
            return Self::release(text);
        }
        let bare = text.strip_prefix("git.").unwrap_or(text);
        let (reference, number) = match bare.split_once('=') {
            Some((reference, number)) => (reference, Some(Number::parse(number))),
            None => (bare, None),
        };
        Self { text: text.into(), git: Some(GitReference { reference: reference.into() }), number }
    }

    /// Reads a text as a release even where it looks like a git reference, as bounds of ranges are read.
    pub(crate) fn release(text: &str) -> Self {
        Self { text: text.into(), git: None, number: Some(Number::parse(text)) }
    }

    /// Returns the version as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the git branch, tag or commit, if this version names one.
    pub fn git_reference(&self) -> Option<&str> {
        self.git.as_ref().map(|git| &*git.reference)
    }

    /// Tells whether this is a release, not a git reference.
    pub fn is_release(&self) -> bool {
        self.git.is_none()
    }

    /// Tells whether a segment is one of the names above all numbers: `develop`, `main`, …
    pub fn is_develop(&self) -> bool {
        self.number.as_ref().is_some_and(Number::is_develop)
    }

    /// Tells whether this is an `alpha`, `beta` or `rc` of a release.
    pub fn is_prerelease(&self) -> bool {
        self.number.as_ref().is_some_and(Number::is_prerelease)
    }

    /// Returns the leading `count` segments: `1.2` of `1.2.11` for two.
    #[must_use]
    pub fn up_to(&self, count: usize) -> Self {
        let number = if self.is_release() { &self.text } else { self.text.split_once('=').map_or("", |(_, n)| n) };
        Self::release(number::leading(number, count))
    }

    /// Returns what is compared; a git reference that is tied to no release has nothing.
    pub(crate) fn number(&self) -> Option<&Number> {
        self.number.as_ref()
    }

    fn key(&self) -> (Option<&Number>, Option<&GitReference>) {
        (self.number.as_ref(), self.git.as_ref())
    }
}

/// Tells whether Spack takes a version for a git reference: by prefix, as a commit, or because it is paired.
pub(crate) fn is_git(text: &str) -> bool {
    let is_commit = text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    text.starts_with("git.") || is_commit || text.char_indices().skip(1).any(|(_, c)| c == '=')
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// Compares by Spack's rules; a git reference comes just after the release it is tied to.
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl std::str::FromStr for Version {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::parse(text))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    fn ascending(texts: &[&str]) {
        for pair in texts.windows(2) {
            assert!(Version::parse(pair[0]) < Version::parse(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn numbers_compare_by_value_and_a_longer_version_is_newer() {
        ascending(&["1", "1.2", "1.2.3", "1.9", "1.10", "2", "10"]);
    }

    #[test]
    fn branches_are_newer_than_any_number_in_spacks_order() {
        ascending(&["9999", "stable", "nightly", "trunk", "head", "master", "main", "develop"]);
    }

    #[test]
    fn words_are_older_than_numbers() {
        ascending(&["abc", "xyz", "1", "1.a", "1.1"]);
    }

    #[test]
    fn a_prerelease_is_older_than_its_release() {
        ascending(&["1.1", "1.2-alpha", "1.2-alpha1", "1.2-beta", "1.2-rc1", "1.2-rc2", "1.2", "1.2.0"]);
    }

    #[test]
    fn separators_and_leading_zeros_do_not_make_a_difference() {
        assert_eq!(Version::parse("01.2"), Version::parse("1-2"));
        assert_ne!(Version::parse("1.2"), Version::parse("1.2.0"));
    }

    #[test]
    fn numbers_of_any_length_are_told_apart() {
        ascending(&["1", "99999999999999999999999999999999999999998", "99999999999999999999999999999999999999999"]);
    }

    #[test]
    fn a_git_reference_keeps_its_text_and_its_release() {
        let version = Version::parse("git.feature/x=1.2");
        assert_eq!(version.git_reference(), Some("feature/x"));
        assert_eq!(version.to_string(), "git.feature/x=1.2");
        assert!(Version::parse("1.2") < version && version < Version::parse("1.2.1"));
    }

    #[test]
    fn the_leading_segments_of_a_version_can_be_taken() {
        assert_eq!(Version::parse("1.2-3b").up_to(3).as_str(), "1.2-3");
        assert_eq!(Version::parse("git.main=3.9.1").up_to(2).as_str(), "3.9");
        assert_eq!(Version::parse("1.2").up_to(9).as_str(), "1.2");
    }
}

//! A range of versions, inclusive at both ends, the upper end with everything that begins with it.

use super::{Number, Version, number};
use std::cmp::Ordering;
use std::fmt;

/// Where ranges without a lower end begin.
static LOWEST: &Number = &Number::LOWEST;

/// The versions from one to another, e.g. `1.2:1.4`, which holds `1.4.9`; either end may be open.
///
/// A single version as constraints have it (`@1.2`) is the range `1.2:1.2`.
#[derive(Clone, Debug)]
pub struct VersionRange {
    low: Option<Version>,
    /// As it prints: without leading zeros.
    high: Option<Version>,
    /// The first version past the range.
    end: Number,
}

impl VersionRange {
    /// The range of all versions.
    pub fn any() -> Self {
        Self { low: None, high: None, end: Number::highest() }
    }

    /// Makes the range from `low` to `high`; without a bound it is open. Returns nothing if `high` is below `low`.
    pub fn new(low: Option<Version>, high: Option<&Version>) -> Option<Self> {
        let end = match high {
            None => Number::highest(),
            Some(high) => high.number().map(Number::after_prefix)?,
        };
        let high = high.map(|high| Version::release(&number::normalized(high.as_str())));
        let range = Self { low, high, end };
        (range.start() <= &range.end).then_some(range)
    }

    /// Makes the range that `@version` stands for: the version and all that begin with it.
    pub fn prefix(version: Version) -> Option<Self> {
        let high = version.clone();
        Self::new(Some(version), Some(&high))
    }

    /// Returns the lower end, which is in the range.
    pub fn low(&self) -> Option<&Version> {
        self.low.as_ref()
    }

    /// Returns the upper end, which is in the range with all versions that begin with it.
    pub fn high(&self) -> Option<&Version> {
        self.high.as_ref()
    }

    /// Tells whether a version lies in the range; a git reference without a release only lies in that of all.
    pub fn contains(&self, version: &Version) -> bool {
        match version.number() {
            Some(number) => self.start() <= number && *number < self.end,
            None => self.is_any(),
        }
    }

    /// Tells whether the range is open at both ends.
    pub fn is_any(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    /// Tells whether every version of this range lies in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        other.start() <= self.start() && self.end <= other.end
    }

    /// Tells whether the two ranges share versions.
    pub fn intersects(&self, other: &Self) -> bool {
        self.start() < &other.end && other.start() < &self.end
    }

    pub(super) fn start(&self) -> &Number {
        self.low.as_ref().and_then(Version::number).unwrap_or(LOWEST)
    }

    /// Returns the common part, if there is one.
    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        let low = if self.start() >= other.start() { self } else { other };
        let high = if self.end <= other.end { self } else { other };
        (low.start() < &high.end).then(|| Self::between(low, high))
    }

    /// Returns one range that holds both, if they overlap or touch (`1:2` and `3:4` do).
    pub(super) fn union(&self, other: &Self) -> Option<Self> {
        let touch = self.start() <= &other.end && other.start() <= &self.end;
        let low = if self.start() <= other.start() { self } else { other };
        let high = if self.end >= other.end { self } else { other };
        touch.then(|| Self::between(low, high))
    }

    fn between(low: &Self, high: &Self) -> Self {
        Self { low: low.low.clone(), high: high.high.clone(), end: high.end.clone() }
    }

    fn key(&self) -> (&Number, &Number) {
        (self.start(), &self.end)
    }
}

impl PartialEq for VersionRange {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for VersionRange {}

impl PartialOrd for VersionRange {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VersionRange {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for VersionRange {
    /// Writes `1.2` for the range of one prefix, else `low:high`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low == high => write!(f, "{low}"),
            (low, high) => {
                low.iter().try_for_each(|low| write!(f, "{low}"))?;
                f.write_str(":")?;
                high.iter().try_for_each(|high| write!(f, "{high}"))
            }
        }
    }
}

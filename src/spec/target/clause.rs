//! `target=zen2`, `target=x86_64_v3:`, `target=:haswell,aarch64:`: sets of microarchitectures.

use super::{Microarchitecture, UnknownTarget};
use std::fmt;
use std::sync::Arc;

/// One member of a target clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetTerm {
    /// One microarchitecture.
    One(Arc<str>),
    /// All from the lower to the upper bound, each where it is given.
    Range {
        /// The oldest.
        low: Option<Arc<str>>,
        /// The newest.
        high: Option<Arc<str>>,
    },
}

impl TargetTerm {
    fn parse(text: &str) -> Self {
        let bound = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
        match text.split_once(':') {
            None => Self::One(text.into()),
            Some((low, high)) => Self::Range { low: bound(low), high: bound(high) },
        }
    }

    /// Returns what both terms allow, if anything.
    fn intersection(&self, other: &Self) -> Result<Option<Self>, UnknownTarget> {
        match (self, other) {
            (Self::One(a), Self::One(b)) => Ok((a == b).then(|| self.clone())),
            (Self::One(one), Self::Range { low, high }) | (Self::Range { low, high }, Self::One(one)) => {
                let inside = within(one, low.as_deref(), high.as_deref())?;
                Ok(inside.then(|| Self::One(Arc::clone(one))))
            }
            (Self::Range { low, high }, Self::Range { low: other_low, high: other_high }) => {
                let low = tighter(low.as_ref(), other_low.as_ref(), is_newer);
                let high = tighter(high.as_ref(), other_high.as_ref(), |a, b| is_newer(b, a));
                let (Ok(low), Ok(high)) = (low, high) else {
                    return Ok(None);
                };
                Ok(match (low, high) {
                    (Some(low), Some(high)) if low == high => Some(Self::One(low)),
                    (Some(low), Some(high)) if !is_newer(&high, &low) => None,
                    (None, None) => None,
                    (low, high) => Some(Self::Range { low, high }),
                })
            }
        }
    }
}

/// Tells whether a microarchitecture lies between two bounds, which must be known names.
fn within(name: &str, low: Option<&str>, high: Option<&str>) -> Result<bool, UnknownTarget> {
    let this = Microarchitecture::new(name);
    if let Some(low) = low
        && !this.runs(Microarchitecture::known(low)?)
    {
        return Ok(false);
    }
    match high {
        Some(high) => Ok(Microarchitecture::known(high)?.runs(this)),
        None => Ok(true),
    }
}

fn is_newer(new: &str, old: &str) -> bool {
    Microarchitecture::new(new).runs(Microarchitecture::new(old))
}

/// Two bounds that cannot be compared.
struct Incomparable;

/// Returns the bound that excludes more.
fn tighter(
    a: Option<&Arc<str>>,
    b: Option<&Arc<str>>,
    is_tighter: impl Fn(&str, &str) -> bool,
) -> Result<Option<Arc<str>>, Incomparable> {
    match (a, b) {
        (Some(a), Some(b)) if is_tighter(a, b) => Ok(Some(Arc::clone(a))),
        (Some(a), Some(b)) if is_tighter(b, a) => Ok(Some(Arc::clone(b))),
        (Some(_), Some(_)) => Err(Incomparable),
        (one, other) => Ok(one.or(other).cloned()),
    }
}

/// The targets that a constraint allows.
#[derive(Clone, Debug)]
pub struct TargetClause {
    text: Arc<str>,
    terms: Vec<TargetTerm>,
}

impl TargetClause {
    /// Reads a comma-separated list of names and ranges.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), terms: text.split(',').map(TargetTerm::parse).collect() }
    }

    /// Returns the clause as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the members of the list.
    pub fn terms(&self) -> &[TargetTerm] {
        &self.terms
    }

    /// Tells whether any target is allowed (`target=*`).
    pub fn is_any(&self) -> bool {
        &*self.text == "*"
    }

    /// Returns the one microarchitecture that is allowed, if it is one.
    pub fn as_one(&self) -> Option<&str> {
        match self.terms.as_slice() {
            [TargetTerm::One(name)] => Some(name),
            _ => None,
        }
    }

    /// Tells whether a microarchitecture is allowed.
    ///
    /// # Errors
    /// A range with a bound that is not known cannot be decided.
    pub fn contains(&self, name: &str) -> Result<bool, UnknownTarget> {
        if self.is_any() {
            return Ok(true);
        }
        for term in &self.terms {
            let inside = match term {
                TargetTerm::One(one) => &**one == name,
                TargetTerm::Range { low, high } => within(name, low.as_deref(), high.as_deref())?,
            };
            if inside {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the targets that both clauses allow; without any there is none.
    pub(in crate::spec) fn intersection(&self, other: &Self) -> Result<Option<Self>, UnknownTarget> {
        let mut terms = Vec::new();
        for a in &self.terms {
            for b in &other.terms {
                terms.extend(a.intersection(b)?);
            }
        }
        let texts: Vec<String> = terms.iter().map(ToString::to_string).collect();
        Ok((!terms.is_empty()).then(|| Self { text: texts.join(",").into(), terms }))
    }
}

impl PartialEq for TargetClause {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TargetClause {}

impl fmt::Display for TargetTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(name) => f.write_str(name),
            Self::Range { low, high } => {
                write!(f, "{}:{}", low.as_deref().unwrap_or_default(), high.as_deref().unwrap_or_default())
            }
        }
    }
}

impl fmt::Display for TargetClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{TargetClause, UnknownTarget};

    fn common(a: &str, b: &str) -> Option<String> {
        TargetClause::new(a).intersection(&TargetClause::new(b)).unwrap().map(|t| t.to_string())
    }

    #[test]
    fn a_range_holds_the_microarchitectures_between_its_bounds() {
        let range = TargetClause::new("x86_64_v2:zen3");
        for (name, inside) in
            [("zen2", true), ("x86_64_v2", true), ("zen4", false), ("haswell", false), ("a64fx", false)]
        {
            assert_eq!(range.contains(name), Ok(inside), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_only_within_a_range() {
        assert_eq!(TargetClause::new("nope").contains("zen"), Ok(false));
        assert_eq!(TargetClause::new("nope:").contains("zen"), Err(UnknownTarget("nope".into())));
        assert_eq!(TargetClause::new("zen,nope:").contains("zen"), Ok(true));
    }

    #[test]
    fn the_common_part_of_two_ranges_is_the_tighter_of_their_bounds() {
        assert_eq!(common("x86_64:", ":zen2").as_deref(), Some("x86_64:zen2"));
        assert_eq!(common("x86_64_v3:", "x86_64:zen2").as_deref(), Some("x86_64_v3:zen2"));
        assert_eq!(common("zen2:", ":zen2").as_deref(), Some("zen2"));
        assert_eq!(common("zen:", "haswell:"), None);
        assert_eq!(common("x86_64:", "aarch64:"), None);
        assert_eq!(common("haswell,zen2", "zen:").as_deref(), Some("zen2"));
    }
}

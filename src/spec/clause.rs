//! The clauses of a constraint: variants, compiler flags, architecture and dependencies.

use super::Spec;
use super::concrete::DepTypes;
use super::target::TargetClause;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a clause also holds for dependencies (`++x`, `x==a`, `%%gcc`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Propagation {
    /// Only for the spec itself.
    #[default]
    Local,
    /// For its dependencies too.
    Propagated,
}

/// What a constraint demands of the values of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariantTest {
    /// `+x` or `~x`.
    Bool(bool),
    /// `x=*`: the variant exists.
    Any,
    /// `x=a,b`: at least these values, sorted.
    Includes(Vec<Arc<str>>),
    /// `x:=a,b`: exactly these values, sorted.
    Exactly(Vec<Arc<str>>),
}

impl VariantTest {
    /// Returns the values that are named.
    pub fn values(&self) -> &[Arc<str>] {
        match self {
            Self::Bool(_) | Self::Any => &[],
            Self::Includes(values) | Self::Exactly(values) => values,
        }
    }
}

/// What a constraint says of one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantClause {
    /// The values it demands.
    pub test: VariantTest,
    /// Whether dependencies must agree.
    pub propagation: Propagation,
}

/// A compiler flag with its arguments, e.g. `-O2` or `-I include`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlagClause {
    /// The flag as it is passed to the compiler.
    pub text: Arc<str>,
    /// Whether dependencies get it too.
    pub propagation: Propagation,
}

/// What a constraint says of platform, operating system and target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchitectureClause {
    /// `platform=`; `*` for any.
    pub platform: Option<Arc<str>>,
    /// `os=`; `*` for any.
    pub os: Option<Arc<str>>,
    /// `target=`: microarchitectures and ranges of them.
    pub target: Option<TargetClause>,
}

impl ArchitectureClause {
    /// Tells whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How far from the spec a dependency may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// `%`: a direct dependency.
    Direct,
    /// `^`: any dependency.
    Transitive,
}

/// A dependency that a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyClause {
    /// Direct (`%`) or not (`^`).
    pub reach: Reach,
    /// `%%`: preferred for dependencies as well.
    pub propagation: Propagation,
    /// The kinds of dependency named by `deptypes=`; none if it is not given.
    pub types: DepTypes,
    /// The virtual packages it must provide (`c` and `cxx` of `%c,cxx=gcc`).
    pub virtuals: BTreeSet<Arc<str>>,
    /// The condition under which it is demanded; an anonymous spec mostly.
    pub when: Option<Box<Spec>>,
    /// The constraint on the dependency itself.
    pub spec: Spec,
}

//! Why a spec does not satisfy a constraint: the first clause that fails, with what the spec has instead.

use super::target::UnknownTarget;
use std::fmt;

/// The first clause of a constraint that a spec fails.
///
/// `wanted` is the clause as the constraint has it, `found` what the spec has in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Another package.
    Name {
        /// The name, also of a virtual package.
        wanted: String,
        /// The spec's name, if it has one.
        found: Option<String>,
    },
    /// A package from another repository.
    Namespace {
        /// The namespace.
        wanted: String,
        /// The spec's.
        found: String,
    },
    /// A version that is not allowed.
    Version {
        /// What is allowed, with its `@`.
        wanted: String,
        /// What the spec has, with its `@`.
        found: String,
    },
    /// A variant that is missing or has other values.
    Variant {
        /// The clause: `+mpi`, `fabrics=ucx`.
        wanted: String,
        /// The spec's variant, if it has one of that name.
        found: Option<String>,
    },
    /// A variant that must agree in all dependencies that have it, and differs in one.
    PropagatedVariant {
        /// The clause: `++shared`.
        wanted: String,
        /// The dependency that differs.
        package: String,
        /// Its variant.
        found: String,
    },
    /// Another platform, operating system or target.
    Architecture {
        /// The clause: `os=centos7`.
        wanted: String,
        /// What the spec has: `os=ubuntu18.04`; nothing for an abstract spec that leaves it open.
        found: Option<String>,
    },
    /// A range of targets that cannot be decided.
    UnknownTarget(UnknownTarget),
    /// A compiler flag that is missing.
    Flag {
        /// The flag with its list: `cflags=-O2`.
        wanted: String,
        /// The spec's list.
        found: Option<String>,
    },
    /// Another hash.
    Hash {
        /// The prefix, with its `/`.
        wanted: String,
        /// The spec's hash, if it has one.
        found: Option<String>,
    },
    /// A dependency that is missing or does not fit.
    Dependency {
        /// The clause: `^openmpi@4`.
        wanted: String,
        /// In what it fails.
        reason: DependencyMismatch,
    },
}

/// In what a dependency clause fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencyMismatch {
    /// The spec has no dependency of this name or purpose.
    Missing,
    /// The one dependency that could be meant does not fit.
    Candidate {
        /// Its name.
        package: String,
        /// What does not fit.
        mismatch: Box<Mismatch>,
    },
    /// None of several dependencies that could be meant fits.
    Candidates {
        /// How many there are.
        count: usize,
    },
    /// No dependency provides a virtual package.
    Virtual {
        /// The virtual package.
        name: String,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let having = |f: &mut fmt::Formatter<'_>, wanted: &str, found: Option<&str>, kind: &str| match found {
            Some(found) => write!(f, "{wanted}, but this spec has {found}"),
            None => write!(f, "{wanted}, but this spec has no {kind}"),
        };
        match self {
            Self::Name { wanted, found: Some(found) } => write!(f, "{wanted}, but this spec is {found}"),
            Self::Name { wanted, found: None } => write!(f, "{wanted}, but this spec has no name"),
            Self::Namespace { wanted, found } => {
                write!(f, "namespace={wanted}, but this spec has namespace={found}")
            }
            Self::Version { wanted, found } => write!(f, "{wanted}, but this spec has {found}"),
            Self::Variant { wanted, found } => having(f, wanted, found.as_deref(), "such variant"),
            Self::PropagatedVariant { wanted, package, found } => write!(f, "{wanted}, but {package} has {found}"),
            Self::Architecture { wanted, found } => having(f, wanted, found.as_deref(), "such demand"),
            Self::UnknownTarget(error) => write!(f, "{error}, so its range holds nothing"),
            Self::Flag { wanted, found } => having(f, wanted, found.as_deref(), "such flag"),
            Self::Hash { wanted, found } => having(f, wanted, found.as_deref(), "hash"),
            Self::Dependency { wanted, reason } => write!(f, "{wanted}, but {reason}"),
        }
    }
}

impl fmt::Display for DependencyMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("this spec has no such dependency"),
            Self::Candidate { package, mismatch } => match &**mismatch {
                Mismatch::Version { found, .. } => write!(f, "{package} has {found}"),
                other => write!(f, "{package} fails {}", other.to_string().replace("this spec", "it")),
            },
            Self::Candidates { count } => write!(f, "none of the {count} candidates fits"),
            Self::Virtual { name } => write!(f, "no such dependency provides {name}"),
        }
    }
}

impl std::error::Error for Mismatch {}

//! Merging one constraint into another, as the axes of a matrix are merged.

use super::clause::{ArchitectureClause, DependencyClause, FlagClause, Propagation, Reach, VariantClause, VariantTest};
use super::concrete::DepTypes;
use super::format::VariantText;
use super::{Spec, target::UnknownTarget};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Two clauses of which no spec can satisfy both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// A clause of the constraint and the one that was to be added.
    Clauses {
        /// What was demanded already.
        existing: String,
        /// What contradicts it.
        added: String,
    },
    /// A conflict within what is demanded of a dependency.
    Dependency {
        /// The dependency.
        name: String,
        /// The clauses.
        conflict: Box<Conflict>,
    },
    /// A dependency without a name, which cannot be merged.
    AnonymousDependency(String),
    /// A range of targets with an unknown bound.
    UnknownTarget(UnknownTarget),
}

impl Conflict {
    fn between(existing: impl fmt::Display, added: impl fmt::Display) -> Self {
        Self::Clauses { existing: existing.to_string(), added: added.to_string() }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clauses { existing, added } => write!(f, "{existing} contradicts {added}"),
            Self::Dependency { name, conflict } => write!(f, "{conflict} in the dependency {name}"),
            Self::AnonymousDependency(text) => write!(f, "{text} has no name and cannot be merged"),
            Self::UnknownTarget(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Conflict {}

impl From<UnknownTarget> for Conflict {
    fn from(error: UnknownTarget) -> Self {
        Self::UnknownTarget(error)
    }
}

impl Spec {
    /// Adds the clauses of `other`, so that only what satisfies both satisfies this spec.
    ///
    /// # Errors
    /// Returns the clauses that contradict each other; this spec then stays as it was.
    pub fn constrain(&mut self, other: &Self) -> Result<(), Conflict> {
        let mut merged = self.clone();
        merged.merge(other)?;
        *self = merged;
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Conflict> {
        self.merge_node(other)?;
        self.merge_dependencies(other)
    }

    fn merge_node(&mut self, other: &Self) -> Result<(), Conflict> {
        if let Some(added) = &other.hash {
            match &self.hash {
                Some(hash) if hash.starts_with(&**added) => {}
                Some(hash) if !added.starts_with(&**hash) => {
                    return Err(Conflict::between(format_args!("/{hash}"), format_args!("/{added}")));
                }
                _ => self.hash = Some(Arc::clone(added)),
            }
        }
        merge_equal(&mut self.name, other.name.as_ref(), "")?;
        merge_equal(&mut self.namespace, other.namespace.as_ref(), "namespace=")?;
        if !self.versions.intersects(&other.versions) {
            return Err(Conflict::between(format_args!("@{}", self.versions), format_args!("@{}", other.versions)));
        }
        if !other.versions.is_any() {
            self.versions = self.versions.intersection(&other.versions);
        }
        for (name, added) in &other.variants {
            match self.variants.get_mut(name) {
                Some(clause) => clause.merge(name, added)?,
                None => {
                    self.variants.insert(Arc::clone(name), added.clone());
                }
            }
        }
        merge_flags(&mut self.flags, &other.flags);
        self.architecture.merge(&other.architecture)
    }

    fn merge_dependencies(&mut self, other: &Self) -> Result<(), Conflict> {
        if let Some(anonymous) = other.all_dependencies().find(|d| d.spec.name.is_none()) {
            return Err(Conflict::AnonymousDependency(anonymous.to_string()));
        }
        for added in &other.dependencies {
            let same = |d: &&mut DependencyClause| d.spec.name == added.spec.name && d.when == added.when;
            if let Some(existing) = self.dependencies.iter_mut().find(same) {
                existing.merge(added)?;
                existing.types = existing.types.union(added.types);
                if added.reach == Reach::Direct {
                    existing.reach = Reach::Direct;
                }
            } else {
                if let Some(clash) = self.incompatible(added) {
                    return Err(Conflict::between(clash, added));
                }
                self.insert_dependency(added.clone());
            }
        }
        Ok(())
    }

    /// Returns the dependency beside which `added` cannot stand: the same package twice for the same purpose.
    pub(super) fn incompatible(&self, added: &DependencyClause) -> Option<&DependencyClause> {
        let is_same = |d: &&DependencyClause| added.spec.name.is_none() || d.spec.name == added.spec.name;
        let clashes = |d: &&DependencyClause| d.when == added.when && !are_compatible(d.types, added.types);
        self.dependencies.iter().filter(is_same).find(clashes)
    }

    /// Returns the dependencies, and theirs.
    pub(super) fn all_dependencies(&self) -> impl Iterator<Item = &DependencyClause> {
        self.dependencies.iter().flat_map(|d| std::iter::once(d).chain(&d.spec.dependencies))
    }
}

/// Tells whether a spec may depend on two specs of one package for these purposes.
pub(super) fn are_compatible(a: DepTypes, b: DepTypes) -> bool {
    let runtime = DepTypes::LINK.union(DepTypes::RUN);
    !(a.intersects(b) || a.intersects(runtime) && b.intersects(runtime))
}

impl DependencyClause {
    /// Adds the demands of `added` on the same package.
    pub(super) fn merge(&mut self, added: &Self) -> Result<(), Conflict> {
        let name = self.spec.name.as_deref().unwrap_or("*").to_owned();
        let within = |conflict| Conflict::Dependency { name, conflict: Box::new(conflict) };
        self.spec.merge(&added.spec).map_err(within)?;
        self.virtuals.extend(added.virtuals.iter().cloned());
        Ok(())
    }
}

fn merge_equal(mine: &mut Option<Arc<str>>, added: Option<&Arc<str>>, key: &str) -> Result<(), Conflict> {
    match (mine.as_ref(), added) {
        (Some(existing), Some(added)) if existing != added => {
            Err(Conflict::between(format_args!("{key}{existing}"), format_args!("{key}{added}")))
        }
        (None, Some(added)) => {
            *mine = Some(Arc::clone(added));
            Ok(())
        }
        _ => Ok(()),
    }
}

impl VariantClause {
    /// Tells whether a spec can satisfy both.
    pub(super) fn intersects(&self, other: &Self) -> bool {
        let includes = |all: &VariantTest, some: &[Arc<str>]| some.iter().all(|v| all.values().contains(v));
        match (&self.test, &other.test) {
            (VariantTest::Bool(_) | VariantTest::Exactly(_), VariantTest::Bool(_) | VariantTest::Exactly(_)) => {
                self.test == other.test
            }
            (exact @ (VariantTest::Bool(_) | VariantTest::Exactly(_)), some)
            | (some, exact @ (VariantTest::Bool(_) | VariantTest::Exactly(_))) => includes(exact, some.values()),
            _ => true,
        }
    }

    fn merge(&mut self, name: &Arc<str>, added: &Self) -> Result<(), Conflict> {
        if !self.intersects(added) {
            return Err(Conflict::between(VariantText(name, self), VariantText(name, added)));
        }
        self.test = match (&self.test, &added.test) {
            (test @ (VariantTest::Bool(_) | VariantTest::Exactly(_)), _)
            | (_, test @ (VariantTest::Bool(_) | VariantTest::Exactly(_)))
            | (test, VariantTest::Any)
            | (VariantTest::Any, test) => test.clone(),
            (VariantTest::Includes(mine), VariantTest::Includes(theirs)) => {
                let mut all: Vec<Arc<str>> = mine.iter().chain(theirs).cloned().collect();
                all.sort();
                all.dedup();
                VariantTest::Includes(all)
            }
        };
        self.propagation = self.propagation.min(added.propagation);
        Ok(())
    }
}

fn merge_flags(mine: &mut BTreeMap<Arc<str>, Vec<FlagClause>>, other: &BTreeMap<Arc<str>, Vec<FlagClause>>) {
    for (name, added) in other {
        let list = mine.entry(Arc::clone(name)).or_default();
        let known = list.len();
        for flag in added {
            let mut is_known = false;
            for mine in list[..known].iter_mut().filter(|mine| mine.text == flag.text) {
                is_known = true;
                if flag.propagation == Propagation::Local {
                    mine.propagation = Propagation::Local;
                }
            }
            if !is_known {
                list.push(flag.clone());
            }
        }
    }
}

impl ArchitectureClause {
    fn merge(&mut self, added: &Self) -> Result<(), Conflict> {
        merge_equal(&mut self.platform, added.platform.as_ref(), "platform=")?;
        merge_equal(&mut self.os, added.os.as_ref(), "os=")?;
        let Some(target) = added.target.as_ref().filter(|target| self.target.is_none() || !target.is_any()) else {
            return Ok(());
        };
        let Some(mine) = self.target.as_ref().filter(|mine| !mine.is_any()) else {
            self.target = Some(target.clone());
            return Ok(());
        };
        let Some(common) = mine.intersection(target)? else {
            return Err(Conflict::between(format_args!("target={mine}"), format_args!("target={target}")));
        };
        if mine.as_one().is_none() {
            self.target = Some(if target.as_one().is_some() { target.clone() } else { common });
        }
        Ok(())
    }
}

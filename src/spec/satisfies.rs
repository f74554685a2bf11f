//! Whether one constraint implies another: whatever satisfies the one also satisfies the other.
//!
//! The rules are those of Spack 1.1, without what package recipes say of virtual packages.

use super::clause::{DependencyClause, Reach, VariantClause, VariantTest};
use super::concrete::DepTypes;
use super::format::VariantText;
use super::{DependencyMismatch, Mismatch, Propagation, Spec};
use std::sync::Arc;

/// The kinds of dependency that `^` follows.
const RUNTIME: DepTypes = DepTypes(DepTypes::LINK.0 | DepTypes::RUN.0);

/// The kinds that `^` only follows from the spec itself.
const BUILD_TIME: DepTypes = DepTypes(DepTypes::BUILD.0 | DepTypes::TEST.0);

impl Spec {
    /// Tells whether this constraint implies `other`.
    ///
    /// # Errors
    /// Returns the first clause of `other` that is not implied.
    pub fn satisfies(&self, other: &Self) -> Result<(), Mismatch> {
        self.implies_node(other)?;
        for wanted in &other.dependencies {
            self.implies_dependency(other.name(), wanted)?;
            for below in &wanted.spec.dependencies {
                self.implies_dependency(wanted.spec.name(), below)?;
            }
        }
        Ok(())
    }

    /// Tells whether some spec could satisfy both constraints.
    pub fn intersects(&self, other: &Self) -> bool {
        self.clone().constrain(other).is_ok()
    }

    fn implies_node(&self, other: &Self) -> Result<(), Mismatch> {
        if let Some(wanted) = &other.hash
            && !self.hash.as_ref().is_some_and(|hash| hash.starts_with(&**wanted))
        {
            let found = self.hash.as_ref().map(|hash| format!("/{hash}"));
            return Err(Mismatch::Hash { wanted: format!("/{wanted}"), found });
        }
        if let (Some(wanted), Some(found)) = (&other.name, &self.name)
            && wanted != found
        {
            return Err(Mismatch::Name { wanted: wanted.to_string(), found: Some(found.to_string()) });
        }
        if let (Some(wanted), Some(found)) = (&other.namespace, &self.namespace)
            && wanted != found
        {
            return Err(Mismatch::Namespace { wanted: wanted.to_string(), found: found.to_string() });
        }
        if !self.versions.satisfies(&other.versions) {
            return Err(Mismatch::Version {
                wanted: format!("@{}", other.versions),
                found: format!("@{}", self.versions),
            });
        }
        self.implies_variants(other)?;
        self.implies_architecture(other)?;
        self.implies_flags(other)
    }

    fn implies_variants(&self, other: &Self) -> Result<(), Mismatch> {
        let is_local = |clause: &VariantClause| clause.propagation == Propagation::Local;
        for (name, wanted) in other.variants.iter().filter(|(_, clause)| is_local(clause)) {
            let found = self.variants.get(name).filter(|clause| is_local(clause));
            if !found.is_some_and(|found| found.test.implies(name, &wanted.test)) {
                let found = self.variants.get(name).map(|found| VariantText(name, found).to_string());
                return Err(Mismatch::Variant { wanted: VariantText(name, wanted).to_string(), found });
            }
        }
        self.agrees(other, |name, found, wanted| found.implies(name, wanted))?;
        other.agrees(self, |name, found, wanted| found.implies(name, wanted))
    }

    /// Checks this node and its dependencies against what `other` propagates.
    fn agrees(&self, other: &Self, implies: impl Fn(&str, &VariantTest, &VariantTest) -> bool) -> Result<(), Mismatch> {
        let propagated = other.variants.iter().filter(|(_, clause)| clause.propagation == Propagation::Propagated);
        for (name, wanted) in propagated {
            for node in std::iter::once(self).chain(self.all_dependencies().map(|d| &d.spec)) {
                if let Some(found) = node.variants.get(name)
                    && !implies(name, &found.test, &wanted.test)
                {
                    return Err(Mismatch::PropagatedVariant {
                        wanted: VariantText(name, wanted).to_string(),
                        package: node.name().unwrap_or("this spec").to_owned(),
                        found: VariantText(name, found).to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    fn implies_architecture(&self, other: &Self) -> Result<(), Mismatch> {
        let (mine, wanted) = (&self.architecture, &other.architecture);
        for (key, wanted, found) in [("platform", &wanted.platform, &mine.platform), ("os", &wanted.os, &mine.os)] {
            match (wanted.as_deref(), found.as_deref()) {
                // Spack looks no further once one of them may be anything.
                (Some("*"), Some(_)) => return Ok(()),
                (Some(wanted), found) if Some(wanted) != found => {
                    let found = found.map(|found| format!("{key}={found}"));
                    return Err(Mismatch::Architecture { wanted: format!("{key}={wanted}"), found });
                }
                _ => {}
            }
        }
        let Some(wanted) = &wanted.target else { return Ok(()) };
        let is_implied = match &mine.target {
            None => false,
            Some(_) if wanted.is_any() => true,
            Some(found) => found.intersection(wanted).map_err(Mismatch::UnknownTarget)?.is_some(),
        };
        if is_implied {
            return Ok(());
        }
        let found = mine.target.as_ref().map(|found| format!("target={found}"));
        Err(Mismatch::Architecture { wanted: format!("target={wanted}"), found })
    }

    fn implies_flags(&self, other: &Self) -> Result<(), Mismatch> {
        for (list, flags) in &other.flags {
            let found = self.flags.get(list);
            let missing = flags.iter().find(|flag| !found.is_some_and(|all| all.iter().any(|f| f.text == flag.text)));
            if let Some(flag) = missing {
                let texts =
                    |all: &Vec<_>| all.iter().map(|f: &super::FlagClause| &*f.text).collect::<Vec<_>>().join(" ");
                let found = found.map(|all| format!("{list}={}", texts(all)));
                return Err(Mismatch::Flag { wanted: format!("{list}={}", flag.text), found });
            }
        }
        Ok(())
    }

    fn implies_dependency(&self, parent: Option<&str>, wanted: &DependencyClause) -> Result<(), Mismatch> {
        let fail = |reason| Mismatch::Dependency { wanted: wanted.to_string(), reason };
        let own = parent.is_none() || parent == self.name();
        if let Some(condition) = &wanted.when {
            let asked = if own { Some(self) } else { parent.and_then(|name| self.lookup(name)) };
            if asked.is_some_and(|asked| !asked.intersects(condition)) {
                return Ok(());
            }
        }
        let node = match parent {
            _ if wanted.reach == Reach::Transitive => Some(self),
            Some(name) if wanted.spec.name() != Some(name) => self.lookup(name),
            _ => Some(self),
        };
        let node = node.ok_or_else(|| fail(DependencyMismatch::Missing))?;
        let candidates: Vec<&DependencyClause> = match wanted.reach {
            Reach::Direct => node.dependencies.iter().filter(|d| d.could_be_direct(wanted)).collect(),
            Reach::Transitive => {
                let build = self.dependencies.iter().filter(|d| d.is_for(DepTypes::BUILD));
                self.runtime_clauses().chain(build).filter(|d| d.could_be(wanted)).collect()
            }
        };
        if wanted.reach == Reach::Transitive
            && !candidates.is_empty()
            && let Some(name) = wanted.virtuals.iter().find(|v| !candidates.iter().any(|d| d.virtuals.contains(*v)))
        {
            return Err(fail(DependencyMismatch::Virtual { name: name.to_string() }));
        }
        let mut failed = Vec::new();
        for candidate in candidates {
            match candidate.implies(wanted) {
                Ok(()) => return Ok(()),
                Err(mismatch) => failed.push((candidate, mismatch)),
            }
        }
        let count = failed.len();
        Err(fail(match failed.pop() {
            None => DependencyMismatch::Missing,
            Some((candidate, mismatch)) if count == 1 => DependencyMismatch::Candidate {
                package: candidate.spec.name().unwrap_or("it").to_owned(),
                mismatch: Box::new(mismatch),
            },
            Some(_) => DependencyMismatch::Candidates { count },
        }))
    }

    /// Returns the clauses on what is linked to or needed to run, at any depth.
    fn runtime_clauses(&self) -> impl Iterator<Item = &DependencyClause> {
        let runtime = |d: &&DependencyClause| d.is_for(RUNTIME);
        let below = move |d: &DependencyClause| d.spec.dependencies.len();
        let direct = self.dependencies.iter().filter(runtime);
        let nested = self.dependencies.iter().filter(runtime).filter(move |d| below(d) > 0);
        direct.chain(nested.flat_map(move |d| d.spec.dependencies.iter().filter(runtime)))
    }

    /// Finds the node that is meant by a name: a build dependency, this node, or another dependency.
    fn lookup(&self, name: &str) -> Option<&Self> {
        let means = |d: &&DependencyClause| d.is_named(name);
        let build = self.dependencies.iter().filter(|d| d.is_for(BUILD_TIME)).find(means);
        if let Some(found) = build {
            return Some(&found.spec);
        }
        if self.name() == Some(name) {
            return Some(self);
        }
        self.runtime_clauses().find(means).map(|d| &d.spec)
    }
}

impl DependencyClause {
    /// Tells whether the dependency may be of one of these kinds.
    fn is_for(&self, types: DepTypes) -> bool {
        self.types == DepTypes::default() || self.types.intersects(types)
    }

    /// Tells whether the dependency has this name, or provides the virtual package of this name.
    fn is_named(&self, name: &str) -> bool {
        self.spec.name() == Some(name) || self.virtuals.contains(name)
    }

    /// Tells whether `wanted` could mean this dependency.
    fn could_be(&self, wanted: &Self) -> bool {
        wanted.spec.name().is_none_or(|name| self.is_named(name) && self.holds_under(wanted))
    }

    fn could_be_direct(&self, wanted: &Self) -> bool {
        wanted.spec.name().is_none_or(|name| self.is_named(name))
            && (wanted.virtuals.is_empty() || wanted.virtuals.iter().any(|v| self.virtuals.contains(v)))
            && self.types.contains(wanted.types)
            && self.holds_under(wanted)
    }

    /// Tells whether this clause applies wherever `wanted` does.
    fn holds_under(&self, wanted: &Self) -> bool {
        let empty = Spec::default();
        self.when.as_ref().is_none_or(|when| wanted.when.as_deref().unwrap_or(&empty).satisfies(when).is_ok())
    }

    fn implies(&self, wanted: &Self) -> Result<(), Mismatch> {
        match (wanted.reach, wanted.spec.name()) {
            (_, Some(name)) if self.spec.name() != Some(name) => Ok(()),
            (Reach::Direct, _) => self.spec.satisfies(&wanted.spec),
            (Reach::Transitive, _) => self.spec.implies_node(&wanted.spec),
        }
    }
}

impl VariantTest {
    /// Tells whether all values of the variant `name` that pass this test pass `wanted`.
    fn implies(&self, name: &str, wanted: &Self) -> bool {
        let covers = |w: &Arc<str>| match name {
            "patches" => self.values().iter().any(|value| value.starts_with(&**w)),
            _ => self.values().contains(w),
        };
        match wanted {
            Self::Any | Self::Includes(_) => wanted.values().iter().all(covers),
            Self::Bool(_) | Self::Exactly(_) => self == wanted,
        }
    }
}

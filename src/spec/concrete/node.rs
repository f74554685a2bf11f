//! The clauses that a concrete spec answers alone, without its dependencies.

use super::{Architecture, Compiler, ConcreteSpec, Parameters, VariantValue};
use crate::spec::clause::{Reach, VariantClause, VariantTest};
use crate::spec::format::VariantText;
use crate::spec::parse::alias;
use crate::spec::version::Version;
use crate::spec::{Mismatch, Propagation, Spec, VersionList};
use std::fmt::Write as _;
use std::sync::Arc;

/// The virtual packages that any compiler provides.
const LANGUAGES: [&str; 3] = ["c", "cxx", "fortran"];

impl VariantTest {
    /// Tells whether a value of the variant `name` passes.
    pub(crate) fn accepts(&self, name: &str, value: &VariantValue) -> bool {
        match (self, value) {
            (Self::Any, _) => true,
            (Self::Bool(wanted), VariantValue::Bool(value)) => wanted == value,
            (Self::Bool(_), _) | (_, VariantValue::Bool(_)) => false,
            (Self::Includes(wanted), VariantValue::Single(value)) => wanted.iter().all(|w| covers(name, w, value)),
            (Self::Includes(wanted), VariantValue::Multi(values)) => {
                wanted.iter().all(|w| values.iter().any(|value| covers(name, w, value)))
            }
            (Self::Exactly(wanted), VariantValue::Single(value)) => matches!(wanted.as_slice(), [w] if w == value),
            (Self::Exactly(wanted), VariantValue::Multi(values)) => {
                wanted.iter().all(|w| values.contains(w)) && values.iter().all(|value| wanted.contains(value))
            }
        }
    }
}

/// Tells whether a value is the wanted one; patches are told by the beginning of their checksum.
fn covers(name: &str, wanted: &str, value: &str) -> bool {
    if name == "patches" { value.starts_with(wanted) } else { value == wanted }
}

impl VariantValue {
    /// Returns the variant as specs write it: `+mpi`, `fabrics=ucx`.
    pub fn text(&self, name: &str) -> String {
        let test = match self {
            Self::Bool(value) => VariantTest::Bool(*value),
            Self::Single(value) => VariantTest::Includes(vec![Arc::clone(value)]),
            Self::Multi(values) => VariantTest::Exactly(values.clone()),
        };
        VariantText(name, &VariantClause { test, propagation: Propagation::Local }).to_string()
    }
}

impl ConcreteSpec {
    /// Tells whether this spec satisfies what a constraint says of it and of its compiler; what the constraint says of
    /// other dependencies, or propagates to them, is left open.
    ///
    /// # Errors
    /// Returns the first clause that fails.
    pub fn satisfies_alone(&self, wanted: &Spec) -> Result<(), Mismatch> {
        if let Some(name) = wanted.name()
            && name != &*self.name
        {
            return Err(Mismatch::Name { wanted: name.to_owned(), found: Some(self.name.to_string()) });
        }
        namespace(wanted, self)?;
        version(wanted, &self.version)?;
        variants(wanted, &self.parameters)?;
        architecture(wanted, &self.arch)?;
        flags(wanted, &self.parameters)?;
        let Some(annotated) = &self.compiler else { return Ok(()) };
        let mut direct = wanted.dependencies.iter().filter(|clause| clause.reach == Reach::Direct);
        direct.try_for_each(|clause| compiler(&clause.spec, annotated))
    }
}

impl Compiler {
    /// Makes the compiler that a package provides, under the name that specs are annotated with: `clang` for `llvm`.
    pub fn of_package(package: &str, version: Version) -> Self {
        Self { name: alias::legacy(package).into(), version }
    }
}

/// Checks the version.
pub(super) fn version(wanted: &Spec, version: &Version) -> Result<(), Mismatch> {
    if wanted.versions.contains(version) {
        return Ok(());
    }
    Err(Mismatch::Version { wanted: format!("@{}", wanted.versions), found: format!("@{version}") })
}

/// Checks platform, operating system and target, in this order.
pub(super) fn architecture(wanted: &Spec, found: &Architecture) -> Result<(), Mismatch> {
    let clause = &wanted.architecture;
    for (key, wanted, found) in [("platform", &clause.platform, &found.platform), ("os", &clause.os, &found.os)] {
        match wanted.as_deref() {
            // Spack looks no further once one of them may be anything.
            Some("*") => return Ok(()),
            Some(wanted) if wanted != &**found => {
                return Err(Mismatch::Architecture {
                    wanted: format!("{key}={wanted}"),
                    found: Some(format!("{key}={found}")),
                });
            }
            _ => {}
        }
    }
    match &clause.target {
        Some(target) if !target.contains(&found.target).map_err(Mismatch::UnknownTarget)? => {
            Err(Mismatch::Architecture {
                wanted: format!("target={target}"),
                found: Some(format!("target={}", found.target)),
            })
        }
        _ => Ok(()),
    }
}

/// Checks the variants that need not be propagated.
pub(super) fn variants(wanted: &Spec, parameters: &Parameters) -> Result<(), Mismatch> {
    for (name, clause) in &wanted.variants {
        if clause.propagation == Propagation::Propagated {
            continue;
        }
        let found = parameters.variants.get(name);
        if !found.is_some_and(|value| clause.test.accepts(name, value)) {
            let found = found.map(|value| value.text(name));
            return Err(Mismatch::Variant { wanted: VariantText(name, clause).to_string(), found });
        }
    }
    Ok(())
}

/// Checks a node against the variants that must agree wherever they exist.
pub(super) fn propagated(wanted: &Spec, spec: &ConcreteSpec) -> Result<(), Mismatch> {
    for (name, clause) in &wanted.variants {
        if clause.propagation == Propagation::Local {
            continue;
        }
        if let Some(value) = spec.parameters.variants.get(name)
            && !clause.test.accepts(name, value)
        {
            return Err(Mismatch::PropagatedVariant {
                wanted: VariantText(name, clause).to_string(),
                package: spec.name.to_string(),
                found: value.text(name),
            });
        }
    }
    Ok(())
}

/// Tells whether a constraint has variants that must agree in all dependencies.
pub(super) fn propagates(wanted: &Spec) -> bool {
    wanted.variants.values().any(|clause| clause.propagation == Propagation::Propagated)
}

/// Checks the compiler flags.
pub(super) fn flags(wanted: &Spec, parameters: &Parameters) -> Result<(), Mismatch> {
    for (list, flags) in &wanted.flags {
        let found = parameters.flags.get(list);
        let missing = flags.iter().find(|flag| !found.is_some_and(|all| all.contains(&flag.text)));
        if let Some(flag) = missing {
            let found = found.map(|all| {
                let mut text = format!("{list}=");
                for (i, flag) in all.iter().enumerate() {
                    let _ = write!(text, "{}{flag}", if i > 0 { " " } else { "" });
                }
                text
            });
            return Err(Mismatch::Flag { wanted: format!("{list}={}", flag.text), found });
        }
    }
    Ok(())
}

/// Checks the namespace, which constraints rarely give.
pub(super) fn namespace(wanted: &Spec, spec: &ConcreteSpec) -> Result<(), Mismatch> {
    match &wanted.namespace {
        Some(wanted) if *wanted != spec.namespace => {
            Err(Mismatch::Namespace { wanted: wanted.to_string(), found: spec.namespace.to_string() })
        }
        _ => Ok(()),
    }
}

/// Checks the hash.
pub(super) fn hash(wanted: &Spec, spec: &ConcreteSpec) -> Result<(), Mismatch> {
    match &wanted.hash {
        Some(wanted) if !spec.hash.starts_with(&**wanted) => {
            let short = spec.hash.get(..7).unwrap_or(&spec.hash);
            Err(Mismatch::Hash { wanted: format!("/{wanted}"), found: Some(format!("/{short}")) })
        }
        _ => Ok(()),
    }
}

/// Checks `%gcc@5` against the compiler of a spec from before compilers were dependencies.
pub(super) fn compiler(wanted: &Spec, compiler: &Compiler) -> Result<(), Mismatch> {
    let found = || Some(format!("{}@{}", compiler.name, compiler.version));
    if let Some(hash) = wanted.hash() {
        return Err(Mismatch::Hash { wanted: format!("/{hash}"), found: None });
    }
    match wanted.name() {
        Some(name) if LANGUAGES.contains(&name) => Ok(()),
        Some(name) if name != &*alias::package(&compiler.name) => {
            Err(Mismatch::Name { wanted: alias::legacy(name).to_owned(), found: found() })
        }
        _ => version(wanted, &compiler.version),
    }
}

/// Returns what a `%` clause says beyond the name and version of the compiler.
///
/// Nothing else is known of a compiler from before compilers were dependencies, and in the notation of that time
/// what follows it is said of the spec: `zlib %gcc@5 os=centos7` is a zlib for centos7.
pub(super) fn beyond_compiler(wanted: &Spec) -> Spec {
    Spec {
        name: None,
        namespace: None,
        versions: VersionList::any(),
        hash: None,
        dependencies: Vec::new(),
        ..wanted.clone()
    }
}

//! The facts of a package: versions, variants, dependencies, provided virtual packages, conflicts.
//!
//! A fact is one line of a block: `hdf5@1.10: +mpi if @2: +hdf5` says what is needed, and under which condition.

use super::CatalogueError;
use crate::spec::concrete::{DepTypes, VariantValue};
use crate::spec::{Spec, Version};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) compiler: String,
    #[serde(default)]
    pub(super) virtuals: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) build_systems: BTreeMap<String, Facts>,
    pub(super) packages: BTreeMap<String, Facts>,
}

/// A package, or what all packages of a build system share, as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Facts {
    versions: String,
    #[serde(rename = "build_system")]
    build_system: Option<String>,
    variants: String,
    build: String,
    build_link: String,
    build_link_run: String,
    build_run: String,
    link: String,
    link_run: String,
    run: String,
    provides: String,
    conflicts: String,
}

impl Facts {
    /// Returns the names of the virtual packages it provides, versions and conditions left aside.
    pub(super) fn provided_names(&self) -> impl Iterator<Item = &str> {
        self.provides.lines().map(|text| text.split(['@', ' ']).next().unwrap_or(text))
    }

    fn needed(&self) -> [(&str, DepTypes); 7] {
        let of = |types: &[DepTypes]| types.iter().fold(DepTypes::default(), |all, one| all.union(*one));
        let (build, link, run) = (DepTypes::BUILD, DepTypes::LINK, DepTypes::RUN);
        [
            (&self.build, build),
            (&self.build_link, of(&[build, link])),
            (&self.build_link_run, of(&[build, link, run])),
            (&self.build_run, of(&[build, run])),
            (&self.link, link),
            (&self.link_run, of(&[link, run])),
            (&self.run, run),
        ]
    }
}

/// What is known of a package.
#[derive(Debug)]
pub struct Package {
    /// Its versions in the order they are chosen in: preferred ones first, then the newest.
    pub versions: Vec<Arc<Version>>,
    /// What is known of its build.
    pub build: BuildFacts,
    /// The virtual packages it provides.
    pub provides: Vec<Provided>,
    /// Choices that exclude each other.
    pub conflicts: Vec<Conflicting>,
}

/// Variants and dependencies, of a package and of its build system.
#[derive(Debug, Default)]
pub struct BuildFacts {
    /// Its variants; of several of one name the first whose condition holds counts.
    pub variants: Vec<Variant>,
    /// What it needs.
    pub needs: Vec<Needed>,
}

/// A variant of a package.
#[derive(Debug)]
pub struct Variant {
    /// Its name.
    pub name: Arc<str>,
    /// Its values.
    pub kind: VariantKind,
    /// Where it exists.
    pub when: Option<Spec>,
}

/// The kinds of variant, each with its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariantKind {
    /// On or off.
    Bool(bool),
    /// One of several values, or any value where none are listed.
    One {
        /// Its default.
        default: Arc<str>,
        /// The values it may have.
        values: Vec<Arc<str>>,
    },
    /// Any of several values.
    Many {
        /// Its default.
        default: Vec<Arc<str>>,
        /// The values it may have.
        values: Vec<Arc<str>>,
    },
}

impl VariantKind {
    /// Returns the default.
    pub fn default_value(&self) -> VariantValue {
        match self {
            Self::Bool(value) => VariantValue::Bool(*value),
            Self::One { default, .. } => VariantValue::Single(Arc::clone(default)),
            Self::Many { default, .. } => VariantValue::Multi(default.clone()),
        }
    }

    /// Tells whether the value is one that the variant may have.
    pub fn allows(&self, value: &VariantValue) -> bool {
        match (self, value) {
            (Self::Bool(_), VariantValue::Bool(_)) => true,
            (Self::One { values, .. }, VariantValue::Single(value)) => values.is_empty() || values.contains(value),
            (Self::Many { values, .. }, VariantValue::Multi(given)) => given.iter().all(|one| values.contains(one)),
            _ => false,
        }
    }
}

/// A dependency of a package.
#[derive(Debug)]
pub struct Needed {
    /// The package, or the virtual package, with what is demanded of it.
    pub spec: Spec,
    /// What it is needed for.
    pub types: DepTypes,
    /// Under which condition.
    pub when: Option<Spec>,
}

/// A virtual package that a package provides.
#[derive(Debug)]
pub struct Provided {
    /// The virtual package with the versions of it.
    pub spec: Spec,
    /// Under which condition.
    pub when: Option<Spec>,
}

/// Choices of a package that exclude each other.
#[derive(Debug)]
pub struct Conflicting {
    /// What cannot be chosen.
    pub spec: Spec,
    /// Under which condition.
    pub when: Option<Spec>,
}

impl fmt::Display for Conflicting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.when {
            Some(when) => write!(f, "`{}` excludes `{when}`", self.spec),
            None => write!(f, "`{}` is excluded", self.spec),
        }
    }
}

impl Package {
    /// Reads the facts of a package and of the build system it has.
    pub(super) fn read(name: &str, facts: &Facts, systems: &BTreeMap<String, Facts>) -> Result<Self, CatalogueError> {
        let reader = Reader { package: name };
        let mut build = BuildFacts::default();
        reader.build(facts, &mut build)?;
        if let Some(system) = &facts.build_system {
            let Some(shared) = systems.get(system) else { return Err(reader.error(system, &"no such build system")) };
            reader.build(shared, &mut build)?;
        }
        let provides = facts.provides.lines().map(|text| {
            let (spec, when) = reader.conditional(text)?;
            Ok(Provided { spec, when })
        });
        let conflicts = facts.conflicts.lines().map(|text| {
            let (spec, when) = reader.conditional(text)?;
            Ok(Conflicting { spec, when })
        });
        let (provides, conflicts) = (provides.collect::<Result<_, _>>()?, conflicts.collect::<Result<_, _>>()?);
        Ok(Self { versions: reader.versions(&facts.versions)?, build, provides, conflicts })
    }
}

/// Reads the facts of one package.
struct Reader<'a> {
    package: &'a str,
}

impl Reader<'_> {
    fn error(&self, text: &str, reason: &impl ToString) -> CatalogueError {
        CatalogueError::Fact { package: self.package.to_owned(), text: text.to_owned(), reason: reason.to_string() }
    }

    /// Reads `1.4* 1.5 1.3`: the newest first, those with a star preferred.
    fn versions(&self, text: &str) -> Result<Vec<Arc<Version>>, CatalogueError> {
        let (preferred, others): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| word.ends_with('*'));
        if preferred.is_empty() && others.is_empty() {
            return Err(self.error(text, &"a package has at least one version"));
        }
        let version = |word: &str| Arc::new(Version::parse(word.trim_end_matches('*')));
        Ok(preferred.into_iter().chain(others).map(version).collect())
    }

    fn build(&self, facts: &Facts, into: &mut BuildFacts) -> Result<(), CatalogueError> {
        for text in facts.variants.lines() {
            self.variants(text, &mut into.variants)?;
        }
        for (texts, types) in facts.needed() {
            for text in texts.lines() {
                let (spec, when) = self.conditional(text)?;
                if spec.name().is_none() {
                    return Err(self.error(text, &"a dependency has a name"));
                }
                into.needs.push(Needed { spec, types, when });
            }
        }
        Ok(())
    }

    /// Reads `SPEC` or `SPEC if CONDITION`.
    fn conditional(&self, text: &str) -> Result<(Spec, Option<Spec>), CatalogueError> {
        let (fact, condition) = split(text);
        let spec = |part: &str| Spec::parse(part).map_err(|cause| self.error(text, &cause));
        Ok((spec(fact)?, condition.map(spec).transpose()?))
    }

    /// Reads `+a ~b`, `x=1 one of 1 2` or `y=a,b any of a b c`, each with a condition where it needs one.
    fn variants(&self, text: &str, into: &mut Vec<Variant>) -> Result<(), CatalogueError> {
        let (fact, condition) = split(text);
        let when = condition.map(|text| Spec::parse(text).map_err(|cause| self.error(text, &cause))).transpose()?;
        if fact.starts_with(['+', '~']) {
            for word in fact.split_whitespace() {
                let kind = VariantKind::Bool(word.starts_with('+'));
                let name = word.trim_start_matches(['+', '~']).into();
                into.push(Variant { name, kind, when: when.clone() });
            }
            return Ok(());
        }
        let Some((name, rest)) = fact.split_once('=') else {
            return Err(self.error(text, &"a variant has a sigil or a value"));
        };
        let list = |text: &str, separator: char| text.split(separator).map(Arc::from).collect();
        let kind = if let Some((default, values)) = rest.split_once(" any of ") {
            VariantKind::Many { default: list(default, ','), values: list(values, ' ') }
        } else if let Some((default, values)) = rest.split_once(" one of ") {
            VariantKind::One { default: default.into(), values: list(values, ' ') }
        } else {
            VariantKind::One { default: rest.into(), values: Vec::new() }
        };
        if !kind.allows(&kind.default_value()) {
            return Err(self.error(text, &"the default is not among the values"));
        }
        into.push(Variant { name: name.into(), kind, when });
        Ok(())
    }
}

/// Splits `FACT if CONDITION`.
fn split(text: &str) -> (&str, Option<&str>) {
    text.split_once(" if ").map_or((text, None), |(fact, condition)| (fact, Some(condition)))
}

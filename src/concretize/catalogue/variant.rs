//! Choosing the variants of a package: what is demanded, else the defaults, mended where those exclude each other.

use super::choose::{asks_dependencies, holds_alone};
use super::fact::{Conflicting, Package, Variant, VariantKind};
use crate::spec::concrete::{ConcreteSpec, Parameters, VariantValue};
use crate::spec::{FlagClause, Propagation, Spec, VariantClause, VariantTest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often variants are gone through that exist under conditions on each other.
const PASSES: usize = 4;
/// How many defaults are given up at most.
const MOST_MENDED: usize = 8;

/// The variants that are demanded of a package.
pub(super) struct Demanded<'a> {
    /// What is said of the package itself.
    pub(super) own: &'a Spec,
    /// What the root says of all packages that have such variants.
    pub(super) propagated: &'a BTreeMap<Arc<str>, VariantClause>,
    /// What goes before defaults: the variants that a lockfile has of the package.
    pub(super) usual: Option<&'a Parameters>,
}

impl Demanded<'_> {
    fn clause(&self, name: &Arc<str>) -> Option<&VariantClause> {
        self.own.variants().get(name).or_else(|| self.propagated.get(name))
    }
}

/// Returns the words of the flags that are demanded.
fn flags(wanted: &Spec) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let texts = |(name, flags): (&Arc<str>, &Vec<FlagClause>)| {
        (Arc::clone(name), flags.iter().map(|flag| Arc::clone(&flag.text)).collect())
    };
    wanted.flags().iter().map(texts).collect()
}

/// A spec whose variants are being chosen.
pub(super) struct Choice<'a> {
    pub(super) spec: ConcreteSpec,
    pub(super) parameters: Parameters,
    /// Variants and values that the catalogue does not know of this version.
    pub(super) odd: Vec<String>,
    package: Option<&'a Package>,
}

impl<'a> Choice<'a> {
    /// Chooses the variants of a spec as they are demanded, else by default; of defaults that exclude what else is
    /// chosen the nearest other value is taken.
    pub(super) fn new(spec: &ConcreteSpec, package: Option<&'a Package>, demands: &Demanded<'_>) -> Self {
        let mut given_up = BTreeMap::new();
        loop {
            let choice = Self::with_defaults(spec.clone(), package, demands, &given_up);
            let mended = choice.broken().and_then(|rule| choice.way_out(rule, demands, &given_up));
            match mended {
                Some((name, value)) if given_up.len() < MOST_MENDED => given_up.insert(name, value),
                _ => return choice,
            };
        }
    }

    /// Tells whether the catalogue knows all that is chosen and excludes nothing of it.
    pub(super) fn is_sound(&self) -> bool {
        self.odd.is_empty() && self.broken().is_none()
    }

    fn with_defaults(
        spec: ConcreteSpec,
        package: Option<&'a Package>,
        demands: &Demanded<'_>,
        given_up: &BTreeMap<Arc<str>, VariantValue>,
    ) -> Self {
        let parameters = Parameters { flags: flags(demands.own), ..Parameters::default() };
        let mut choice = Self { spec, parameters, odd: Vec::new(), package };
        choice.known_variants(demands, given_up);
        choice.other_variants(demands);
        choice
    }

    /// Returns the rule against what is chosen, as far as it only speaks of the package itself.
    pub(super) fn broken(&self) -> Option<&'a Conflicting> {
        let applies = |condition: Option<&Spec>| !asks_dependencies(condition) && holds_alone(condition, &self.spec);
        let mut rules = self.package?.conflicts.iter();
        rules.find(|rule| applies(Some(&rule.spec)) && applies(rule.when.as_ref()))
    }

    /// Returns a variant that is free, with another value, so that the rule no longer applies.
    fn way_out(
        &self,
        rule: &Conflicting,
        demands: &Demanded<'_>,
        given_up: &BTreeMap<Arc<str>, VariantValue>,
    ) -> Option<(Arc<str>, VariantValue)> {
        let named = std::iter::once(&rule.spec).chain(&rule.when).flat_map(Spec::variants);
        let mut free = named.filter(|(name, _)| demands.clause(name).is_none() && !given_up.contains_key(*name));
        free.find_map(|(name, clause)| {
            let is_it = |variant: &&Variant| variant.name == *name && holds_alone(variant.when.as_ref(), &self.spec);
            let variant = self.package?.build.variants.iter().find(is_it)?;
            let other =
                |values: &[Arc<str>]| values.iter().find(|value| !clause.test.values().contains(value)).map(Arc::clone);
            let value = match &variant.kind {
                VariantKind::Bool(default) => VariantValue::Bool(!default),
                VariantKind::One { values, .. } => VariantValue::Single(other(values)?),
                VariantKind::Many { values, .. } => VariantValue::Multi(vec![other(values)?]),
            };
            Some((Arc::clone(name), value))
        })
    }

    /// Chooses the variants that the package has.
    fn known_variants(&mut self, demands: &Demanded<'_>, given_up: &BTreeMap<Arc<str>, VariantValue>) {
        for _ in 0..PASSES {
            let before = self.parameters.variants.len();
            for variant in self.package.map_or(&[][..], |package| &package.build.variants) {
                let is_chosen = self.parameters.variants.contains_key(&variant.name);
                if is_chosen || !holds_alone(variant.when.as_ref(), &self.spec) {
                    continue;
                }
                let value = demands.clause(&variant.name).and_then(|clause| value(&clause.test, Some(&variant.kind)));
                if let Some(value) = value.as_ref().filter(|value| !variant.kind.allows(value)) {
                    self.odd.push(text(&self.spec.name, &variant.name, value));
                }
                let usual = || demands.usual?.variants.get(&variant.name).filter(|value| variant.kind.allows(value));
                let value = value.or_else(|| given_up.get(&variant.name).or_else(usual).cloned());
                self.set(&variant.name, value.unwrap_or_else(|| variant.kind.default_value()));
            }
            if self.parameters.variants.len() == before {
                break;
            }
        }
    }

    /// Takes the other variants as they are demanded.
    fn other_variants(&mut self, demands: &Demanded<'_>) {
        for (name, clause) in demands.own.variants() {
            let is_new = clause.propagation == Propagation::Local && !self.parameters.variants.contains_key(name);
            if let Some(value) = value(&clause.test, None).filter(|_| is_new) {
                if self.package.is_some() {
                    self.odd.push(text(&self.spec.name, name, &value));
                }
                self.set(name, value);
            }
        }
    }

    /// Sets a variant; conditions of other variants see it at once.
    fn set(&mut self, name: &Arc<str>, value: VariantValue) {
        self.parameters.variants.insert(Arc::clone(name), value.clone());
        Arc::make_mut(&mut self.spec.parameters).variants.insert(Arc::clone(name), value);
    }
}

/// Returns the value that a clause demands, shaped as the variant is; nothing if any will do.
fn value(test: &VariantTest, kind: Option<&VariantKind>) -> Option<VariantValue> {
    match (test, kind) {
        (VariantTest::Any, _) => None,
        (VariantTest::Bool(value), _) => Some(VariantValue::Bool(*value)),
        (VariantTest::Includes(values) | VariantTest::Exactly(values), Some(VariantKind::Many { .. })) => {
            Some(VariantValue::Multi(values.clone()))
        }
        (VariantTest::Includes(values) | VariantTest::Exactly(values), _) => Some(match values.as_slice() {
            [value] => VariantValue::Single(Arc::clone(value)),
            values => VariantValue::Multi(values.to_vec()),
        }),
    }
}

fn text(package: &str, name: &str, value: &VariantValue) -> String {
    format!("{package} {}", value.text(name))
}

//! Predicting roots that a lockfile lacks from their nearest relatives in it: the same package for another compiler,
//! operating system or target, or with other variants. Its DAG is taken with what differs changed; what that leaves as
//! it is stays the locked spec.

mod distance;
mod draft;

use super::catalogue::{Catalogue, CatalogueError};
use crate::environment::SpecList;
use crate::spec::Spec;
use crate::spec::concrete::{Compiler, ConcreteRoot, ConcreteSpec, ConcreteSpecs, Dependency, SpecId};
use distance::nearest;
use draft::Draft;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many relatives are tried for a root.
const MOST_TRIED: usize = 3;

/// Roots that are predicted from relatives, in tables to extend the locked DAG with.
#[derive(Debug, Default)]
pub(super) struct Derivation {
    /// The nodes that the locked DAG lacks, each after all it depends on.
    pub(super) specs: Vec<ConcreteSpec>,
    /// Their dependencies; ids count from the first node of the table that is extended.
    pub(super) dependencies: Vec<Vec<Dependency>>,
    by_hash: FxHashMap<Arc<str>, SpecId>,
    /// The roots with their relatives.
    pub(super) roots: Vec<(ConcreteRoot, Model)>,
}

/// The relative that a root was predicted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    /// The relative.
    pub(super) spec: SpecId,
    /// What was changed of it, e.g. `os=centos7`; nothing if it is the answer itself.
    pub(super) changed: BTreeSet<String>,
}

/// Predicts those roots of a list whose indices are in `wanted`, as far as they have relatives among locked specs.
///
/// # Errors
/// Returns an error if the catalogue, which knows what other variants and versions need, is malformed.
pub(super) fn derive(
    locked: &ConcreteSpecs,
    catalogue: &Catalogue,
    list: &SpecList,
    wanted: &[usize],
) -> Result<Derivation, CatalogueError> {
    let mut result = Derivation::default();
    let known = Known::new(locked, catalogue);
    for index in wanted {
        let root = &list.roots[*index].spec;
        let spec = if known.compilers.is_empty() { root.clone() } else { root.with_bare_compilers() };
        if let Some((id, model)) = one(&known, &spec, &mut result)? {
            let text = root.to_string().into();
            result.roots.push((ConcreteRoot { text, root: *index, spec: id }, model));
        }
    }
    Ok(result)
}

/// What predictions are made from.
struct Known<'a> {
    locked: &'a ConcreteSpecs,
    catalogue: &'a Catalogue,
    /// The compilers that locked specs are annotated with, as before Spack 1.0.
    compilers: BTreeSet<Arc<Compiler>>,
}

impl<'a> Known<'a> {
    fn new(locked: &'a ConcreteSpecs, catalogue: &'a Catalogue) -> Self {
        let compilers = locked.iter().filter_map(|(_, spec)| spec.compiler.clone()).collect();
        Self { locked, catalogue, compilers }
    }
}

fn one(known: &Known<'_>, spec: &Spec, result: &mut Derivation) -> Result<Option<(SpecId, Model)>, CatalogueError> {
    for relative in nearest(known.locked, spec).into_iter().take(MOST_TRIED) {
        let Some(mut draft) = Draft::new(known, spec, relative, result)? else { continue };
        let Some(id) = draft.build() else { continue };
        let changed = draft.changed();
        draft.keep();
        return Ok(Some((id, Model { spec: relative, changed })));
    }
    Ok(None)
}

//! Look-ups over the nodes of a DAG: by package name, by hash, by provided virtual package.

use super::{ConcreteSpecs, SpecId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The tables behind the look-ups; every list is in ascending order of its keys, then of ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    names: FxHashMap<Arc<str>, Vec<SpecId>>,
    /// Which nodes some edge takes a virtual package from.
    providers: FxHashMap<Arc<str>, Vec<SpecId>>,
    hashes: Vec<(Arc<str>, SpecId)>,
}

impl Index {
    pub(super) fn new(dag: &ConcreteSpecs) -> Self {
        let mut index = Self::default();
        for (id, spec) in dag.iter() {
            index.names.entry(Arc::clone(&spec.name)).or_default().push(id);
            index.hashes.push((Arc::clone(&spec.hash), id));
            for edge in dag.dependencies(id) {
                for name in &*edge.virtuals {
                    index.providers.entry(Arc::clone(name)).or_default().push(edge.spec);
                }
            }
        }
        for list in index.providers.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        index.hashes.sort_unstable();
        index
    }
}

impl ConcreteSpecs {
    /// Returns the nodes of a package, in the order of the table.
    pub fn named(&self, name: &str) -> &[SpecId] {
        self.index.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the nodes that some node of this DAG takes a virtual package from, in the order of the table.
    pub fn providers(&self, virtual_package: &str) -> &[SpecId] {
        self.index.providers.get(virtual_package).map_or(&[], Vec::as_slice)
    }

    /// Returns the nodes whose hash begins with `prefix`, sorted by hash.
    pub fn with_hash<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = SpecId> + 'a {
        let from = self.index.hashes.partition_point(|(hash, _)| &**hash < prefix);
        self.index.hashes[from..].iter().take_while(move |(hash, _)| hash.starts_with(prefix)).map(|(_, id)| *id)
    }

    /// Tells whether a name only occurs as that of a virtual package.
    ///
    /// Which names are virtual is written in package recipes; a DAG merely shows those that its edges use.
    pub fn is_virtual(&self, name: &str) -> bool {
        self.named(name).is_empty() && self.index.providers.contains_key(name)
    }

    /// Tells whether a name is virtual and a node provides it to some other.
    pub(super) fn is_provider(&self, id: SpecId, name: &str) -> bool {
        self.is_virtual(name) && self.providers(name).binary_search(&id).is_ok()
    }
}

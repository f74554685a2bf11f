//! One round of resolving a root: the DAG that follows from what the round before demanded of each package.

use super::CatalogueError;
use super::choose::{Chooser, Chosen, asks_dependencies};
use super::demand::{By, Demand};
use super::fact::Needed;
use super::root::{Asked, Root};
use crate::spec::concrete::DepTypes;
use crate::spec::{Spec, Version};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// The DAG of a root as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Round<'a> {
    /// The packages, in the order they are met.
    pub(super) nodes: IndexMap<&'a str, Rc<Chosen<'a>>, FxBuildHasher>,
    /// What each depends on, by name.
    pub(super) edges: FxHashMap<&'a str, BTreeMap<&'a str, Edge<'a>>>,
    /// What packages demand of each other.
    pub(super) demands: FxHashMap<&'a str, Vec<Demand<'a>>>,
    /// Who provides each virtual package.
    pub(super) providers: BTreeMap<&'a str, &'a str>,
    /// The packages that some other needs by their own name.
    named: BTreeSet<&'a str>,
    /// The packages that only the root's asking brings in.
    pub(super) attached: Vec<&'a str>,
}

/// The versions that are not tried again, by package.
pub(super) type GivenUp<'a> = BTreeMap<&'a str, Vec<Arc<Version>>>;

/// A dependency.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Edge<'a> {
    pub(super) types: DepTypes,
    pub(super) virtuals: BTreeSet<&'a str>,
}

impl<'a> Round<'a> {
    /// Works out the DAG with the demands and choices of the round before.
    pub(super) fn after(
        before: &Self,
        chooser: &Chooser<'a>,
        root: &'a Root,
        given_up: &GivenUp<'a>,
    ) -> Result<Self, CatalogueError> {
        let mut walk =
            Walk { before, chooser, root, given_up, now: Self::default(), open: VecDeque::from([root.name.as_str()]) };
        loop {
            while let Some(name) = walk.open.pop_front() {
                if !walk.now.nodes.contains_key(name) {
                    walk.enter(name)?;
                }
            }
            if !walk.attach()? {
                return Ok(walk.now);
            }
        }
    }

    /// Keeps the demands of the round before too.
    pub(super) fn remember(&mut self, before: &Self) {
        for (name, demands) in &before.demands {
            let list = self.demands.entry(name).or_default();
            for demand in demands {
                if !list.contains(demand) {
                    list.push(*demand);
                }
            }
        }
    }

    /// Tells whether a condition holds that may also ask for dependencies.
    pub(super) fn holds(&self, condition: Option<&Spec>) -> bool {
        let Some(condition) = condition.filter(|condition| asks_dependencies(Some(condition))) else { return true };
        condition.dependencies().iter().all(|clause| {
            let Some(name) = clause.spec.name() else { return true };
            let provider = self.providers.get(name).copied();
            let node = self.nodes.get(provider.unwrap_or(name));
            let is_from_it = |wanted: &Arc<str>| self.providers.get(&**wanted) == Some(&name);
            let wanted = if provider.is_some() { clause.spec.anonymous() } else { clause.spec.clone() };
            clause.virtuals.iter().all(is_from_it)
                && node.is_some_and(|node| node.spec.satisfies_alone(&wanted).is_ok())
        })
    }

    /// Returns the edges that `^` sees from the root: its own, and those over link and run dependencies.
    fn visible(&self, root: &'a str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let runtime = DepTypes::LINK.union(DepTypes::RUN);
        let mut seen: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        let (mut open, mut entered) = (vec![root], BTreeSet::from([root]));
        while let Some(name) = open.pop() {
            for (target, edge) in self.edges.get(name).into_iter().flatten() {
                let is_runtime = edge.types.intersects(runtime);
                if name != root && !is_runtime {
                    continue;
                }
                seen.entry(target).or_default().extend(&edge.virtuals);
                if is_runtime && entered.insert(target) {
                    open.push(target);
                }
            }
        }
        seen
    }
}

/// A walk over the DAG from the root.
struct Walk<'a, 'b> {
    before: &'b Round<'a>,
    chooser: &'b Chooser<'a>,
    root: &'a Root,
    given_up: &'b GivenUp<'a>,
    now: Round<'a>,
    open: VecDeque<&'a str>,
}

impl<'a> Walk<'a, '_> {
    /// Chooses a package and follows what it needs.
    fn enter(&mut self, name: &'a str) -> Result<(), CatalogueError> {
        let mut demands = Vec::new();
        if name == self.root.name {
            demands.push(Demand { spec: &self.root.own, by: By::Root });
        }
        let asked = self.root.asked.iter().filter(|one| one.name == name && self.counts(one));
        demands.extend(asked.map(|one| Demand { spec: &one.spec, by: By::Root }));
        let earlier = self.before.demands.get(name).map_or(&[][..], Vec::as_slice);
        demands.extend(earlier);
        // What this round already demands is taken in at once, which saves rounds.
        let further = self.now.demands.get(name).into_iter().flatten();
        demands.extend(further.filter(|demand| !earlier.contains(demand)));
        let given_up = self.given_up.get(name).map_or(&[][..], Vec::as_slice);
        let chosen = self.chooser.choose(self.root, name, &demands, given_up)?;
        for needed in &chosen.needs {
            if self.before.holds(needed.when.as_ref()) {
                self.follow(name, needed)?;
            }
        }
        self.now.nodes.insert(name, chosen);
        Ok(())
    }

    /// Tells whether what the root asks of a dependency applies.
    fn counts(&self, asked: &Asked) -> bool {
        let Some(condition) = &asked.when else { return true };
        let root = self.before.nodes.get(self.root.name.as_str());
        root.is_some_and(|root| root.spec.satisfies_alone(condition).is_ok())
    }

    fn follow(&mut self, from: &'a str, needed: &'a Needed) -> Result<(), CatalogueError> {
        let Some(name) = needed.spec.name() else { return Ok(()) };
        if !self.chooser.catalogue.is_virtual(name) {
            if name != from {
                self.now.named.insert(name);
                self.now.demands.entry(name).or_default().push(Demand { spec: &needed.spec, by: By::Package(from) });
                self.edge(from, name, needed.types, None);
            }
            return Ok(());
        }
        let Some(provider) = self.provider(name, &needed.spec)? else { return Ok(()) };
        if provider != from {
            self.edge(from, provider, needed.types, Some(name));
        }
        Ok(())
    }

    fn edge(&mut self, from: &'a str, to: &'a str, types: DepTypes, provides: Option<&'a str>) {
        let edge = self.now.edges.entry(from).or_default().entry(to).or_default();
        edge.types = edge.types.union(types);
        edge.virtuals.extend(provides);
        self.open.push_back(to);
    }

    /// Returns who provides a virtual package, and demands of it what that takes.
    fn provider(&mut self, name: &'a str, wanted: &'a Spec) -> Result<Option<&'a str>, CatalogueError> {
        let provider = match self.now.providers.get(name) {
            Some(provider) => *provider,
            None => match self.find_provider(name) {
                Some(provider) => provider,
                None => return Ok(None),
            },
        };
        self.now.providers.insert(name, provider);
        let (Some(package), Some(node)) = (self.chooser.catalogue.package(provider)?, self.before.nodes.get(provider))
        else {
            return Ok(Some(provider));
        };
        let fits = |provided: &&super::Provided| {
            provided.spec.name() == Some(name) && provided.spec.versions().intersects(wanted.versions())
        };
        let is_met = |when: &Spec| node.spec.satisfies_alone(when).is_ok();
        if !package.provides.iter().filter(fits).any(|provided| provided.when.as_ref().is_none_or(is_met)) {
            let conditions = package.provides.iter().filter(fits).find_map(|provided| provided.when.as_ref());
            let demand = conditions.map(|spec| Demand { spec, by: By::Package(name) });
            self.now.demands.entry(provider).or_default().extend(demand);
        }
        Ok(Some(provider))
    }

    /// Returns the provider that the root names, else one that is needed by its own name, else the default one.
    fn find_provider(&self, name: &str) -> Option<&'a str> {
        let catalogue = self.chooser.catalogue;
        let asked = || self.root.asked.iter().filter(|one| self.counts(one));
        if let Some(one) = asked().find(|one| one.virtuals.contains(name)) {
            return Some(&one.name);
        }
        let provides = |package: &str| catalogue.providers(name).any(|provider| provider == package);
        if let Some(one) = asked().map(|one| one.name.as_str()).chain([&*self.root.name]).find(|one| provides(one)) {
            return Some(one);
        }
        if let Some(one) = self.before.nodes.keys().find(|one| self.before.named.contains(*one) && provides(one)) {
            return Some(one);
        }
        catalogue.providers(name).next()
    }

    /// Returns what the root asks of a dependency that nothing visible from it leads to.
    fn unreached(&self) -> Option<&'a Asked> {
        let catalogue = self.chooser.catalogue;
        let seen = self.now.visible(&self.root.name);
        self.root.asked.iter().filter(|one| self.counts(one)).find(|one| {
            let name = one.name.as_str();
            if catalogue.is_virtual(name) {
                let provides_itself = catalogue.providers(name).any(|provider| provider == self.root.name);
                !provides_itself && !seen.values().any(|virtuals| virtuals.contains(name))
            } else {
                name != self.root.name && !seen.contains_key(name)
            }
        })
    }

    /// Puts below the root what it asks for and nothing leads to; tells whether there was something.
    fn attach(&mut self) -> Result<bool, CatalogueError> {
        let Some(one) = self.unreached() else { return Ok(false) };
        let is_virtual = self.chooser.catalogue.is_virtual(&one.name);
        let provider = if is_virtual { self.provider(&one.name, &one.spec)? } else { None };
        let target = provider.unwrap_or(&one.name);
        let mut types = DepTypes::BUILD;
        if !self.now.nodes.contains_key(target) {
            types = types.union(DepTypes::LINK);
            self.now.attached.push(target);
        }
        let root = self.root.name.as_str();
        self.edge(root, target, types.union(one.types), is_virtual.then_some(one.name.as_str()));
        for name in &one.virtuals {
            self.edge(root, target, types, Some(name));
        }
        Ok(true)
    }
}

//! The narrowest match specs that select some jobs and no others, and where a mapping has to stand to take them.
//!
//! A match spec is put together of name, version, compiler, operating system and target: as few of them as tell the
//! wanted jobs from all others. The hash is the last resort, since it changes with everything below a spec.

use super::assign::{JobSet, MappingId, reading_order, tested};
use super::graph::{JobId, compiler};
use super::{Plan, Selections};
use crate::environment::attributes::{MatchBehavior, MatchSpec, ReadingOrder};
use crate::source::{Place, Source};
use crate::spec::Spec;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What tells specs of one package apart, in the order in which it is tried.
const CLAUSES: usize = 4;
/// Characters of a hash that are written where they suffice.
const SHORT_HASH: usize = 7;

/// Match specs that select jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowest {
    /// The match specs, in the order of the jobs.
    pub matches: Vec<String>,
    /// Jobs that are selected although they were not wanted: nothing tells them from some that were.
    pub others: Vec<JobId>,
    /// Wanted jobs for which no match spec can be written.
    pub left_out: Vec<JobId>,
}

/// How a mapping comes to take jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It is tried early enough: the match specs are added to it.
    Extend,
    /// Another mapping would keep some of them: a copy of it has to come to stand at this index of the list.
    CopyTo {
        /// The index the copy will have.
        index: usize,
        /// The mapping that it has to go before.
        before: MappingId,
    },
}

/// Returns the jobs among `wanted` that the mapping `target` does not take yet.
pub fn missing(plan: &Plan, wanted: &JobSet, target: MappingId) -> JobSet {
    let mut jobs = wanted.clone();
    for job in wanted.ones() {
        jobs.set(job, winner(plan, job, target.section) != Some(target));
    }
    jobs
}

/// Returns the mapping of a section that gives a job its attributes last.
fn winner(plan: &Plan, job: usize, section: usize) -> Option<MappingId> {
    applied(plan, job, section).last()
}

fn applied(plan: &Plan, job: usize, section: usize) -> impl Iterator<Item = MappingId> {
    let set = &plan.assignments.sets[plan.assignments.set_of(JobId::from_index(job)).index()];
    set.mappings.iter().copied().filter(move |id| id.section == section)
}

/// Finds where `target` has to stand to take `jobs`; nothing if it is no mapping.
pub fn placement(plan: &Plan, jobs: &JobSet, target: MappingId) -> Option<Placement> {
    let (_, list) = plan.rules.submappings().find(|(section, _)| *section == target.section)?;
    list.mappings.get(target.mapping)?;
    let rank: BTreeMap<usize, usize> =
        reading_order(list).into_iter().enumerate().map(|(rank, index)| (index, rank)).collect();
    let rank = |id: &MappingId| rank.get(&id.mapping).copied().unwrap_or(0);
    let mut rivals = jobs.ones().flat_map(|job| applied(plan, job, target.section)).filter(|id| *id != target);
    // Of several that match, the one tried first takes the job; where all are merged, the last one has the last word.
    let strongest = match list.behavior {
        MatchBehavior::First => rivals.by_ref().min_by_key(rank).filter(|rival| rank(rival) < rank(&target)),
        MatchBehavior::Merge => rivals.by_ref().max_by_key(rank).filter(|rival| rank(rival) > rank(&target)),
    };
    let Some(before) = strongest else { return Some(Placement::Extend) };
    let low = (list.behavior == MatchBehavior::First) == (list.order == ReadingOrder::TopDown);
    Some(Placement::CopyTo { index: if low { before.mapping } else { before.mapping + 1 }, before })
}

/// Finds the narrowest match specs that select `jobs`, all of which are in `allowed`, and nothing outside `allowed`.
pub fn narrowest(plan: &Plan, jobs: &JobSet, allowed: &JobSet) -> Narrowest {
    let mut search = Search { plan, allowed, selections: Selections::default(), covered: JobSet::new() };
    search.covered.grow(plan.graph.len());
    let mut result = Narrowest::default();
    let mut packages: FxHashMap<&str, Package> = FxHashMap::default();
    for id in plan.graph.ids() {
        let package = packages.entry(&search.tested(id).name).or_default();
        package.jobs.push(id);
    }
    for index in jobs.ones() {
        let id = JobId::from_index(index);
        if search.covered.contains(index) {
            continue;
        }
        let name = &*search.tested(id).name;
        let Some(package) = packages.get_mut(name) else { continue };
        if package.tables.is_empty() {
            package.count(&search);
        }
        match search.best(id, package) {
            Some((text, selected)) => {
                search.covered.union_with(&selected);
                result.matches.push(text);
            }
            None => result.left_out.push(id),
        }
    }
    result.others = search.covered.difference(allowed).map(JobId::from_index).collect();
    result
}

/// The jobs whose tested spec is of one package.
#[derive(Debug, Default)]
struct Package {
    jobs: Vec<JobId>,
    /// For every combination of clauses: how many jobs there are with the same values, and how many are not allowed.
    tables: Vec<FxHashMap<Vec<String>, usize>>,
}

impl Package {
    fn count(&mut self, search: &Search<'_>) {
        self.tables = vec![FxHashMap::default(); 1 << CLAUSES];
        for id in &self.jobs {
            let values = search.values(*id);
            let strange = usize::from(!search.allowed.contains(id.index()));
            for (mask, table) in self.tables.iter_mut().enumerate() {
                *table.entry(chosen(&values, mask)).or_default() += strange;
            }
        }
    }
}

/// Returns the clauses that a combination takes.
fn chosen(values: &[String; CLAUSES], mask: usize) -> Vec<String> {
    values.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, value)| value.clone()).collect()
}

struct Search<'a> {
    plan: &'a Plan,
    allowed: &'a JobSet,
    selections: Selections,
    covered: JobSet,
}

impl<'a> Search<'a> {
    fn tested(&self, id: JobId) -> &'a crate::spec::concrete::ConcreteSpec {
        let graph = &self.plan.graph;
        graph.phase(id).specs.spec(tested(graph, id, self.plan.options.match_on))
    }

    /// Returns the clauses that a job's tested spec satisfies; empty where nothing can be said.
    fn values(&self, id: JobId) -> [String; CLAUSES] {
        let graph = &self.plan.graph;
        let spec = self.tested(id);
        let compiler = compiler(&graph.phase(id).specs, tested(graph, id, self.plan.options.match_on));
        [
            format!("@={}", spec.version),
            compiler.map(|(name, version)| format!("%{name}@={version}")).unwrap_or_default(),
            format!("os={}", spec.arch.os),
            format!("target={}", spec.arch.target),
        ]
    }

    /// Returns the match spec for a job with the jobs that it selects.
    fn best(&mut self, id: JobId, package: &Package) -> Option<(String, JobSet)> {
        let spec = self.tested(id);
        let values = self.values(id);
        let mut masks: Vec<usize> = (0..1 << CLAUSES).collect();
        masks.sort_by_key(|mask| mask.count_ones());
        for mask in masks {
            let clauses = chosen(&values, mask);
            if clauses.iter().any(String::is_empty) || package.tables[mask].get(&clauses) != Some(&0) {
                continue;
            }
            // `@1.2` reads better than `@=1.2`, and older versions of Spack know it.
            let exact = text(&spec.name, &clauses);
            if let Some(found) = [exact.replace("@=", "@"), exact].into_iter().find_map(|text| self.exactly(id, text)) {
                return Some(found);
            }
        }
        if !spec.is_predicted() {
            let short: String = spec.hash.chars().take(SHORT_HASH).collect();
            let hashes = [short.as_str(), &spec.hash].map(|hash| format!("{}/{hash}", spec.name));
            if let Some(found) = hashes.into_iter().find_map(|text| self.exactly(id, text)) {
                return Some(found);
            }
        }
        // Nothing tells the job from some that stay: what says most takes the fewest of them along.
        let all: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        let hash = (!spec.is_predicted()).then(|| format!("{}/{}", spec.name, spec.hash));
        let texts = hash.into_iter().chain([text(&spec.name, &all), spec.name.to_string()]);
        texts.filter_map(|text| self.selected(id, text)).min_by_key(|(_, selected)| selected.count_ones(..))
    }

    /// Returns a match spec that selects a job, if it selects none that is not allowed.
    fn exactly(&mut self, id: JobId, text: String) -> Option<(String, JobSet)> {
        self.selected(id, text).filter(|(_, selected)| selected.is_subset(self.allowed))
    }

    fn selected(&mut self, id: JobId, text: String) -> Option<(String, JobSet)> {
        let spec = Spec::parse(&text).ok()?;
        let place = Place::new(&Source::new("match", text.as_str()), 0..0);
        let wanted = MatchSpec { text: text.clone(), spec, place };
        let selected = self.selections.select(&self.plan.graph, self.plan.options.match_on, &wanted);
        selected.contains(id.index()).then(|| (text, (*selected).clone()))
    }
}

/// Puts a match spec together: `zlib@=1.2.11%gcc@=8.3.0 os=centos7`.
fn text(name: &str, clauses: &[String]) -> String {
    let mut text = name.to_owned();
    for clause in clauses {
        if clause.contains('=') && !clause.starts_with('@') {
            text.push(' ');
        }
        text.push_str(clause);
    }
    text
}

//! Assigns jobs to runner mappings, with sets of jobs as bits: a mapping takes what its match specs select and no
//! earlier mapping has taken.
//!
//! Which jobs a match spec selects is computed once and remembered by its text, so that editing a mapping only
//! evaluates specs that were not there before.

use super::MatchOn;
use super::graph::{JobGraph, JobId};
use crate::environment::attributes::{
    DynamicMapping, MatchBehavior, MatchSpec, ReadingOrder, RunnerRules, Section, Submapping,
};
use crate::spec::Spec;
use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A set of jobs, one bit a job.
pub type JobSet = FixedBitSet;

/// The jobs that each match spec selects, remembered by its text.
#[derive(Clone, Debug, Default)]
pub struct Selections {
    known: FxHashMap<String, Arc<JobSet>>,
}

impl Selections {
    /// Returns the jobs whose tested spec satisfies `wanted`.
    pub fn select(&mut self, graph: &JobGraph, match_on: MatchOn, wanted: &MatchSpec) -> Arc<JobSet> {
        if let Some(set) = self.known.get(&wanted.text) {
            return Arc::clone(set);
        }
        let mut set = JobSet::with_capacity(graph.len());
        for phase in &graph.phases {
            let selected = phase.specs.select(&wanted.spec);
            // Most entries of shared rules name packages that are not here.
            if selected.is_clear() {
                continue;
            }
            for index in phase.jobs.clone() {
                set.set(index, selected.contains(tested_spec(graph, &graph.jobs[index], match_on).index()));
            }
        }
        let set = Arc::new(set);
        self.known.insert(wanted.text.clone(), Arc::clone(&set));
        set
    }

    /// Returns the jobs that a match spec selects, if that was asked before.
    pub fn known(&self, wanted: &MatchSpec) -> Option<&JobSet> {
        self.known.get(&wanted.text).map(Arc::as_ref)
    }

    /// Returns how many match specs were evaluated so far.
    pub fn evaluated(&self) -> usize {
        self.known.len()
    }
}

fn tested_spec(graph: &JobGraph, job: &super::Job, match_on: MatchOn) -> crate::spec::concrete::SpecId {
    match match_on {
        MatchOn::Job => job.spec,
        MatchOn::Root => graph.phases[job.phase].specs.roots[job.root].spec,
    }
}

/// Returns the spec that mappings are tested against for a job.
pub fn tested(graph: &JobGraph, id: JobId, match_on: MatchOn) -> crate::spec::concrete::SpecId {
    tested_spec(graph, graph.job(id), match_on)
}

/// Returns the jobs whose own spec satisfies a constraint.
pub fn select(graph: &JobGraph, constraint: &Spec) -> JobSet {
    let mut set = JobSet::with_capacity(graph.len());
    for phase in &graph.phases {
        let selected = phase.specs.select(constraint);
        for index in phase.jobs.clone() {
            set.set(index, selected.contains(graph.jobs[index].spec.index()));
        }
    }
    set
}

/// Index of an [`AttributeSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeSetId(pub u32);

impl AttributeSetId {
    /// The set of jobs that no mapping takes.
    pub const NONE: Self = Self(0);

    /// Returns the id as a table index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A mapping of the rules: its section, and its place in that section's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MappingId {
    /// Index into [`RunnerRules::sections`].
    pub section: usize,
    /// Index into [`Submapping::mappings`].
    pub mapping: usize,
}

/// The mappings that apply to some jobs, which therefore share their attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeSet {
    /// The mappings in the order in which they are applied.
    pub mappings: Vec<MappingId>,
    /// The answers of services ([`Answers::attributes`](crate::environment::dynamic::Answers::attributes)), by section.
    pub answers: Vec<MappingId>,
}

/// How many jobs a mapping concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingCount {
    /// Jobs that one of its match specs selects.
    pub matches: usize,
    /// Jobs that it takes (or, with `merge`, applies to).
    pub takes: usize,
    /// Jobs that each of its match specs selects.
    pub by_match: Vec<usize>,
}

/// The combination that a further mapping or answer makes of one.
type Combinations = FxHashMap<(AttributeSetId, MappingId), AttributeSetId>;

/// Which mappings apply to which job.
#[derive(Clone, Debug)]
pub struct Assignments {
    /// The distinct combinations of mappings; the first is the empty one.
    pub sets: Vec<AttributeSet>,
    /// The combination of each job.
    of: Vec<AttributeSetId>,
    /// Counts by section, then mapping; empty for sections that are no submapping.
    pub counts: Vec<Vec<MappingCount>>,
    /// Jobs that a required submapping leaves without a mapping.
    pub unassigned: JobSet,
}

impl Assignments {
    /// Assigns every job of `graph` by `rules`.
    pub fn new(graph: &JobGraph, rules: &RunnerRules, match_on: MatchOn, selections: &mut Selections) -> Self {
        let mut result = Self {
            sets: vec![AttributeSet::default()],
            of: vec![AttributeSetId::NONE; graph.len()],
            counts: vec![Vec::new(); rules.sections.len()],
            unassigned: JobSet::with_capacity(graph.len()),
        };
        let mut combinations = FxHashMap::default();
        for (section, submapping) in rules.submappings() {
            let mut left = JobSet::with_capacity(graph.len());
            left.insert_range(..);
            let mut counts = vec![MappingCount::default(); submapping.mappings.len()];
            for mapping in reading_order(submapping) {
                let mut matches = JobSet::with_capacity(graph.len());
                for wanted in &submapping.mappings[mapping].matches {
                    let selected = selections.select(graph, match_on, wanted);
                    counts[mapping].by_match.push(selected.count_ones(..));
                    matches.union_with(&selected);
                }
                counts[mapping].matches = matches.count_ones(..);
                let rest = left.clone();
                left.difference_with(&matches);
                if submapping.behavior == MatchBehavior::First {
                    matches.intersect_with(&rest);
                }
                counts[mapping].takes = matches.count_ones(..);
                result.apply(&matches, MappingId { section, mapping }, &mut combinations);
            }
            if submapping.required {
                result.unassigned.union_with(&left);
            }
            result.counts[section] = counts;
        }
        result.apply_answers(graph, rules);
        result
    }

    fn apply(&mut self, jobs: &JobSet, mapping: MappingId, combinations: &mut Combinations) {
        for job in jobs.ones() {
            self.extend(job, mapping, combinations, |set| set.mappings.push(mapping));
        }
    }

    /// Applies what services answered.
    fn apply_answers(&mut self, graph: &JobGraph, rules: &RunnerRules) {
        let mut combinations = Combinations::default();
        for (section, part) in rules.sections.iter().enumerate() {
            let Section::Dynamic(DynamicMapping { answers: Some(answers), .. }) = part else { continue };
            for id in graph.ids() {
                if let Some(mapping) = answers.of(&graph.spec(id).hash) {
                    let answer = MappingId { section, mapping };
                    self.extend(id.index(), answer, &mut combinations, |set| set.answers.push(answer));
                }
            }
        }
    }

    /// Gives a job the combination that it has with one thing more.
    fn extend(
        &mut self,
        job: usize,
        added: MappingId,
        combinations: &mut Combinations,
        add: impl FnOnce(&mut AttributeSet),
    ) {
        let before = self.of[job];
        let after = *combinations.entry((before, added)).or_insert_with(|| {
            let mut set = self.sets[before.index()].clone();
            add(&mut set);
            self.sets.push(set);
            AttributeSetId(u32::try_from(self.sets.len() - 1).unwrap_or(0))
        });
        self.of[job] = after;
    }

    /// Returns the combination of mappings that applies to a job.
    pub fn set_of(&self, id: JobId) -> AttributeSetId {
        self.of[id.index()]
    }

    /// Returns the mapping that gives a job its runner: the last one applied.
    pub fn mapping_of(&self, id: JobId) -> Option<MappingId> {
        self.sets[self.set_of(id).index()].mappings.last().copied()
    }

    /// Tells whether a job is left without a runner by a submapping that must give it one.
    pub fn is_unassigned(&self, id: JobId) -> bool {
        self.unassigned.contains(id.index())
    }
}

/// Returns the indices of a submapping's entries in the order in which they are tried.
pub(super) fn reading_order(submapping: &Submapping) -> Vec<usize> {
    let all = 0..submapping.mappings.len();
    match submapping.order {
        ReadingOrder::TopDown => all.collect(),
        ReadingOrder::BottomUp => all.rev().collect(),
    }
}

//! Why a job has its runner: every mapping tried, every match spec's verdict, the clause that failed.

use super::assign::{MappingId, reading_order};
use super::{Plan, assign};
use crate::environment::attributes::{MatchBehavior, MatchSpec, RunnerMapping};
use crate::plan::graph::JobId;
use crate::spec::Mismatch;

/// Why a job has the mappings it has.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// The mappings in the order in which they are tried, sections in order of application.
    pub steps: Vec<Step<'a>>,
}

/// One mapping put to a job.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Which mapping.
    pub id: MappingId,
    /// The mapping.
    pub mapping: &'a RunnerMapping,
    /// Its match specs, each with the clause of it that the job fails, if any.
    pub verdicts: Vec<(&'a MatchSpec, Result<(), Mismatch>)>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of putting a mapping to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No match spec fits.
    PassedOver,
    /// It takes the job, or with `merge` adds to it.
    Applies,
    /// It fits, but an earlier one has taken the job.
    WouldAlsoMatch,
}

pub(super) fn explain(plan: &Plan, id: JobId) -> Explanation<'_> {
    let graph = &plan.graph;
    let specs = &graph.phase(id).specs;
    let spec = assign::tested(graph, id, plan.options.match_on);
    let mut steps = Vec::new();
    for (section, submapping) in plan.rules.submappings() {
        let mut taken = false;
        for index in reading_order(submapping) {
            let mapping = &submapping.mappings[index];
            let verdicts: Vec<_> =
                mapping.matches.iter().map(|wanted| (wanted, specs.satisfies(spec, &wanted.spec))).collect();
            let fits = verdicts.iter().any(|(_, verdict)| verdict.is_ok());
            let outcome = match (fits, taken) {
                (false, _) => Outcome::PassedOver,
                (true, false) => Outcome::Applies,
                (true, true) => Outcome::WouldAlsoMatch,
            };
            taken |= fits && submapping.behavior == MatchBehavior::First;
            steps.push(Step { id: MappingId { section, mapping: index }, mapping, verdicts, outcome });
        }
    }
    Explanation { steps }
}

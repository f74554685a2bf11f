//! Why a job has its runner: every mapping tried, every match spec's verdict, the clause that failed.

use super::assign::{MappingId, reading_order};
use super::{Plan, assign};
use crate::environment::attributes::{
    JobKind, MatchBehavior, MatchSpec, Merging, RunnerMapping, RunnerRules, Section, letter,
};
use crate::plan::graph::JobId;
use crate::source::Place;
use crate::spec::Mismatch;
use crate::yaml::Node;
use std::sync::Arc;

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

/// What gave a job a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A section for a kind of job, by its index among the sections.
    Section(usize),
    /// A mapping.
    Mapping(MappingId),
}

impl Giver {
    /// Finds what gave the value that stands at a place.
    pub fn of(rules: &RunnerRules, place: &Place) -> Option<Self> {
        let holds = |node: &Option<Node>| node.as_ref().is_some_and(|node| contains(&node.place, place));
        rules.sections.iter().enumerate().find_map(|(index, section)| match section {
            Section::Jobs { attributes, .. } => {
                let own = attributes.as_ref().and_then(Node::as_mapping).into_iter().flatten();
                // What `gitlab-ci` says for all jobs stands among other things.
                let found = own.into_iter().any(|(_, entry)| entry.key == *place || contains(&entry.node.place, place));
                found.then_some(Self::Section(index))
            }
            Section::Submapping(list) => {
                let mapping = list.mappings.iter().position(|mapping| holds(&mapping.attributes))?;
                Some(Self::Mapping(MappingId { section: index, mapping }))
            }
            Section::Dynamic(_) => None,
        })
    }

    /// Names it as users do: by the key that begins a section, or by the letter of a mapping.
    pub fn name(self, rules: &RunnerRules) -> String {
        match self {
            Self::Mapping(id) => format!("mapping {}", letter(rules.number_of(id.section, id.mapping))),
            Self::Section(index) => match (rules.sections.get(index), rules.merging) {
                (Some(Section::Jobs { kind: JobKind::Build, .. }), Merging::Replace) => "gitlab-ci".to_owned(),
                (Some(Section::Jobs { kind, .. }), _) => format!("{}-job", kind.name()),
                _ => "a section".to_owned(),
            },
        }
    }
}

fn contains(outer: &Place, inner: &Place) -> bool {
    let (a, b) = (outer.span(), inner.span());
    Arc::ptr_eq(outer.source(), inner.source()) && a.start <= b.start && b.end <= a.end
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

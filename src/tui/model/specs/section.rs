//! A list of specs on the Specs screen: `specs` or a definition, with the job that builds each of its roots.

use super::grid::{Cell, Grid};
use crate::environment::{Environment, Origin, SpecList};
use crate::plan::{JobId, Plan};
use crate::tui::model::document::Document;
use rustc_hash::FxHashMap;

/// What became of a root spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A job builds it.
    Job(JobId),
    /// It gets no job, by its index among the pruned specs.
    Pruned(usize),
    /// It has no concrete spec.
    Unknown,
    /// No phase builds its list.
    Unasked,
}

/// What stands in a row or cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A root spec, as an index into the list's roots.
    Root(usize, Answer),
    /// An excluded combination, as an index into those of the matrix.
    Excluded(usize),
}

/// A list of specs.
#[derive(Clone, Debug)]
pub struct Section {
    /// The definition; none for `specs`.
    pub definition: Option<String>,
    /// The phase that builds it, as an index into the plan's phases.
    pub phase: Option<usize>,
    /// Its matrices; left out where no phase builds the list.
    pub grids: Vec<Grid>,
    /// What became of each root; empty where no phase builds the list.
    answers: Vec<Answer>,
}

/// How many roots there are of each kind, over all lists that are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All roots.
    pub roots: usize,
    /// Combinations that rules take out.
    pub excluded: usize,
    /// Roots whose job has no runner.
    pub unassigned: usize,
    /// Roots whose concrete spec is predicted.
    pub predicted: usize,
    /// Roots without a concrete spec.
    pub unknown: usize,
}

impl Section {
    /// Returns the lists that are shown: `specs`, those of bootstrap phases, then the other definitions.
    pub fn all(document: &Document, first: impl Fn(Option<&str>, usize) -> usize) -> Vec<Self> {
        let environment = &document.planned;
        let main = environment.bootstrap.len();
        let built = [(None, Some(main))].into_iter().chain(
            environment.bootstrap.iter().enumerate().map(|(phase, list)| (Some(list.name.as_str()), Some(phase))),
        );
        let is_phase = |name: &str| environment.bootstrap.iter().any(|list| list.name == name);
        let others = environment.definitions.keys().map(String::as_str).filter(|name| !is_phase(name));
        built
            .chain(others.map(|name| (Some(name), None)))
            .map(|(definition, phase)| Self::new(document, definition, phase, &first))
            .collect()
    }

    fn new(
        document: &Document,
        definition: Option<&str>,
        phase: Option<usize>,
        first: impl Fn(Option<&str>, usize) -> usize,
    ) -> Self {
        let mut section =
            Self { definition: definition.map(str::to_owned), phase, grids: Vec::new(), answers: Vec::new() };
        let graph = &document.plan.graph;
        if let Some(list) = section.list(&document.planned)
            && let Some(at) = phase
            && let Some(phase) = graph.phases.get(at)
        {
            let pruned = graph.pruned.iter().enumerate().filter(|(_, pruned)| pruned.phase == at);
            let pruned: FxHashMap<_, usize> = pruned.map(|(index, pruned)| (pruned.spec, index)).collect();
            let mut answers = vec![Answer::Unknown; list.roots.len()];
            for root in &phase.specs.roots {
                if let Some(answer) = answers.get_mut(root.root) {
                    let pruned = || pruned.get(&root.spec).copied().map_or(Answer::Unknown, Answer::Pruned);
                    *answer = graph.job_of(at, root.spec).map_or_else(pruned, Answer::Job);
                }
            }
            section.grids = Grid::of_list(list, |matrix| first(definition, matrix));
            section.answers = answers;
        }
        section
    }

    /// Returns the list's name.
    pub fn name(&self) -> &str {
        self.definition.as_deref().unwrap_or("specs")
    }

    /// Returns the list.
    pub fn list<'a>(&self, environment: &'a Environment) -> Option<&'a SpecList> {
        match &self.definition {
            None => Some(&environment.specs),
            Some(name) => environment.definitions.get(name),
        }
    }

    /// Returns what became of a root.
    pub fn answer(&self, root: usize) -> Answer {
        self.answers.get(root).copied().unwrap_or(Answer::Unasked)
    }

    /// Returns what stands in a cell of a matrix.
    pub fn content(&self, matrix: usize, row: usize, column: usize) -> Option<Content> {
        match self.grids.get(matrix)?.cell(row, column) {
            Cell::Root(root) => Some(Content::Root(root as usize, self.answer(root as usize))),
            Cell::Excluded(index) => Some(Content::Excluded(index as usize)),
            Cell::Nothing => None,
        }
    }

    /// Counts the roots of each kind.
    pub fn count(&self, list: &SpecList, plan: &Plan, tally: &mut Tally) {
        if self.phase.is_none() {
            return;
        }
        tally.roots += list.roots.len();
        tally.excluded += list.matrices.iter().map(|matrix| matrix.excluded.len()).sum::<usize>();
        for answer in &self.answers {
            match *answer {
                Answer::Job(id) => {
                    tally.unassigned += usize::from(plan.assignments.is_unassigned(id));
                    tally.predicted += usize::from(plan.graph.spec(id).is_predicted());
                }
                Answer::Unknown => tally.unknown += 1,
                Answer::Pruned(_) | Answer::Unasked => {}
            }
        }
    }

    /// Returns the matrices and plain specs in the order in which the list has them.
    pub fn parts(&self, list: &SpecList) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut shown = 0;
        let mut show = |parts: &mut Vec<Part>, end: usize| {
            parts.extend((shown..end).map(Part::Matrix));
            shown = shown.max(end);
        };
        for (index, root) in list.roots.iter().enumerate() {
            match &root.origin {
                Origin::Plain(_) => parts.push(Part::Plain(index)),
                Origin::Combination { matrix, .. } => show(&mut parts, matrix + 1),
            }
        }
        show(&mut parts, list.matrices.len());
        parts
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A spec outside any matrix, as an index into the list's roots.
    Plain(usize),
    /// A matrix.
    Matrix(usize),
}

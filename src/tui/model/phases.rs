//! The Phases screen: the bootstrap phases and the main one, and the jobs of the selected phase.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::{JobGraph, JobId, PhaseKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A phase of the environment as edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The bootstrap list's name, or `specs`.
    pub name: String,
    /// What it is for.
    pub kind: PhaseKind,
    /// The phase of the plan, as an index; none while it is being planned.
    pub planned: Option<usize>,
    /// How many jobs of the main phase are built with a compiler of this phase.
    pub leaning: usize,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Phases {
    /// The selected phase.
    pub cursor: Cursor,
    /// The selected job of the lower list.
    pub jobs: Cursor,
    /// The bootstrap phases in order, then the main one.
    pub rows: Vec<Row>,
    /// The jobs of the selected phase that the filter shows.
    pub members: Vec<JobId>,
    /// The jobs of the main phase that are built with the compiler of each bootstrap job.
    leaning: BTreeMap<JobId, Vec<JobId>>,
    /// What `leaning` was gathered from.
    graph: Option<Arc<JobGraph>>,
}

impl Phases {
    /// Lays the rows out anew, keeping the selection on the same phase where it is still there.
    pub fn refresh(&mut self, document: &Document, filter: Option<&Filter>) {
        let graph = &document.plan.graph;
        if self.graph.as_ref().is_none_or(|known| !Arc::ptr_eq(known, graph)) {
            self.leaning = leaning(graph);
            self.graph = Some(Arc::clone(graph));
        }
        let selected = self.rows.get(self.cursor.selected).map(|row| row.name.clone());
        self.rows = self.rows_of(document);
        let same = selected.and_then(|name| self.rows.iter().position(|row| row.name == name));
        self.cursor.selected = same.unwrap_or(self.cursor.selected).min(self.rows.len().saturating_sub(1));
        let shown = |id: &JobId| filter.is_none_or(|filter| filter.shows(*id));
        let planned = self.rows.get(self.cursor.selected).and_then(|row| graph.phases.get(row.planned?));
        let jobs = planned.map(|phase| phase.jobs.clone());
        self.members = jobs.into_iter().flatten().map(JobId::from_index).filter(shown).collect();
    }

    fn rows_of(&self, document: &Document) -> Vec<Row> {
        let phases = &document.plan.graph.phases;
        let row = |name: &str, kind: PhaseKind| {
            let is_same = |phase: &crate::plan::Phase| {
                phase.name == name && (phase.kind == PhaseKind::Main) == (kind == PhaseKind::Main)
            };
            let planned = phases.iter().position(is_same);
            let jobs = planned.map_or(0..0, |phase| phases[phase].jobs.clone());
            let compilers = self.leaning.range(JobId::from_index(jobs.start)..JobId::from_index(jobs.end));
            let mut leaning: Vec<JobId> = compilers.flat_map(|(_, jobs)| jobs.iter().copied()).collect();
            leaning.sort_unstable();
            leaning.dedup();
            Row { name: name.to_owned(), kind, planned, leaning: leaning.len() }
        };
        let bootstrap = document.environment.bootstrap.iter().map(|list| {
            let kind = if list.compiler_agnostic { PhaseKind::AgnosticBootstrap } else { PhaseKind::Bootstrap };
            row(&list.name, kind)
        });
        bootstrap.chain([row(crate::concretize::MAIN_PHASE, PhaseKind::Main)]).collect()
    }

    /// Returns the selected job of the lower list.
    pub fn selected_job(&self) -> Option<JobId> {
        self.members.get(self.jobs.selected).copied()
    }

    /// Returns the jobs of the main phase that are built with the compiler that a job builds, ascending.
    pub fn built_with(&self, compiler: JobId) -> &[JobId] {
        self.leaning.get(&compiler).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the definitions that no phase builds yet, in the order of the file.
    pub fn unused(document: &Document) -> Vec<String> {
        let environment = &document.environment;
        let is_phase = |name: &String| environment.bootstrap.iter().any(|list| list.name == *name);
        environment.definitions.keys().filter(|name| !is_phase(name)).cloned().collect()
    }
}

/// Turns the edges from jobs to the compilers they are built with round.
fn leaning(graph: &JobGraph) -> BTreeMap<JobId, Vec<JobId>> {
    let mut leaning: BTreeMap<JobId, Vec<JobId>> = BTreeMap::new();
    for id in graph.ids() {
        for compiler in graph.compilers(id) {
            leaning.entry(*compiler).or_default().push(id);
        }
    }
    leaning
}

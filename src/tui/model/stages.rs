//! The Stages screen: every job on a line of its own, grouped by phase and stage.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::prune::Pruned;
use crate::plan::{JobId, Plan};
use std::collections::BTreeSet;

/// A row of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A phase's heading.
    Phase(usize),
    /// A stage's heading, with the number of its jobs that the filter shows.
    Stage(usize, usize),
    /// A job.
    Job(JobId),
    /// The heading of a phase's specs that get no job, with how many the filter shows.
    PrunedHeading(usize, usize),
    /// A spec that gets no job, by its index among the pruned ones.
    Pruned(usize),
}

/// Whether specs that get no job are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrunedSpecs {
    /// They are not.
    #[default]
    Hidden,
    /// They are, below the stages of their phase.
    Shown,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// The selected row.
    pub cursor: Cursor,
    /// The stages whose jobs are hidden.
    pub folded: BTreeSet<usize>,
    /// Whether specs that get no job are listed.
    pub pruned: PrunedSpecs,
    /// The rows as laid out.
    pub rows: Vec<Row>,
}

impl Stages {
    /// Lays the rows out, keeping the selection on the same job where it is still shown.
    pub fn refresh(&mut self, document: &Document, filter: Option<&Filter>) {
        let selected = self.rows.get(self.cursor.selected).copied();
        self.rows = self.lay_out(&document.plan, filter);
        if let Some(row) = selected {
            self.select(&document.plan, row);
        } else {
            self.cursor.selected = self.rows.iter().position(|row| matches!(row, Row::Job(_))).unwrap_or(0);
        }
    }

    /// Lets the selection stay with its job after the jobs were numbered anew.
    pub fn follow(&mut self, now: impl Fn(JobId) -> Option<JobId>) {
        let Some(Row::Job(id)) = self.rows.get_mut(self.cursor.selected) else { return };
        match now(*id) {
            Some(new) => *id = new,
            // The rows are laid out anew once they are shown; until then nothing may speak of a job that is gone.
            None => self.rows.clear(),
        }
    }

    /// Selects a row, or where it is folded away, its stage's heading.
    fn select(&mut self, plan: &Plan, wanted: Row) {
        let same = |row: &Row| match (row, wanted) {
            (Row::Job(a), Row::Job(b)) => *a == b,
            (Row::Stage(a, _), Row::Stage(b, _))
            | (Row::Phase(a), Row::Phase(b))
            | (Row::PrunedHeading(a, _), Row::PrunedHeading(b, _))
            | (Row::Pruned(a), Row::Pruned(b)) => *a == b,
            _ => false,
        };
        let heading = |row: &Row| match (row, wanted) {
            (Row::Stage(stage, _), Row::Job(id)) => {
                plan.graph.jobs.get(id.index()).is_some_and(|job| job.stage == *stage)
            }
            _ => false,
        };
        let found = self.rows.iter().position(same).or_else(|| self.rows.iter().position(heading));
        if let Some(index) = found {
            self.cursor.selected = index;
        }
    }

    /// Selects a job, unfolding its stage.
    pub fn reveal(&mut self, document: &Document, filter: Option<&Filter>, id: JobId) {
        self.folded.remove(&document.plan.graph.job(id).stage);
        self.rows = self.lay_out(&document.plan, filter);
        self.select(&document.plan, Row::Job(id));
    }

    /// Returns the selected job.
    pub fn selected_job(&self) -> Option<JobId> {
        match self.rows.get(self.cursor.selected)? {
            Row::Job(id) => Some(*id),
            Row::Phase(_) | Row::Stage(..) | Row::PrunedHeading(..) | Row::Pruned(_) => None,
        }
    }

    /// Returns the selected spec that gets no job.
    pub fn selected_pruned<'a>(&self, plan: &'a Plan) -> Option<&'a Pruned> {
        match *self.rows.get(self.cursor.selected)? {
            Row::Pruned(index) => plan.graph.pruned.get(index),
            _ => None,
        }
    }

    /// Returns the stage of the selected row.
    pub fn selected_stage(&self, plan: &Plan) -> Option<usize> {
        match *self.rows.get(self.cursor.selected)? {
            Row::Job(id) => Some(plan.graph.job(id).stage),
            Row::Stage(stage, _) => Some(stage),
            Row::Phase(_) | Row::PrunedHeading(..) | Row::Pruned(_) => None,
        }
    }

    /// Lists specs that get no job, or hides them.
    pub fn toggle_pruned(&mut self) {
        self.pruned = match self.pruned {
            PrunedSpecs::Hidden => PrunedSpecs::Shown,
            PrunedSpecs::Shown => PrunedSpecs::Hidden,
        };
    }

    fn lay_out(&self, plan: &Plan, filter: Option<&Filter>) -> Vec<Row> {
        rows(plan, &self.folded, self.pruned, filter)
    }
}

/// Returns the text that a spec without a job is shown by.
pub fn pruned_name(plan: &Plan, pruned: &Pruned) -> String {
    let spec = plan.graph.phases[pruned.phase].specs.spec(pruned.spec);
    format!("{}@{} /{:.7}", spec.name, spec.version, spec.hash)
}

fn rows(plan: &Plan, folded: &BTreeSet<usize>, pruned: PrunedSpecs, filter: Option<&Filter>) -> Vec<Row> {
    let graph = &plan.graph;
    let mut rows = Vec::with_capacity(graph.len() + graph.stages.len());
    let shown = |index: &usize| filter.is_none_or(|filter| filter.shows(JobId::from_index(*index)));
    for (number, phase) in graph.phases.iter().enumerate() {
        let heading = rows.len();
        rows.push(Row::Phase(number));
        for stage in phase.stages.clone() {
            let jobs: Vec<usize> = graph.stages[stage].jobs.clone().filter(shown).collect();
            if jobs.is_empty() {
                continue;
            }
            rows.push(Row::Stage(stage, jobs.len()));
            if !folded.contains(&stage) {
                rows.extend(jobs.into_iter().map(|index| Row::Job(JobId::from_index(index))));
            }
        }
        if pruned == PrunedSpecs::Shown {
            let own = graph.pruned.iter().enumerate().filter(|(_, pruned)| pruned.phase == number);
            let shown = |pruned: &Pruned| filter.is_none_or(|filter| filter.shows_text(&pruned_name(plan, pruned)));
            let own: Vec<Row> = own.filter(|(_, pruned)| shown(pruned)).map(|(index, _)| Row::Pruned(index)).collect();
            if !own.is_empty() {
                rows.push(Row::PrunedHeading(number, own.len()));
                rows.extend(own);
            }
        }
        if filter.is_some() && rows.len() == heading + 1 {
            rows.pop();
        }
    }
    rows
}

//! The Phases screen: the bootstrap phases and the main one, and the jobs of the selected phase.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::JobId;

/// The state of the screen; row `i` is phase `i` of the plan, bootstrap phases first.
#[derive(Clone, Debug, Default)]
pub struct Phases {
    /// The selected phase.
    pub cursor: Cursor,
    /// The selected job of the lower list.
    pub jobs: Cursor,
    /// The jobs of the selected phase that the filter shows.
    pub members: Vec<JobId>,
}

impl Phases {
    /// Lays the rows out anew.
    pub fn refresh(&mut self, document: &Document, filter: Option<&Filter>) {
        let phases = &document.plan.graph.phases;
        self.cursor.selected = self.cursor.selected.min(phases.len().saturating_sub(1));
        let shown = |id: &JobId| filter.is_none_or(|filter| filter.shows(*id));
        let jobs = phases.get(self.cursor.selected).map(|phase| phase.jobs.clone());
        self.members = jobs.into_iter().flatten().map(JobId::from_index).filter(shown).collect();
    }

    /// Returns the selected job of the lower list.
    pub fn selected_job(&self) -> Option<JobId> {
        self.members.get(self.jobs.selected).copied()
    }
}

//! The Pipeline screen: the `.gitlab-ci.yml` as it would be written, or its difference from the file on disk.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::JobId;
use crate::tui::effect::Comparison;
use std::sync::Arc;

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct PipelineText {
    /// The selected row.
    pub cursor: Cursor,
}

impl PipelineText {
    /// Forgets what belonged to an older plan.
    pub fn refresh(&mut self, _document: &Document) {}

    /// Returns the number of rows.
    pub fn len(&self, _document: &Document) -> usize {
        0
    }

    /// Scrolls to the left or right.
    pub fn scroll_sideways(&mut self, _by: isize) {}

    /// Goes to the next job that the filter finds.
    pub fn find(&mut self, _document: &Document, _filter: Option<&Filter>, _by: isize) {}

    /// Takes how the pipeline differs from the file on disk.
    pub fn compare(&mut self, _comparison: Arc<Comparison>) {}

    /// Returns the job whose text is selected.
    pub fn selected_job(&self, _document: &Document) -> Option<JobId> {
        None
    }
}

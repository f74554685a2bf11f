//! The Findings screen: what is wrong, worst first.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::finding::Finding;
use crate::plan::JobId;

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The selected row.
    pub cursor: Cursor,
    /// The findings that the filter shows, as indices.
    pub rows: Vec<usize>,
}

impl Findings {
    /// Lays the rows out anew.
    pub fn refresh(&mut self, document: &Document, filter: Option<&Filter>) {
        let shown = |finding: &Finding| {
            filter.is_none_or(|filter| {
                let about = finding.jobs.iter().any(|job| filter.shows(JobId(*job)));
                about || filter.shows_text(&finding.message)
            })
        };
        let findings = document.findings().iter().enumerate();
        self.rows = findings.filter(|(_, finding)| shown(finding)).map(|(index, _)| index).collect();
    }

    /// Returns the selected finding.
    pub fn selected<'a>(&self, document: &'a Document) -> Option<&'a Finding> {
        document.findings().get(*self.rows.get(self.cursor.selected)?)
    }

    /// Returns the first job that the selected finding is about.
    pub fn selected_job(&self, document: &Document) -> Option<JobId> {
        self.selected(document)?.jobs.first().map(|job| JobId(*job))
    }
}

//! The Specs screen: the expanded matrices, and the specs outside them.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::plan::JobId;
use ratatui::layout::Rect;

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Specs {
    /// The selected row.
    pub cursor: Cursor,
    /// The rows as laid out.
    pub rows: Vec<()>,
}

impl Specs {
    /// Lays the rows out anew.
    pub fn refresh(&mut self, _document: &Document) {}

    /// Goes to another column.
    pub fn move_column(&mut self, _by: isize) {}

    /// Goes to the next cell that the filter finds.
    pub fn find(&mut self, _document: &Document, _filter: Option<&Filter>, _by: isize) {}

    /// Brings the selection into view.
    pub fn settle(&mut self, _content: Rect) {}

    /// Says where the selected spec comes from, a line each.
    pub fn origin(&self, _document: &Document) -> Vec<String> {
        Vec::new()
    }

    /// Returns the job of the selected cell.
    pub fn selected_job(&self, _document: &Document) -> Option<JobId> {
        None
    }
}

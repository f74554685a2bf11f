//! The Pipeline screen: the `.gitlab-ci.yml` as it would be written, or its difference from the file on disk.

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::pipeline::Part;
use crate::plan::JobId;
use crate::tui::effect::Comparison;
use std::sync::Arc;

/// Columns that one key scrolls sideways.
const COLUMNS: usize = 8;
/// Beyond this no line is looked at.
const MOST_COLUMNS: usize = 10_000;

/// What the screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The whole text.
    #[default]
    Text,
    /// The difference from the file on disk.
    Difference,
}

/// What is known of the difference from the file on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compared {
    /// Nothing yet.
    #[default]
    Pending,
    /// How they differ.
    Known(Arc<Comparison>),
    /// Why they could not be compared.
    Failed(String),
}

impl Compared {
    /// Returns the lines of the difference; none where there is none or it is not known.
    pub fn lines(&self) -> &[String] {
        match self {
            Self::Known(comparison) => match &**comparison {
                Comparison::Differs(lines) => lines,
                Comparison::Missing | Comparison::Same => &[],
            },
            Self::Pending | Self::Failed(_) => &[],
        }
    }
}

/// Returns the first column shown after a key scrolled to the left (`by` < 0) or right.
pub(super) fn sideways(column: usize, by: isize) -> usize {
    if by < 0 { column.saturating_sub(COLUMNS) } else { (column + COLUMNS).min(MOST_COLUMNS) }
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct PipelineText {
    /// The selected line.
    pub cursor: Cursor,
    /// The selected line of what is not shown.
    other: Cursor,
    /// What is shown.
    pub shown: Shown,
    /// The first column shown.
    pub column: usize,
    /// How the pipeline differs from the file on disk.
    pub compared: Compared,
}

impl PipelineText {
    /// Forgets what belonged to an older plan.
    pub fn refresh(&mut self, document: &Document) {
        if document.rendered.is_none() {
            self.compared = Compared::Pending;
        }
    }

    /// Returns the number of lines.
    pub fn len(&self, document: &Document) -> usize {
        match self.shown {
            Shown::Text => document.rendered.as_ref().map_or(0, |rendered| rendered.lines.len()),
            Shown::Difference => self.compared.lines().len(),
        }
    }

    /// Brings the selection into view; while the text is being laid out it stays where it was.
    pub fn settle(&mut self, document: &Document, height: usize) {
        let known = match self.shown {
            Shown::Text => document.rendered.is_some(),
            Shown::Difference => self.compared != Compared::Pending,
        };
        if known {
            self.cursor.settle(self.len(document), height);
        }
    }

    /// Shows the difference in place of the text, or the text again.
    pub fn toggle(&mut self) {
        self.shown = match self.shown {
            Shown::Text => Shown::Difference,
            Shown::Difference => Shown::Text,
        };
        std::mem::swap(&mut self.cursor, &mut self.other);
    }

    /// Scrolls to the left or right.
    pub fn scroll_sideways(&mut self, by: isize) {
        self.column = sideways(self.column, by);
    }

    /// Goes to the next or previous change of the difference, or in the text to the next or previous job.
    pub fn go_to_change(&mut self, document: &Document, by: isize) {
        match self.shown {
            Shown::Text => self.go_to_job(document, by, |_| true),
            Shown::Difference => {
                let begins = |line: &String| line.starts_with("@@");
                let (lines, at) = (self.compared.lines(), self.cursor.selected);
                let found = if by > 0 {
                    lines.iter().skip(at + 1).position(begins).map(|index| at + 1 + index)
                } else {
                    lines.iter().take(at).rposition(begins)
                };
                if let Some(line) = found {
                    self.go_to(line);
                }
            }
        }
    }

    /// Goes to the next job that the filter finds, or to the next line of the difference that holds its text.
    pub fn find(&mut self, document: &Document, filter: Option<&Filter>, by: isize) {
        let Some(filter) = filter else { return };
        match self.shown {
            Shown::Text => self.go_to_job(document, by, |id| filter.shows(id)),
            Shown::Difference => {
                let (lines, at) = (self.compared.lines(), self.cursor.selected);
                let count = lines.len();
                let order =
                    (1..=count).map(|step| if by > 0 { (at + step) % count } else { (at + count - step) % count });
                let found = order.into_iter().find(|index| filter.shows_text(&lines[*index]));
                if let Some(line) = found {
                    self.go_to(line);
                }
            }
        }
    }

    fn go_to_job(&mut self, document: &Document, by: isize, wanted: impl Fn(JobId) -> bool) {
        let Some(rendered) = &document.rendered else { return };
        let found = rendered.lines.find(self.cursor.selected, by, wanted);
        // A job's text begins with an empty line.
        if let Some(line) = found.and_then(|id| rendered.lines.start_of(id)) {
            self.go_to(line + 1);
        }
    }

    /// Selects a line and puts it at the top.
    fn go_to(&mut self, line: usize) {
        self.cursor = Cursor { selected: line, top: line };
    }

    /// Returns the job whose text is selected.
    pub fn selected_job(&self, document: &Document) -> Option<JobId> {
        let rendered = document.rendered.as_ref().filter(|_| self.shown == Shown::Text)?;
        match rendered.lines.part_at(self.cursor.selected) {
            Part::Job(id) => Some(id),
            Part::Head | Part::Tail => None,
        }
    }
}

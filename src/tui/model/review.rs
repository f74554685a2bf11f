//! The review: everything that would be written, before it is.

use super::cursor::Cursor;

/// The state of the review.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The first line shown.
    pub cursor: Cursor,
}

impl Review {
    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        0
    }
}

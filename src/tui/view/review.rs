//! Draws the review.

use super::super::model::Model;
use super::super::model::review::Review;
use super::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn list_height(inner: u16) -> u16 {
    inner
}

pub(super) fn draw(_model: &Model, _look: Look<'_>, _review: &Review, _area: Rect, _buffer: &mut Buffer) {}

//! Draws the Pipeline screen.

use super::super::layout::Regions;
use super::super::model::Model;
use super::Look;
use ratatui::buffer::Buffer;

pub(super) fn draw(_model: &Model, _look: Look<'_>, _regions: &Regions, _buffer: &mut Buffer) {}

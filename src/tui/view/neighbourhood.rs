//! Draws the jobs around one.

use super::super::model::Model;
use super::super::model::neighbourhood::Neighbourhood;
use super::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn title(model: &Model, graph: &Neighbourhood) -> String {
    model.document.plan.graph.job(graph.job).name.clone()
}

pub(super) fn list_height(inner: u16) -> u16 {
    inner
}

pub(super) fn draw(_model: &Model, _look: Look<'_>, _graph: &Neighbourhood, _area: Rect, _buffer: &mut Buffer) {}

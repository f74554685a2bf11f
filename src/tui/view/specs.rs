//! Draws the Specs screen: every matrix as a grid whose cells show the runner, and the specs outside them as rows.

mod grid;

use super::super::layout::Regions;
use super::super::model::specs::origin::axis_title;
use super::super::model::specs::section::{Answer, Content};
use super::super::model::specs::{Row, Specs};
use super::super::model::{Model, Pane};
use super::super::theme::{Role, Theme};
use super::text::clean;
use super::{Look, heading};
use crate::environment::{Matrix, SpecList};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use std::fmt::Write as _;

pub(super) fn draw(model: &Model, look: Look<'_>, regions: &Regions, buffer: &mut Buffer) {
    if regions.main.is_empty() {
        return;
    }
    let area = heading(model, look, Pane::Main, regions.main, &title(&model.specs, look), buffer);
    let specs = &model.specs;
    let height = usize::from(area.height);
    let kept = specs.kept_header(height).unwrap_or(0..0);
    let window = specs.cursor.window(specs.rows.len(), height).skip(kept.len());
    for (y, index) in (area.y..area.bottom()).zip(kept.chain(window)) {
        row(model, look, index, Rect { y, height: 1, ..area }, buffer);
    }
}

/// Returns the heading, which is the legend of the glyphs as well.
fn title(specs: &Specs, look: Look<'_>) -> String {
    let (tally, glyphs) = (specs.tally, &look.theme.glyphs);
    let mut title = format!("Specs: {} roots", tally.roots);
    for (glyph, count, word) in [
        (glyphs.excluded, tally.excluded, "excluded"),
        (glyphs.missing, tally.unassigned, "no runner"),
        (glyphs.unknown, tally.unknown, "not concretized"),
        (glyphs.predicted, tally.predicted, "predicted"),
    ] {
        if count > 0 {
            let _ = write!(title, "  {glyph} {count} {word}");
        }
    }
    title
}

fn row(model: &Model, look: Look<'_>, index: usize, area: Rect, buffer: &mut Buffer) {
    let specs = &model.specs;
    let Some(row) = specs.rows.get(index).copied() else { return };
    let Some(section) = specs.sections.get(row.section()) else { return };
    let Some(list) = section.list(&model.document.planned) else { return };
    let selected = index == specs.cursor.selected;
    let style = if selected { selection(model) } else { Style::new() };
    let marker = if selected { look.theme.glyphs.selected } else { " " };
    buffer.set_string(area.x, area.y, marker, Style::new());
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    match row {
        Row::Section(_) => {
            let what = match (&section.definition, section.phase) {
                (None, _) => "the release",
                (Some(_), Some(_)) => "bootstrap phase",
                (Some(_), None) => "definition, not built by itself",
            };
            let count = list.roots.len();
            let word = if count == 1 { "spec" } else { "specs" };
            let line = Line::from(vec![
                Span::styled(clean(section.name()).into_owned(), look.style(Role::Title)),
                Span::styled(format!("  {count} {word}, {what}"), look.style(Role::Dim)),
            ]);
            line.render(inner, buffer);
            buffer.set_style(inner, style);
        }
        Row::Matrix(_, matrix) => {
            if let Some(text) = list.matrices.get(matrix).map(|matrix| matrix_heading(model, row, matrix, inner)) {
                Line::styled(format!(" {}", clean(&text)), look.style(Role::Name)).render(inner, buffer);
            }
            buffer.set_style(inner, style);
        }
        Row::Columns(_, matrix, level) => grid::columns(model, look, (row, matrix, level), list, inner, buffer),
        Row::Values(_, matrix, value) => grid::values(model, look, (row, matrix, value), list, selected, inner, buffer),
        Row::Plain(_, root) => {
            plain(model, look, row, list, root).render(inner, buffer);
            buffer.set_style(inner, style);
        }
    }
}

/// Returns the style of what is selected.
fn selection(model: &Model) -> Style {
    Theme::selected(model.pane == Pane::Main && model.overlays.is_empty())
}

fn matrix_heading(model: &Model, row: Row, matrix: &Matrix, area: Rect) -> String {
    let line = matrix.place.line();
    let Some(grid) = model.specs.grid(row) else {
        let axes: Vec<String> = (0..matrix.axes.len()).map(|axis| axis_title(matrix, axis)).collect();
        return format!("matrix, line {line}: {}", axes.join(", "));
    };
    if grid.rows() == 0 {
        return format!("matrix, line {line}: no combinations, as an axis is empty");
    }
    let columns = grid.columns();
    let others: Vec<String> =
        (0..grid.axes()).filter(|axis| *axis != grid.first).map(|axis| axis_title(matrix, axis)).collect();
    let mut text = format!("matrix, line {line}: {}", axis_title(matrix, grid.first));
    if !others.is_empty() {
        let _ = write!(text, " by {}", others.join(", "));
    }
    let shown = grid.widths(usize::from(area.width)).shown;
    if shown < columns {
        let first = model.specs.column.top.min(columns - shown);
        let _ = write!(text, "; columns {}-{} of {columns}", first + 1, first + shown);
    }
    if !matrix.excluded.is_empty() {
        let _ = write!(text, "; {} of {} excluded", matrix.excluded.len(), grid.rows() * columns);
    }
    text
}

fn plain(model: &Model, look: Look<'_>, row: Row, list: &SpecList, root: usize) -> Line<'static> {
    let mut spans = model.specs.content(row, 0).map(|content| cell(model, look, content)).unwrap_or_default();
    let found = model.filter.as_ref().is_some_and(|filter| model.specs.is_found(&model.document, filter, row, 0));
    let style = if found { look.style(Role::Found) } else { Style::new() };
    let text = list.roots.get(root).map(|root| root.spec.to_string()).unwrap_or_default();
    spans.extend([Span::raw(" "), Span::styled(clean(&text).into_owned(), style)]);
    Line::from(spans)
}

/// Returns what a cell shows, four columns wide: mark, runner, predicted.
fn cell(model: &Model, look: Look<'_>, content: Content) -> Vec<Span<'static>> {
    let (plan, glyphs) = (&model.document.plan, &look.theme.glyphs);
    let one = |text: &str, role: Role| {
        vec![Span::raw(" "), Span::styled(format!("{text:>2}"), look.style(role)), Span::raw(" ")]
    };
    match content {
        Content::Excluded(_) => one(glyphs.excluded, Role::Dim),
        Content::Root(_, Answer::Unasked) => one(" ", Role::Dim),
        Content::Root(_, Answer::Pruned(_)) => one(glyphs.horizontal, Role::Dim),
        Content::Root(_, Answer::Unknown) => one(glyphs.unknown, Role::Error),
        Content::Root(_, Answer::Job(id)) => {
            let mark = if model.marks.contains(&id) { glyphs.marked } else { " " };
            let runner = super::stages::runner(plan, look, id);
            let predicted = if plan.graph.spec(id).is_predicted() { glyphs.predicted } else { " " };
            vec![
                Span::styled(mark, look.style(Role::Marked)),
                runner,
                Span::styled(predicted, look.style(Role::Predicted)),
            ]
        }
    }
}

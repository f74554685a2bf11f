//! Draws the rows of a grid: the lines that name its columns, and the cells of one value.

use super::super::super::model::Model;
use super::super::super::model::specs::Row;
use super::super::super::model::specs::grid::{Grid, Widths};
use super::super::super::theme::Role;
use super::super::Look;
use super::super::text::{clean, fitted, width};
use super::{cell, selection};
use crate::environment::SpecList;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Draws the line that names the columns on one level; a name that goes on is not repeated.
pub(super) fn columns(
    model: &Model,
    look: Look<'_>,
    (row, matrix, level): (Row, usize, usize),
    list: &SpecList,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(grid) = model.specs.grid(row) else { return };
    let Some(index) = grid.levels.get(level).copied() else { return };
    let Some(axis) = list.matrices.get(matrix).and_then(|matrix| matrix.axes.get(index)) else { return };
    let widths = grid.widths(usize::from(area.width));
    let shown = shown(model, grid, widths);
    let prefix = axis.values.first().map(|value| grid.split(index, &value.text).0).unwrap_or_default();
    let gutter = fitted(&clean(prefix), widths.gutter - 1, look.theme.glyphs.ellipsis);
    buffer.set_string(area.x, area.y, format!("{gutter:>0$}", widths.gutter - 1), look.style(Role::Dim));
    let named: BTreeSet<usize> = shown.clone().map(|column| grid.values(0, column)[index]).collect();
    let texts = named.iter().filter_map(|value| Some((*value, grid.split(index, &axis.values.get(*value)?.text).1)));
    let run = grid.run(index).min(shown.len()).max(1);
    let labels = labels(texts, run * widths.cell - 1, look.theme.glyphs.ellipsis);
    let selected = selected_column(model, row);
    let mut column = shown.start;
    while column < shown.end {
        let value = grid.values(0, column)[index];
        let end = (column + 1..shown.end).find(|next| grid.values(0, *next)[index] != value).unwrap_or(shown.end);
        let is_selected = selected.is_some_and(|selected| (column..end).contains(&selected));
        let style = if is_selected { look.style(Role::Title) } else { look.style(Role::Dim) };
        let label = labels.get(&value).map(String::as_str).unwrap_or_default();
        let label = fitted(label, (end - column) * widths.cell - 1, look.theme.glyphs.ellipsis);
        put(buffer, area, widths.gutter + (column - shown.start) * widths.cell, &label, style);
        column = end;
    }
}

/// Draws the cells of one value of the first axis.
pub(super) fn values(
    model: &Model,
    look: Look<'_>,
    (row, matrix, value): (Row, usize, usize),
    list: &SpecList,
    selected: bool,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(grid) = model.specs.grid(row) else { return };
    let Some(axis) = list.matrices.get(matrix).and_then(|matrix| matrix.axes.get(grid.first)) else { return };
    let widths = grid.widths(usize::from(area.width));
    let text = axis.values.get(value).map(|value| clean(&value.text)).unwrap_or_default();
    let style = if selected { look.style(Role::Title) } else { Style::new() };
    put(buffer, area, 0, &fitted(&text, widths.gutter - 1, look.theme.glyphs.ellipsis), style);
    for (x, column) in (0..).step_by(widths.cell).zip(shown(model, grid, widths)) {
        let Some(content) = model.specs.content(row, column) else { continue };
        let is_found =
            model.filter.as_ref().is_some_and(|filter| model.specs.is_found(&model.document, filter, row, column));
        let mut extra = if is_found { look.style(Role::Found) } else { Style::new() };
        if selected && column == model.specs.column.selected {
            extra = extra.patch(selection(model));
        }
        let mut at = widths.gutter + x;
        for span in cell(model, look, content) {
            put(buffer, area, at, &span.content, span.style.patch(extra));
            at += width(&span.content);
        }
    }
}

/// Returns the columns on screen.
fn shown(model: &Model, grid: &Grid, widths: Widths) -> Range<usize> {
    let columns = grid.columns();
    let first = model.specs.column.top.min(columns.saturating_sub(widths.shown));
    first..columns.min(first + widths.shown)
}

/// Returns the selected column, if the selected row belongs to the same grid.
fn selected_column(model: &Model, row: Row) -> Option<usize> {
    match (model.specs.selected_row()?, row) {
        (Row::Values(section, matrix, _), Row::Columns(own, of, _)) if (section, matrix) == (own, of) => {
            Some(model.specs.column.selected)
        }
        _ => None,
    }
}

/// Abbreviates values of an axis; where their beginnings would look alike, their ends are kept.
fn labels<'a>(
    texts: impl Iterator<Item = (usize, &'a str)>,
    columns: usize,
    ellipsis: &str,
) -> BTreeMap<usize, String> {
    let texts: Vec<_> = texts.map(|(value, text)| (value, clean(text))).collect();
    let short: BTreeMap<usize, String> =
        texts.iter().map(|(value, text)| (*value, fitted(text, columns, ellipsis))).collect();
    let distinct: BTreeSet<&String> = short.values().collect();
    if distinct.len() == short.len() {
        return short;
    }
    let end = |text: &str| {
        if width(text) <= columns {
            return text.to_owned();
        }
        let count = text.chars().count().saturating_sub(columns.saturating_sub(width(ellipsis)));
        fitted(&ellipsis.chars().chain(text.chars().skip(count)).collect::<String>(), columns, "")
    };
    texts.iter().map(|(value, text)| (*value, end(text))).collect()
}

/// Writes a text at a column of an area, as far as it fits.
fn put(buffer: &mut Buffer, area: Rect, column: usize, text: &str, style: Style) {
    let room = usize::from(area.width).saturating_sub(column);
    if room > 0 {
        let x = area.x + u16::try_from(column).unwrap_or(u16::MAX);
        buffer.set_stringn(x, area.y, text, room, style);
    }
}

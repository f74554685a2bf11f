//! Where what is selected on the Specs screen is written, and what stands in the way of building it.

use super::grid::Grid;
use super::section::{Answer, Content, Section};
use super::{Row, Specs};
use crate::emit::no_job;
use crate::environment::{Axis, Matrix, Origin, SpecList};
use crate::source::Place;
use crate::tui::model::document::Document;

/// At most so many values, rules or findings are listed.
const MOST_LINES: usize = 30;

impl Specs {
    /// Says where the selected spec comes from, a line each.
    pub fn origin(&self, document: &Document) -> Vec<String> {
        let Some(row) = self.selected_row() else { return Vec::new() };
        let Some(section) = self.sections.get(row.section()) else { return Vec::new() };
        let Some(list) = section.list(&document.planned) else { return Vec::new() };
        let mut lines = match row {
            Row::Section(_) => of_section(section, list),
            Row::Matrix(_, index) | Row::Columns(_, index, _) => {
                list.matrices.get(index).map(|matrix| of_matrix(matrix, section.grids.get(index))).unwrap_or_default()
            }
            Row::Values(_, index, value) => match (list.matrices.get(index), section.grids.get(index)) {
                (Some(matrix), Some(grid)) => of_combination(matrix, &grid.values(value, self.column.selected)),
                _ => Vec::new(),
            },
            Row::Plain(_, root) => match list.roots.get(root).map(|root| (&root.spec, &root.origin)) {
                Some((spec, Origin::Plain(place))) => vec![format!("`{spec}` in {}", at(place))],
                _ => Vec::new(),
            },
        };
        match self.content(row, self.column.selected) {
            Some(Content::Excluded(index)) => lines.extend(exclusion(list, row, index)),
            Some(Content::Root(root, answer)) => lines.extend(answered(document, list, root, answer)),
            None => {}
        }
        if !document.is_planned() {
            lines.push("the last edit is still being planned".to_owned());
        }
        lines
    }

    /// Returns where the selected spec or matrix is written.
    pub fn place<'a>(&self, document: &'a Document) -> Option<&'a Place> {
        let row = self.selected_row()?;
        let list = self.sections.get(row.section())?.list(&document.planned)?;
        match row {
            Row::Section(_) => list.roots.first().and_then(|root| list.place_of(root)),
            Row::Matrix(_, index) | Row::Columns(_, index, _) | Row::Values(_, index, _) => {
                list.matrices.get(index).map(|matrix| &matrix.place)
            }
            Row::Plain(_, root) => list.roots.get(root).and_then(|root| list.place_of(root)),
        }
    }
}

fn at(place: &Place) -> String {
    format!("{}, line {}", place.source().name(), place.line())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn of_section(section: &Section, list: &SpecList) -> Vec<String> {
    let what = match (&section.definition, section.phase) {
        (None, _) => "the root specs of the release".to_owned(),
        (Some(name), Some(_)) => format!("the definition `{name}`, built in a bootstrap phase"),
        (Some(name), None) => format!("the definition `{name}`; no phase builds it by itself"),
    };
    let excluded: usize = list.matrices.iter().map(|matrix| matrix.excluded.len()).sum();
    vec![
        what,
        format!(
            "{} from {}",
            counted(list.roots.len(), "spec", "specs"),
            counted(list.matrices.len(), "matrix", "matrices")
        ),
        format!("{} excluded", counted(excluded, "combination", "combinations")),
    ]
}

fn of_matrix(matrix: &Matrix, grid: Option<&Grid>) -> Vec<String> {
    let mut lines = vec![format!("matrix in {}", at(&matrix.place))];
    for (number, axis) in matrix.axes.iter().enumerate() {
        let name = axis_name(axis).map(|name| format!(" {name}")).unwrap_or_default();
        let count = counted(axis.values.len(), "value", "values");
        lines.push(format!("axis {}{name}: {count} (line {})", number + 1, axis.place.line()));
        lines.extend(axis.values.iter().take(MOST_LINES).map(|value| format!("  {}", value.text)));
        if axis.values.len() > MOST_LINES {
            lines.push(format!("  and {} more", axis.values.len() - MOST_LINES));
        }
    }
    for (index, rule) in matrix.excludes.iter().enumerate().take(MOST_LINES) {
        let count = grid.and_then(|grid| grid.excluded.get(index));
        let count = count.map(|count| format!(": {}", counted(*count, "combination", "combinations")));
        lines.push(format!("excludes `{}`{} (line {})", rule.text, count.unwrap_or_default(), rule.place.line()));
    }
    lines
}

fn of_combination(matrix: &Matrix, values: &[usize]) -> Vec<String> {
    let mut lines = vec![format!("combination of the matrix in {}", at(&matrix.place))];
    for (axis, value) in matrix.axes.iter().zip(values) {
        if let Some(value) = axis.values.get(*value) {
            lines.push(format!("  {} (line {})", value.text, value.place.line()));
        }
    }
    lines
}

/// Says by which rule a combination is excluded, and what it would have been.
fn exclusion(list: &SpecList, row: Row, index: usize) -> Vec<String> {
    let Row::Values(_, matrix, _) = row else { return Vec::new() };
    let Some(matrix) = list.matrices.get(matrix) else { return Vec::new() };
    let Some(excluded) = matrix.excluded.get(index) else { return Vec::new() };
    let rule = matrix.excludes.get(excluded.rule);
    let rule = rule.map(|rule| format!("excluded by `{}` (line {})", rule.text, rule.place.line()));
    rule.into_iter().chain([format!("`{}` is not built", excluded.spec)]).collect()
}

/// Says why no job builds a root, if none does.
fn answered(document: &Document, list: &SpecList, root: usize, answer: Answer) -> Vec<String> {
    match answer {
        Answer::Job(_) => Vec::new(),
        Answer::Pruned(index) => {
            let pruned = document.plan.graph.pruned.get(index);
            pruned.map(|pruned| vec![format!("it gets no job: {}", no_job(&pruned.reason))]).unwrap_or_default()
        }
        Answer::Unasked => vec!["a part of a definition: no phase builds it by itself".to_owned()],
        Answer::Unknown => {
            let Some(root) = list.roots.get(root) else { return Vec::new() };
            let beginning = format!("`{}` ", root.spec);
            let about =
                document.concretization.findings.iter().filter(|finding| finding.message.starts_with(&beginning));
            let reasons = about.take(MOST_LINES).flat_map(|finding| {
                let hint = finding.hint.as_ref().map(|hint| format!("hint: {hint}"));
                std::iter::once(finding.message.clone()).chain(hint)
            });
            std::iter::once("not concretized: it has no job".to_owned()).chain(reasons).collect()
        }
    }
}

/// Returns the reference that an axis is written as, if it is nothing else, e.g. `$compilers`.
pub(super) fn axis_name(axis: &Axis) -> Option<&str> {
    let written = axis.place.source().text().get(axis.place.span())?.trim();
    let inner =
        written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).or_else(|| written.strip_prefix("- "));
    let name = inner?.trim().trim_matches(['\'', '"']);
    let is_one = name.starts_with('$') && !name.contains([' ', ',', '\n', '[']);
    is_one.then_some(name)
}

/// Returns what an axis is called: the reference it is written as, else its number.
pub fn axis_title(matrix: &Matrix, axis: usize) -> String {
    let name = matrix.axes.get(axis).and_then(axis_name);
    name.map_or_else(|| format!("axis {}", axis + 1), str::to_owned)
}

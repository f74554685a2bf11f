//! The Specs screen: the expanded matrices, and the specs outside them.

pub mod grid;
pub mod origin;
pub mod section;

use super::cursor::Cursor;
use super::document::Document;
use super::filter::Filter;
use crate::environment::Environment;
use crate::plan::{JobId, Plan};
use grid::Grid;
use ratatui::layout::Rect;
use section::{Answer, Content, Part, Section, Tally};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row of the screen; sections and matrices are named by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of a list.
    Section(usize),
    /// The heading of a matrix.
    Matrix(usize, usize),
    /// A line that names columns, for one of the grid's levels; never selected.
    Columns(usize, usize, usize),
    /// The cells of one value of a matrix's first axis.
    Values(usize, usize, usize),
    /// A spec outside any matrix, as an index into the list's roots.
    Plain(usize, usize),
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Specs {
    /// The selected row.
    pub cursor: Cursor,
    /// The selected column of a grid.
    pub column: Cursor,
    /// The rows as laid out.
    pub rows: Vec<Row>,
    /// The lists.
    pub sections: Vec<Section>,
    /// How many roots there are of each kind.
    pub tally: Tally,
    /// Which axis of a matrix gives the rows, by list and matrix, where it is not the first.
    first: BTreeMap<(Option<String>, usize), usize>,
    /// What the rows were laid out for.
    source: Option<(Arc<Environment>, Arc<Plan>)>,
    /// The row that was selected before, to know which way the selection moves.
    before: usize,
}

impl Specs {
    /// Lays the rows out anew, unless they are for this plan already.
    pub fn refresh(&mut self, document: &Document) {
        let is_known = |(environment, plan): &(Arc<Environment>, Arc<Plan>)| {
            Arc::ptr_eq(environment, &document.planned) && Arc::ptr_eq(plan, &document.plan)
        };
        if self.source.as_ref().is_some_and(is_known) {
            return;
        }
        let selected = self.source.as_ref().and_then(|(environment, _)| self.name_of_selected(environment));
        let first = |definition: Option<&str>, matrix| {
            self.first.get(&(definition.map(str::to_owned), matrix)).copied().unwrap_or(0)
        };
        self.sections = Section::all(document, first);
        self.source = Some((Arc::clone(&document.planned), Arc::clone(&document.plan)));
        self.tally = Tally::default();
        for section in &self.sections {
            if let Some(list) = section.list(&document.planned) {
                section.count(list, &document.plan, &mut self.tally);
            }
        }
        self.lay_out(&document.planned);
        match selected {
            Some(name) => self.select(&document.planned, &name),
            None => self.cursor.selected = self.rows.iter().position(Row::has_cells).unwrap_or(0),
        }
    }

    fn lay_out(&mut self, environment: &Environment) {
        self.rows.clear();
        for (index, section) in self.sections.iter().enumerate() {
            self.rows.push(Row::Section(index));
            let Some(list) = section.list(environment) else { continue };
            for part in section.parts(list) {
                match part {
                    Part::Plain(root) => self.rows.push(Row::Plain(index, root)),
                    Part::Matrix(matrix) => {
                        self.rows.push(Row::Matrix(index, matrix));
                        let Some(grid) = section.grids.get(matrix).filter(|grid| grid.rows() > 0) else { continue };
                        self.rows.extend((0..grid.levels.len()).map(|level| Row::Columns(index, matrix, level)));
                        self.rows.extend((0..grid.rows()).map(|value| Row::Values(index, matrix, value)));
                    }
                }
            }
        }
    }

    /// Returns a name by which the selected row is known again in another environment.
    fn name_of_selected(&self, environment: &Environment) -> Option<(String, String)> {
        let row = self.selected_row()?;
        Some((self.sections[row.section()].name().to_owned(), self.name_of(environment, row)))
    }

    fn name_of(&self, environment: &Environment, row: Row) -> String {
        let list = self.sections.get(row.section()).and_then(|section| section.list(environment));
        match (row, list) {
            (Row::Plain(_, root), Some(list)) => list.roots[root].spec.to_string(),
            (Row::Values(section, matrix, value), Some(list)) => {
                let axis = self.sections[section]
                    .grids
                    .get(matrix)
                    .and_then(|grid| list.matrices[matrix].axes.get(grid.first));
                let text = axis.and_then(|axis| axis.values.get(value)).map(|value| value.text.as_str());
                format!("matrix {matrix} {}", text.unwrap_or_default())
            }
            (Row::Matrix(_, matrix) | Row::Columns(_, matrix, _), _) => format!("matrix {matrix}"),
            _ => String::new(),
        }
    }

    /// Selects the row of a name, or stays as near as can be.
    fn select(&mut self, environment: &Environment, (section, name): &(String, String)) {
        let is_same =
            |row: &Row| self.sections[row.section()].name() == section && self.name_of(environment, *row) == *name;
        let stays = self.selected_row().filter(is_same).map(|_| self.cursor.selected);
        if let Some(index) = stays.or_else(|| self.rows.iter().position(is_same)) {
            self.cursor.selected = index;
        }
        self.cursor.selected = self.cursor.selected.min(self.rows.len().saturating_sub(1));
        self.before = self.cursor.selected;
    }

    /// Returns the selected row.
    pub fn selected_row(&self) -> Option<Row> {
        self.rows.get(self.cursor.selected).copied()
    }

    /// Returns the grid that a row belongs to.
    pub fn grid(&self, row: Row) -> Option<&Grid> {
        match row {
            Row::Matrix(section, matrix) | Row::Columns(section, matrix, _) | Row::Values(section, matrix, _) => {
                self.sections.get(section)?.grids.get(matrix)
            }
            Row::Section(_) | Row::Plain(..) => None,
        }
    }

    /// Returns what stands in a row, in a column if the row has several.
    pub fn content(&self, row: Row, column: usize) -> Option<Content> {
        match row {
            Row::Plain(section, root) => Some(Content::Root(root, self.sections.get(section)?.answer(root))),
            Row::Values(section, matrix, value) => self.sections.get(section)?.content(matrix, value, column),
            Row::Section(_) | Row::Matrix(..) | Row::Columns(..) => None,
        }
    }

    /// Returns the job of the selected cell.
    pub fn selected_job(&self, _document: &Document) -> Option<JobId> {
        match self.content(self.selected_row()?, self.column.selected)? {
            Content::Root(_, Answer::Job(id)) => Some(id),
            Content::Root(..) | Content::Excluded(_) => None,
        }
    }

    /// Goes to another column.
    pub fn move_column(&mut self, by: isize) {
        self.column.selected = self.column.selected.saturating_add_signed(by);
    }

    /// Takes the next axis of the selected matrix for the rows.
    pub fn swap_axes(&mut self, document: &Document) {
        let Some(Row::Matrix(at, index) | Row::Values(at, index, _)) = self.selected_row() else { return };
        let Some(section) = self.sections.get_mut(at) else { return };
        let matrix = section.list(&document.planned).and_then(|list| list.matrices.get(index));
        let (Some(grid), Some(matrix)) = (section.grids.get_mut(index), matrix) else { return };
        let cell = self.rows.get(self.cursor.selected).and_then(|row| match row {
            Row::Values(_, _, value) => Some(grid.values(*value, self.column.selected)),
            _ => None,
        });
        grid.choose(matrix, (grid.first + 1) % grid.axes().max(1));
        self.first.insert((section.definition.clone(), index), grid.first);
        let place = cell.and_then(|values| grid.place(&values));
        self.lay_out(&document.planned);
        // The selection stays on the same combination.
        if let Some((value, column)) = place {
            let row = Row::Values(at, index, value);
            self.cursor.selected = self.rows.iter().position(|other| *other == row).unwrap_or(0);
            self.column.selected = column;
        }
        self.before = self.cursor.selected;
    }

    /// Goes to the next cell that the filter finds, going round at the end.
    pub fn find(&mut self, document: &Document, filter: Option<&Filter>, by: isize) {
        let Some(filter) = filter else { return };
        let columns = |row: usize| match self.rows.get(row) {
            Some(row @ Row::Values(..)) => self.grid(*row).map_or(1, Grid::columns).max(1),
            _ => 1,
        };
        let last = self.rows.len().saturating_sub(1);
        let (mut row, mut column) = (self.cursor.selected, self.column.selected.min(columns(self.cursor.selected) - 1));
        let total: usize = (0..self.rows.len()).map(columns).sum();
        for _ in 0..total {
            (row, column) = match (by > 0, column) {
                (true, column) if column + 1 < columns(row) => (row, column + 1),
                (true, _) => (if row == last { 0 } else { row + 1 }, 0),
                (false, 0) => {
                    let row = row.checked_sub(1).unwrap_or(last);
                    (row, columns(row) - 1)
                }
                (false, column) => (row, column - 1),
            };
            if self.is_found(document, filter, self.rows[row], column) {
                self.cursor.selected = row;
                self.before = row;
                if matches!(self.rows[row], Row::Values(..)) {
                    self.column.selected = column;
                }
                return;
            }
        }
    }

    /// Tells whether the filter finds what stands in a row and column.
    pub fn is_found(&self, document: &Document, filter: &Filter, row: Row, column: usize) -> bool {
        match self.content(row, column) {
            Some(Content::Root(_, Answer::Job(id))) => filter.shows(id),
            Some(Content::Root(root, Answer::Unknown | Answer::Unasked | Answer::Pruned(_))) => {
                let list = self.sections[row.section()].list(&document.planned);
                list.and_then(|list| list.roots.get(root)).is_some_and(|root| filter.shows_text(&root.spec.to_string()))
            }
            Some(Content::Excluded(_)) | None => false,
        }
    }

    /// Returns the first row of the lines that name the columns of the selected grid, and how many they are.
    fn header(&self) -> Option<(usize, usize)> {
        let row @ Row::Values(_, _, value) = self.selected_row()? else { return None };
        let levels = self.grid(row)?.levels.len();
        Some((self.cursor.selected.checked_sub(value + levels)?, levels))
    }

    /// Returns the rows of the selected grid that name its columns, if they are to stay on screen at the top.
    pub fn kept_header(&self, height: usize) -> Option<std::ops::Range<usize>> {
        let (start, lines) = self.header()?;
        (start < self.cursor.top && lines + 1 < height).then_some(start..start + lines)
    }

    /// Brings the selection into view.
    pub fn settle(&mut self, content: Rect) {
        let height = usize::from(content.height);
        self.cursor.selected = self.cursor.selected.min(self.rows.len().saturating_sub(1));
        let down = self.cursor.selected >= self.before;
        while matches!(self.selected_row(), Some(Row::Columns(..))) {
            // Lines that name columns lie between the heading of a matrix and its first value.
            self.cursor.selected = if down { self.cursor.selected + 1 } else { self.cursor.selected - 1 };
        }
        self.before = self.cursor.selected;
        self.cursor.settle(self.rows.len(), height);
        if let Some(header) = self.kept_header(height) {
            self.cursor.top = self.cursor.top.min(self.cursor.selected - header.len());
        }
        if let Some(row @ Row::Values(..)) = self.selected_row()
            && let Some(grid) = self.grid(row)
        {
            let (columns, shown) = (grid.columns(), grid.widths(usize::from(content.width.saturating_sub(1))).shown);
            self.column.settle(columns, shown);
        }
    }
}

impl Row {
    /// Returns the list that the row belongs to.
    pub fn section(self) -> usize {
        match self {
            Self::Section(section)
            | Self::Matrix(section, _)
            | Self::Columns(section, ..)
            | Self::Values(section, ..)
            | Self::Plain(section, _) => section,
        }
    }

    fn has_cells(&self) -> bool {
        matches!(self, Self::Values(..) | Self::Plain(..))
    }
}

//! A matrix as a grid: the values of one axis are its rows, the combinations of the other axes its columns.

use crate::environment::{Axis, Matrix, Origin, SpecList};

/// At most so many header lines name the columns of a grid.
const MOST_LEVELS: usize = 3;
/// Columns of the screen that a cell takes at least: mark, letters, predicted, and a blank.
pub const NARROWEST: usize = 5;
/// Columns of the screen that a cell takes at most.
const WIDEST: usize = 15;
/// Columns of the screen that a cell takes where not all fit.
const CROWDED: usize = 10;

/// What a combination has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A root spec, as an index into the list's roots.
    Root(u32),
    /// Taken out, as an index into the matrix's excluded combinations.
    Excluded(u32),
    /// Neither, which no matrix has.
    Nothing,
}

/// A matrix with one of its axes chosen for the rows.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The axis whose values are the rows.
    pub first: usize,
    /// The axes that the header lines name, in order: those of the others that have several values.
    pub levels: Vec<usize>,
    /// How many combinations each `exclude` rule takes out.
    pub excluded: Vec<usize>,
    sizes: Vec<usize>,
    cells: Vec<Cell>,
    /// The beginning that all values of an axis share, in bytes.
    prefixes: Vec<usize>,
    /// The most characters of a row's label, and of a column's.
    longest: (usize, usize),
}

/// How a grid is laid out on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Columns of the screen for the labels of the rows.
    pub gutter: usize,
    /// Columns of the screen for a cell.
    pub cell: usize,
    /// How many cells fit side by side.
    pub shown: usize,
}

impl Grid {
    /// Lays out the matrix at `index` of a list, without its cells.
    pub fn new(matrix: &Matrix, first: usize) -> Self {
        let sizes: Vec<usize> = matrix.axes.iter().map(|axis| axis.values.len()).collect();
        let count = sizes.iter().fold(1, |product: usize, size| product.saturating_mul(*size));
        let mut grid = Self {
            first: 0,
            levels: Vec::new(),
            excluded: vec![0; matrix.excludes.len()],
            cells: vec![Cell::Nothing; count],
            prefixes: matrix.axes.iter().map(shared).collect(),
            sizes,
            longest: (0, 0),
        };
        for (index, excluded) in (0u32..).zip(&matrix.excluded) {
            grid.set(&excluded.values, Cell::Excluded(index));
            if let Some(count) = grid.excluded.get_mut(excluded.rule) {
                *count += 1;
            }
        }
        grid.choose(matrix, first);
        grid
    }

    /// Lays out all matrices of a list; `first` says which axis of each is to be the rows.
    pub fn of_list(list: &SpecList, first: impl Fn(usize) -> usize) -> Vec<Self> {
        let matrices = list.matrices.iter().enumerate();
        let mut grids: Vec<Self> = matrices.map(|(index, matrix)| Self::new(matrix, first(index))).collect();
        for (index, root) in (0u32..).zip(&list.roots) {
            if let Origin::Combination { matrix, values } = &root.origin
                && let Some(grid) = grids.get_mut(*matrix)
            {
                grid.set(values, Cell::Root(index));
            }
        }
        grids
    }

    /// Takes another axis for the rows.
    pub fn choose(&mut self, matrix: &Matrix, first: usize) {
        self.first = if first < self.sizes.len() { first } else { 0 };
        let others = (0..self.sizes.len()).filter(|axis| *axis != self.first);
        self.levels = others.clone().filter(|axis| self.sizes[*axis] > 1).collect();
        if self.levels.is_empty() {
            self.levels = others.clone().next_back().into_iter().collect();
        }
        // The inner axes tell neighbours apart; the outer ones the inspector names.
        self.levels.drain(..self.levels.len().saturating_sub(MOST_LEVELS));
        let longest = |axis: usize, cut: usize| {
            let values = matrix.axes.get(axis).map(|axis| axis.values.as_slice()).unwrap_or_default();
            values.iter().map(|value| value.text[cut..].chars().count()).max().unwrap_or(0)
        };
        let rows = longest(self.first, 0);
        let named = self.levels.iter().map(|axis| self.prefixes[*axis]).max().unwrap_or(0);
        let columns = self.levels.last().map_or(0, |axis| longest(*axis, self.prefixes[*axis]));
        self.longest = (rows.max(named), columns);
    }

    fn set(&mut self, values: &[usize], cell: Cell) {
        if let Some(index) = self.index(values)
            && let Some(place) = self.cells.get_mut(index)
        {
            *place = cell;
        }
    }

    /// Returns where a combination stands, the last axis running fastest.
    fn index(&self, values: &[usize]) -> Option<usize> {
        let fits = values.len() == self.sizes.len() && values.iter().zip(&self.sizes).all(|(value, size)| value < size);
        fits.then(|| values.iter().zip(&self.sizes).fold(0, |index, (value, size)| index * size + value))
    }

    /// Returns the number of axes.
    pub fn axes(&self) -> usize {
        self.sizes.len()
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        if self.cells.is_empty() { 0 } else { self.sizes.get(self.first).copied().unwrap_or(0) }
    }

    /// Returns the number of columns.
    pub fn columns(&self) -> usize {
        self.cells.len() / self.rows().max(1)
    }

    /// Returns the value taken on each axis in a row and column.
    pub fn values(&self, row: usize, column: usize) -> Vec<usize> {
        let mut values = vec![0; self.sizes.len()];
        let mut rest = column;
        for axis in (0..self.sizes.len()).rev() {
            if axis == self.first {
                values[axis] = row;
            } else {
                let size = self.sizes[axis].max(1);
                values[axis] = rest % size;
                rest /= size;
            }
        }
        values
    }

    /// Returns how many columns in a row have the same value of an axis.
    pub fn run(&self, axis: usize) -> usize {
        let later = self.sizes.iter().enumerate().filter(|(other, _)| *other > axis && *other != self.first);
        later.fold(1, |product: usize, (_, size)| product.saturating_mul(*size))
    }

    /// Returns the row and column of a combination.
    pub fn place(&self, values: &[usize]) -> Option<(usize, usize)> {
        self.index(values)?;
        let others = values.iter().zip(&self.sizes).enumerate().filter(|(axis, _)| *axis != self.first);
        let column = others.fold(0, |column, (_, (value, size))| column * size + value);
        Some((values[self.first], column))
    }

    /// Returns what stands in a row and column.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        let index = self.index(&self.values(row, column));
        index.and_then(|index| self.cells.get(index)).copied().unwrap_or(Cell::Nothing)
    }

    /// Splits a value of an axis into what all its values begin with, and the rest.
    pub fn split<'a>(&self, axis: usize, text: &'a str) -> (&'a str, &'a str) {
        text.split_at(self.prefixes.get(axis).copied().filter(|at| text.is_char_boundary(*at)).unwrap_or(0))
    }

    /// Shares a width among labels and cells.
    pub fn widths(&self, width: usize) -> Widths {
        let gutter = self.longest.0.clamp(4, (width * 2 / 5).max(4)) + 1;
        let room = width.saturating_sub(gutter).max(NARROWEST);
        let full = (self.longest.1 + 1).clamp(NARROWEST, WIDEST);
        let columns = self.columns().max(1);
        let cell = (room / columns).clamp(full.min(CROWDED), full);
        Widths { gutter, cell, shown: (room / cell).max(1) }
    }
}

/// Returns how much of the values of an axis is the same sigil or key, e.g. `%gcc@` or `os=`.
fn shared(axis: &Axis) -> usize {
    let mut values = axis.values.iter().map(|value| value.text.as_str());
    let Some(first) = values.next() else { return 0 };
    let common = values.fold(first.len(), |length, value| {
        let same = first.bytes().zip(value.bytes()).take_while(|(a, b)| a == b).count();
        length.min(same)
    });
    let common = if axis.values.len() == 1 { 0 } else { common };
    let end = |c: char| matches!(c, '@' | '=' | '%' | '^' | ' ' | '+' | '~');
    first.get(..common).and_then(|text| text.rfind(end)).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::environment::condition::Context;
    use crate::source::Source;
    use proptest::prelude::*;

    fn list(rows: &str) -> SpecList {
        let text = format!("spack: {{specs: [{{matrix: {rows}, exclude: ['b os=y']}}]}}");
        Environment::parse(Source::new("spack.yaml", text), &Context::default()).unwrap().specs
    }

    #[test]
    fn the_chosen_axis_gives_the_rows_and_the_last_axis_runs_fastest_in_the_columns() {
        let list = list("[[a, b], ['%c@1', '%c@2', '%c@3'], [os=x, os=y]]");
        let grid = &Grid::of_list(&list, |_| 1)[0];
        assert_eq!((grid.rows(), grid.columns()), (3, 4));
        assert_eq!([0, 1, 2, 3].map(|column| grid.values(2, column)), [[0, 2, 0], [0, 2, 1], [1, 2, 0], [1, 2, 1]]);
        assert_eq!(grid.place(&[1, 2, 0]), Some((2, 2)));
        assert_eq!(grid.cell(2, 3), Cell::Excluded(2));
        assert!(matches!(grid.cell(2, 2), Cell::Root(_)));
        assert_eq!(grid.split(1, "%c@2"), ("%c@", "2"));
    }

    #[test]
    fn a_matrix_with_an_empty_axis_has_no_cells() {
        let grid = &Grid::of_list(&list("[[a], []]"), |_| 0)[0];
        assert_eq!((grid.rows(), grid.columns()), (0, 0));
        assert_eq!(grid.cell(0, 0), Cell::Nothing);
    }

    proptest! {
        #[test]
        fn every_root_and_every_excluded_combination_stands_in_one_cell_whichever_axis_is_first(first in 0usize..4) {
            let list = list("[[a, b], ['+s', '~s'], [os=x, os=y, os=z]]");
            let grid = &Grid::of_list(&list, |_| first)[0];
            let cells: Vec<Cell> = (0..grid.rows())
                .flat_map(|row| (0..grid.columns()).map(move |column| grid.cell(row, column)))
                .collect();
            let count = |wanted: fn(&Cell) -> bool| cells.iter().filter(|cell| wanted(cell)).count();
            prop_assert_eq!(count(|cell| matches!(cell, Cell::Root(_))), list.roots.len());
            prop_assert_eq!(count(|cell| matches!(cell, Cell::Excluded(_))), list.matrices[0].excluded.len());
            prop_assert_eq!(count(|cell| *cell == Cell::Nothing), 0);
        }

        #[test]
        fn at_least_one_cell_fits_at_any_width(width in 0usize..300) {
            let list = list("[[a, b], ['%c@1', '%c@2', '%c@3'], [os=x, os=y]]");
            let widths = Grid::of_list(&list, |_| 0)[0].widths(width);
            prop_assert!(widths.shown >= 1);
            prop_assert!(width < 20 || widths.gutter + widths.cell * widths.shown <= width);
        }
    }
}

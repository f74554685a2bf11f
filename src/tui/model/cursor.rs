//! A selection in a list of which a window is shown.

use std::ops::Range;

/// The selected row and the first row shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub selected: usize,
    /// The first row shown.
    pub top: usize,
}

/// A movement of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// By so many rows, down or (negative) up.
    By(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl Cursor {
    /// Moves the selection within a list of `length` rows.
    pub fn step(&mut self, step: Step, length: usize) {
        self.selected = match step {
            Step::By(rows) => self.selected.saturating_add_signed(rows),
            Step::First => 0,
            Step::Last => length,
        };
        self.selected = self.selected.min(length.saturating_sub(1));
    }

    /// Brings selection and window into a list of `length` rows of which `height` fit on screen.
    pub fn settle(&mut self, length: usize, height: usize) {
        self.selected = self.selected.min(length.saturating_sub(1));
        let height = height.max(1);
        self.top = self.top.min(length.saturating_sub(height)).min(self.selected);
        if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
    }

    /// Returns the rows that are shown.
    pub fn window(self, length: usize, height: usize) -> Range<usize> {
        let top = self.top.min(length);
        top..length.min(top + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_selection_is_always_in_the_list_and_on_screen(
            steps in prop::collection::vec((-40isize..40, 0usize..60, 0usize..20), 1..30),
        ) {
            let mut cursor = Cursor::default();
            for (rows, length, height) in steps {
                cursor.step(Step::By(rows), length);
                cursor.settle(length, height);
                prop_assert!(cursor.selected < length.max(1));
                if length > 0 && height > 0 {
                    prop_assert!(cursor.window(length, height).contains(&cursor.selected));
                }
            }
        }
    }
}

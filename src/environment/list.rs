//! Spec lists as they are written: references resolved, nothing multiplied out, the size of the product known.

use super::attributes::MatchSpec;
use crate::error::{Error, Result};
use crate::source::Place;
use crate::yaml::Node;
use std::sync::Arc;

/// How many specs all lists of an environment may have together, excluded ones counted.
pub(super) const MOST_SPECS: usize = 1_000_000;
/// How much work the lists of an environment may be; in memory a spec is many times as large as its text.
const MOST_WORK: usize = 250_000_000;
/// How deep lists and matrices may refer to one another.
const MOST_LEVELS: usize = 50;
/// The work that a value, or the test of a constraint, is.
const VALUE: usize = 16;
/// The work that each byte of a value is on top.
const BYTE: usize = 4;

/// A list of specs, of `specs:`, of a definition or of a matrix row.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: Vec<Item>,
    extent: Extent,
}

/// An item of a list.
#[derive(Debug)]
pub(super) enum Item {
    /// A spec string.
    Spec(Node),
    Matrix(Arc<MatrixItem>),
    /// `$name`, `$^name`, `$%name`.
    Reference {
        list: Arc<List>,
        sigil: &'static str,
    },
    /// A group of specs with a name of its own.
    Group {
        name: Arc<str>,
        list: List,
    },
}

/// A matrix as it is written.
#[derive(Debug)]
pub(super) struct MatrixItem {
    pub(super) rows: Vec<(List, Place)>,
    pub(super) excludes: Vec<MatchSpec>,
    pub(super) place: Place,
}

/// How large a list is once it is expanded.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    /// The number of specs, excluded ones counted.
    specs: usize,
    work: usize,
    levels: usize,
}

impl List {
    /// Adds an item.
    pub(super) fn push(&mut self, item: Item) {
        let added = item.extent();
        self.extent.specs = self.extent.specs.saturating_add(added.specs);
        self.extent.work = self.extent.work.saturating_add(added.work);
        self.extent.levels = self.extent.levels.max(added.levels);
        self.items.push(item);
    }

    /// Tells that expanding this list at `place` is within bounds.
    pub(super) fn check(&self, place: &Place) -> Result<()> {
        Budget::default().take(self, place)
    }
}

impl Item {
    fn extent(&self) -> Extent {
        match self {
            Self::Spec(node) => Extent { specs: 1, work: VALUE + BYTE * node.as_text().map_or(0, str::len), levels: 0 },
            Self::Matrix(matrix) => matrix.extent(),
            Self::Reference { list: inner, .. } => inner.extent.below(),
            Self::Group { list, .. } => list.extent.below(),
        }
    }
}

impl Extent {
    fn below(self) -> Self {
        Self { specs: self.specs, work: self.work.saturating_add(VALUE), levels: self.levels + 1 }
    }
}

impl MatrixItem {
    fn extent(&self) -> Extent {
        let rows = || self.rows.iter().map(|(list, _)| list.extent);
        let specs = rows().fold(1, |product: usize, row| product.saturating_mul(row.specs));
        let own = rows().fold(VALUE, |sum, row| sum.saturating_add(row.work));
        let per_spec = rows().map(|row| row.work / row.specs.max(1)).fold(VALUE, usize::saturating_add);
        let tests = self.excludes.len().saturating_mul(VALUE);
        let work = own.saturating_add(specs.saturating_mul(per_spec.saturating_add(tests)));
        Extent { specs, work, levels: rows().map(|row| row.levels).max().unwrap_or(0) + 1 }
    }
}

/// What may still be expanded.
#[derive(Debug, Default)]
pub(super) struct Budget {
    specs: usize,
    work: usize,
}

impl Budget {
    /// Allows for a list, or says by what it is too large.
    pub(super) fn take(&mut self, list: &List, place: &Place) -> Result<()> {
        let Extent { specs, work, levels } = list.extent;
        if levels > MOST_LEVELS {
            return Err(Error::input(format!("definitions refer to one another more than {MOST_LEVELS} levels deep"))
                .at(place)
                .hint("refer to the inner definitions directly"));
        }
        self.specs = self.specs.saturating_add(specs);
        self.work = self.work.saturating_add(work);
        if self.specs > MOST_SPECS {
            let count = if specs == usize::MAX { "far too many".to_owned() } else { specs.to_string() };
            return Err(Error::input(format!("this expands to {count} specs; an environment may have {MOST_SPECS}"))
                .at(place)
                .hint("take values out of the rows of its matrices; `exclude` comes too late for this"));
        }
        if self.work > MOST_WORK {
            return Err(Error::input("the specs and `exclude` rules of this are too many and too long together")
                .at(place)
                .hint("take values out of the rows of its matrices, or shorten `exclude`"));
        }
        Ok(())
    }
}

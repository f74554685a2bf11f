//! Changes YAML texts in place: comments, order and layout of everything else stay as they are.
//!
//! A change is worked out on the text, and then proven: the new text is read again, and unless it means exactly what
//! was asked for, the change is refused. Anchors and aliases are never edited behind their author's back.

mod arrange;
mod habits;
mod layout;
mod outline;
mod path;
mod pieces;
mod proof;
mod render;
mod rewrite;
mod scan;
mod splice;

pub use outline::{Key, Outline, Part};
pub use path::{Path, Step};
pub use proof::same;
pub use splice::{Splice, invert, splice};

use super::Node;
use crate::error::Result;
use crate::source::Source;
use layout::Layout;
use std::sync::Arc;

/// A change of one value of a text, found by its [`Path`].
#[derive(Clone, Debug)]
pub enum Operation {
    /// Puts another value in its place; items that a list keeps keep their comments.
    Replace(Node),
    /// Inserts an item into a list, or makes a list of a null.
    InsertItem {
        /// The index it will have.
        at: usize,
        /// The new item.
        item: Node,
    },
    /// Inserts a copy of an item into a list, right behind the item.
    CopyItem(usize),
    /// Takes an item out of a list.
    RemoveItem(usize),
    /// Moves an item of a list.
    MoveItem {
        /// The index it has.
        from: usize,
        /// The index it will have.
        to: usize,
    },
    /// Adds an entry at the end of a map, or makes a map of a null.
    InsertEntry {
        /// Its key, which the map does not have yet.
        key: String,
        /// Its value.
        value: Node,
    },
    /// Takes an entry out of a map.
    RemoveEntry(String),
}

/// A YAML text that was read in order to be changed.
#[derive(Debug)]
pub struct Document {
    source: Arc<Source>,
    tree: Node,
    layout: Layout,
}

impl Document {
    /// Reads a text; the errors are those of [`read`](super::read).
    pub fn read(source: &Arc<Source>) -> Result<Self> {
        let (tree, layout) = layout::read(source)?;
        Ok(Self { source: Arc::clone(source), tree, layout })
    }

    /// Returns the text.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Returns what the text means.
    pub fn tree(&self) -> &Node {
        &self.tree
    }

    /// Finds the changes of the text that do `operation` to the value at `path`; returns them with what they give.
    ///
    /// Refused, with its place, is what names no value, what would change an anchored value that is used again, and
    /// what cannot be written so that the text reads as asked for.
    pub fn edit(&self, path: &Path, operation: &Operation) -> Result<(Vec<Splice>, Self)> {
        let target = path::find(self, path)?;
        let splices = rewrite::rewrite(self, &target, operation)?;
        let changed = proof::prove(self, path, &target, operation, &splices)?;
        Ok((splices, changed))
    }
}

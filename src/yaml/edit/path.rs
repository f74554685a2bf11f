//! Finds values by the keys and indices that lead to them, in what a text means and in how it is written.

use super::Document;
use super::layout::{Block, Layout, PairKind, Shape};
use super::scan::end_of_line;
use crate::error::{Error, Result};
use crate::source::Place;
use crate::yaml::Node;
use granit_parser::StructureStyle;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// To the item of a list with this index.
    Item(usize),
    /// To the value of a key.
    Key(String),
}

/// The way from the top of a document to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(Vec<Step>);

impl Path {
    /// Returns the way to the value of `key` of the map that this leads to.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Step::Key(key.into()))
    }

    /// Returns the way to an item of the list that this leads to.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.with(Step::Item(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// Returns the steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Returns the value it leads to.
    pub fn of<'a>(&self, tree: &'a Node) -> Option<&'a Node> {
        self.0.iter().try_fold(tree, |node, step| match step {
            Step::Item(index) => node.as_sequence()?.get(*index),
            Step::Key(key) => node.get(key),
        })
    }
}

impl fmt::Display for Path {
    /// Writes `spack:gitlab-ci:mappings[2]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Key(key) if i == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ":{key}")?,
            }
        }
        Ok(())
    }
}

/// What a value stands behind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Introducer<'a> {
    /// Nothing: it is the document.
    None,
    /// A dash or a flow list's bracket or comma; with the list.
    Item(&'a Block),
    /// A key.
    Key(&'a str, PairKind),
}

/// A value with what is around it.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) block: &'a Block,
    pub(super) node: &'a Node,
    pub(super) introducer: Introducer<'a>,
    /// Where the key or dash before it begins.
    pub(super) start: usize,
    /// Tells whether it stands in a list or map in brackets.
    pub(super) in_flow: bool,
}

/// Finds the value that `path` leads to; anchored values on the way that are used again are refused.
pub(super) fn find<'a>(document: &'a Document, path: &Path) -> Result<Target<'a>> {
    let mut target = Target {
        block: &document.layout.root,
        node: &document.tree,
        introducer: Introducer::None,
        start: document.layout.root.start,
        in_flow: false,
    };
    for (depth, step) in path.0.iter().enumerate() {
        refuse_shared(document, target.block)?;
        let found = enter(&target, step);
        target = found.map_err(|reason| {
            let here = Path(path.0[..=depth].to_vec());
            Error::input(match reason {
                Missing::Absent => format!("there is no `{here}`"),
                Missing::Merged => format!("`{here}` comes from a merge key (`<<`)"),
            })
            .at(&document.first_line(target.block.start..target.block.end))
            .hint(match reason {
                Missing::Absent => "the file may have changed since: look at it again",
                Missing::Merged => "edit the file by hand, at the anchor or here",
            })
        })?;
    }
    Ok(target)
}

enum Missing {
    Absent,
    Merged,
}

fn enter<'a>(target: &Target<'a>, step: &Step) -> std::result::Result<Target<'a>, Missing> {
    let in_flow = target.in_flow || target.block.style() == Some(StructureStyle::Flow);
    match (step, &target.block.shape) {
        (Step::Item(index), Shape::List(_, items)) => {
            let item = items.get(*index).ok_or(Missing::Absent)?;
            let node = target.node.as_sequence().and_then(|list| list.get(*index)).ok_or(Missing::Absent)?;
            let introducer = Introducer::Item(target.block);
            Ok(Target { block: &item.value, node, introducer, start: item.start, in_flow })
        }
        (Step::Key(key), Shape::Map(_, pairs)) => {
            let map = target.node.as_mapping().ok_or(Missing::Absent)?;
            let (index, key, entry) = map.get_full(key.as_str()).ok_or(Missing::Absent)?;
            let pair = pairs.iter().filter(|pair| pair.kind != PairKind::Merge).nth(index).ok_or(Missing::Merged)?;
            let introducer = Introducer::Key(key, pair.kind);
            Ok(Target { block: &pair.value, node: &entry.node, introducer, start: pair.start, in_flow })
        }
        _ => Err(Missing::Absent),
    }
}

/// Refuses to change the inside of an alias, or of an anchored value that is used again.
pub(super) fn refuse_shared(document: &Document, block: &Block) -> Result<()> {
    let layout = &document.layout;
    let place = document.first_line(block.start..block.end);
    if let Shape::Alias(id) = block.shape {
        let name = document.text(block.start..block.end);
        let anchor = layout.anchors.iter().find(|(anchor, _)| *anchor == id);
        let error = Error::input(format!("this is an alias, `{name}`")).at(&place).hint("edit the file by hand");
        return Err(match anchor {
            Some((_, at)) => error.related(&document.first_line(at.clone()), "its value stands here"),
            None => error,
        });
    }
    match block.anchor.and_then(|id| use_of(layout, id, &(0..0)).map(|at| (id, at))) {
        Some((id, at)) => Err(used_again(document, id, &at)),
        None => Ok(()),
    }
}

/// Refuses to take away an anchor that is used elsewhere.
pub(super) fn refuse_used(document: &Document, range: &Range<usize>) -> Result<()> {
    let layout = &document.layout;
    let mut within = layout.anchors.iter().filter(|(_, at)| range.contains(&at.start));
    match within.find_map(|(id, _)| use_of(layout, *id, range).map(|at| (*id, at))) {
        Some((id, at)) => Err(used_again(document, id, &at)),
        None => Ok(()),
    }
}

/// Returns the first use of an anchor outside of `range`.
fn use_of(layout: &Layout, id: usize, range: &Range<usize>) -> Option<Range<usize>> {
    layout.aliases.iter().find(|(alias, at)| *alias == id && !range.contains(&at.start)).map(|(_, at)| at.clone())
}

/// Makes the error that a value is anchored and used again at `alias`.
pub(super) fn used_again(document: &Document, id: usize, alias: &Range<usize>) -> Error {
    let alias = document.first_line(alias.clone());
    let name = document.layout.anchors.iter().find(|(anchor, _)| *anchor == id);
    let at = name.map_or(0..0, |(_, at)| at.clone());
    Error::input(format!("this is anchored as `{}` and used again on line {}", document.text(at.clone()), alias.line()))
        .at(&document.first_line(at))
        .related(&alias, "it is used here")
        .hint("edit the file by hand")
}

impl Document {
    pub(super) fn text(&self, range: Range<usize>) -> &str {
        self.source.text().get(range).unwrap_or_default()
    }

    /// Returns the place of the first line of `range`.
    pub(super) fn first_line(&self, range: Range<usize>) -> Place {
        let end = end_of_line(self.source.text(), range.start).min(range.end).max(range.start);
        Place::new(&self.source, range.start..end)
    }
}

//! Writes an operation on a value as changes of the text.

mod put;

use super::arrange::Arrangement;
use super::habits::{Habits, Quotes, first_start, scalar_styles};
use super::layout::{Block, PairKind, Shape};
use super::path::{Introducer, Target, refuse_shared, refuse_used};
use super::pieces::{Pieces, end_of_properties};
use super::render::Renderer;
use super::scan::start_of_line;
use super::splice::{Fragment, Splice};
use super::{Document, Operation};
use crate::error::{Error, Result};
use crate::yaml::{Entry, Mapping, Node, Value};
use granit_parser::StructureStyle;
use std::ops::Range;

/// Finds the changes of the text that do `operation` to `target`.
pub(super) fn rewrite(document: &Document, target: &Target<'_>, operation: &Operation) -> Result<Vec<Splice>> {
    let text = document.source.text();
    let newline = if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" };
    let renderer = Renderer { habits: Habits::of(text, &document.layout), newline };
    let rewriter = Rewriter { document, text, target, renderer };
    if !matches!((operation, &target.block.shape), (Operation::Replace(_), Shape::Alias(_))) {
        refuse_shared(document, target.block)?;
    }
    if let Some(range) = touched(target, operation)
        && !matches!(operation, Operation::MoveItem { .. })
    {
        refuse_used(document, &range)?;
    }
    match operation {
        Operation::Replace(new) => rewriter.replace(new),
        Operation::InsertItem { at, item } => rewriter.insert_item(*at, item),
        Operation::CopyItem(at) => rewriter.copy_item(*at),
        Operation::RemoveItem(at) => rewriter.remove(*at, "[]"),
        Operation::MoveItem { from, to } => rewriter.move_item(*from, *to),
        Operation::InsertEntry { key, value } => rewriter.insert_entry(key, value),
        Operation::RemoveEntry(key) => rewriter.remove_entry(key),
    }
}

/// Returns the bytes of the values that an operation takes from where they are.
pub(super) fn touched(target: &Target<'_>, operation: &Operation) -> Option<Range<usize>> {
    let span = |block: &Block| block.start..block.end;
    match (operation, &target.block.shape) {
        (Operation::Replace(_), _) => Some(target.block.content..target.block.end),
        (Operation::RemoveItem(at) | Operation::MoveItem { from: at, .. }, Shape::List(_, items)) => {
            items.get(*at).map(|item| span(&item.value))
        }
        (Operation::RemoveEntry(key), Shape::Map(_, pairs)) => {
            let index = target.node.as_mapping().and_then(|map| map.get_index_of(key))?;
            let pair = pairs.iter().filter(|pair| pair.kind != PairKind::Merge).nth(index)?;
            Some(pair.start..pair.value.end)
        }
        _ => None,
    }
}

struct Rewriter<'a> {
    document: &'a Document,
    text: &'a str,
    target: &'a Target<'a>,
    renderer: Renderer<'a>,
}

impl<'a> Rewriter<'a> {
    fn column(&self, at: usize) -> usize {
        at - start_of_line(self.text, at)
    }

    fn refusal(&self, message: impl Into<String>, range: Range<usize>) -> Error {
        Error::input(message).at(&self.document.first_line(range)).hint("edit the file by hand")
    }

    fn no_item(&self, at: usize, count: usize) -> Error {
        let block = self.target.block;
        let message = format!("there is no item {} in this list of {count}", at.saturating_add(1));
        Error::input(message).at(&self.document.first_line(block.start..block.end))
    }

    /// Cuts the target into its pieces; an empty list or map and null have none.
    fn arrangement(&self) -> Result<Option<Arrangement<'a>>> {
        match Pieces::cut(self.text, self.target.block) {
            Ok(pieces) => Ok(pieces.map(|pieces| Arrangement::new(self.text, self.renderer.newline, pieces))),
            Err(uncut) => Err(self.refusal(uncut.1, uncut.0)),
        }
    }

    /// Returns the items of the target, which has to be a list or null.
    fn items(&self) -> Result<&'a [Node]> {
        match &self.target.node.value {
            Value::Sequence(items) => Ok(items),
            Value::Null => Ok(&[]),
            _ => {
                let message = format!("a list is expected here, but this is {}", self.target.node.kind());
                let block = self.target.block;
                Err(Error::input(message).at(&self.document.first_line(block.start..block.end)))
            }
        }
    }

    fn insert_item(&self, at: usize, item: &Node) -> Result<Vec<Splice>> {
        let count = self.items()?.len();
        if at > count {
            return Err(self.no_item(at, count));
        }
        let Some(mut arrangement) = self.arrangement()? else {
            let value = Value::Sequence(vec![item.clone()]);
            return self.put(&Node { value, place: item.place.clone() });
        };
        let gap = arrangement.gap();
        arrangement.put(at, Arrangement::piece(self.item(item)), gap);
        Ok(arrangement.splices())
    }

    fn copy_item(&self, at: usize) -> Result<Vec<Splice>> {
        let items = self.items()?;
        let (Some(item), Some(mut arrangement)) = (items.get(at), self.arrangement()?) else {
            return Err(self.no_item(at, items.len()));
        };
        let piece = arrangement.copied(&arrangement.pieces()[at]);
        let is_anchored = self.document.layout.anchors.iter().any(|(_, anchor)| {
            touched(self.target, &Operation::RemoveItem(at)).is_some_and(|range| range.contains(&anchor.start))
        });
        let copy = if is_anchored { self.item(item) } else { piece.item.text(self.text).to_owned() };
        let gap = arrangement.gap();
        arrangement.put(at + 1, Arrangement::piece(copy), gap);
        Ok(arrangement.splices())
    }

    fn move_item(&self, from: usize, to: usize) -> Result<Vec<Splice>> {
        let count = self.items()?.len();
        let (true, Some(mut arrangement)) = (from.max(to) < count, self.arrangement()?) else {
            return Err(self.no_item(from.max(to), count));
        };
        if from == to {
            return Ok(Vec::new());
        }
        let gap = arrangement.gap();
        let piece = arrangement.take(from);
        let piece = arrangement.copied(&piece);
        arrangement.put(to, piece, gap);
        Ok(arrangement.splices())
    }

    fn remove_entry(&self, key: &str) -> Result<Vec<Splice>> {
        let (Shape::Map(_, pairs), Some(map)) = (&self.target.block.shape, self.target.node.as_mapping()) else {
            return Err(self.no_entry(key));
        };
        let own = pairs.iter().enumerate().filter(|(_, pair)| pair.kind != PairKind::Merge);
        match map.get_index_of(key).map(|index| own.map(|(at, _)| at).nth(index)) {
            Some(Some(at)) => self.remove(at, "{}"),
            Some(None) => {
                let block = self.target.block;
                Err(self.refusal(format!("`{key}` comes from a merge key (`<<`)"), block.start..block.end))
            }
            None => Err(self.no_entry(key)),
        }
    }

    fn no_entry(&self, key: &str) -> Error {
        let block = self.target.block;
        Error::input(format!("there is no `{key}` here")).at(&self.document.first_line(block.start..block.end))
    }

    /// Takes out the piece at `at`; `empty` is left of the last one.
    fn remove(&self, at: usize, empty: &str) -> Result<Vec<Splice>> {
        let Some(mut arrangement) = self.arrangement()? else {
            return Err(self.no_item(at, 0));
        };
        match arrangement.pieces().len() {
            count if at >= count => Err(self.no_item(at, count)),
            1 => self.empty(empty),
            _ => {
                arrangement.take(at);
                Ok(arrangement.splices())
            }
        }
    }

    /// Leaves an empty list or map; comments before the only piece that do not belong to it stay.
    fn empty(&self, empty: &str) -> Result<Vec<Splice>> {
        let block = self.target.block;
        let introduced = self.introduced();
        let first = first_start(block);
        let own_line = block.is_block_collection() && !self.is_root() && start_of_line(self.text, first) >= introduced;
        if !own_line {
            return Ok(vec![Splice { range: block.content..block.end, text: empty.to_owned() }]);
        }
        let Ok(Some(pieces)) = Pieces::cut(self.text, block) else {
            return Err(self.refusal("this cannot be emptied", block.start..block.end));
        };
        let Some(Fragment::Kept(space)) = pieces.gaps.first().map(|gap| gap.space.clone()) else {
            return Err(self.refusal("this cannot be emptied", block.start..block.end));
        };
        let before = self.text[..space.end].strip_suffix('\n').unwrap_or(&self.text[..space.end]);
        let before = before.strip_suffix('\r').unwrap_or(before).len();
        Ok(vec![
            Splice { range: introduced..introduced, text: format!(" {empty}") },
            Splice { range: before.max(introduced)..pieces.range.end, text: String::new() },
        ])
    }

    fn is_root(&self) -> bool {
        matches!(self.target.introducer, Introducer::None)
    }

    /// Returns the end of what stands before the content: dash, colon, anchor, tag.
    fn introduced(&self) -> usize {
        let block = self.target.block;
        if block.start < block.content { end_of_properties(self.text, block) } else { block.introduced }
    }

    fn insert_entry(&self, key: &str, value: &Node) -> Result<Vec<Splice>> {
        let block = self.target.block;
        match &self.target.node.value {
            Value::Mapping(map) if map.contains_key(key) => {
                return Err(Error::input(format!("there is a `{key}` already"))
                    .at(&self.document.first_line(block.start..block.end)));
            }
            Value::Mapping(_) | Value::Null => {}
            _ => {
                let message = format!("a map is expected here, but this is {}", self.target.node.kind());
                return Err(Error::input(message).at(&self.document.first_line(block.start..block.end)));
            }
        }
        let Some(mut arrangement) = self.arrangement()? else {
            let entry = Entry { key: value.place.clone(), node: value.clone() };
            let map = Mapping::from_iter([(key.to_owned(), entry)]);
            return self.put(&Node { value: Value::Mapping(map), place: value.place.clone() });
        };
        let entry = if self.writes_flow(block) {
            self.renderer.inline_entry(key, value)
        } else {
            self.renderer.entry(self.column(first_start(block)), key, value)
        };
        let gap = arrangement.gap();
        arrangement.put(arrangement.pieces().len(), Arrangement::piece(entry), gap);
        Ok(arrangement.splices())
    }

    fn writes_flow(&self, block: &Block) -> bool {
        self.target.in_flow || block.style() == Some(StructureStyle::Flow)
    }

    /// Returns the text of a new item of the target, which is a list that has items.
    fn item(&self, item: &Node) -> String {
        let block = self.target.block;
        let Shape::List(_, items) = &block.shape else { return String::new() };
        let quotes = self.quotes_of(items.iter().map(|item| &item.value));
        if self.writes_flow(block) {
            return self.renderer.inline(&item.value, quotes);
        }
        let start = first_start(block);
        let dash = items.iter().find(|item| start_of_line(self.text, item.value.start) <= item.start);
        let dash = dash.map_or(self.renderer.habits.dash, |item| item.value.start - item.start);
        self.renderer.item(self.column(start), dash.max(2), item, quotes)
    }

    fn quotes_of<'b>(&self, siblings: impl Iterator<Item = &'b Block>) -> Quotes {
        let quotes = Quotes::of(scalar_styles(siblings));
        match self.target.introducer {
            Introducer::Key(key, _) if quotes == Quotes::None => {
                self.renderer.habits.of_key(key).map_or(quotes, |habit| habit.quotes.if_needed())
            }
            _ => quotes,
        }
    }
}

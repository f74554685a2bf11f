//! How a YAML text is laid out: where every value, dash, colon and anchor stands.
//!
//! [`Node`](crate::yaml::Node) says what a text means; a [`Block`] says how it is written, node for node.

use super::scan::{after_trivia, end_of_lines};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use crate::yaml::Node;
use crate::yaml::read::read_along;
use granit_parser::{Event, ScalarStyle, Span, StructureStyle, Tag};
use std::ops::Range;
use std::sync::Arc;

/// A value as it is written.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) shape: Shape,
    /// The anchor that is defined on it, as the parser counts them.
    pub(super) anchor: Option<usize>,
    /// Right behind the dash, colon, bracket or comma before it.
    pub(super) introduced: usize,
    /// Where its anchor or tag begins, or else its content.
    pub(super) start: usize,
    /// Where its content begins; behind the anchor and tag for a value that is not written at all.
    pub(super) content: usize,
    /// Where its content ends, trailing comments and line end not included.
    pub(super) end: usize,
}

/// The ways to write a value.
#[derive(Debug)]
pub(super) enum Shape {
    /// A null of no characters.
    Nothing,
    Scalar(ScalarStyle),
    Alias(usize),
    List(StructureStyle, Vec<Item>),
    Map(StructureStyle, Vec<Pair>),
}

/// An item of a list.
#[derive(Debug)]
pub(super) struct Item {
    /// Where its dash stands, or for a flow list its value.
    pub(super) start: usize,
    pub(super) value: Block,
}

/// An entry of a map.
#[derive(Debug)]
pub(super) struct Pair {
    /// Where it begins.
    pub(super) start: usize,
    pub(super) key: Block,
    pub(super) kind: PairKind,
    pub(super) value: Block,
}

/// How an entry of a map is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairKind {
    /// `key: value`
    Plain,
    /// `key` alone, in a flow map
    KeyOnly,
    /// `? key : value`
    Explicit,
    /// `<<: *value`
    Merge,
}

/// The layout of a whole text.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) root: Block,
    /// The aliases with the number of their anchor, in order.
    pub(super) aliases: Vec<(usize, Range<usize>)>,
    /// The names of the anchors with their `&`, by number.
    pub(super) anchors: Vec<(usize, Range<usize>)>,
}

impl Block {
    /// Returns the style of a list or map.
    pub(super) fn style(&self) -> Option<StructureStyle> {
        match &self.shape {
            Shape::List(style, _) | Shape::Map(style, _) => Some(*style),
            Shape::Nothing | Shape::Scalar(_) | Shape::Alias(_) => None,
        }
    }

    /// Tells whether this is a list or map of lines.
    pub(super) fn is_block_collection(&self) -> bool {
        self.style() == Some(StructureStyle::Block)
    }
}

/// Reads a text, what it means and how it is laid out; the errors are those of [`crate::yaml::read`].
pub(super) fn read(source: &Arc<Source>) -> Result<(Node, Layout)> {
    let mut builder = Builder {
        source,
        text: source.text(),
        cursor: 0,
        open: Vec::new(),
        root: None,
        aliases: Vec::new(),
        anchors: Vec::new(),
    };
    let tree = read_along(source, |event, span| builder.take(event, span))?;
    let end = source.text().len();
    let nothing = Block { shape: Shape::Nothing, anchor: None, introduced: end, start: end, content: end, end };
    let root = builder.root.unwrap_or(nothing);
    Ok((tree, Layout { root, aliases: builder.aliases, anchors: builder.anchors }))
}

/// A list or map that is not closed yet.
struct Open {
    /// The finished parts; for a map, its `key` waits for a value.
    shape: Shape,
    key: Option<(usize, PairKind, Block)>,
    slot: Slot,
    anchor: Option<usize>,
    start: usize,
    content: usize,
}

/// Where a value goes: what introduces it in the collection around it.
#[derive(Clone, Copy)]
struct Slot {
    start: usize,
    introduced: usize,
    kind: PairKind,
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    text: &'a str,
    /// Behind the last token.
    cursor: usize,
    open: Vec<Open>,
    root: Option<Block>,
    aliases: Vec<(usize, Range<usize>)>,
    anchors: Vec<(usize, Range<usize>)>,
}

impl Builder<'_> {
    fn take(&mut self, event: &Event<'_>, span: Span) -> Result<()> {
        let bytes = span.byte_range().unwrap_or(self.cursor..self.cursor);
        match event {
            Event::DocumentStart(true, _) => self.cursor = bytes.end,
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, *style, *anchor, tag.as_deref(), bytes)?,
            Event::SequenceStart(style, anchor, tag) => {
                self.start(Shape::List(*style, Vec::new()), *anchor, tag.as_deref())?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.start(Shape::Map(*style, Vec::new()), *anchor, tag.as_deref())?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(bytes),
            Event::Alias(id) => {
                let slot = self.slot()?;
                self.aliases.push((*id, bytes.clone()));
                self.cursor = bytes.end;
                self.finish(slot, Shape::Alias(*id), None, (bytes.start, bytes.start, bytes.end));
            }
            _ => {}
        }
        Ok(())
    }

    /// Moves over what introduces the next value.
    fn slot(&mut self) -> Result<Slot> {
        let (text, after) = (self.text.as_bytes(), after_trivia(self.text, self.cursor));
        let Some(open) = self.open.last() else {
            return Ok(Slot { start: after, introduced: self.cursor, kind: PairKind::Plain });
        };
        let is_flow = matches!(&open.shape, Shape::List(StructureStyle::Flow, _) | Shape::Map(StructureStyle::Flow, _));
        if open.key.is_some() {
            let has_colon = text.get(after) == Some(&b':');
            let kind = if has_colon { PairKind::Plain } else { PairKind::KeyOnly };
            self.cursor = if has_colon { after + 1 } else { self.cursor };
            return Ok(Slot { start: after, introduced: self.cursor, kind });
        }
        let mut start = after;
        if is_flow {
            self.cursor = if text.get(after) == Some(&b',') { after + 1 } else { self.cursor };
            start = after_trivia(self.text, self.cursor);
        }
        let is_blank = |at: usize| text.get(at).is_none_or(u8::is_ascii_whitespace);
        match &open.shape {
            Shape::List(StructureStyle::Block, _) if text.get(start) == Some(&b'-') => self.cursor = start + 1,
            Shape::List(StructureStyle::Block, _) => return Err(self.lost(start)),
            Shape::Map(..) if text.get(start) == Some(&b'?') && is_blank(start + 1) => {
                self.cursor = start + 1;
                return Ok(Slot { start, introduced: self.cursor, kind: PairKind::Explicit });
            }
            _ => {}
        }
        Ok(Slot { start, introduced: self.cursor, kind: PairKind::Plain })
    }

    /// Moves over anchor and tag; returns where they begin, and where the content may.
    fn properties(&mut self, anchor: usize, tag: Option<&Tag>) -> (usize, usize) {
        let mut waiting = [(b'&', anchor != 0), (b'!', tag.is_some())];
        let mut start = None;
        loop {
            let at = after_trivia(self.text, self.cursor);
            let first = self.text.as_bytes().get(at).copied();
            let Some(found) = waiting.iter_mut().find(|(sign, waits)| *waits && Some(*sign) == first) else {
                return (start.unwrap_or(at), at);
            };
            found.1 = false;
            let is_end = |b: &u8| b.is_ascii_whitespace() || (b",[]{}".contains(b) && first == Some(b'&'));
            let length = self.text.as_bytes()[at..].iter().position(is_end);
            self.cursor = length.map_or(self.text.len(), |length| at + length);
            if first == Some(b'&') {
                self.anchors.push((anchor, at..self.cursor));
            }
            start.get_or_insert(at);
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        bytes: Range<usize>,
    ) -> Result<()> {
        let mut slot = self.slot()?;
        let is_written = !bytes.is_empty() || matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let (start, content) = self.properties(anchor, tag);
        let anchor = (anchor != 0).then_some(anchor);
        if !is_written {
            let start = if self.cursor == slot.introduced { self.cursor } else { start };
            self.finish(slot, Shape::Nothing, anchor, (start, self.cursor, self.cursor));
            return Ok(());
        }
        let end = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => end_of_lines(self.text, content, bytes.end),
            _ => bytes.end,
        };
        if style == ScalarStyle::Plain && text == "<<" && tag.is_none() && slot.kind == PairKind::Plain {
            slot.kind = PairKind::Merge;
        }
        self.cursor = end;
        self.finish(slot, Shape::Scalar(style), anchor, (start, content, end));
        Ok(())
    }

    fn start(&mut self, shape: Shape, anchor: usize, tag: Option<&Tag>) -> Result<()> {
        let slot = self.slot()?;
        let (start, content) = self.properties(anchor, tag);
        let bracket = self.text.as_bytes().get(content);
        let is_bracketed = match &shape {
            Shape::List(StructureStyle::Flow, _) => bracket == Some(&b'['),
            Shape::Map(StructureStyle::Flow, _) => bracket == Some(&b'{'),
            _ => false,
        };
        if is_bracketed {
            self.cursor = content + 1;
        }
        let anchor = (anchor != 0).then_some(anchor);
        self.open.push(Open { shape, key: None, slot, anchor, start, content });
        Ok(())
    }

    fn close(&mut self, bytes: Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        self.cursor = self.cursor.max(if bytes.is_empty() { self.cursor } else { bytes.end });
        let shape = if is_trailing_colon(self.text, &open) { Shape::Scalar(ScalarStyle::Plain) } else { open.shape };
        self.finish(open.slot, shape, open.anchor, (open.start, open.content, self.cursor));
    }

    /// Puts a finished value where it belongs; `at` is where it starts, where its content does, and where it ends.
    fn finish(&mut self, slot: Slot, shape: Shape, anchor: Option<usize>, at: (usize, usize, usize)) {
        let block = Block { shape, anchor, introduced: slot.introduced, start: at.0, content: at.1, end: at.2 };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(block);
            return;
        };
        match (&mut open.shape, open.key.take()) {
            (Shape::List(_, items), _) => items.push(Item { start: slot.start, value: block }),
            (Shape::Map(_, pairs), Some((start, key_kind, key))) => {
                let kind = match (key_kind, slot.kind) {
                    (PairKind::Plain, PairKind::KeyOnly) => PairKind::KeyOnly,
                    (kind, _) => kind,
                };
                pairs.push(Pair { start, key, kind, value: block });
            }
            _ => open.key = Some((slot.start, slot.kind, block)),
        }
    }

    fn lost(&self, at: usize) -> Error {
        Error::input("the layout of this list cannot be followed")
            .at(&Place::new(self.source, at..at + 1))
            .hint("edit the file by hand")
    }
}

/// Recognizes `target=x86_64:` in a flow list, which is read as a string.
fn is_trailing_colon(text: &str, open: &Open) -> bool {
    let Shape::Map(StructureStyle::Flow, pairs) = &open.shape else { return false };
    let [pair] = pairs.as_slice() else { return false };
    let rest = text.get(pair.key.end..).unwrap_or_default();
    let is_bare = !text[open.content..].starts_with('{');
    is_bare && matches!(pair.value.shape, Shape::Nothing) && (rest.starts_with(":,") || rest.starts_with(":]"))
}

//! Cuts a list or map into pieces, each an item with the comments that belong to it, and what stands between them.
//!
//! To an item belong the comment lines directly above it, a comment behind it, and, in block style, comment lines
//! directly below that are indented deeper than it. Other comments stay where they are.

use super::layout::{Block, PairKind, Shape};
use super::scan::{after_trivia, end_of_line, start_of_line};
use super::splice::Fragment;
use granit_parser::StructureStyle;
use std::ops::Range;

/// An item of a list or an entry of a map, with the comments that belong to it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Whole comment lines above it.
    pub(super) lead: Fragment,
    /// The item from its dash or key to the end of its value.
    pub(super) item: Fragment,
    /// What belongs to it behind its value, without the last line end.
    pub(super) tail: Fragment,
}

/// What stands before a piece.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    /// In flow style, the comma behind the piece before.
    pub(super) comma: Fragment,
    /// Blanks, line ends and comments that belong to no piece.
    pub(super) space: Fragment,
    /// The indentation of the item, if a line begins with it.
    pub(super) indent: Option<Fragment>,
}

/// The pieces of a list or map.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    /// One for each piece.
    pub(super) gaps: Vec<Gap>,
    /// In flow style, a comma behind the last piece.
    pub(super) comma: Fragment,
    /// All the bytes from the first gap to the last piece's end.
    pub(super) range: Range<usize>,
    pub(super) style: StructureStyle,
}

/// Why a list or map cannot be cut: the entry at these bytes is written in a way that is not followed here.
pub(super) struct Uncut(pub(super) Range<usize>, pub(super) &'static str);

impl Pieces {
    /// Cuts a list or map; `None` if `block` is neither, or empty.
    pub(super) fn cut(text: &str, block: &Block) -> Result<Option<Self>, Uncut> {
        let (style, spans) = match &block.shape {
            Shape::List(style, items) => (*style, items.iter().map(|item| item.start..item.value.end).collect()),
            Shape::Map(style, pairs) => {
                if let Some(pair) = pairs.iter().find(|pair| pair.kind == PairKind::Explicit) {
                    return Err(Uncut(pair.start..pair.value.end, "a key of this map is written with `?`"));
                }
                (*style, pairs.iter().map(|pair| pair.start..pair.value.end.max(pair.key.end)).collect::<Vec<_>>())
            }
            Shape::Nothing | Shape::Scalar(_) | Shape::Alias(_) => return Ok(None),
        };
        let from = match style {
            StructureStyle::Flow if !text[block.content..].starts_with(['[', '{']) => {
                return Err(Uncut(block.start..block.end, "this map stands in a list without braces of its own"));
            }
            StructureStyle::Flow => block.content + 1,
            StructureStyle::Block if block.start < block.content => end_of_properties(text, block),
            StructureStyle::Block => block.introduced,
        };
        let mut cutter = Cutter { text, style, from, pieces: Vec::new(), gaps: Vec::new(), comma: from..from };
        for (i, span) in spans.iter().enumerate() {
            cutter.cut(span.clone(), i + 1 == spans.len())?;
        }
        Ok(cutter.finish())
    }
}

/// Returns the end of anchor and tag, which stand before the content.
pub(super) fn end_of_properties(text: &str, block: &Block) -> usize {
    let before = &text[block.start..block.content];
    let is_comment = |(at, _): &(usize, &str)| *at > 0 && before.as_bytes()[at - 1].is_ascii_whitespace();
    let comment = before.match_indices('#').find(is_comment).map_or(before.len(), |(at, _)| at);
    block.start + before[..comment].trim_end().len()
}

struct Cutter<'a> {
    text: &'a str,
    style: StructureStyle,
    /// The end of the last piece, or of what introduces the collection.
    from: usize,
    pieces: Vec<Piece>,
    gaps: Vec<Gap>,
    comma: Range<usize>,
}

impl Cutter<'_> {
    fn cut(&mut self, span: Range<usize>, is_last: bool) -> Result<(), Uncut> {
        let line = start_of_line(self.text, span.start);
        let begins_line = line >= self.from && self.text[line..span.start].trim().is_empty();
        let comma = std::mem::replace(&mut self.comma, span.end..span.end);
        let (space, lead, indent) = if begins_line {
            let column = span.start - line;
            let lead = self.lead(self.from..line, column);
            (self.from..lead, lead..line, Some(Fragment::Kept(line..span.start)))
        } else {
            (self.from..span.start, span.start..span.start, None)
        };
        self.gaps.push(Gap { comma: Fragment::Kept(comma), space: Fragment::Kept(space), indent });
        let tail = match self.style {
            StructureStyle::Flow => self.tail_in_flow(span.end, is_last)?,
            StructureStyle::Block => span.end..self.tail_of_lines(span.end, span.start - line),
        };
        self.from = tail.end;
        self.pieces.push(Piece { lead: Fragment::Kept(lead), item: Fragment::Kept(span), tail: Fragment::Kept(tail) });
        Ok(())
    }

    /// Finds where the comment lines begin that stand directly above an item; `between` ends with its line.
    fn lead(&self, between: Range<usize>, column: usize) -> usize {
        let mut lead = None;
        let mut at = between.start;
        let is_first_line_whole = start_of_line(self.text, at) == at;
        for (i, line) in self.text[between].split_inclusive('\n').enumerate() {
            let is_comment = line.trim_start().starts_with('#') && (i > 0 || is_first_line_whole);
            let is_its_own = self.style == StructureStyle::Flow || indentation(line) <= column;
            lead = if is_comment && is_its_own { lead.or(Some(at)) } else { None };
            at += line.len();
        }
        lead.unwrap_or(at)
    }

    /// Finds the end of what belongs to an item in block style: its line, and deeper comment lines directly below.
    fn tail_of_lines(&self, from: usize, column: usize) -> usize {
        let mut end = end_of_line(self.text, from);
        while let Some(at) = self.text[end..].find('\n').map(|length| end + length + 1) {
            let line = &self.text[at..end_of_line(self.text, at)];
            if !line.trim_start().starts_with('#') || indentation(line) <= column {
                break;
            }
            end = at + line.len();
        }
        end
    }

    /// Moves over the comma behind an item in flow style; returns the comment behind it.
    fn tail_in_flow(&mut self, from: usize, is_last: bool) -> Result<Range<usize>, Uncut> {
        let comma = after_trivia(self.text, from);
        let has_comma = self.text[comma..].starts_with(',');
        let mut end = from;
        if has_comma {
            if self.text[from..comma].contains('#') {
                return Err(Uncut(from..comma, "a comment stands between this item and its comma"));
            }
            end = comma + 1;
            self.comma = from..end;
        } else if !is_last {
            return Err(Uncut(from..from, "the comma behind this item cannot be found"));
        }
        let line_end = end_of_line(self.text, end);
        let has_comment = self.text[end..line_end].trim_start_matches([' ', '\t']).starts_with('#');
        Ok(end..if has_comment { line_end } else { end })
    }

    fn finish(self) -> Option<Pieces> {
        let (Some(first), Some(_)) = (self.gaps.first(), self.pieces.first()) else { return None };
        let start = match &first.space {
            Fragment::Kept(range) => range.start,
            Fragment::New(_) => 0,
        };
        Some(Pieces {
            all: self.pieces,
            gaps: self.gaps,
            comma: Fragment::Kept(self.comma),
            range: start..self.from,
            style: self.style,
        })
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

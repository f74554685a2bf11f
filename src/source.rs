//! Input texts and places in them: every value that came from a file knows where it stands.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A text that was read, with the name it is spoken of by.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Byte offset of the first character of every line, found when first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// Takes a text and the name (mostly a path as the user wrote it) that messages give it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), lines: OnceLock::new() })
    }

    /// Returns the name, mostly a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns line and column, both from 1, of a byte offset; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = self.lines.get_or_init(|| std::iter::once(0).chain(ends).collect());
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        let end = offset.min(self.text.len());
        let column = self.text.get(start..end).map_or(1, |s| s.chars().count() + 1);
        (line, column)
    }
}

/// A span of bytes in a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    source: Arc<Source>,
    span: Range<usize>,
}

impl Place {
    /// Names the bytes `span` of `source`; a span past the end is cut to the text, one that cuts a character takes it whole.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let text = &source.text;
        let boundary = |at: &usize| text.is_char_boundary(*at);
        let end = (span.end..text.len()).find(boundary).unwrap_or(text.len());
        let start = (0..=span.start.min(end)).rev().find(boundary).unwrap_or(0);
        Self { source: Arc::clone(source), span: start..end }
    }

    /// Returns the text this place is in.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Returns the bytes this place covers.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Returns the line, from 1.
    pub fn line(&self) -> usize {
        self.source.position(self.span.start).0
    }

    /// Returns the column in characters, from 1.
    pub fn column(&self) -> usize {
        self.source.position(self.span.start).1
    }

    /// Narrows this place to `range`, counted in bytes from its start.
    #[must_use]
    pub fn within(&self, range: Range<usize>) -> Self {
        Self::new(&self.source, self.span.start + range.start..self.span.start + range.end)
    }
}

impl fmt::Display for Place {
    /// Writes `file:line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.position(self.span.start);
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let source = Source::new("f", "ab\nüx\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (2, 1));
        assert_eq!(source.position(5), (2, 2));
        assert_eq!(source.position(7), (3, 1));
    }

    #[test]
    fn a_place_past_the_end_is_cut_to_the_text() {
        let source = Source::new("f", "ab");
        assert_eq!(Place::new(&source, 1..9).span(), 1..2);
        assert_eq!(Place::new(&source, 7..9).span(), 2..2);
    }

    #[test]
    fn a_place_inside_a_character_takes_it_whole() {
        let source = Source::new("f", "aüb");
        assert_eq!(Place::new(&source, 2..2).span(), 1..3);
    }
}

//! Lists and maps of a text by the lines they are written in, for rewriting that moves whole parts about.

use super::layout::{Block, PairKind, Shape};
use super::path::{Target, find};
use super::pieces::Pieces;
use super::scan::{end_of_line, start_of_line};
use super::splice::Fragment;
use super::{Document, Path};
use granit_parser::StructureStyle;
use std::ops::Range;

/// A list or map that is written in lines, one or more for each part.
#[derive(Debug)]
pub struct Outline {
    /// What stands behind the colon or dash that introduces it, up to the end of that line.
    pub head: Range<usize>,
    /// The column in which its dashes or keys stand, from zero.
    pub column: usize,
    /// Its items or entries in order.
    pub parts: Vec<Part>,
}

impl Outline {
    /// Returns where the last line of the last part ends.
    pub fn end(&self) -> usize {
        self.parts.last().map_or(self.head.end, |part| part.tail.end)
    }
}

/// An item or entry with the lines that belong to it.
#[derive(Debug)]
pub struct Part {
    /// The key of an entry that is not brought in by a merge key.
    pub key: Option<Key>,
    /// Whole lines above it that belong to no part: empty ones and comments.
    pub before: Range<usize>,
    /// Whole comment lines directly above it.
    pub lead: Range<usize>,
    /// From its dash or key to the end of its value.
    pub item: Range<usize>,
    /// What belongs to it behind its value, without the last line end.
    pub tail: Range<usize>,
}

/// A key as it is written, with its value.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it means.
    pub name: String,
    /// Its bytes, quotes included.
    pub bytes: Range<usize>,
    /// The bytes from the key to the end of the value.
    pub entry: Range<usize>,
}

impl Document {
    /// Returns the outline of a list or map; none where it is empty, or not written in lines of its own.
    pub fn outline(&self, path: &Path) -> Option<Outline> {
        let target = find(self, path).ok()?;
        let text = self.source.text();
        let pieces = Pieces::cut(text, target.block).ok()??;
        if pieces.style != StructureStyle::Block {
            return None;
        }
        let mut keys = keys(&target).into_iter();
        let kinds: Vec<PairKind> = match &target.block.shape {
            Shape::Map(_, pairs) => pairs.iter().map(|pair| pair.kind).collect(),
            _ => Vec::new(),
        };
        let mut head = None;
        let mut column = 0;
        let mut parts = Vec::with_capacity(pieces.all.len());
        for (i, (piece, gap)) in pieces.all.iter().zip(&pieces.gaps).enumerate() {
            let space = kept(&gap.space)?;
            // What begins in the line of a dash or key has no line of its own.
            gap.indent.as_ref()?;
            let line_end = end_of_line(text, space.start);
            let before = next_line(text, line_end)..space.end;
            let item = kept(&piece.item)?;
            if head.is_none() {
                column = item.start - start_of_line(text, item.start);
                head = Some(space.start..line_end);
            }
            let key = match kinds.get(i) {
                Some(PairKind::Merge) | None => None,
                Some(_) => keys.next(),
            };
            parts.push(Part { key, before, lead: kept(&piece.lead)?, item, tail: kept(&piece.tail)? });
        }
        Some(Outline { head: head?, column, parts })
    }

    /// Returns the keys of a map, but for those that a merge key brings in; none where the map is written elsewhere.
    pub fn keys(&self, path: &Path) -> Vec<Key> {
        find(self, path).map(|target| keys(&target)).unwrap_or_default()
    }

    /// Returns the bytes of a scalar; none where the value is another, or written elsewhere.
    pub fn scalar(&self, path: &Path) -> Option<Range<usize>> {
        let target = find(self, path).ok()?;
        matches!(target.block.shape, Shape::Scalar(_)).then(|| target.block.content..target.block.end)
    }
}

fn keys(target: &Target<'_>) -> Vec<Key> {
    let (Shape::Map(_, pairs), Some(map)) = (&target.block.shape, target.node.as_mapping()) else { return Vec::new() };
    let own = pairs.iter().filter(|pair| pair.kind != PairKind::Merge);
    let key = |(pair, name): (&super::layout::Pair, &String)| Key {
        name: name.clone(),
        bytes: span(&pair.key),
        entry: pair.start..pair.value.end.max(pair.key.end),
    };
    own.zip(map.keys()).map(key).collect()
}

fn span(block: &Block) -> Range<usize> {
    block.content..block.end
}

fn kept(fragment: &Fragment) -> Option<Range<usize>> {
    match fragment {
        Fragment::Kept(range) => Some(range.clone()),
        Fragment::New(_) => None,
    }
}

/// Returns where the line begins that follows the one ending at `end`.
fn next_line(text: &str, end: usize) -> usize {
    text[end..].find('\n').map_or(text.len(), |length| end + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    const TEXT: &str = "\
top: # of the map
  # free

  # own
  a: 1 # behind
  b: {c: d}
other: [x]
";

    fn document() -> Document {
        Document::read(&Source::new("f", TEXT)).unwrap()
    }

    #[test]
    fn parts_of_a_map_have_the_comments_that_belong_to_them() {
        let outline = document().outline(&Path::default().key("top")).unwrap();
        let texts = |part: &Part| {
            [&part.before, &part.lead, &part.item, &part.tail].map(|range| TEXT[range.clone()].to_owned())
        };
        assert_eq!((&TEXT[outline.head.clone()], outline.column), (" # of the map", 2));
        assert_eq!(texts(&outline.parts[0]), ["  # free\n\n", "  # own\n", "a: 1", " # behind"]);
        assert_eq!(texts(&outline.parts[1]), ["", "", "b: {c: d}", ""]);
        assert_eq!(outline.end(), TEXT.find("\nother").unwrap());
    }

    #[test]
    fn what_stands_in_brackets_has_keys_but_no_lines() {
        let document = document();
        assert!(document.outline(&Path::default().key("other")).is_none());
        let keys = document.keys(&Path::default().key("top").key("b"));
        assert_eq!((keys[0].name.as_str(), &TEXT[keys[0].entry.clone()]), ("c", "c: d"));
        let scalar = document.scalar(&Path::default().key("other").item(0)).unwrap();
        assert_eq!(&TEXT[scalar], "x");
    }
}

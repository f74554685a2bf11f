//! Changes of a text: byte ranges and what replaces them.

use std::ops::Range;

/// A replacement of some bytes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The bytes that go.
    pub range: Range<usize>,
    /// The text that takes their place.
    pub text: String,
}

/// Returns `text` with all splices applied, which are sorted and do not overlap.
pub fn splice(text: &str, splices: &[Splice]) -> String {
    let grown: usize = splices.iter().map(|splice| splice.text.len()).sum();
    let mut out = String::with_capacity(text.len() + grown);
    let mut at = 0;
    for splice in splices {
        out.push_str(text.get(at..splice.range.start).unwrap_or_default());
        out.push_str(&splice.text);
        at = splice.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Returns the splices that give `text` back when applied to what `splices` make of it.
pub fn invert(text: &str, splices: &[Splice]) -> Vec<Splice> {
    let mut grown = 0_usize;
    let mut shrunk = 0_usize;
    let mut inverse = Vec::with_capacity(splices.len());
    for splice in splices {
        let start = splice.range.start + grown - shrunk;
        let old = text.get(splice.range.clone()).unwrap_or_default();
        inverse.push(Splice { range: start..start + splice.text.len(), text: old.to_owned() });
        grown += splice.text.len();
        shrunk += splice.range.len();
    }
    inverse
}

/// A part of a text that is being put together.
#[derive(Clone, Debug)]
pub(super) enum Fragment {
    /// These bytes of the old text.
    Kept(Range<usize>),
    /// Other text.
    New(String),
}

impl Fragment {
    /// Returns the text this part stands for.
    pub(super) fn text<'a>(&'a self, old: &'a str) -> &'a str {
        match self {
            Self::Kept(range) => old.get(range.clone()).unwrap_or_default(),
            Self::New(text) => text,
        }
    }

    /// Returns a part of the same text that may stand anywhere.
    pub(super) fn copied(&self, old: &str) -> Self {
        Self::New(self.text(old).to_owned())
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Kept(range) => range.is_empty(),
            Self::New(text) => text.is_empty(),
        }
    }
}

/// Returns the splices that turn the bytes `range` of `old` into `fragments`; what is kept comes in order.
pub(super) fn weave(old: &str, range: Range<usize>, fragments: &[Fragment]) -> Vec<Splice> {
    let mut splices = Vec::new();
    let mut pending = String::new();
    let mut cursor = range.start;
    for fragment in fragments {
        match fragment {
            Fragment::Kept(kept) if kept.start >= cursor => {
                if !kept.is_empty() {
                    flush(old, cursor..kept.start, &mut pending, &mut splices);
                    cursor = kept.end;
                }
            }
            other => pending.push_str(other.text(old)),
        }
    }
    flush(old, cursor..range.end.max(cursor), &mut pending, &mut splices);
    splices
}

/// Ends a splice, leaving out what is the same before and after at its two ends.
fn flush(old: &str, range: Range<usize>, pending: &mut String, splices: &mut Vec<Splice>) {
    let new = std::mem::take(pending);
    let gone = &old[range.clone()];
    let head = common(gone.chars(), new.chars());
    let tail = common(gone[head..].chars().rev(), new[head..].chars().rev());
    let text = new[head..new.len() - tail].to_owned();
    let range = range.start + head..range.end - tail;
    if !(range.is_empty() && text.is_empty()) {
        splices.push(Splice { range, text });
    }
}

/// Counts the bytes of the characters that two texts begin with alike.
fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_gives_the_text_back() {
        let text = "abcdef";
        let splices = [
            Splice { range: 1..3, text: "XYZ".into() },
            Splice { range: 4..4, text: "-".into() },
            Splice { range: 5..6, text: String::new() },
        ];
        let new = splice(text, &splices);
        assert_eq!(new, "aXYZd-e");
        assert_eq!(splice(&new, &invert(text, &splices)), text);
    }

    #[test]
    fn a_splice_holds_only_what_differs() {
        let fragments = [Fragment::New("one ü two".into())];
        let splices = weave("one ö two", 0..10, &fragments);
        assert_eq!(splices, [Splice { range: 4..6, text: "ü".into() }]);
    }
}

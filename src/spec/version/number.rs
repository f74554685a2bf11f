//! The segments of a version, and the smallest version after all that begin with them.

use std::cmp::Ordering;

/// Names that stand above all numbers, the highest last.
const BRANCHES: [&str; 7] = ["stable", "nightly", "trunk", "head", "master", "main", "develop"];

/// A segment; the variants are in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Word(Box<str>),
    Count(Digits),
    /// Index into [`BRANCHES`]; larger ones bound ranges that are open at the top.
    Branch(usize),
}

/// A decimal number of any size, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Digits {
    Small(u64),
    Large(Box<str>),
}

impl Digits {
    fn parse(text: &str) -> Self {
        let text = text.trim_start_matches('0');
        if text.is_empty() {
            return Self::Small(0);
        }
        text.parse().map_or_else(|_| Self::Large(text.into()), Self::Small)
    }

    fn next(&self) -> Self {
        match self {
            Self::Small(n) if *n < u64::MAX => Self::Small(n + 1),
            Self::Small(n) => Self::Large((u128::from(*n) + 1).to_string().into()),
            Self::Large(text) => {
                let kept = text.trim_end_matches('9');
                let nines = text.len() - kept.len();
                let mut out = String::with_capacity(text.len() + 1);
                match kept.chars().next_back() {
                    Some(last) => {
                        out.push_str(&kept[..kept.len() - 1]);
                        out.push(char::from_digit(last.to_digit(10).map_or(0, |d| d + 1), 10).unwrap_or('9'));
                    }
                    None => out.push('1'),
                }
                out.extend(std::iter::repeat_n('0', nines));
                Self::Large(out.into())
            }
        }
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            (Self::Small(_), Self::Large(_)) => Ordering::Less,
            (Self::Large(_), Self::Small(_)) => Ordering::Greater,
            (Self::Large(a), Self::Large(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        }
    }
}

/// The last part of a version's order: prereleases in order, then the release itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Alpha,
    Beta,
    Candidate,
    Release,
}

impl Stage {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "alpha" => Some(Self::Alpha),
            "beta" => Some(Self::Beta),
            "rc" => Some(Self::Candidate),
            "final" => Some(Self::Release),
            _ => None,
        }
    }
}

/// What versions are compared by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Number {
    segments: Vec<Segment>,
    stage: Stage,
    /// The number of the prerelease; without one it comes first.
    serial: Option<Digits>,
}

/// A run of digits or letters with the separators after it.
struct Piece<'a> {
    text: &'a str,
    separator: &'a str,
    /// Where the text ends in the version.
    end: usize,
}

impl Piece<'_> {
    fn is_count(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    fn spell(&self, out: &mut String) {
        let digits = self.text.trim_start_matches('0');
        out.push_str(match (self.is_count(), digits) {
            (true, "") => "0",
            (true, digits) => digits,
            (false, _) => self.text,
        });
    }

    fn segment(&self) -> Segment {
        if self.is_count() {
            return Segment::Count(Digits::parse(self.text));
        }
        match BRANCHES.iter().position(|name| *name == self.text) {
            Some(index) => Segment::Branch(index),
            None => Segment::Word(self.text.into()),
        }
    }
}

/// Splits into pieces; what is neither letter nor digit lies between them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let bytes = text.as_bytes();
    let run = |from: usize, test: &dyn Fn(&u8) -> bool| from + bytes[from..].iter().take_while(|b| test(b)).count();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'0'..=b'9' => run(at, &u8::is_ascii_digit),
            b'a'..=b'z' | b'A'..=b'Z' => run(at, &u8::is_ascii_alphabetic),
            _ => {
                at += 1;
                continue;
            }
        };
        let next = run(end, &|b| matches!(b, b'_' | b'.' | b'-'));
        pieces.push(Piece { text: &text[at..end], separator: &text[end..next], end });
        at = next;
    }
    pieces
}

/// Finds the prerelease at the end: how many pieces precede it, its stage and its number.
fn prerelease(pieces: &[Piece<'_>]) -> (usize, Stage, Option<Digits>) {
    match pieces {
        [_, .., word, serial] if serial.is_count() => {
            if let Some(stage) = Stage::from_name(word.text) {
                return (pieces.len() - 2, stage, Some(Digits::parse(serial.text)));
            }
        }
        [_, .., word] => {
            if let Some(stage) = Stage::from_name(word.text) {
                return (pieces.len() - 1, stage, None);
            }
        }
        _ => {}
    }
    (pieces.len(), Stage::Release, None)
}

/// Returns the text of the first `count` segments.
pub(super) fn leading(text: &str, count: usize) -> &str {
    match count.checked_sub(1).and_then(|last| pieces(text).get(last).map(|piece| piece.end)) {
        Some(end) => &text[..end],
        None if count == 0 => "",
        None => text,
    }
}

/// Spells a version out of its segments, as Spack does for the upper end of a range: no leading zeros.
pub(super) fn normalized(text: &str) -> String {
    let pieces = pieces(text);
    let (count, stage, serial) = prerelease(&pieces);
    let mut out = String::with_capacity(text.len());
    for piece in &pieces[..count] {
        piece.spell(&mut out);
        out.push_str(piece.separator);
    }
    if let [word, rest @ ..] = &pieces[count..] {
        if stage != Stage::Release {
            word.spell(&mut out);
        }
        if let (Some(_), [number, ..]) = (serial, rest) {
            out.push_str(word.separator);
            number.spell(&mut out);
        }
    }
    out
}

impl Number {
    /// The number below all versions.
    pub(super) const LOWEST: Self = Self { segments: Vec::new(), stage: Stage::Alpha, serial: None };

    pub(super) fn parse(text: &str) -> Self {
        let pieces = pieces(text);
        let (count, stage, serial) = prerelease(&pieces);
        Self { segments: pieces[..count].iter().map(Piece::segment).collect(), stage, serial }
    }

    pub(super) fn is_develop(&self) -> bool {
        self.segments.iter().any(|segment| matches!(segment, Segment::Branch(_)))
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.stage != Stage::Release
    }

    /// Returns the end of the range that begins here and holds all versions with this prefix: `1.3` for `1.2`.
    pub(super) fn after_prefix(&self) -> Self {
        let mut next = self.clone();
        if self.stage != Stage::Release {
            next.serial = Some(self.serial.as_ref().map_or(Digits::Small(0), Digits::next));
            return next;
        }
        let last = match next.segments.pop() {
            None => Segment::Word("A".into()),
            Some(Segment::Branch(index)) => Segment::Branch(index + 1),
            Some(Segment::Count(digits)) => Segment::Count(digits.next()),
            Some(Segment::Word(word)) => Segment::Word(next_word(&word)),
        };
        next.segments.push(last);
        next
    }

    /// Returns the end of ranges that are open at the top.
    pub(super) fn highest() -> Self {
        Self { segments: vec![Segment::Branch(BRANCHES.len() + 1)], stage: Stage::Release, serial: None }
    }
}

/// Returns the next word that is not the name of a branch; `z` is followed by `zA`.
fn next_word(word: &str) -> Box<str> {
    let mut word = word.to_owned();
    loop {
        match word.pop() {
            None => word.push('A'),
            Some('z') => word.push_str("zA"),
            Some('Z') => word.push('a'),
            Some(c) => word.push(char::from_u32(u32::from(c) + 1).unwrap_or(c)),
        }
        if !BRANCHES.contains(&word.as_str()) {
            return word.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, leading, normalized};

    #[test]
    fn the_end_of_a_prefix_comes_after_everything_that_begins_with_it() {
        for (prefix, inside) in
            [("1.2", "1.2.99.develop"), ("1.a", "1.a.5"), ("1.z", "1.z.1"), ("main", "main.5"), ("1.2-rc1", "1.2-rc1")]
        {
            let end = Number::parse(prefix).after_prefix();
            assert!(Number::parse(inside) < end, "{inside} within {prefix}");
        }
        assert_eq!(Number::parse("1.99999999999999999999").after_prefix(), Number::parse("1.100000000000000000000"));
    }

    #[test]
    fn a_spelled_out_version_has_no_leading_zeros_but_its_separators() {
        assert_eq!(normalized("00.1-_2b"), "0.1-_2b");
        assert_eq!(normalized("1.2-rc07."), "1.2-rc7");
        assert_eq!(normalized("1.2."), "1.2.");
    }

    #[test]
    fn no_leading_segments_are_the_empty_text() {
        assert_eq!(leading("1.2", 0), "");
    }
}

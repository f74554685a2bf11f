//! Takes pieces out of a list or map, puts others in, and writes the result with as few changes as possible.

use super::pieces::{Gap, Piece, Pieces};
use super::scan::start_of_line;
use super::splice::{Fragment, Splice, weave};
use granit_parser::StructureStyle;

/// The pieces of a list or map of a text, to be taken out and put in.
pub(super) struct Arrangement<'a> {
    text: &'a str,
    newline: &'static str,
    /// Where the first item begins in its line.
    column: usize,
    cut: Pieces,
}

impl<'a> Arrangement<'a> {
    pub(super) fn new(text: &'a str, newline: &'static str, cut: Pieces) -> Self {
        let column = match cut.all.first().map(|piece| &piece.item) {
            Some(Fragment::Kept(range)) => range.start - start_of_line(text, range.start),
            _ => 0,
        };
        Self { text, newline, column, cut }
    }

    /// Replaces the item of a piece and keeps its comments; one behind it goes behind the first line.
    pub(super) fn replace(&mut self, at: usize, item: &str) {
        let (first, rest) = item.split_at(item.find(['\r', '\n']).unwrap_or(item.len()));
        let piece = &mut self.cut.all[at];
        piece.item = Fragment::New(first.to_owned());
        if !rest.is_empty() {
            piece.tail = Fragment::New(format!("{}{rest}", piece.tail.text(self.text)));
        }
    }

    /// Takes out a piece with its comments; comments that belong to no piece stay. One piece has to be left.
    pub(super) fn take(&mut self, at: usize) -> Piece {
        let piece = self.cut.all.remove(at);
        let before = self.cut.gaps.remove(at);
        if at == self.cut.all.len() {
            if self.is_commented(&before) {
                let rest = before.space.text(self.text).trim_end();
                let last = &mut self.cut.all[at - 1];
                last.tail = Fragment::New(format!("{}{rest}", last.tail.text(self.text)));
            }
        } else {
            let behind = self.cut.gaps[at].clone();
            self.cut.gaps[at] = if at == 0 { self.first_gap(before, behind) } else { self.one_gap(before, behind) };
        }
        piece
    }

    /// Returns what is left of what stood before and behind the first piece.
    fn first_gap(&self, before: Gap, behind: Gap) -> Gap {
        if !self.is_commented(&behind) {
            return before;
        }
        let begins_text = before.indent.is_some() && before.space.is_empty();
        let space = if begins_text {
            let rest = behind.space.text(self.text).trim_start_matches(['\r', '\n']);
            Fragment::New(rest.to_owned())
        } else {
            self.joined(&before.space, &behind.space)
        };
        Gap { space, ..behind }
    }

    /// Returns what is left of what stood before and behind a piece: comments, or else the larger of the two.
    fn one_gap(&self, before: Gap, behind: Gap) -> Gap {
        let length = |gap: &Gap| gap.space.text(self.text).len();
        match (self.is_commented(&before), self.is_commented(&behind)) {
            (true, true) => Gap { space: self.joined(&before.space, &behind.space), ..behind },
            (true, false) => before,
            (false, false) if length(&before) >= length(&behind) => before,
            _ => behind,
        }
    }

    /// Puts a piece before the one at `at`, or last.
    pub(super) fn put(&mut self, at: usize, piece: Piece, gap: Gap) {
        self.cut.all.insert(at, piece);
        self.cut.gaps.insert(at.max(1), gap);
    }

    /// Returns a piece without comments.
    pub(super) fn piece(item: String) -> Piece {
        let none = || Fragment::New(String::new());
        Piece { lead: none(), item: Fragment::New(item), tail: none() }
    }

    /// Returns a copy of a piece, which may be put anywhere.
    pub(super) fn copied(&self, piece: &Piece) -> Piece {
        let copy = |part: &Fragment| part.copied(self.text);
        Piece { lead: copy(&piece.lead), item: copy(&piece.item), tail: copy(&piece.tail) }
    }

    /// Returns the pieces as they are now.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.cut.all
    }

    /// Returns what goes before a new piece: the smallest gap between others, or what suits the first.
    pub(super) fn gap(&self) -> Gap {
        let between = self.cut.gaps.iter().skip(1).filter(|gap| !self.is_commented(gap));
        let indent = self.indent();
        let comma = match self.cut.style {
            StructureStyle::Flow => ",",
            StructureStyle::Block => "",
        };
        let comma = Fragment::New(comma.to_owned());
        if let Some(gap) = between.min_by_key(|gap| gap.space.text(self.text).len()) {
            let space = gap.space.copied(self.text);
            return Gap { comma, space, indent: gap.indent.as_ref().map(|_| Fragment::New(indent)) };
        }
        let is_of_lines = self.cut.style == StructureStyle::Block || self.cut.gaps[0].indent.is_some();
        if is_of_lines {
            let space = Fragment::New(self.newline.to_owned());
            return Gap { comma, space, indent: Some(Fragment::New(indent)) };
        }
        Gap { comma, space: Fragment::New(" ".to_owned()), indent: None }
    }

    /// Returns the indentation of the pieces that begin a line, or of one that would.
    fn indent(&self) -> String {
        match self.cut.gaps.iter().find_map(|gap| gap.indent.as_ref()) {
            Some(indent) => indent.text(self.text).to_owned(),
            None => " ".repeat(self.column),
        }
    }

    fn is_commented(&self, gap: &Gap) -> bool {
        gap.space.text(self.text).contains('#')
    }

    fn joined(&self, first: &Fragment, second: &Fragment) -> Fragment {
        let (first, second) = (first.text(self.text), second.text(self.text));
        let first = first.trim_end_matches([' ', '\t']);
        let rest = second.strip_prefix("\r\n").or_else(|| second.strip_prefix('\n')).unwrap_or(second);
        let is_whole = first.ends_with('\n');
        Fragment::New(format!("{first}{}", if is_whole { rest } else { second }))
    }

    /// Returns the changes that make the text so.
    pub(super) fn splices(&self) -> Vec<Splice> {
        let indent = self.indent();
        let mut out = Vec::new();
        let cut = &self.cut;
        for (i, (piece, gap)) in cut.all.iter().zip(&cut.gaps).enumerate() {
            self.separate(i, piece, gap, &indent, &mut out);
            out.push(piece.item.clone());
            let comma = cut.gaps.get(i + 1).map_or(&cut.comma, |next| &next.comma);
            out.push(comma.clone());
            out.push(piece.tail.clone());
        }
        let rest = &self.text[cut.range.end..];
        if let Some(last) = cut.all.last()
            && last.tail.text(self.text).contains('#')
            && !(rest.is_empty() || rest.starts_with(['\n', '\r']))
        {
            out.push(Fragment::New(self.newline.to_owned()));
        }
        weave(self.text, cut.range.clone(), &out)
    }

    /// Writes what stands before the item of piece `i`.
    fn separate(&self, i: usize, piece: &Piece, gap: &Gap, indent: &str, out: &mut Vec<Fragment>) {
        let space = gap.space.text(self.text);
        let tail = i.checked_sub(1).map_or("", |before| self.cut.all[before].tail.text(self.text));
        let needs_break = gap.indent.is_none() && (tail.contains('#') || !piece.lead.is_empty());
        if needs_break && !space.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) {
            out.push(Fragment::New(self.newline.to_owned()));
            out.push(piece.lead.clone());
            out.push(Fragment::New(indent.to_owned()));
            return;
        }
        out.push(gap.space.clone());
        out.push(piece.lead.clone());
        out.extend(gap.indent.clone());
    }
}

//! The tokens of the spec language.
//!
//! What a character begins depends on all that follows it (`c=gcc` after `%`, `1.2:` before `opt=`), so each kind
//! of token is tried in a fixed order and takes as much as it can.

use std::ops::Range;

/// The kinds of token, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `^[`, `%[` or `%%[`.
    EdgeStart,
    /// `]`, perhaps with a virtual assignment.
    EdgeEnd,
    /// `^`, `%` or `%%`, perhaps with a virtual assignment.
    Dependency,
    /// `@` with a list, range or git reference.
    Version,
    /// `++x`, `~~x` or `--x`.
    PropagatedBool,
    /// `+x`, `~x` or `-x`.
    Bool,
    /// `x==a` or `x:==a`.
    PropagatedPair,
    /// `x=a` or `x:=a`.
    Pair,
    /// A path that ends in `.json` or `.yaml`.
    SpecFile,
    /// `namespace.name`.
    QualifiedName,
    /// `name`, or `*` for none.
    Name,
    /// `/hash`.
    Hash,
}

/// The part `c,cxx=gcc` of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    /// Where the virtual packages are named.
    pub(super) virtuals: Range<usize>,
    /// Where the package is named that stands for them.
    pub(super) substitute: Range<usize>,
}

/// A token of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    pub(super) assignment: Option<Assignment>,
}

/// Reads the tokens of a text one by one.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// Where no token can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unexpected(pub(super) Range<usize>);

/// Tells whether a byte can be part of a name, where a dot can too if `dotted`.
fn in_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn in_dotted(byte: u8) -> bool {
    in_identifier(byte) || byte == b'.'
}

fn begins_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Tells whether a byte may stand in a value without quotes.
fn in_value(byte: u8) -> bool {
    in_dotted(byte) || matches!(byte, b'+' | b'*' | b',' | b':' | b'=' | b'%' | b'^' | b'~' | b'/' | b'\\')
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns the next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Unexpected> {
        let start = self.skip_space(self.at);
        let Some(first) = self.text[start..].chars().next() else {
            self.at = start;
            return Ok(None);
        };
        let token = self.token(start).ok_or(Unexpected(start..start + first.len_utf8()))?;
        self.at = token.span.end;
        Ok(Some(token))
    }

    fn token(&self, start: usize) -> Option<Token> {
        let plain = |kind, end| Some(Token { kind, span: start..end, assignment: None });
        match self.byte(start)? {
            b'^' | b'%' => {
                let end = start + if self.text[start..].starts_with("%%") { 2 } else { 1 };
                if self.byte(end) == Some(b'[') {
                    return plain(Kind::EdgeStart, end + 1);
                }
                Some(self.with_assignment(Kind::Dependency, start..end))
            }
            b']' => Some(self.with_assignment(Kind::EdgeEnd, start..start + 1)),
            b'@' => self.version(start + 1).and_then(|end| plain(Kind::Version, end)),
            sigil @ (b'+' | b'~' | b'-') => {
                let (kind, name) = match self.byte(start + 1) {
                    Some(next) if next == sigil => (Kind::PropagatedBool, start + 2),
                    _ => (Kind::Bool, start + 1),
                };
                self.name(self.skip_space(name)).and_then(|end| plain(kind, end))
            }
            b'/' => match (self.spec_file(start), self.run(start + 1, begins_identifier)) {
                (Some(end), _) => plain(Kind::SpecFile, end),
                (None, end) if end > start + 1 => plain(Kind::Hash, end),
                _ => None,
            },
            b'*' => plain(Kind::Name, start + 1),
            b'.' => self.spec_file(start).and_then(|end| plain(Kind::SpecFile, end)),
            _ => self.word(start),
        }
    }

    /// Reads what begins with a letter, a digit or `_`: a pair, the path of a file, a name.
    fn word(&self, start: usize) -> Option<Token> {
        let name = self.name(start);
        let token = |kind, end| Token { kind, span: start..end, assignment: None };
        if let Some(name) = name {
            let colon = name + usize::from(self.byte(name) == Some(b':'));
            if self.byte(colon) == Some(b'=') {
                let propagated = (self.byte(colon + 1) == Some(b'=')).then(|| self.value(colon + 2)).flatten();
                if let Some(end) = propagated {
                    return Some(token(Kind::PropagatedPair, end));
                }
                if let Some(end) = self.value(colon + 1) {
                    return Some(token(Kind::Pair, end));
                }
            }
        }
        if let Some(end) = self.spec_file(start) {
            return Some(token(Kind::SpecFile, end));
        }
        let end = self.qualified(start)?;
        let kind = if self.text[start..end].contains('.') { Kind::QualifiedName } else { Kind::Name };
        Some(token(kind, end))
    }

    /// Adds the `c,cxx=gcc` that may follow.
    fn with_assignment(&self, kind: Kind, span: Range<usize>) -> Token {
        let assignment = self.assignment(self.skip_space(span.end));
        let end = assignment.as_ref().map_or(span.end, |a| a.substitute.end);
        Token { kind, span: span.start..end, assignment }
    }

    fn assignment(&self, start: usize) -> Option<Assignment> {
        let mut end = self.identifier(start)?;
        while self.byte(end) == Some(b',') {
            end = self.identifier(end + 1)?;
        }
        if self.byte(end) != Some(b'=') {
            return None;
        }
        let substitute = end + 1..self.qualified(end + 1)?;
        Some(Assignment { virtuals: start..end, substitute })
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Returns the end of the run of bytes from `at` that pass a test.
    fn run(&self, at: usize, test: fn(u8) -> bool) -> usize {
        at + self.text.as_bytes().get(at..).map_or(0, |rest| rest.iter().take_while(|b| test(**b)).count())
    }

    fn skip_space(&self, at: usize) -> usize {
        at + self.text[at..].chars().take_while(|c| is_space(*c)).map(char::len_utf8).sum::<usize>()
    }

    fn identifier(&self, start: usize) -> Option<usize> {
        self.byte(start).filter(|b| begins_identifier(*b)).map(|_| self.run(start, in_identifier))
    }

    /// Matches a name that may have dots anywhere but at its beginning, as variants have it.
    fn name(&self, start: usize) -> Option<usize> {
        self.byte(start).filter(|b| begins_identifier(*b)).map(|_| self.run(start, in_dotted))
    }

    /// Matches identifiers joined by dots.
    fn qualified(&self, start: usize) -> Option<usize> {
        let mut end = self.identifier(start)?;
        while let Some(next) = (self.byte(end) == Some(b'.')).then(|| self.identifier(end + 1)).flatten() {
            end = next;
        }
        Some(end)
    }

    /// Matches a bare or quoted value.
    fn value(&self, start: usize) -> Option<usize> {
        match self.byte(start)? {
            quote @ (b'\'' | b'"') => self.quoted(start, quote),
            _ => Some(self.run(start, in_value)).filter(|end| *end > start),
        }
    }

    /// Matches up to the closing quote; an escaped quote closes only if no other does.
    fn quoted(&self, start: usize, quote: u8) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut escaped = None;
        for (at, byte) in bytes.iter().enumerate().skip(start + 1) {
            if *byte == quote {
                if bytes[at - 1] != b'\\' {
                    return Some(at + 1);
                }
                escaped = Some(at + 1);
            }
        }
        escaped
    }

    fn spec_file(&self, start: usize) -> Option<usize> {
        let folder = match self.byte(start)? {
            b'.' | b'/' => start + 1,
            _ => {
                let slash = self.run(start, in_identifier);
                (self.byte(slash) == Some(b'/')).then_some(slash + 1)?
            }
        };
        let end = self.run(folder, |b| in_dotted(b) || b == b'/');
        let path = &self.text[folder..end];
        let last = |ending: &str| path.rfind(ending).map(|at| folder + at + ending.len());
        last(".json").max(last(".yaml"))
    }

    fn version(&self, start: usize) -> Option<usize> {
        if let Some(git) = self.git_reference(start) {
            let paired = (self.byte(git) == Some(b'=')).then(|| self.single_version(git + 1)).flatten();
            return Some(paired.unwrap_or(git));
        }
        let mut end = self.version_or_range(self.skip_space(start))?;
        loop {
            let comma = self.skip_space(end);
            if self.byte(comma) != Some(b',') {
                return Some(end);
            }
            match self.version_or_range(self.skip_space(comma + 1)) {
                Some(next) => end = next,
                None => return Some(end),
            }
        }
    }

    fn git_reference(&self, start: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[start..];
        if rest.starts_with(b"git.") && rest.get(4).is_some_and(|b| begins_identifier(*b)) {
            return Some(self.run(start + 4, |b| in_dotted(b) || b == b'/'));
        }
        rest.get(..40).filter(|hash| hash.iter().all(u8::is_ascii_hexdigit)).map(|_| start + 40)
    }

    fn version_or_range(&self, start: usize) -> Option<usize> {
        let low = self.version_ends(start).find(|end| self.byte(*end) == Some(b':'));
        let colon = low.unwrap_or(start);
        if self.byte(colon) != Some(b':') {
            return self.single_version(start);
        }
        // What an equals sign follows is no version but the name of a variant: `@1.2:opt=1`.
        let is_name = |end: usize| self.byte(self.skip_space(end)) == Some(b'=');
        let high = self.version_ends(colon + 1).find(|end| !is_name(*end));
        Some(high.unwrap_or(colon + 1))
    }

    fn single_version(&self, start: usize) -> Option<usize> {
        self.version_ends(start).next()
    }

    /// Returns where a version may end, the longest first: between a word character and none, or the other way round.
    fn version_ends(&self, start: usize) -> impl Iterator<Item = usize> {
        let first = start + usize::from(self.byte(start) == Some(b'='));
        let end = self.name(first).unwrap_or(first);
        let is_word_before = move |at: usize| self.byte(at - 1).is_some_and(begins_identifier);
        let is_word_after = move |at: usize| self.text[at..].chars().next().is_some_and(in_word);
        (first + 1..=end).rev().filter(move |at| is_word_before(*at) != is_word_after(*at))
    }
}

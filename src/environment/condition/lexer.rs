//! Cuts a condition into words, string literals and operators, as Python would.

use super::Refusal;
use std::ops::Range;

/// A piece of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    /// A string literal, its escapes replaced.
    Text(String),
    /// An operator or bracket.
    Symbol(&'static str),
}

/// The operators, longer ones before those they begin with.
const SYMBOLS: [&str; 9] = ["==", "!=", "(", ")", "[", "]", ",", ".", "-"];

/// Returns the tokens with their bytes.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Refusal> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let token = if let Some((literal, length)) = literal(rest, start)? {
            at += length;
            Token::Text(literal)
        } else if c.is_alphabetic() || c == '_' {
            at += rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            Token::Word(text[start..at].to_owned())
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            at += symbol.len();
            Token::Symbol(symbol)
        } else {
            let span = start..start + c.len_utf8();
            return Err(Refusal::new(span, format!("`{}` has no meaning here", c.escape_debug()), super::parse::HINT));
        };
        tokens.push((token, start..at));
    }
    Ok(tokens)
}

/// Reads a string literal at the start of `rest` and returns it with the bytes it takes up.
fn literal(rest: &str, start: usize) -> Result<Option<(String, usize)>, Refusal> {
    let raw = rest.starts_with(['r', 'R']) && rest[1..].starts_with(['\'', '"']);
    let open = usize::from(raw);
    let Some(quote) = rest[open..].chars().next().filter(|c| matches!(c, '\'' | '"')) else { return Ok(None) };
    let mut content = String::new();
    let mut chars = rest[open + 1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(Some((content, open + 1 + at + 1))),
            '\\' => match chars.next() {
                Some((_, next)) if raw => content.extend(['\\', next]),
                Some((_, next)) => match next {
                    '\\' | '\'' | '"' => content.push(next),
                    'n' => content.push('\n'),
                    't' => content.push('\t'),
                    // Python keeps a backslash before other characters of a pattern, such as `\d`.
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | '.' | '-' | '+' | '*' | '(' | ')' | '[' | ']' => {
                        content.extend(['\\', next]);
                    }
                    _ => {
                        let span = start + open + 1 + at..start + open + 2 + at + next.len_utf8();
                        let message = format!("the escape `\\{}` is not understood", next.escape_debug());
                        return Err(Refusal::new(span, message, "put an r before the quote to take it literally"));
                    }
                },
                None => break,
            },
            c => content.push(c),
        }
    }
    Err(Refusal::new(start..start + rest.len(), "the quote is not closed", "add the closing quote"))
}

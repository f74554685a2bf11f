//! Lines of YAML and of differences in their colours; a line is looked at by itself.

use super::super::theme::Role;
use super::Look;
use super::text::clean;
use ratatui::text::Span;

/// Colours a line of YAML: keys, comments, and quoted texts.
pub(super) fn highlighted(line: &str, look: Look<'_>) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut push = |text: &str, role: Option<Role>| {
        if !text.is_empty() {
            let style = role.map(|role| look.style(role)).unwrap_or_default();
            spans.push(Span::styled(clean(text).into_owned(), style));
        }
    };
    let content = line.trim_start_matches([' ', '-']);
    let (indent, content) = line.split_at(line.len() - content.len());
    push(indent, None);
    if content.starts_with('#') {
        push(content, Some(Role::Dim));
        return spans;
    }
    let key = key_end(content).unwrap_or(0);
    push(&content[..key], Some(Role::Name));
    let rest = &content[key..];
    let (value, comment) = rest.split_at(comment_start(rest));
    let text = value.trim_start_matches([':', ' ']);
    let (before, text) = value.split_at(value.len() - text.len());
    push(before, None);
    push(text, text.starts_with(['"', '\'']).then_some(Role::Note));
    push(comment, Some(Role::Dim));
    spans
}

/// Colours a line of a unified difference.
pub(super) fn difference(line: &str, look: Look<'_>) -> Vec<Span<'static>> {
    let role = match line.as_bytes() {
        [b'@', b'@', ..] => Some(Role::Name),
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Some(Role::Title),
        [b'+', ..] => Some(Role::Added),
        [b'-', ..] => Some(Role::Removed),
        _ => None,
    };
    vec![Span::styled(clean(line).into_owned(), role.map(|role| look.style(role)).unwrap_or_default())]
}

/// Returns where the key of a line ends, before its colon.
fn key_end(content: &str) -> Option<usize> {
    let start = end_of_quoted(content).unwrap_or(0);
    let colons = content[start..].match_indices(':').map(|(at, _)| start + at);
    let is_end = |at: &usize| content[at + 1..].is_empty() || content[at + 1..].starts_with(' ');
    if start > 0 {
        return colons.take(1).find(|at| *at == start && is_end(at));
    }
    colons.into_iter().find(is_end).filter(|at| !content[..*at].contains(['"', '\'', '#']))
}

/// Returns where a comment begins behind a value, or the length if there is none.
fn comment_start(rest: &str) -> usize {
    let value = rest.trim_start_matches([':', ' ']);
    let offset = rest.len() - value.len();
    let from = offset + end_of_quoted(value).unwrap_or(0);
    rest[from..].find(" #").map_or(rest.len(), |at| from + at)
}

/// Returns the length of the quoted text that a text begins with.
fn end_of_quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            '\'' if quote == '\'' && rest.peek().is_some_and(|(_, next)| *next == '\'') => {
                rest.next();
            }
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::glyph::Glyphs;
    use crate::tui::keymap::Keymap;
    use crate::tui::theme::Theme;

    fn parts(line: &str) -> Vec<(String, &'static str)> {
        let theme = Theme::load("default", None, Glyphs::UNICODE).unwrap();
        let keymap = Keymap::default();
        let name = |style| {
            let roles = [(Role::Name, "key"), (Role::Dim, "comment"), (Role::Note, "text")];
            roles.into_iter().find(|(role, _)| theme.style(*role) == style).map_or("", |(_, name)| name)
        };
        let spans = highlighted(line, Look { theme: &theme, keymap: &keymap });
        spans.into_iter().map(|span| (span.content.into_owned(), name(span.style))).collect()
    }

    fn part(text: &str, role: &'static str) -> (String, &'static str) {
        (text.to_owned(), role)
    }

    #[test]
    fn keys_quoted_texts_and_comments_are_told_apart() {
        assert_eq!(parts("# all: of it"), [part("# all: of it", "comment")]);
        assert_eq!(
            parts("  - 'a: b': \"c # d\" # e"),
            [
                part("  - ", ""),
                part("'a: b'", "key"),
                part(": ", ""),
                part("\"c # d\"", "text"),
                part(" # e", "comment")
            ]
        );
        assert_eq!(parts("key:"), [part("key", "key"), part(":", "")]);
        assert_eq!(parts("- plain http://x"), [part("- ", ""), part("plain http://x", "")]);
        assert_eq!(parts("'it''s': x"), [part("'it''s'", "key"), part(": ", ""), part("x", "")]);
    }

    #[test]
    fn no_line_is_too_odd_and_nothing_is_lost() {
        for line in ["", ":", "'", "\"\\", "- - -", "''''", "é: 'ü", "  : #", "a#b: c", "\"a\"b: c"] {
            let text: String = parts(line).into_iter().map(|(text, _)| text).collect();
            assert_eq!(text, line);
        }
    }
}

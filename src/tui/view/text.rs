//! Text for the screen: harmless, cut to width, wrapped.

use crate::emit::shown;
use ratatui::text::Span;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Returns the columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text of the inputs in which nothing steers the terminal.
pub fn clean(text: &str) -> Cow<'_, str> {
    shown(text)
}

/// Cuts a text to so many columns; what was cut is marked.
pub fn fitted(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut result = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        result.push(c);
    }
    if ellipsis.width() <= columns {
        result.push_str(ellipsis);
    }
    result
}

/// Cuts or fills a text to exactly so many columns.
pub fn padded(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut result = fitted(text, columns, ellipsis);
    let missing = columns.saturating_sub(result.width());
    result.extend(std::iter::repeat_n(' ', missing));
    result
}

/// Leaves out the first columns of a line; a wide character that is cut in half leaves a blank.
pub fn scrolled(spans: Vec<Span<'static>>, columns: usize) -> Vec<Span<'static>> {
    let mut left = columns;
    let cut = |mut span: Span<'static>| {
        let wide = span.width();
        if left >= wide {
            left -= wide;
            return None;
        }
        if left > 0 {
            let at = span.content.char_indices().find_map(|(at, c)| {
                let wide = c.width().unwrap_or(0);
                if left == 0 {
                    return Some((at, 0));
                }
                let cut = wide.saturating_sub(left);
                left = left.saturating_sub(wide);
                (cut > 0).then_some((at + c.len_utf8(), cut))
            });
            let (at, blanks) = at.unwrap_or((span.content.len(), 0));
            span.content = format!("{}{}", " ".repeat(blanks), &span.content[at..]).into();
        }
        Some(span)
    };
    spans.into_iter().filter_map(cut).collect()
}

/// Breaks a text into lines of at most so many columns, at blanks where there are any; lines after the first are
/// indented.
pub fn wrapped(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let columns = columns.max(indent + 8);
    let mut lines = Vec::new();
    let words = text.trim_start_matches(' ');
    let mut line = " ".repeat((text.len() - words.len()).min(indent));
    let mut is_blank = true;
    for word in words.split(' ') {
        let mut word = word;
        if !line.trim().is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !is_blank && (line.width() > indent || lines.is_empty()) {
            line.push(' ');
        }
        is_blank = false;
        while line.width() + word.width() > columns {
            let room = columns.saturating_sub(line.width()).max(1);
            let cut = cut_at(word, room);
            line.push_str(&word[..cut]);
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            word = &word[cut..];
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Returns the byte where the columns of a text's beginning are used up, past at least one character.
fn cut_at(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (index, (at, c)) in text.char_indices().enumerate() {
        used += c.width().unwrap_or(0);
        if used > columns && index > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        assert_eq!(fitted("abcdef", 4, "…"), "abc…");
        assert_eq!(fitted("abcd", 4, "…"), "abcd");
        assert_eq!(padded("ab", 4, "…"), "ab  ");
        assert_eq!(fitted("漢字漢字", 5, "…"), "漢字…");
    }

    #[test]
    fn what_is_scrolled_away_is_gone_by_columns() {
        let text = |columns| {
            let spans = scrolled(vec![Span::raw("ab"), Span::raw("漢字d")], columns);
            spans.into_iter().map(|span| span.content.into_owned()).collect::<String>()
        };
        assert_eq!([0, 1, 2, 3, 4, 6, 7, 99].map(text), ["ab漢字d", "b漢字d", "漢字d", " 字d", "字d", "d", "", ""]);
    }

    #[test]
    fn lines_break_at_blanks_and_go_on_indented() {
        assert_eq!(wrapped("one two three four", 10, 2), ["one two", "  three", "  four"]);
        assert_eq!(wrapped("  one two three", 12, 4), ["  one two", "    three"]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing_and_keeps_the_width(text in "[a-z ]{0,60}", columns in 10usize..40) {
            let lines = wrapped(&text, columns, 2);
            prop_assert!(lines.iter().all(|line| line.width() <= columns));
            let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}

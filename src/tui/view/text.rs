//! Text for the screen: harmless, cut to width, wrapped.

use crate::emit::shown;
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

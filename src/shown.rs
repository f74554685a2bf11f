//! Text from outside made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns a text on one line in which nothing steers a terminal: control characters and marks that reorder text are
/// written as `\x1b`, `\n`, `\u{202e}`.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if steers(c) && u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if steers(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(shown("a\u{1b}[2Jb\n\u{9b}c\u{202e}"), "a\\x1b[2Jb\\n\\x9bc\\u{202e}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(shown("zlib@1.2 größer"), "zlib@1.2 größer");
    }
}

//! Text from inputs made fit for a terminal.

use crate::plan::prune::Reason;
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

/// Returns a number with its noun, e.g. `1 job`, `3 jobs`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Says why a spec gets no job, as part of a sentence.
pub fn no_job(reason: &Reason) -> String {
    match reason {
        Reason::External => "it is an external, there already, and not built".to_owned(),
        Reason::UpToDate(mirrors) => format!("it is up to date at {}", mirrors.join(", ")),
        Reason::Untouched => "no changed package bears on it".to_owned(),
        _ => "it is left out".to_owned(),
    }
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

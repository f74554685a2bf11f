//! Keeps secrets and control characters out of everything that is shown.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// What stands in place of something secret.
const HIDDEN: &str = "***";

/// A password or token, which neither `Debug` nor `Display` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a password or token.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Returns `text` with the user part and the query of every URL in it hidden, and control characters escaped.
///
/// A user without a password stays in ssh URLs (`ssh://git@host`), where it is no secret; in http URLs it may be a token.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(&shown(before));
        let is_ssh = before[..at].ends_with("ssh");
        let end = after.find(ends_url).unwrap_or(after.len());
        let (url, tail) = after.split_at(end);
        out.push_str(&shown(&without_secrets(url, is_ssh)));
        rest = tail;
    }
    out.push_str(&shown(rest));
    out
}

fn ends_url(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\'' | '"' | '`' | '<' | '>')
}

/// Hides the secrets of what follows the `://` of a URL.
fn without_secrets(url: &str, is_ssh: bool) -> String {
    let authority = url.split(['/', '?', '#']).next().unwrap_or(url);
    // A password with one of those characters ends the authority early: rather hide a port and a path than show it.
    let has_user = authority.contains('@') || (authority.contains(':') && !authority.starts_with('['));
    let user_end = if has_user { url.rfind('@') } else { None };
    let (user, rest) = user_end.map_or((None, url), |at| (Some(&url[..at]), &url[at + 1..]));
    let rest = rest.split_once('?').map_or_else(|| rest.to_owned(), |(place, _)| format!("{place}?{HIDDEN}"));
    match user.map(|user| user.split_once(':').map_or((user, false), |(name, _)| (name, true))) {
        None => rest,
        Some((name, false)) if is_ssh => format!("{name}@{rest}"),
        Some((name, true)) if is_ssh => format!("{name}:{HIDDEN}@{rest}"),
        Some(_) => format!("{HIDDEN}@{rest}"),
    }
}

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
    use super::*;

    #[test]
    fn the_user_part_of_a_url_is_hidden_wherever_it_stands() {
        for (text, shown) in [
            ("https://gitlab-ci-token:s3cret@git.example/x.git", "https://***@git.example/x.git"),
            ("https://glpat-s3cret@git.example/x.git", "https://***@git.example/x.git"),
            ("cannot reach 'https://u:s3cret@h/x': no", "cannot reach 'https://***@h/x': no"),
            ("http://a:b@c:s3cret@h/x and http://u:s3cret@h", "http://***@h/x and http://***@h"),
            ("https://u:s3c/ret@h/x", "https://***@h/x"),
            ("https://u:/s3cret@h/x", "https://***@h/x"),
            ("https://u:s3c?r#et@h/x", "https://***@h/x"),
            ("ssh://git:s3cret@h/x", "ssh://git:***@h/x"),
            ("https://h/x?private_token=s3cret", "https://h/x?***"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn a_url_without_secrets_is_shown_as_it_is() {
        for text in [
            "ssh://git@h:22/x.git",
            "git@h:x.git",
            "file:///srv/x@y.git",
            "https://h/x@v1",
            "https://h:8080/x",
            "http://[::1]:80/x@v1",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(shown("a\u{1b}[2Jb\n\u{9b}c\u{202e}"), "a\\x1b[2Jb\\n\\x9bc\\u{202e}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(shown("zlib@1.2 größer"), "zlib@1.2 größer");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(redact("a\u{1b}[2Jb\n\u{202e}"), "a\\x1b[2Jb\\n\\u{202e}");
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("s3cret")), "***");
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_was_a_password_is_left(user in "[a-z0-9]{0,5}", password in "[A-Z!$%&@:/?#]{0,8}QQQ", host in "[a-z]{1,5}") {
            let shown = redact(&format!("failed: https://{user}:{password}@{host}/r.git now"));
            proptest::prop_assert!(!shown.contains("QQQ"), "{}", shown);
        }
    }
}

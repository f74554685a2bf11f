//! The token that CDash lets in.

use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::redact::Secret;
use std::fs;
use std::path::Path;

/// A token for CDash; it is never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(Secret);

impl Token {
    /// Takes a token, without the white space around it.
    ///
    /// # Errors
    /// Refuses an empty one, and characters that cannot be in a header.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let problem = if text.is_empty() {
            "is empty"
        } else if text.chars().any(|c| !c.is_ascii_graphic()) {
            "has a character that no token has"
        } else {
            return Ok(Self(Secret::new(text)));
        };
        Err(Error::input(format!("the CDash token {problem}"))
            .hint("make a new one in CDash: My CDash, Authentication Tokens"))
    }

    /// Reads a token from a file; the finding warns if others can read it too.
    ///
    /// # Errors
    /// Fails if the file cannot be read, and as [`new`](Self::new) does.
    pub fn read(path: &Path) -> Result<(Self, Option<Finding>)> {
        let text = fs::read_to_string(path).map_err(|cause| Error::io("read the CDash token from", path, &cause))?;
        Ok((Self::new(&text)?, exposure(path)))
    }

    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0.reveal())
    }
}

#[cfg(unix)]
fn exposure(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    let message = format!("everybody on this machine can read the CDash token in `{}`", path.display());
    (mode & 0o004 != 0).then(|| {
        Finding::new(Severity::Warning, Rule::ExposedToken, message).hint(format!("chmod 600 {}", path.display()))
    })
}

#[cfg(not(unix))]
fn exposure(_: &Path) -> Option<Finding> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_token_is_dropped() {
        assert_eq!(Token::new(" abc\n").unwrap().header(), "Bearer abc");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_repeating_it() {
        for text in ["", " \n", "s3cret\nX-Evil: 1", "s3cret\u{e9}"] {
            assert!(!Token::new(text).unwrap_err().message.contains("s3cret"));
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        assert!(!format!("{:?}", Token::new("s3cret").unwrap()).contains("s3cret"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_everybody_can_read_is_warned_of() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        fs::write(&path, "abc\n").unwrap();
        for (mode, warns) in [(0o644, true), (0o600, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Token::read(&path).unwrap().1.is_some(), warns);
        }
    }
}

//! What a generated commit says about where it comes from, as git trailers.

use crate::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The trailer every generated commit carries: the version of this program.
pub const VERSION: &str = "Spackplan-Version";
/// The trailer every generated commit carries: the SHA-256 of the plan.
pub const PLAN: &str = "Spackplan-Plan-SHA256";
/// The SHA-256 of the `spack.yaml`, then its path in the commit.
pub const ENVIRONMENT: &str = "Spackplan-Environment-SHA256";
/// The SHA-256 of a lockfile, then its path in the commit; one for each lockfile.
pub const LOCKFILE: &str = "Spackplan-Lockfile-SHA256";
/// The SHA-256 of a file that the environment includes, then its path in the commit; one for each file.
pub const INCLUDED: &str = "Spackplan-Included-SHA256";
/// The SHA-256 of what mirrors and history said, then its path in the commit; absent where they were not asked.
pub const PRUNING: &str = "Spackplan-Pruning-SHA256";
/// The branch that the commit was generated from.
pub const BRANCH: &str = "Spackplan-Branch";

/// One `Key: value` line at the end of a commit message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    key: String,
    value: String,
}

impl Trailer {
    /// Makes a trailer.
    ///
    /// # Errors
    /// Refuses keys with other than letters, digits and hyphens, and values with control characters: they could forge
    /// further lines.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Result<Self> {
        let (key, value) = (key.into(), value.into().trim().to_owned());
        let key_fits = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !key_fits || value.is_empty() || value.chars().any(char::is_control) {
            return Err(Error::input(format!(
                "`{}: {}` cannot be a trailer",
                key.escape_debug(),
                value.escape_debug()
            ))
            .hint("a trailer is letters, digits and hyphens, a colon, and one line of text"));
        }
        Ok(Self { key, value })
    }

    /// Makes the trailer that records the content of an input at `path` in the commit.
    ///
    /// # Errors
    /// Refuses paths with control characters.
    pub fn of_file(key: &str, path: &str, content: &[u8]) -> Result<Self> {
        Self::new(key, format!("{} {path}", sha256(content)))
    }

    /// Returns what stands before the colon.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns what stands after the colon, trimmed.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Reads a value that [`of_file`](Self::of_file) wrote: the SHA-256 and the path.
    pub fn as_file(&self) -> Option<(&str, &str)> {
        self.value.split_once(' ')
    }
}

impl fmt::Display for Trailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.value)
    }
}

/// Returns the SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Returns the trailers that every generated commit carries, with those of its inputs.
///
/// # Errors
/// Refuses paths with control characters.
pub fn of_plan(plan: &[u8], environment: (&str, &[u8]), lockfiles: &[(&str, &[u8])]) -> Result<Vec<Trailer>> {
    let mut trailers = vec![Trailer::of_file(ENVIRONMENT, environment.0, environment.1)?];
    for (path, content) in lockfiles {
        trailers.push(Trailer::of_file(LOCKFILE, path, content)?);
    }
    trailers.push(Trailer::new(PLAN, sha256(plan))?);
    trailers.push(Trailer::new(VERSION, env!("CARGO_PKG_VERSION"))?);
    Ok(trailers)
}

/// Reads the trailers of a commit message: the `Key: value` lines of its last paragraph, if it has no other lines and
/// is not the subject.
pub fn parse(message: &str) -> Vec<Trailer> {
    let Some((_, last)) = message.trim_end().rsplit_once("\n\n") else { return Vec::new() };
    let read = |line: &str| line.split_once(": ").and_then(|(key, value)| Trailer::new(key, value).ok());
    last.lines().map(read).collect::<Option<_>>().unwrap_or_default()
}

/// Tells whether a commit message is one that this program wrote: it names the program's version and a plan.
pub fn are_ours(message: &str) -> bool {
    let trailers = parse(message);
    let has = |key| trailers.iter().any(|trailer| trailer.key == key);
    has(VERSION) && has(PLAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> String {
        let trailers = of_plan(b"plan", ("env/spack.yaml", b"spack:"), &[("env/spack.lock", b"{}")]).unwrap();
        let lines: Vec<_> = trailers.iter().map(ToString::to_string).collect();
        format!("Auto-generated commit testing main (abc)\n\n{}\n", lines.join("\n"))
    }

    #[test]
    fn what_is_written_is_read() {
        let trailers = parse(&message());
        assert_eq!(trailers.len(), 4);
        let expected = (sha256(b"spack:"), "env/spack.yaml".to_owned());
        assert_eq!(trailers[0].as_file().map(|(hash, path)| (hash.to_owned(), path.to_owned())), Some(expected));
        assert!(are_ours(&message()));
    }

    #[test]
    fn a_message_that_only_speaks_of_the_trailers_is_not_ours() {
        for foreign in [
            "Spackplan-Version: 1\nSpackplan-Plan-SHA256: 00\n",
            "Subject\n\nWe had Spackplan-Version: 1 and\nSpackplan-Plan-SHA256: 00\n",
            "Subject\n\nSpackplan-Version: 1\n",
            "Subject\n\nSpackplan-Version: 1\nSpackplan-Plan-SHA256: 00\n\nSigned-off-by: me\n",
            "",
        ] {
            assert!(!are_ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_trailer_cannot_forge_another_line() {
        for (key, value) in [("A", "b\nSpackplan-Version: 9"), ("A\nB", "c"), ("A B", "c"), ("", "c"), ("A", "")] {
            assert!(Trailer::new(key, value).is_err());
        }
    }
}

//! What stops a command: a message, the place it is about, and what to do next.

use crate::source::Place;
use std::fmt;

/// The kinds of failure, each with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The environment, a lockfile or another input is wrong: exit 1.
    Input,
    /// The operating system or a remote refused: exit 1.
    Io,
    /// The command line does not make sense: exit 2.
    Usage,
}

impl ErrorKind {
    /// Returns the process exit code of this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Input | Self::Io => 1,
            Self::Usage => 2,
        }
    }
}

/// A failure that ends a command; nothing has been written when one is returned.
#[derive(Clone, Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: ErrorKind,
    /// One sentence without a final period.
    pub message: String,
    /// Where the input is wrong, if it is about an input.
    pub place: Option<Place>,
    /// Further places that explain the failure, each with a short label.
    pub related: Vec<(Place, String)>,
    /// What to do next.
    pub hints: Vec<String>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None, related: Vec::new(), hints: Vec::new() }
    }

    /// Makes an error about an input.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// Makes an error about the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Makes an error of the operating system about `path`.
    pub fn io(action: &str, path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action} `{}`: {cause}", path.display()))
    }

    /// Makes an error of something outside that refused or could not be reached, such as a remote.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Io, message)
    }

    /// Adds the place the message is about.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// Adds another place that explains the failure.
    #[must_use]
    pub fn related(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.related.push((place.clone(), label.into()));
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    /// Writes `file:line:column: message`; the front end adds the caret and the hints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A result whose failure ends the command.
pub type Result<T> = std::result::Result<T, Error>;

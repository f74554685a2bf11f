//! What is known of the environment's file on disk.

use crate::error::Result;
use crate::tui::effect::{Loaded, Sight};

/// What the last looks at the file found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// It holds what was read or saved.
    #[default]
    AsRead,
    /// It could not be read, as happens for a moment while others replace it.
    Missed,
    /// It cannot be read, and that was said.
    Gone,
    /// It holds a text with this fingerprint, which was read; it is not read again if it could not be taken.
    Tried(u64),
}

/// What a look at the file calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Reading it again.
    Reload,
    /// Saying why it cannot be read.
    Complaint(String),
}

/// What is known of the file.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What the last looks found.
    pub seen: Seen,
    /// What was read while something lay over the screen; taken once that is closed.
    pub read: Option<Result<Box<Loaded>>>,
}

impl Disk {
    /// Takes what a look found; every text is read once, and every failure said once.
    pub fn look(&mut self, sight: Sight) -> Need {
        let (seen, need) = match (sight, self.seen) {
            (Sight::AsRead, _) => (Seen::AsRead, Need::Nothing),
            (Sight::Changed(text), Seen::Tried(tried)) if text == tried => (Seen::Tried(text), Need::Nothing),
            (Sight::Changed(text), _) => (Seen::Tried(text), Need::Reload),
            (Sight::Unreadable(_), Seen::AsRead | Seen::Tried(_)) => (Seen::Missed, Need::Nothing),
            (Sight::Unreadable(reason), Seen::Missed) => (Seen::Gone, Need::Complaint(reason)),
            (Sight::Unreadable(_), Seen::Gone) => (Seen::Gone, Need::Nothing),
        };
        self.seen = seen;
        need
    }
}

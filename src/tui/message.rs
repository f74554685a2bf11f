//! What the terminal, the clock and the worker tell the model.

use super::command::Command;
use super::effect::{News, Outcome};
use super::key::Key;
use crate::publish::watch::Progress;
use crossterm::event::MouseEvent;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size now: columns and rows.
    Resize(u16, u16),
    /// A command is to be run.
    Command(Command),
    /// The worker has finished something.
    Done(Outcome),
    /// The worker is so far with what it is doing.
    Progress(Progress),
    /// The asking of mirrors and history is so far.
    Asking(crate::pruning::Progress),
    /// Spack tells something.
    Spack(News),
    /// A moment has passed.
    Tick,
    /// The system asks the program to end, by the signal of this number.
    Signal(i32),
}

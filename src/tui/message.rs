//! What the terminal, the clock and the worker tell the model.

use super::command::Command;
use super::effect::{News, Outcome};
use super::key::Key;
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
    /// The worker tells how far it is.
    News(News),
    /// A moment has passed.
    Tick,
    /// The system asks the program to end, by the signal of this number.
    Signal(i32),
}

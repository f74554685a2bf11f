//! The terminal: taken over and always given back, whatever ends the program.

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout};
use std::sync::Once;

/// Whether mouse events are asked for; without them the terminal's own selection works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// They are.
    Captured,
    /// They are not.
    Free,
}

/// The terminal in raw mode on its alternate screen; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Screen {
    /// What frames are drawn on.
    pub(super) terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: Mouse,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Returns the operating system's error; the terminal is then as it was.
    pub(super) fn take(mouse: Mouse) -> io::Result<Self> {
        restore_on_panic();
        let entered = enter(mouse).and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match entered {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(cause) => {
                leave();
                Err(cause)
            }
        }
    }

    /// Lets something else have the terminal meanwhile.
    ///
    /// # Errors
    /// Returns the operating system's error if the terminal cannot be taken back.
    pub(super) fn lend<T>(&mut self, borrower: impl FnOnce() -> T) -> io::Result<T> {
        leave();
        let result = borrower();
        enter(self.mouse)?;
        self.terminal.clear()?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter(mouse: Mouse) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    match mouse {
        Mouse::Captured => execute!(io::stdout(), EnableMouseCapture),
        Mouse::Free => Ok(()),
    }
}

/// Gives the terminal back; every step is tried, since there is nobody left to tell of a failure.
pub(super) fn leave() {
    let _ = execute!(io::stdout(), DisableMouseCapture);
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// Gives the terminal back before a panic is reported, so that the report can be read.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            report(panic);
        }));
    });
}

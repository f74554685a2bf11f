//! Signals that ask the program to end: told to the loop, and obeyed here where the loop cannot, as when its terminal
//! is gone.

use super::terminal;
use crate::scratch;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long the loop has to leave in good order. Edits are kept as they are made, so that none is lost after it.
const GRACE: Duration = Duration::from_secs(2);

/// The signals that have arrived.
#[derive(Debug)]
pub(super) struct Signals {
    received: Receiver<i32>,
    lent: Arc<AtomicBool>,
}

impl Signals {
    /// Watches for HUP, INT and TERM from now on.
    ///
    /// # Errors
    /// Returns the operating system's error.
    pub(super) fn watch() -> io::Result<Self> {
        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let (sender, received) = channel();
        let lent = Arc::new(AtomicBool::new(false));
        let is_lent = Arc::clone(&lent);
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                // An interrupt typed into the editor is the editor's.
                if signal == SIGINT && is_lent.load(Ordering::Relaxed) {
                    continue;
                }
                let _ = sender.send(signal);
                std::thread::sleep(GRACE);
                terminal::leave();
                scratch::remove_all();
                // It can only fail for signals that do not exist.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        })?;
        Ok(Self { received, lent })
    }

    /// Returns the signals that came since the last call.
    pub(super) fn pending(&self) -> impl Iterator<Item = i32> {
        self.received.try_iter()
    }

    /// Leaves interrupts to something else that has the terminal meanwhile.
    pub(super) fn lend<T>(&self, borrower: impl FnOnce() -> T) -> T {
        self.lent.store(true, Ordering::Relaxed);
        let result = borrower();
        self.lent.store(false, Ordering::Relaxed);
        result
    }
}

//! Reads what a program answers that knows passwords.

use crate::publish::watch::Reporter;
use crate::redact::Secret;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(20);
/// No password is longer.
const LONGEST: u64 = 1 << 16;

/// Lets a command talk to [`of`] and to nobody else.
pub(super) fn prepare(command: &mut Command) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
}

/// Returns what a child prints that is given `input`; `None` if it fails, or if the work is to stop before it has ended.
pub(super) fn of(child: &mut Child, input: String, reporter: &Reporter) -> Option<Secret> {
    let (stdin, mut output) = (child.stdin.take(), child.stdout.take()?.take(LONGEST));
    let (sender, receiver) = mpsc::channel();
    let talk = move || {
        // One that does not read its input may know the answer all the same.
        let _ = stdin.map(|mut stdin| stdin.write_all(input.as_bytes()));
        let mut answer = String::new();
        let _ = sender.send(output.read_to_string(&mut answer).map(|_| answer));
    };
    thread::Builder::new().spawn(talk).ok()?;
    let answer = loop {
        match receiver.recv_timeout(TICK) {
            Ok(answer) => break answer.ok()?,
            Err(RecvTimeoutError::Timeout) if !reporter.is_stopped() => {}
            Err(_) => return None,
        }
    };
    child.wait().is_ok_and(|status| status.success()).then(|| Secret::new(answer))
}

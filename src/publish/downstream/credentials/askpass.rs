//! Asks an `ASKPASS` program one question.

use crate::publish::redact::Secret;
use crate::publish::watch::Reporter;
use crate::shown::shown;
use std::ffi::OsStr;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(20);
/// No password is longer.
const LONGEST_ANSWER: u64 = 1 << 16;

/// Runs `program` with the question as its only argument, without a shell, and returns the first line it prints.
///
/// It is killed when the work is to stop; `None` too if it fails or prints nothing.
pub(super) fn ask(program: &OsStr, question: &str, reporter: &Reporter) -> Option<Secret> {
    let mut command = Command::new(program);
    command.arg(&*shown(question)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut output = child.stdout.take()?.take(LONGEST_ANSWER);
    let (sender, receiver) = mpsc::channel();
    let read = move || {
        let mut answer = String::new();
        let _ = sender.send(output.read_to_string(&mut answer).map(|_| answer));
    };
    if thread::Builder::new().spawn(read).is_err() {
        end(&mut child);
        return None;
    }
    let answer = loop {
        match receiver.recv_timeout(TICK) {
            Ok(answer) => break answer.ok(),
            Err(RecvTimeoutError::Timeout) if !reporter.is_stopped() => {}
            Err(_) => break None,
        }
    };
    if answer.is_none() {
        end(&mut child);
        return None;
    }
    let succeeded = child.wait().is_ok_and(|status| status.success());
    let line = answer?.lines().next().map(Secret::new)?;
    (succeeded && !line.reveal().is_empty()).then_some(line)
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

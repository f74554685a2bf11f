//! Asks an `ASKPASS` program one question.

use super::answer;
use crate::publish::watch::Reporter;
use crate::redact::{Secret, shown};
use std::ffi::OsStr;
use std::process::Command;

/// Runs `program` with the question as its only argument, without a shell, and returns the first line it prints.
///
/// It is killed when the work is to stop; `None` too if it fails or prints nothing.
pub(super) fn ask(program: &OsStr, question: &str, reporter: &Reporter) -> Option<Secret> {
    let mut command = Command::new(program);
    command.arg(&*shown(question));
    answer::prepare(&mut command);
    let mut child = command.spawn().ok()?;
    let answer = answer::of(&mut child, String::new(), reporter);
    if answer.is_none() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    answer?.reveal().lines().next().filter(|line| !line.is_empty()).map(Secret::new)
}

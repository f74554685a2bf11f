//! Runs one test of this binary in a process of its own, with an environment of its own.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::process::{Command, Stdio};

/// Set in the process that is run.
pub const MARK: &str = "SPACKPLAN_TEST_CHILD";

/// Returns the command that runs the test `name`, which does nothing unless [`is_child`].
pub fn command(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(MARK, "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Returns a variable that the parent set.
pub fn told(name: &str) -> String {
    std::env::var(name).unwrap()
}

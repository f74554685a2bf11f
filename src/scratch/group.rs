//! Child processes with all that they start, as process groups: ended together, and with the program.

use super::live::Live;
use crate::error::{Error, Result};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked whether it has.
const PAUSE: Duration = Duration::from_millis(10);

static GROUPS: Live<Pid> = Live::new();

/// A child process with its descendants, which are ended when this value is dropped and by [`end_all`].
#[derive(Debug)]
pub struct Group {
    child: Child,
    leader: Pid,
}

impl Group {
    /// Starts a command as the leader of a group of its own, so that no signal of the terminal reaches it.
    ///
    /// # Errors
    /// Fails if it cannot be started, or if the process is already ending by a signal.
    pub fn start(command: &mut Command) -> Result<Self> {
        let program = std::path::PathBuf::from(command.get_program());
        let start = || command.process_group(0).spawn().map_err(|cause| Error::io("run", &program, &cause));
        let child = GROUPS.add(start, Pid::from_child)?;
        let leader = Pid::from_child(&child);
        Ok(Self { child, leader })
    }

    /// Returns the child, whose pipes can be taken.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Tells how the child has ended, if it has.
    ///
    /// # Errors
    /// Fails if the operating system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|cause| Error::refused(format!("cannot wait for a child process: {cause}")))
    }

    /// Asks the whole group to end, and kills what is left of it after a moment.
    pub fn end(&mut self) {
        signal(self.leader, Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < GRACE {
            // The leader is only gone once it has been waited for.
            let _ = self.child.try_wait();
            if !is_live(self.leader) {
                return;
            }
            thread::sleep(PAUSE);
        }
        signal(self.leader, Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
        GROUPS.forget(&self.leader);
    }
}

/// Tells whether the program is being ended, and all groups with it.
pub fn is_ending() -> bool {
    GROUPS.is_closed()
}

/// Ends every live group and lets no new one be started.
pub(super) fn end_all() {
    let groups = GROUPS.close();
    for leader in &groups {
        signal(*leader, Signal::TERM);
    }
    let start = Instant::now();
    while start.elapsed() < GRACE && groups.iter().any(|leader| is_live(*leader)) {
        thread::sleep(PAUSE);
    }
    for leader in groups {
        signal(leader, Signal::KILL);
    }
}

fn is_live(leader: Pid) -> bool {
    test_kill_process_group(leader).is_ok()
}

/// Sends a signal; a group that has ended by itself is none the worse for it.
fn signal(leader: Pid, signal: Signal) {
    let _ = kill_process_group(leader, signal);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::process::Stdio;

    #[test]
    fn what_a_child_started_ends_with_it() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo started; wait"]).stdout(Stdio::piped());
        let mut group = Group::start(&mut command).unwrap();
        let mut out = group.child().stdout.take().unwrap();
        let mut line = [0; 8];
        out.read_exact(&mut line).unwrap();
        drop(group);
        let mut rest = String::new();
        assert_eq!(out.read_to_string(&mut rest).unwrap(), 0, "nobody has the pipe open any more");
    }

    #[test]
    fn what_does_not_heed_the_first_signal_is_killed() {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' TERM; echo started; while :; do sleep 600; done"]).stdout(Stdio::piped());
        let mut group = Group::start(&mut command).unwrap();
        let mut out = group.child().stdout.take().unwrap();
        out.read_exact(&mut [0; 8]).unwrap();
        group.end();
        assert!(group.ended().unwrap().is_some());
    }
}

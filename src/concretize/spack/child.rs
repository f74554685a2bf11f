//! Runs `spack` as a child process in a group of its own: its lines as they come, cancelled or ended when time is up.

use super::output::Channel;
use crate::error::{Error, Result};
use crate::scratch::group::{self, Group};
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often the flag and the clock are looked at while nothing is heard.
const TICK: Duration = Duration::from_millis(20);
/// How long output is waited for after Spack itself has ended.
const AFTERGLOW: Duration = Duration::from_secs(2);
/// How long a program that is being ended takes at most.
const LAST_MOMENT: Duration = Duration::from_secs(5);
/// Longer lines are cut into pieces of this many bytes.
const LONGEST_LINE: u64 = 1 << 16;
/// So many lines may wait to be heard; then Spack waits.
const MOST_WAITING: usize = 1024;
/// What an active environment sets, which is not the one to be concretized.
const DISTURBING: [&str; 5] = ["SPACK_ENV", "SPACK_ENV_VIEW", "SPACK_ENV_DIR", "SPACK_LD_LIBRARY_PATH", "SPACK_COLOR"];

/// How a child ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// It was cancelled.
    Cancelled,
    /// Its time was up.
    TimedOut,
}

/// Runs `spack` with these arguments in a directory until it ends, is cancelled, or `deadline` has passed.
///
/// # Errors
/// Fails if it cannot be started.
pub(super) fn run(
    program: &Path,
    arguments: &[&str],
    directory: &Path,
    deadline: Instant,
    cancel: &AtomicBool,
    line: &mut dyn FnMut(Channel, &str),
) -> Result<Ending> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in DISTURBING {
        command.env_remove(name);
    }
    // Lines are to arrive when they are printed.
    command.env("PYTHONUNBUFFERED", "1");
    let mut group = Group::start(&mut command)?;
    let (sender, lines) = sync_channel(MOST_WAITING);
    read(Channel::Out, group.child().stdout.take(), &sender)?;
    read(Channel::Err, group.child().stderr.take(), &sender)?;
    drop(sender);
    loop {
        let heard = hear(&lines, line);
        if cancel.load(Ordering::SeqCst) {
            return Ok(Ending::Cancelled);
        }
        if Instant::now() >= deadline {
            return Ok(Ending::TimedOut);
        }
        if let Some(status) = group.ended()? {
            if group::is_ending() {
                // It was ended with the program: what is to be seen of that is the signal, not a failure here.
                thread::sleep(LAST_MOMENT);
                return Ok(Ending::Cancelled);
            }
            // Something that it started may keep the pipes open.
            let end = Instant::now() + AFTERGLOW;
            while Instant::now() < end && hear(&lines, line) == Heard::Open {}
            return Ok(Ending::Exited(status));
        }
        if heard == Heard::Closed {
            thread::sleep(TICK);
        }
    }
}

/// Whether more can be heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Open,
    Closed,
}

/// Waits a moment for lines and takes all that are there.
fn hear(lines: &Receiver<(Channel, String)>, line: &mut dyn FnMut(Channel, &str)) -> Heard {
    match lines.recv_timeout(TICK) {
        Ok((channel, text)) => {
            line(channel, &text);
            lines.try_iter().take(1000).for_each(|(channel, text)| line(channel, &text));
            Heard::Open
        }
        Err(RecvTimeoutError::Timeout) => Heard::Open,
        Err(RecvTimeoutError::Disconnected) => Heard::Closed,
    }
}

/// Reads lines on a thread of its own, which ends with the pipe.
fn read(
    channel: Channel,
    pipe: Option<impl Read + Send + 'static>,
    sender: &SyncSender<(Channel, String)>,
) -> Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    let sender = sender.clone();
    let work = move || {
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&bytes);
            if sender.send((channel, text.trim_end_matches(['\n', '\r']).to_owned())).is_err() {
                return;
            }
            bytes.clear();
        }
    };
    let failed = |cause| Error::refused(format!("cannot start a thread: {cause}"));
    thread::Builder::new().name("spack".to_owned()).spawn(work).map(drop).map_err(failed)
}

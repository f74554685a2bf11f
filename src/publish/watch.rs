//! Runs slow work on a thread of its own, with progress, a flag that cancels it, and time limits.

use crate::error::{Error, Result};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often the flag and the clock are looked at while nothing is heard.
const TICK: Duration = Duration::from_millis(20);
/// How long work that was cancelled may take to notice before it is left to itself.
const GRACE: Duration = Duration::from_secs(2);

/// What the work is doing, for a line on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A new step has begun.
    Step(&'static str),
    /// Files of the working tree that were read because git's index does not know their content.
    Files(usize),
    /// Objects that were compared and compressed, of how many.
    Packed(usize, usize),
    /// Objects sent, of how many, and bytes sent.
    Sent(usize, usize, usize),
    /// Objects received, of how many, and bytes received.
    Received(usize, usize, usize),
    /// A line that the remote says; secrets hidden and control characters escaped.
    Remote(String),
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Without any sign of progress.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
}

impl Default for Limits {
    /// Two minutes without progress, as servers check big pushes in silence, and half an hour in all.
    fn default() -> Self {
        Self { idle: Duration::from_mins(2), total: Duration::from_mins(30) }
    }
}

/// The work's side: says how far it is and learns whether to stop.
#[derive(Clone, Debug)]
pub struct Reporter<P = Progress> {
    sender: Sender<P>,
    stop: Arc<AtomicBool>,
    committed: Arc<AtomicBool>,
}

impl<P> Reporter<P> {
    /// Says how far the work is.
    pub fn report(&self, progress: P) {
        // A receiver that is gone has given the work up, which `is_stopped` tells.
        let _ = self.sender.send(progress);
    }

    /// Tells whether the work should end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Fails if the work should end.
    ///
    /// # Errors
    /// Returns the error that cancelled work ends with.
    pub fn check(&self) -> Result<()> {
        if self.is_stopped() { Err(cancelled()) } else { Ok(()) }
    }

    /// Says that from here on the other side may act even if nobody waits for the answer.
    pub fn point_of_no_return(&self) {
        self.committed.store(true, Ordering::SeqCst);
    }
}

/// Runs `work` and waits for it.
///
/// # Errors
/// Fails as `work` does; when `cancel` is set and the work does not finish all the same; and when a limit is passed.
/// Work that does not notice is left to itself, and changes nothing from then on unless it had passed the
/// [point of no return](Reporter::point_of_no_return), which the error then says.
pub fn run<T: Send + 'static, P: Send + 'static>(
    limits: Limits,
    progress: &mut dyn FnMut(P),
    cancel: &AtomicBool,
    work: impl FnOnce(&Reporter<P>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(cancel.load(Ordering::SeqCst)));
    let committed = Arc::new(AtomicBool::new(false));
    let reporter = Reporter { sender, stop: Arc::clone(&stop), committed: Arc::clone(&committed) };
    let failed = |cause| Error::refused(format!("cannot start a thread: {cause}"));
    let name = "watched".to_owned();
    let thread = thread::Builder::new().name(name).spawn(move || work(&reporter)).map_err(failed)?;
    let start = Instant::now();
    let (mut heard, mut cancelled_at) = (start, None);
    let gave_up = loop {
        match receiver.recv_timeout(TICK) {
            Ok(news) => {
                heard = Instant::now();
                progress(news);
            }
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if cancelled_at.is_none() && cancel.load(Ordering::SeqCst) {
            stop.store(true, Ordering::SeqCst);
            cancelled_at = Some(Instant::now());
        }
        if cancelled_at.is_some_and(|at| at.elapsed() > GRACE) {
            break Some(cancelled());
        }
        if heard.elapsed() > limits.idle || start.elapsed() > limits.total {
            stop.store(true, Ordering::SeqCst);
            break Some(timed_out(limits, heard.elapsed() > limits.idle));
        }
    };
    match gave_up {
        None => thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload)),
        Some(error) if committed.load(Ordering::SeqCst) => {
            Err(error.hint("the remote may have taken the change all the same: look at the branch before trying again"))
        }
        Some(error) => Err(error),
    }
}

fn cancelled() -> Error {
    Error::refused("cancelled")
}

fn timed_out(limits: Limits, idle: bool) -> Error {
    let message = if idle {
        format!("no answer for {} s", limits.idle.as_secs_f32())
    } else {
        format!("not done after {} s", limits.total.as_secs_f32())
    };
    Error::refused(message).hint("check that the remote can be reached from here, then try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(idle: u64) -> Limits {
        Limits { idle: Duration::from_millis(idle), total: Duration::from_mins(1) }
    }

    #[test]
    fn progress_arrives_in_order_and_the_result_last() {
        let mut seen = Vec::new();
        let work = |reporter: &Reporter| {
            (0..3).for_each(|count| reporter.report(Progress::Files(count)));
            Ok(7)
        };
        let result = run(limits(5000), &mut |step| seen.push(step), &AtomicBool::new(false), work).unwrap();
        assert_eq!((result, seen), (7, (0..3).map(Progress::Files).collect()));
    }

    #[test]
    fn silence_is_a_timeout() {
        let (keep, hang) = mpsc::channel::<()>();
        let work = move |_: &Reporter| {
            let _ = hang.recv();
            Ok(())
        };
        let error = run(limits(60), &mut |_| (), &AtomicBool::new(false), work).unwrap_err();
        assert!(error.message.contains("no answer for 0.06 s"), "{error}");
        drop(keep);
    }

    #[test]
    fn work_that_notices_the_flag_ends_as_cancelled() {
        let work = |reporter: &Reporter| {
            loop {
                reporter.check()?;
                thread::yield_now();
            }
        };
        let error = run::<(), Progress>(limits(5000), &mut |_| (), &AtomicBool::new(true), work).unwrap_err();
        assert_eq!(error.message, "cancelled");
    }

    #[test]
    fn work_that_is_done_before_it_notices_keeps_its_result() {
        assert_eq!(run(limits(5000), &mut |_: Progress| (), &AtomicBool::new(true), |_| Ok(1)).unwrap(), 1);
    }

    #[test]
    fn a_timeout_after_the_point_of_no_return_says_so() {
        let (keep, hang) = mpsc::channel::<()>();
        let work = move |reporter: &Reporter| {
            reporter.point_of_no_return();
            let _ = hang.recv();
            Ok(())
        };
        let error = run(limits(60), &mut |_| (), &AtomicBool::new(false), work).unwrap_err();
        assert!(error.hints.iter().any(|hint| hint.contains("look at the branch")));
        drop(keep);
    }
}

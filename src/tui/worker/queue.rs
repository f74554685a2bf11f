//! Does the work of one lane in order, on a thread of its own; each piece can be cancelled.

use super::perform_watched;
use crate::tui::effect::{Job, News, Outcome, Weight};
use crate::tui::message::Message;
use crate::tui::model::document::Session;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// News of little weight are told no more often than this.
const INTERVAL: Duration = Duration::from_millis(50);

/// Set to cancel a piece of work.
pub type Flag = Arc<AtomicBool>;

/// The thread of a lane.
#[derive(Debug)]
pub(super) struct Queue {
    jobs: Sender<(Job, Flag)>,
    thread: JoinHandle<()>,
    /// What cancels the work that is not done yet.
    flags: RefCell<Vec<Flag>>,
    /// How much of that has to be done before the program ends.
    due: Arc<AtomicUsize>,
}

impl Queue {
    /// Starts the thread; work for an older document than `generation` is not begun any more.
    pub(super) fn start(session: Arc<Session>, messages: Sender<Message>, generation: Arc<AtomicU64>) -> Self {
        let (jobs, queue) = channel();
        let due = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&due);
        let thread = std::thread::spawn(move || serve(&session, &queue, &messages, &generation, &left));
        Self { jobs, thread, flags: RefCell::default(), due }
    }

    /// Gives work to the thread.
    pub(super) fn give(&self, job: Job) {
        if job.must_end() {
            self.due.fetch_add(1, Ordering::AcqRel);
        }
        let flag = Flag::default();
        let mut flags = self.flags.borrow_mut();
        flags.retain(|flag| Arc::strong_count(flag) > 1);
        flags.push(Arc::clone(&flag));
        // The thread ends only with the program, which then needs no answer.
        let _ = self.jobs.send((job, flag));
    }

    /// Gives up what is not done yet.
    pub(super) fn cancel(&self) {
        for flag in self.flags.take() {
            flag.store(true, Ordering::SeqCst);
        }
    }

    /// Takes no more work, and waits for what has to be done.
    pub(super) fn finish(self) {
        let Self { jobs, thread, due, .. } = self;
        drop(jobs);
        if due.load(Ordering::Acquire) > 0 {
            // A thread that panicked has nothing more to do.
            let _ = thread.join();
        }
    }
}

fn serve(
    session: &Session,
    queue: &Receiver<(Job, Flag)>,
    messages: &Sender<Message>,
    generation: &AtomicU64,
    due: &AtomicUsize,
) {
    while let Ok((job, flag)) = queue.recv() {
        let must_end = job.must_end();
        let given_up = job.may_be_dropped() && flag.load(Ordering::SeqCst);
        let old = job.generation().is_some_and(|of| of < generation.load(Ordering::Relaxed));
        let outcome = match job.label() {
            Some(label) if given_up => Outcome::GivenUp(label),
            Some(label) if old => Outcome::Superseded(label),
            _ => perform_watched(session, job, &mut teller(messages), &flag),
        };
        if must_end {
            due.fetch_sub(1, Ordering::AcqRel);
        }
        // What has to be done is done even if nobody hears of it any more.
        let _ = messages.send(Message::Done(outcome));
    }
}

/// Passes news on, as often as they are worth it.
fn teller(messages: &Sender<Message>) -> impl FnMut(News) {
    let mut told = Instant::now();
    move |news| {
        let is_told = match news.weight() {
            Weight::None => false,
            Weight::Little => told.elapsed() >= INTERVAL,
            Weight::Full => true,
        };
        if is_told {
            told = Instant::now();
            let _ = messages.send(Message::News(news));
        }
    }
}

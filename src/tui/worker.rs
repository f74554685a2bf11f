//! Does the work that the model asks for, in order, on a thread of its own; answers with outcomes.

use super::effect::{Comparison, Job, Loaded, Outcome, Receipt, Writing};
use super::message::Message;
use super::model::document::{self, Planned, Rendered, Session};
use super::storage;
use crate::concretize::Lockfiles;
use crate::environment;
use crate::error::{Error, Result};
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::publish::file;
use crate::source::Source;
use similar::TextDiff;
use std::cell::Cell;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// After this long a difference is shown as found so far, with larger hunks.
const DIFF_DEADLINE: Duration = Duration::from_secs(5);

/// The worker thread as the terminal loop sees it.
#[derive(Debug)]
pub struct Worker {
    jobs: Sender<(u64, Job)>,
    /// Work that was given out before the last cancellation is not begun any more.
    epoch: Arc<AtomicU64>,
    /// Answers that have not arrived yet.
    due: Cell<usize>,
}

impl Worker {
    /// Starts the thread; its answers arrive at `messages`.
    pub fn start(session: Arc<Session>, messages: Sender<Message>) -> Self {
        let (jobs, queue) = channel();
        let epoch = Arc::new(AtomicU64::new(0));
        let current = Arc::clone(&epoch);
        std::thread::spawn(move || serve(&session, &queue, &messages, &current));
        Self { jobs, epoch, due: Cell::new(0) }
    }

    /// Gives work to the thread.
    pub fn give(&self, job: Job) {
        // The thread ends only with the program, which then needs no answer.
        let _ = self.jobs.send((self.epoch.load(Ordering::Relaxed), job));
        self.expect_answer();
    }

    /// Tells whether answers are due.
    pub fn is_busy(&self) -> bool {
        self.due.get() > 0
    }

    /// Notes that one more answer is due.
    pub fn expect_answer(&self) {
        self.due.set(self.due.get() + 1);
    }

    /// Notes that an answer has arrived.
    pub fn answered(&self) {
        self.due.set(self.due.get().saturating_sub(1));
    }

    /// Gives up what has not been begun.
    pub fn cancel(&self) {
        self.epoch.fetch_add(1, Ordering::Relaxed);
    }
}

fn serve(session: &Session, queue: &Receiver<(u64, Job)>, messages: &Sender<Message>, current: &AtomicU64) {
    while let Ok((epoch, job)) = queue.recv() {
        let label = job.label();
        let given_up = epoch != current.load(Ordering::Relaxed);
        // What keeps edits or writes files is never given up half-way.
        let outcome = match label {
            Some(label) if given_up && !matches!(job, Job::Write(_)) => Outcome::GivenUp(label),
            _ => perform(session, job),
        };
        if messages.send(Message::Done(outcome)).is_err() {
            return;
        }
    }
}

/// Does one piece of work; tests call it without a thread.
pub fn perform(session: &Session, job: Job) -> Outcome {
    match job {
        Job::Plan { generation, environment, lockfiles } => {
            Outcome::Planned(generation, Planned::new(environment, &lockfiles, session).map(Box::new))
        }
        Job::Render { generation, environment, plan } => Outcome::Rendered(generation, render(&environment, &plan)),
        Job::Compare { generation, rendered } => {
            Outcome::Compared(generation, compare(&session.output, &rendered.pipeline).map(Arc::new))
        }
        Job::Look(read) => Outcome::Looked(is_as_read(&session.manifest, &read)),
        Job::Reload => Outcome::Reloaded(reload(session).map(Box::new)),
        Job::Keep(journal) => Outcome::Kept(storage::keep(&session.manifest, &journal)),
        Job::Forget => Outcome::Kept(storage::forget(&session.manifest)),
        Job::Write(writing) => Outcome::Written(write(session, &writing)),
    }
}

/// Lays a pipeline out and collects all findings, worst first.
pub fn render(environment: &environment::Environment, plan: &Arc<Plan>) -> Rendered {
    let pipeline = Pipeline::new(environment, plan);
    let mut findings = plan.findings.clone();
    findings.extend(pipeline.check());
    findings.sort_by_key(|finding| finding.severity);
    Rendered { pipeline: Arc::new(pipeline), findings: Arc::new(findings) }
}

fn compare(path: &Path, pipeline: &Pipeline) -> Result<Comparison> {
    let on_disk = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Comparison::Missing),
        Err(cause) => return Err(Error::io("read", path, &cause)),
    };
    let fresh = pipeline.to_text();
    if on_disk == fresh.as_bytes() {
        return Ok(Comparison::Same);
    }
    let old = String::from_utf8_lossy(&on_disk);
    Ok(Comparison::Differs(unified(&old, &fresh, &path.display().to_string(), "as planned")))
}

/// Returns the unified difference of two texts, a line each.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> Vec<String> {
    let mut config = TextDiff::configure();
    let diff = config.timeout(DIFF_DEADLINE).diff_lines(old, new);
    diff.unified_diff().header(old_name, new_name).to_string().lines().map(str::to_owned).collect()
}

/// Tells whether the file holds what was read; one that cannot be read now is taken to be unchanged.
fn is_as_read(path: &Path, read: &Source) -> bool {
    std::fs::read(path).map_or(true, |bytes| bytes == read.text().as_bytes())
}

/// Reads the environment and its lockfiles, and plans it.
///
/// # Errors
/// Returns an error if they cannot be read or are wrong.
pub fn reload(session: &Session) -> Result<Loaded> {
    let source = environment::read(&session.manifest)?;
    let environment = document::parse(session, &source)?;
    let lockfiles = Arc::new(Lockfiles::load(&environment, &session.manifest, &session.locks)?);
    let planned = Planned::new(Arc::new(environment), &lockfiles, session)?;
    Ok(Loaded { source, lockfiles, planned })
}

/// Writes all or, where a check fails first, nothing.
fn write(session: &Session, writing: &Writing) -> Result<Receipt> {
    let mut receipt = Receipt::default();
    if let Some((text, replaces)) = &writing.manifest {
        if !is_as_read(&session.manifest, replaces) {
            let message = format!("`{}` has changed on disk since it was read", session.manifest.display());
            return Err(Error::input(message).hint("reload it; the edits are made again on the new text"));
        }
        file::replace(&session.manifest, |out| out.write_all(text.text().as_bytes()))?;
        receipt.lines.push(format!("{} saved", session.manifest.display()));
        receipt.saved = Some(Arc::clone(text));
    }
    if let Some(rendered) = &writing.pipeline {
        file::replace(&session.output, |out| rendered.pipeline.write_to(out))?;
        let jobs = rendered.pipeline.jobs().count();
        receipt.lines.push(format!("{} written: {jobs} build jobs", session.output.display()));
    }
    Ok(receipt)
}

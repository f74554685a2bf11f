//! Does the work that the model asks for, each kind in order on a thread of its own; answers with outcomes.

mod asker;
mod publisher;
mod queue;
mod spack;
mod write;

pub use queue::Flag;

use super::effect::{Comparison, Job, Lane, Loaded, News, Outcome, Sight};
use super::message::Message;
use super::model::document::{Planned, Rendered, Session};
use super::storage;
use crate::concretize::Lockfiles;
use crate::emit::difference::unified;
use crate::environment::{self, Environment};
use crate::error::{Error, Result};
use crate::pipeline::spack_ci::settings::Settings;
use crate::pipeline::{Lines, Pipeline};
use crate::plan::Plan;
use crate::pruning;
use crate::publish::watch::Progress;
use crate::release::{self, Request};
use crate::source::Source;
use asker::Subject;
use queue::Queue;
use std::cell::Cell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;

/// The worker's threads, one a lane, as the terminal loop sees them.
#[derive(Debug)]
pub struct Worker {
    queues: [Queue; Lane::ALL.len()],
    /// Work for an older generation of the document than this is not begun any more.
    generation: Arc<AtomicU64>,
    /// Answers that are looked out for and have not arrived yet.
    due: Cell<usize>,
}

impl Worker {
    /// Starts the threads; their answers and news arrive at `messages`.
    pub fn start(session: &Arc<Session>, messages: &Sender<Message>) -> Self {
        let generation = Arc::new(AtomicU64::new(0));
        let start = |_| Queue::start(Arc::clone(session), messages.clone(), Arc::clone(&generation));
        Self { queues: Lane::ALL.map(start), generation, due: Cell::new(0) }
    }

    /// Gives up what can be given up, and waits until what changes something, or leaves something behind, has ended.
    pub fn finish(self) {
        for lane in Lane::ALL {
            self.cancel(lane);
        }
        self.queues.into_iter().for_each(Queue::finish);
    }

    /// Gives work to its lane.
    pub fn give(&self, job: Job) {
        if let Some(generation) = job.generation() {
            self.generation.fetch_max(generation, Ordering::Relaxed);
        }
        let lane = job.lane();
        if lane == Lane::Questions {
            // Only the answer to the last question counts.
            self.cancel(lane);
        }
        self.queues[lane as usize].give(job);
        if lane != Lane::Spack {
            self.expect_answer();
        }
    }

    /// Gives up what a lane has not done yet.
    pub fn cancel(&self, lane: Lane) {
        self.queues[lane as usize].cancel();
    }

    /// Tells whether answers are looked out for; a solve may take hours, and its answer can wait a moment.
    pub fn is_busy(&self) -> bool {
        self.due.get() > 0
    }

    /// Notes that one more answer is due.
    pub fn expect_answer(&self) {
        self.due.set(self.due.get() + 1);
    }

    /// Notes that a message has arrived, which may be an answer.
    pub fn heard(&self, message: &Message) {
        if matches!(message, Message::Done(outcome) if !matches!(outcome, Outcome::Solved(_))) {
            self.due.set(self.due.get().saturating_sub(1));
        }
    }
}

/// Does one piece of work; tests call it without a thread.
pub fn perform(session: &Session, job: Job) -> Outcome {
    perform_watched(session, job, &mut |_| (), &Flag::default())
}

/// Does one piece of work, and tells how far it is where it may take long; such work ends soon once `flag` is set.
pub fn perform_watched(session: &Session, job: Job, tell: &mut dyn FnMut(News), flag: &Flag) -> Outcome {
    match job {
        Job::Plan { generation, environment, lockfiles, pruning, baseline } => {
            let plan = |environment| Planned::pruned(environment, &lockfiles, session, Arc::clone(&pruning));
            let planned = plan(environment).map(|mut planned| {
                // Without a baseline changes are counted from the older one.
                planned.baseline = baseline.and_then(|environment| plan(environment).ok()).map(|planned| planned.plan);
                Box::new(planned)
            });
            Outcome::Planned(generation, planned)
        }
        Job::Ask { number, environment, concretization, plan } => {
            let subject = Subject { environment: &environment, concretization: &concretization, plan: &plan };
            Outcome::Asked(number, asker::ask(session, subject, &mut |asking| tell(News::Asking(asking)), flag))
        }
        Job::Render { generation, environment, plan } => {
            Outcome::Rendered(generation, render(session, &environment, &plan))
        }
        Job::Compare { generation, rendered } => {
            Outcome::Compared(generation, compare(&session.output, &rendered.pipeline).map(Arc::new))
        }
        Job::Look(read) => Outcome::Looked(look(&session.manifest, &read)),
        Job::Reload => Outcome::Reloaded(reload(session).map(Box::new)),
        Job::Keep(journal) => Outcome::Kept(storage::keep(&session.manifest, &journal)),
        Job::Forget => Outcome::Kept(storage::forget(&session.manifest)),
        Job::Write(writing) => Outcome::Written(write::write(session, &writing)),
        Job::Prepare(preparation) => publisher::prepare(session, &preparation, &mut remotes(tell), flag),
        Job::Push(sealed) => publisher::push(session, &sealed, &mut remotes(tell), flag),
        Job::Report(group) => publisher::report(session, &group, &mut remotes(tell), flag),
        Job::Concretize(task) => {
            Outcome::Solved(spack::solve(session, &task, &mut |progress| tell(News::Spack(progress)), flag))
        }
    }
}

fn remotes(tell: &mut dyn FnMut(News)) -> impl FnMut(Progress) {
    |progress| tell(News::Remotes(progress))
}

/// Lays a pipeline out and collects all findings, worst first.
pub fn render(session: &Session, environment: &Environment, plan: &Arc<Plan>) -> Rendered {
    let Request { settings, schedule, .. } = &session.request;
    let settings = Settings { broken: pruning::broken_specs(environment), ..settings.clone() };
    let pipeline = Pipeline::with_settings(environment, plan, &settings, *schedule);
    let findings = release::findings(plan, &pipeline);
    let lines = Arc::new(Lines::new(&pipeline));
    Rendered { pipeline: Arc::new(pipeline), lines, findings: Arc::new(findings) }
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

/// Looks whether the file holds what was read.
fn look(path: &Path, read: &Source) -> Sight {
    match std::fs::read(path) {
        Ok(bytes) if bytes == read.text().as_bytes() => Sight::AsRead,
        Ok(bytes) => {
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            Sight::Changed(hasher.finish())
        }
        Err(cause) => Sight::Unreadable(Error::io("read", path, &cause).message),
    }
}

/// Reads the environment and its lockfiles, and plans it.
///
/// # Errors
/// Returns an error if they cannot be read or are wrong.
pub fn reload(session: &Session) -> Result<Loaded> {
    let environment = environment::load_as(&session.manifest, &session.context, session.dialect)?;
    let source = Arc::clone(&environment.source);
    let lockfiles = Arc::new(Lockfiles::load(&environment, &session.manifest, &session.locks)?);
    let planned = Planned::new(Arc::new(environment), &lockfiles, session)?;
    Ok(Loaded { source, lockfiles, planned })
}

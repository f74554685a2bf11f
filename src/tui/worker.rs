//! Does the work that the model asks for, in order, on a thread of its own; answers with outcomes.

mod asker;
mod publisher;

use super::effect::{Comparison, Job, Loaded, Outcome, Receipt, Sight, Writing};
use super::message::Message;
use super::model::document::{Access, Planned, Rendered, Session};
use super::model::spack::Fresh;
use super::storage;
use crate::concretize::Lockfiles;
use crate::environment;
use crate::error::{Error, Result};
use crate::pipeline::spack_ci::settings::Settings;
use crate::pipeline::{Lines, Pipeline};
use crate::plan::Plan;
use crate::pruning;
use crate::publish::file;
use crate::release::Request;
use crate::source::Source;
use asker::Asker;
use publisher::Flag;
use similar::TextDiff;
use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// After this long a difference is shown as found so far, with larger hunks.
const DIFF_DEADLINE: Duration = Duration::from_secs(5);

/// The worker thread as the terminal loop sees it.
#[derive(Debug)]
pub struct Worker {
    jobs: Sender<(u64, Job)>,
    /// Work of the journal, which waits for nothing else.
    journal: Sender<Job>,
    /// Work that concerns remotes, which nothing else waits for.
    publisher: Sender<(Job, Flag)>,
    threads: [JoinHandle<()>; 3],
    shared: Arc<Shared>,
    /// Answers that have not arrived yet.
    due: Cell<usize>,
    /// What cancels the work that concerns remotes.
    flags: RefCell<Vec<Flag>>,
    asker: Asker,
}

/// What the worker's thread looks at before it begins something.
#[derive(Debug, Default)]
struct Shared {
    /// Work that was given out before the last cancellation is not begun any more.
    epoch: AtomicU64,
    /// Nor is work for an older generation of the document than this.
    generation: AtomicU64,
    /// Writing that is not done yet.
    writing: AtomicUsize,
    /// Changes of remotes that are not done yet.
    publishing: AtomicUsize,
}

impl Worker {
    /// Starts the threads; their answers arrive at `messages`.
    pub fn start(session: Arc<Session>, messages: Sender<Message>) -> Self {
        let (jobs, queue) = channel();
        let (journal, kept) = channel();
        let (publisher, sent) = channel();
        let shared = Arc::new(Shared::default());
        let keeper = (Arc::clone(&session), messages.clone());
        let remote = (Arc::clone(&session), messages.clone(), Arc::clone(&shared));
        let current = Arc::clone(&shared);
        let asker = Asker::new(&session, &messages);
        let threads = [
            std::thread::spawn(move || serve(&session, &queue, &messages, &current)),
            std::thread::spawn(move || keep(&keeper.0, &kept, &keeper.1)),
            std::thread::spawn(move || {
                let done = |job: &Job| {
                    if changes_remotes(job) {
                        remote.2.publishing.fetch_sub(1, Ordering::AcqRel);
                    }
                };
                publisher::serve(&remote.0, &sent, &remote.1, done);
            }),
        ];
        Self { jobs, journal, publisher, threads, shared, due: Cell::new(0), flags: RefCell::default(), asker }
    }

    /// Waits until the journal and what is being written are on disk, and a push that is cancelled has ended; other work
    /// is left.
    pub fn finish(self) {
        self.cancel();
        let Self { jobs, journal, publisher, threads: [worker, keeper, remote], shared, .. } = self;
        drop((jobs, journal, publisher));
        // A thread that panicked has nothing more to do.
        let _ = keeper.join();
        if shared.writing.load(Ordering::Acquire) > 0 {
            let _ = worker.join();
        }
        if shared.publishing.load(Ordering::Acquire) > 0 {
            let _ = remote.join();
        }
    }

    /// Gives work to the thread.
    pub fn give(&self, job: Job) {
        if let Some(generation) = job.generation() {
            self.shared.generation.fetch_max(generation, Ordering::Relaxed);
        }
        if matches!(job, Job::Write(_)) {
            self.shared.writing.fetch_add(1, Ordering::AcqRel);
        }
        if changes_remotes(&job) {
            self.shared.publishing.fetch_add(1, Ordering::AcqRel);
        }
        // The threads end only with the program, which then needs no answer.
        let _ = match job {
            Job::Keep(_) | Job::Forget => self.journal.send(job).is_ok(),
            Job::Ask { .. } => self.asker.begin(job),
            Job::Prepare(_) | Job::Push(_) | Job::Report(_) => {
                let flag = Flag::default();
                let mut flags = self.flags.borrow_mut();
                flags.retain(|flag| Arc::strong_count(flag) > 1);
                flags.push(Arc::clone(&flag));
                self.publisher.send((job, flag)).is_ok()
            }
            job => self.jobs.send((self.shared.epoch.load(Ordering::Relaxed), job)).is_ok(),
        };
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

    /// Gives up what has not been begun, and what concerns mirrors and remotes.
    pub fn cancel(&self) {
        self.shared.epoch.fetch_add(1, Ordering::Relaxed);
        self.asker.cancel();
        self.abandon();
    }

    /// Gives up what concerns remotes.
    pub fn abandon(&self) {
        for flag in self.flags.take() {
            flag.store(true, Ordering::SeqCst);
        }
    }
}

fn changes_remotes(job: &Job) -> bool {
    matches!(job, Job::Push(_) | Job::Report(_))
}

fn serve(session: &Session, queue: &Receiver<(u64, Job)>, messages: &Sender<Message>, shared: &Shared) {
    while let Ok((epoch, job)) = queue.recv() {
        let label = job.label();
        let given_up = epoch != shared.epoch.load(Ordering::Relaxed);
        let old = job.generation().is_some_and(|generation| generation < shared.generation.load(Ordering::Relaxed));
        let writes = matches!(job, Job::Write(_));
        let outcome = match label {
            Some(label) if given_up && !writes => Outcome::GivenUp(label),
            Some(label) if old => Outcome::Superseded(label),
            _ => perform(session, job),
        };
        if writes {
            shared.writing.fetch_sub(1, Ordering::AcqRel);
        }
        if messages.send(Message::Done(outcome)).is_err() {
            return;
        }
    }
}

/// Keeps and forgets edits, in order.
fn keep(session: &Session, queue: &Receiver<Job>, messages: &Sender<Message>) {
    while let Ok(job) = queue.recv() {
        // Edits are kept even if nobody hears of it any more.
        let _ = messages.send(Message::Done(perform(session, job)));
    }
}

/// Does one piece of work; tests call it without a thread.
pub fn perform(session: &Session, job: Job) -> Outcome {
    perform_watched(session, job, &mut |_| (), &Flag::default())
}

/// Does one piece of work, and tells how far it is where it may take long.
fn perform_watched(session: &Session, job: Job, listener: publisher::Listener<'_>, flag: &Flag) -> Outcome {
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
        Job::Ask { number, environment, concretization } => {
            let question = (&*environment, &*concretization);
            Outcome::Asked(number, asker::ask(session, question, &mut |_| (), &AtomicBool::new(false)))
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
        Job::Write(writing) => Outcome::Written(write(session, &writing)),
        Job::Prepare(preparation) => publisher::prepare(session, &preparation, listener, flag),
        Job::Push(sealed) => publisher::push(session, &sealed, listener, flag),
        Job::Report(group) => publisher::report(session, &group, listener, flag),
    }
}

/// Lays a pipeline out and collects all findings, worst first.
pub fn render(session: &Session, environment: &environment::Environment, plan: &Arc<Plan>) -> Rendered {
    let Request { settings, schedule, .. } = &session.request;
    let settings = Settings { broken: pruning::broken_specs(environment), ..settings.clone() };
    let pipeline = Pipeline::with_settings(environment, plan, &settings, *schedule);
    let mut findings = plan.findings.clone();
    findings.extend(pipeline.check());
    findings.sort_by_key(|finding| finding.severity);
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

/// Returns the unified difference of two texts, a line each.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> Vec<String> {
    let mut config = TextDiff::configure();
    let diff = config.timeout(DIFF_DEADLINE).diff_lines(old, new);
    diff.unified_diff().header(old_name, new_name).to_string().lines().map(str::to_owned).collect()
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

/// Writes all or, where anything fails before the first file is replaced, nothing.
fn write(session: &Session, writing: &Writing) -> Result<Receipt> {
    if session.access == Access::ReadOnly {
        return Err(Error::usage("the program runs with --read-only"));
    }
    check_unchanged(&session.manifest, &writing.read)?;
    let text = |saved: &super::effect::Saved| Arc::clone(&saved.text);
    let manifest = writing.manifest.as_ref().map(text);
    let manifest =
        manifest.map(|text| file::stage(&session.manifest, |out| out.write_all(text.text().as_bytes()))).transpose()?;
    let pipeline = writing.pipeline.as_ref().map(|rendered| &rendered.pipeline);
    let staged = pipeline.map(|pipeline| file::stage(&session.output, |out| pipeline.write_to(out))).transpose()?;
    let locks = writing.locks.as_deref().map_or(Ok(Vec::new()), stage_locks)?;
    // A large pipeline has taken a moment.
    check_unchanged(&session.manifest, &writing.read)?;
    let mut receipt = Receipt::default();
    if let Some(manifest) = manifest {
        manifest.commit()?;
        receipt.lines.push(format!("{} saved", session.manifest.display()));
        receipt.saved.clone_from(&writing.manifest);
    }
    for (path, lock) in locks {
        match lock.commit() {
            Ok(()) => receipt.lines.push(format!("{} replaced", path.display())),
            Err(error) if receipt.lines.is_empty() => return Err(error),
            Err(error) => {
                receipt.lines.push(format!("{} NOT replaced: it is as it was", path.display()));
                receipt.failure = Some(error);
                return Ok(receipt);
            }
        }
    }
    receipt.locks.clone_from(&writing.locks);
    if let (Some(staged), Some(pipeline)) = (staged, pipeline) {
        let extras = || pipeline.extras().iter();
        let written = staged.commit().and_then(|()| {
            extras().try_for_each(|extra| file::replace(&extra.path, |out| out.write_all(&extra.bytes)))
        });
        match written {
            Ok(()) => {
                receipt.lines.extend(extras().map(|extra| format!("{} written", extra.path.display())));
                let jobs = pipeline.jobs().count();
                receipt.lines.push(format!("{} written: {jobs} build jobs", session.output.display()));
            }
            Err(error) if !receipt.lines.is_empty() => {
                receipt.lines.push(format!("{} NOT written: it is as it was", session.output.display()));
                receipt.failure = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(receipt)
}

/// Writes the lockfiles that Spack answered with beside those they are to replace.
fn stage_locks(fresh: &Fresh) -> Result<Vec<(&Path, file::Staged)>> {
    let texts = fresh.locks.iter().filter_map(|lock| Some((lock.path.as_path(), fresh.lockfiles.get(&lock.phase)?)));
    let stage =
        |(path, lock): (_, &Arc<Source>)| Ok((path, file::stage(path, |out| out.write_all(lock.text().as_bytes()))?));
    texts.map(stage).collect()
}

fn check_unchanged(path: &Path, read: &Source) -> Result<()> {
    match look(path, read) {
        Sight::AsRead => Ok(()),
        Sight::Changed(_) => Err(Error::input(format!("`{}` has changed on disk since it was read", path.display()))
            .hint("it is read again in a moment, or at once with the key to reload; the edits are then made again")),
        Sight::Unreadable(reason) => Err(Error::refused(reason)),
    }
}

//! Concretizes with a real `spack`: on a temporary copy of the environment, every phase for itself, as a child process.
//!
//! The user's environment and lockfiles are only read. Spack 0.16 to 1.1 are spoken to in their own words.

mod child;
mod copy;
mod output;
mod program;
mod tree;

pub use output::Channel;
pub use program::{SpackVersion, find};

use super::{Lockfiles, MAIN_PHASE, lockfile};
use crate::environment::{Environment, SpecList};
use crate::error::{Error, Result};
use crate::scratch::Scratch;
use crate::source::Source;
use child::Ending;
use copy::Roots;
use etcetera::{BaseStrategy as _, choose_base_strategy};
use output::Output;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How long all phases together may take unless something else is said; solves of large stacks take an hour.
pub const TIMEOUT: Duration = Duration::from_hours(2);
/// How long `spack --version` may take.
const VERSION_TIMEOUT: Duration = Duration::from_mins(1);

/// Whether Spack starts from what was concretized before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// It keeps what the lockfiles have, as `spack concretize` does.
    #[default]
    Reuse,
    /// It forgets them, and what is installed.
    Fresh,
}

/// What to concretize, and how.
#[derive(Clone, Debug)]
pub struct Task {
    /// The program, as [`find`] finds it.
    pub program: PathBuf,
    /// The environment, with edits that are not saved.
    pub environment: Arc<Environment>,
    /// The directory of its `spack.yaml`.
    pub directory: PathBuf,
    /// The lockfiles at hand.
    pub lockfiles: Arc<Lockfiles>,
    /// Whether these are started from.
    pub start: Start,
    /// How long it may take.
    pub timeout: Duration,
    /// Where everything that Spack prints is to be written.
    pub log: Option<PathBuf>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A phase has begun, with so many roots.
    Phase(String, usize),
    /// So many roots of the phase are done.
    Done(usize),
    /// Spack has printed a line.
    Line(Channel, String),
}

/// What Spack concretized.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The version, as `spack --version` prints it.
    pub version: String,
    /// A lockfile for every phase that has roots.
    pub lockfiles: Lockfiles,
    /// The number of concrete specs in them.
    pub specs: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Whose doing it is.
    pub cause: Cause,
    /// What went wrong.
    pub error: Error,
    /// Spack's last words, if it had any.
    pub words: Vec<String>,
}

/// Whose doing a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was cancelled.
    Cancelled,
    /// Something went wrong.
    Failed,
}

impl From<Error> for Box<Failure> {
    fn from(error: Error) -> Self {
        Self::new(Failure { cause: Cause::Failed, error, words: Vec::new() })
    }
}

/// What a solve comes to.
pub type Outcome<T> = std::result::Result<T, Box<Failure>>;

/// Returns where output is logged unless something else is said: under `$XDG_STATE_HOME`.
pub fn default_log() -> Option<PathBuf> {
    let strategy = choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(state.join("spackplan").join("concretize.log"))
}

/// Concretizes every phase of an environment that has roots.
///
/// # Errors
/// Returns why Spack cannot be run or what it said when it failed, also when it is cancelled or takes too long.
/// Everything is then as it was, and no process is left.
pub fn run(task: &Task, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Outcome<Answer> {
    let deadline = Instant::now() + task.timeout;
    let mut run = Run { task, progress, cancel, deadline, log: open_log(task.log.as_deref()) };
    let (version, text) = run.version()?;
    let mut answer = Answer { version: text, lockfiles: Lockfiles::default(), specs: 0 };
    for (name, list) in phases(&task.environment) {
        let source = run.phase(name, list, version)?;
        answer.specs += lockfile::parse(&source)?.specs.len();
        answer.lockfiles.set(name, source);
    }
    Ok(answer)
}

/// Returns the phases that have roots, in order.
fn phases(environment: &Environment) -> impl Iterator<Item = (&str, &SpecList)> {
    let bootstrap =
        environment.bootstrap.iter().filter_map(|list| Some((&*list.name, environment.definitions.get(&list.name)?)));
    bootstrap.chain([(MAIN_PHASE, &environment.specs)]).filter(|(_, list)| !list.roots.is_empty())
}

/// Starts the log anew; without one, failures only have Spack's last words.
fn open_log(path: Option<&Path>) -> Option<(&Path, fs::File)> {
    let path = path?;
    fs::create_dir_all(path.parent()?).ok()?;
    Some((path, fs::File::create(path).ok()?))
}

/// One task being done.
struct Run<'a> {
    task: &'a Task,
    progress: &'a mut dyn FnMut(Progress),
    cancel: &'a AtomicBool,
    deadline: Instant,
    log: Option<(&'a Path, fs::File)>,
}

impl Run<'_> {
    /// Asks which version it is.
    fn version(&mut self) -> Outcome<(SpackVersion, String)> {
        let limit = self.task.timeout.min(VERSION_TIMEOUT);
        let deadline = self.deadline.min(Instant::now() + limit);
        let mut output = Output::new(0, None);
        let mut text = String::new();
        let here = std::env::temp_dir();
        let (program, progress) = (&self.task.program, &mut *self.progress);
        let ending = child::run(program, &["--version"], &here, deadline, self.cancel, &mut |channel, line| {
            output.take(channel, line);
            match channel {
                Channel::Out if !line.trim().is_empty() => line.trim().clone_into(&mut text),
                Channel::Out => {}
                Channel::Err => progress(Progress::Line(channel, line.to_owned())),
            }
        })?;
        check(&ending, "spack --version", limit, output)?;
        let version = SpackVersion::parse(&text).ok_or_else(|| {
            let program = self.task.program.display();
            Error::refused(format!("`{program} --version` does not print a version"))
                .hint("name Spack with --spack PATH")
        })?;
        Ok((version, text))
    }

    /// Concretizes a phase and returns its lockfile.
    fn phase(&mut self, name: &str, list: &SpecList, version: SpackVersion) -> Outcome<Arc<Source>> {
        let task = self.task;
        let environment = &task.environment;
        (self.progress)(Progress::Phase(name.to_owned(), list.roots.len()));
        let roots = if name == MAIN_PHASE { Roots::Own } else { Roots::Listed(list) };
        let text = copy::manifest(environment, roots, version)?;
        let sources = environment.included.iter().map(|file| &file.source).chain([&environment.source]);
        let steps = sources.map(|source| tree::steps_up(source)).max().unwrap_or(0);
        let scratch = Scratch::new()?;
        let copy = tree::stand_in(&task.directory, steps, scratch.path())?;
        write(&copy.join("spack.yaml"), &text)?;
        let lock = copy.join("spack.lock");
        let known = task.lockfiles.get(name).filter(|_| task.start == Start::Reuse);
        known.map_or(Ok(()), |source| write(&lock, source.text()))?;
        let log = self.log.as_ref().and_then(|(path, log)| Some((*path, log.try_clone().ok()?)));
        let mut output = Output::new(list.roots.len(), log);
        let directory = copy.to_string_lossy();
        let mut arguments = vec!["--verbose", "--color", "never", "--env-dir", &directory, "concretize"];
        if task.start == Start::Fresh && version.has_fresh() {
            arguments.push("--fresh");
        }
        let progress = &mut *self.progress;
        let ending = child::run(&task.program, &arguments, &copy, self.deadline, self.cancel, &mut |channel, line| {
            let done = output.take(channel, line);
            progress(Progress::Line(channel, line.to_owned()));
            if let Some(done) = done {
                progress(Progress::Done(done));
            }
        })?;
        check(&ending, &format!("spack concretize, phase `{name}`"), task.timeout, output)?;
        let text = fs::read_to_string(&lock).map_err(|cause| {
            Error::refused(format!("Spack wrote no lockfile for phase `{name}`: {cause}"))
                .hint("run `spack -e . concretize` by hand to see why")
        })?;
        Ok(Source::new(format!("{} as spack concretized it", super::lockfile_name(name)), text))
    }
}

/// Fails unless a child has ended well.
fn check(ending: &Ending, what: &str, limit: Duration, output: Output) -> Outcome<()> {
    let error = match ending {
        Ending::Exited(status) if status.success() => return Ok(()),
        Ending::Exited(status) => Error::refused(format!("{what}: it failed with {}", said(*status))),
        Ending::Cancelled => Error::refused("cancelled"),
        Ending::TimedOut => Error::refused(format!("{what}: not done after {} s", limit.as_secs()))
            .hint("give it more time with --spack-timeout SECONDS"),
    };
    let (words, log) = output.finish();
    let error = match log {
        Some(log) if !matches!(ending, Ending::Cancelled) => {
            error.hint(format!("all that Spack said is in {}", log.display()))
        }
        _ => error,
    };
    let cause = if matches!(ending, Ending::Cancelled) { Cause::Cancelled } else { Cause::Failed };
    Err(Box::new(Failure { cause, error, words }))
}

fn said(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|cause| Error::io("write", path, &cause))
}

//! Concretizes with a real Spack from the command line, and writes the lockfiles where that is asked for.

use crate::Planned;
use crate::cli::Cli;
use crate::message::Messages;
use clap::{Args, ValueEnum};
use spackplan::concretize::Lockfiles;
use spackplan::concretize::change::LockUpdate;
use spackplan::concretize::spack::{self, Channel, Progress, Start, Task};
use spackplan::environment::Environment;
use spackplan::error::Result;
use spackplan::publish::file;
#[cfg(feature = "tui")]
use spackplan::tui::{Opening, SpackSettings};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The options about Spack.
#[derive(Clone, Debug, Args)]
pub(crate) struct SpackOptions {
    /// Concretize with Spack first, on a temporary copy of the environment, and plan with its answer
    #[arg(long, value_name = "START", num_args = 0..=1, require_equals = true, default_missing_value = "reuse", help_heading = "Spack")]
    pub(crate) concretize: Option<StartName>,

    /// The `spack` to run, or the clone it is in [default: $`SPACK_ROOT`/bin/spack, else the one on $`PATH`]
    #[arg(long, value_name = "PATH", help_heading = "Spack")]
    pub(crate) spack: Option<PathBuf>,

    /// How long Spack may take for all phases together
    #[arg(long, value_name = "SECONDS", default_value_t = spack::TIMEOUT.as_secs(), value_parser = clap::value_parser!(u64).range(1..), help_heading = "Spack")]
    pub(crate) spack_timeout: u64,

    /// Replace `spack.lock` and `bootstrap.PHASE.lock`, or the files of --lock, by what Spack concretized, unless the plan has errors
    #[arg(long, requires = "concretize", conflicts_with = "check", help_heading = "Spack")]
    pub(crate) write_locks: bool,
}

/// What Spack starts from, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StartName {
    /// From the lockfiles, whose specs stay as they are
    Reuse,
    /// From nothing that was concretized or installed before
    Fresh,
}

impl From<StartName> for Start {
    fn from(name: StartName) -> Self {
        match name {
            StartName::Reuse => Self::Reuse,
            StartName::Fresh => Self::Fresh,
        }
    }
}

impl SpackOptions {
    /// Returns how long Spack may take.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.spack_timeout)
    }

    /// Finds the program.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        spack::find(self.spack.as_deref(), |name| std::env::var_os(name))
    }
}

#[cfg(feature = "tui")]
impl SpackOptions {
    /// Returns how the terminal UI runs Spack; only a program that is asked for has to be there.
    pub(crate) fn settings(&self) -> Result<SpackSettings> {
        let program = match self.program() {
            Err(error) if self.spack.is_some() || self.concretize.is_some() => return Err(error),
            program => program.ok(),
        };
        Ok(SpackSettings {
            program,
            start: self.concretize.map(Into::into).unwrap_or_default(),
            timeout: self.timeout(),
            log: spack::default_log(),
            opening: if self.concretize.is_some() { Opening::Concretize } else { Opening::Wait },
        })
    }
}

/// Returns the lockfiles to plan with: those at hand, replaced by Spack's where that is asked for.
pub(crate) fn lockfiles(cli: &Cli, environment: &Environment, path: &Path, known: Lockfiles) -> Result<Lockfiles> {
    let options = &cli.spack_options;
    let Some(start) = options.concretize else { return Ok(known) };
    let directory = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let task = Task {
        program: options.program()?,
        environment: Arc::new(environment.clone()),
        directory: directory.to_owned(),
        lockfiles: Arc::new(known),
        start: start.into(),
        timeout: options.timeout(),
        log: spack::default_log(),
    };
    let answer = spack::run(&task, &mut |progress| say(&progress), &AtomicBool::new(false));
    let answer = answer.map_err(|failure| failure.error)?;
    Messages::say(&format!("Spack {} concretized {} specs", answer.version, answer.specs));
    let mut lockfiles = (*task.lockfiles).clone();
    lockfiles.overlay(&answer.lockfiles);
    Ok(lockfiles)
}

/// Passes on what Spack says, but for the trees of specs.
fn say(progress: &Progress) {
    match progress {
        Progress::Phase(phase, roots) => {
            let word = if *roots == 1 { "root" } else { "roots" };
            Messages::say(&format!("concretizing phase `{phase}`: {roots} {word}"));
        }
        Progress::Line(Channel::Out, line) if !line.starts_with("==>") => {}
        Progress::Line(_, line) if line.trim().is_empty() => {}
        Progress::Line(_, line) => Messages::say(&format!("spack: {line}")),
        Progress::Done(_) => {}
    }
}

/// Replaces the lockfiles by those that were planned with, if that is asked for, and says what changes in them.
pub(crate) fn write_locks(cli: &Cli, path: &Path, planned: &Planned) -> Result<()> {
    if !cli.spack_options.write_locks {
        return Ok(());
    }
    let Planned { release, lockfiles, .. } = planned;
    let mut staged = Vec::new();
    for update in LockUpdate::all(&release.environment, path, &cli.lock, lockfiles)? {
        let path = &update.path;
        let Some(source) = lockfiles.get(&update.phase).filter(|_| update.is_due()) else {
            Messages::say(&format!("{}: unchanged", path.display()));
            continue;
        };
        let file = file::stage(path, |out| out.write_all(source.text().as_bytes()))?;
        staged.push((update, file));
    }
    for (LockUpdate { path, changes, .. }, file) in staged {
        file.commit()?;
        Messages::say(&format!("{} written: {}", path.display(), changes.summary()));
        changes.lines().for_each(|line| Messages::say(&format!("  {line}")));
    }
    Ok(())
}

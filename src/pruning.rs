//! Finds out which specs need no job: asks mirrors for binaries, and the history of package repositories for changes.
//!
//! It reads the world and returns data that planning takes ([`Pruning`]). Nothing that goes wrong here loses a pipeline:
//! what is not known to be done is built, and a finding says why it is not known.

mod ask;
mod broken;
mod cache;
pub mod choice;
mod client;
mod history;
mod index;
mod location;
mod mirror;
mod problem;
mod repository;
mod sought;

pub use broken::broken_specs;
pub use cache::directory as cache_directory;

use crate::concretize::ConcretePhase;
use crate::environment::Environment;
use crate::environment::condition::Context;
use crate::error::Result;
use crate::finding::{Finding, Rule, Severity};
use crate::plan::prune::{Externals, Pruning, Reason, affected};
use crate::publish::watch::{self, Limits};
use choice::Choice;
use history::Changes;
use indexmap::IndexMap;
use sought::{Effort, Sought};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Whether mirrors are asked for binaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mirrors {
    /// They are not.
    #[default]
    NotAsked,
    /// Their indices are read (`--check-index-only`).
    Indices,
    /// Their indices are read, and what those lack is looked for spec by spec.
    IndicesAndSpecs,
}

/// Whether specs that no change touches are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Untouched {
    /// They are built.
    #[default]
    Built,
    /// They are left out; dependents of what changed are followed this far, or all the way.
    Pruned(Option<i64>),
}

/// What is to be found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether mirrors are asked.
    pub mirrors: Mirrors,
    /// Whether specs that no change touches are left out.
    pub untouched: Untouched,
    /// Whether external specs get jobs.
    pub externals: Externals,
}

impl Wanted {
    /// Tells whether anything outside the environment has to be asked.
    pub fn asks(&self) -> bool {
        self.mirrors != Mirrors::NotAsked || self.untouched != Untouched::Built
    }
}

/// How long to wait for mirrors, how often to try, and how much to do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// From a request to the beginning of its answer.
    pub answer: Duration,
    /// For all mirrors together.
    pub total: Duration,
    /// How often a request is sent at most.
    pub attempts: u32,
    /// Before the second attempt; twice as long before each further one.
    pub pause: Duration,
    /// Requests that are sent at the same time.
    pub at_once: usize,
}

impl Default for Patience {
    /// Ten seconds to connect and for an answer to begin, two minutes in all, three attempts, sixteen requests at once.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            total: Duration::from_mins(2),
            attempts: 3,
            pause: Duration::from_millis(500),
            at_once: 16,
        }
    }
}

/// What finding out needs beside the question.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// How long to wait.
    pub patience: Patience,
    /// Where indices are kept that were read before.
    pub cache: Option<PathBuf>,
}

/// A question that can be asked again and again while an environment is edited.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// What options say of pruning.
    pub choice: Choice,
    /// What asking needs.
    pub means: Means,
}

impl Question {
    /// Tells whether anybody is asked for an environment.
    pub fn asks(&self, environment: &Environment, context: &Context) -> bool {
        self.choice.wanted(environment.dialect, context).0.asks()
    }

    /// Finds out which specs need no job.
    ///
    /// # Errors
    /// Fails when it is cancelled.
    pub fn ask(
        &self,
        environment: &Environment,
        phases: &[ConcretePhase],
        context: &Context,
        progress: &mut dyn FnMut(Progress),
        cancel: &AtomicBool,
    ) -> Result<Pruning> {
        let (wanted, finding) = self.choice.wanted(environment.dialect, context);
        let mut pruning = find_out(&wanted, environment, phases, context, &self.means, progress, cancel)?;
        pruning.findings.extend(finding);
        Ok(pruning)
    }
}

/// How far the finding out is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The index of a mirror is being read.
    Index {
        /// The mirror's name.
        mirror: String,
    },
    /// Specs are looked for one by one.
    Specs {
        /// How many were looked for.
        done: usize,
        /// Of how many, each counted once for each mirror.
        of: usize,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index { mirror } => write!(f, "asking the mirror {mirror}"),
            Self::Specs { done, of } => write!(f, "looking for specs on mirrors: {done} of {of}"),
        }
    }
}

/// Finds out which of the specs of `phases` need no job.
///
/// # Errors
/// Fails when it is cancelled; whatever else goes wrong is among the findings of the answer.
pub fn find_out(
    wanted: &Wanted,
    environment: &Environment,
    phases: &[ConcretePhase],
    context: &Context,
    means: &Means,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<Pruning> {
    let mut pruning = Pruning::of_externals(wanted.externals);
    if let Untouched::Pruned(depth) = wanted.untouched {
        by_history(&mut pruning, environment, phases, context, depth);
    }
    if wanted.mirrors != Mirrors::NotAsked {
        by_mirrors(&mut pruning, wanted, environment, phases, means, progress, cancel)?;
    }
    Ok(pruning)
}

/// Adds what the last commits changed, and what that affects.
fn by_history(
    pruning: &mut Pruning,
    environment: &Environment,
    phases: &[ConcretePhase],
    context: &Context,
    depth: Option<i64>,
) {
    let manifest = Path::new(environment.source.name());
    let manifest = std::path::absolute(manifest).unwrap_or_else(|_| manifest.to_owned());
    let directory = manifest.parent().unwrap_or(Path::new("/"));
    let packages = repository::locate(environment, context);
    let changed = packages.and_then(|packages| history::changes(directory, &packages));
    let note = |message: String| {
        let finding = Finding::new(Severity::Note, Rule::History, message);
        finding.hint("everything is built that no mirror is known to have")
    };
    let changed = match changed {
        Err(mut finding) => {
            finding.message.push_str("; nothing is left out as untouched");
            return pruning.findings.push(finding);
        }
        Ok(Changes::Stack(path)) => {
            return pruning.findings.push(note(format!("the stack itself changed (`{path}`): all of it is touched")));
        }
        Ok(Changes::Packages(changed)) if changed.is_empty() => {
            return pruning
                .findings
                .push(note("the last commits changed no package: nothing is known of changes".to_owned()));
        }
        Ok(Changes::Packages(changed)) => changed,
    };
    if history::manifest_changed(&manifest) {
        let message =
            "the last commit changed `spack.yaml`, and yet specs of unchanged packages are left out, as Spack does";
        let finding = Finding::new(Severity::Warning, Rule::History, message);
        pruning.findings.push(finding.hint("plan with --no-prune-unaffected to build what the change is about"));
    }
    let mut reasons: IndexMap<Arc<str>, Reason> = IndexMap::new();
    for phase in phases {
        for ((_, spec), reason) in phase.specs.iter().zip(affected(&phase.specs, &changed, depth)) {
            let known = reasons.entry(Arc::clone(&spec.hash)).or_insert(Reason::Untouched);
            // Of several specs with one hash one is enough.
            if *known == Reason::Untouched {
                *known = reason;
            }
        }
    }
    for (hash, reason) in reasons {
        pruning.add(&hash, reason);
    }
}

/// Adds what mirrors have.
fn by_mirrors(
    pruning: &mut Pruning,
    wanted: &Wanted,
    environment: &Environment,
    phases: &[ConcretePhase],
    means: &Means,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<()> {
    let mut sought: IndexMap<Arc<str>, Sought> = IndexMap::new();
    for phase in phases {
        for (id, spec) in phase.specs.iter() {
            // That an external spec has no job does not depend on a request.
            let how = if spec.external && wanted.externals == Externals::Pruned { Effort::Index } else { Effort::Full };
            if !spec.is_predicted() {
                sought.entry(Arc::clone(&spec.hash)).or_insert_with(|| Sought::new(&phase.specs, id, how));
            }
        }
    }
    let (hashes, sought): (Vec<Arc<str>>, Vec<Sought>) = sought.into_iter().unzip();
    let mirrors = environment.mirrors.clone();
    if !mirrors.iter().any(crate::environment::Mirror::has_binaries) {
        let finding = Finding::new(Severity::Warning, Rule::Mirror, "there is no mirror that could have binaries");
        pruning.findings.push(finding.hint("add one to `mirrors:`, or plan without --prune"));
    }
    // The limits of single requests end the work by themselves; this is for what they do not bound.
    let total = means.patience.total.saturating_add(means.patience.answer).saturating_add(Duration::from_secs(1));
    let limits = Limits { idle: total, total };
    let (how, means) = (wanted.mirrors, means.clone());
    let answer =
        watch::run(limits, progress, cancel, move |reporter| ask::ask(&mirrors, &sought, how, &means, reporter));
    match answer {
        Ok(answer) => {
            for (hash, mirrors) in hashes.iter().zip(answer.mirrors) {
                pruning.add(hash, if mirrors.is_empty() { Reason::Missing } else { Reason::UpToDate(mirrors) });
            }
            pruning.findings.extend(answer.findings);
            Ok(())
        }
        Err(error) if cancel.load(std::sync::atomic::Ordering::SeqCst) => Err(error),
        Err(error) => {
            let message = format!("the mirrors cannot be asked: {}", error.message);
            let finding = Finding::new(Severity::Warning, Rule::Mirror, message);
            pruning.findings.push(finding.hint("everything is built; try again, or plan without --prune"));
            Ok(())
        }
    }
}

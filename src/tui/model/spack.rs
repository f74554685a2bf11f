//! What is known of Spack: how far a solve is, and what it answered that is not written yet.

use super::document::{Document, Locks};
use crate::concretize::Lockfiles;
use crate::concretize::change::LockUpdate;
use crate::concretize::spack::{Progress, Start, TIMEOUT};
use crate::plan::Plan;
use crate::plan::change::Changes;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How many jobs or packages a notice lists of a kind.
const MOST_LISTED: usize = 200;

/// Whether a solve begins when the program is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// Not before it is asked for.
    #[default]
    Wait,
    /// At once.
    Concretize,
}

/// How Spack is run.
#[derive(Clone, Debug)]
pub struct SpackSettings {
    /// The program, if there is one.
    pub program: Option<PathBuf>,
    /// Whether it starts from what was concretized before.
    pub start: Start,
    /// How long it may take.
    pub timeout: Duration,
    /// Where everything that it prints is written.
    pub log: Option<PathBuf>,
    /// Whether it is run when the program is opened.
    pub opening: Opening,
}

impl Default for SpackSettings {
    fn default() -> Self {
        Self { program: None, start: Start::default(), timeout: TIMEOUT, log: None, opening: Opening::default() }
    }
}

/// A solve that is running.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solve {
    /// The phase that is concretized, empty before the first.
    pub phase: String,
    /// How many roots it has.
    pub roots: usize,
    /// How many of them are done, if Spack says so.
    pub done: Option<usize>,
    /// Ticks of the clock since it began.
    pub ticks: usize,
}

impl Solve {
    /// Takes news of the solve.
    pub fn take(&mut self, progress: Progress) {
        match progress {
            Progress::Phase(phase, roots) => (self.phase, self.roots, self.done) = (phase, roots, None),
            Progress::Done(done) => self.done = Some(done),
            Progress::Line(..) => {}
        }
    }

    /// Returns a word on how far it is.
    pub fn word(&self) -> String {
        match self.done {
            Some(done) => format!("spack {done}/{}", self.roots),
            None => "spack".to_owned(),
        }
    }

    /// Returns a few words on how far it is; `tick` is how long one takes.
    pub fn words(&self, tick: Duration) -> String {
        let far = match (self.phase.as_str(), self.done) {
            ("", _) => "starts".to_owned(),
            (phase, Some(done)) => format!("phase {phase}, {done} of {} roots", self.roots),
            (phase, None) => format!("phase {phase}, {} roots", self.roots),
        };
        let seconds = tick.saturating_mul(u32::try_from(self.ticks).unwrap_or(u32::MAX)).as_secs();
        format!("spack: {far}, {seconds} s")
    }
}

/// What Spack answered, as long as it is not written.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The version of Spack.
    pub version: String,
    /// How many specs it concretized.
    pub specs: usize,
    /// Its lockfiles.
    pub lockfiles: Lockfiles,
    /// Those that differ from the files on disk.
    pub locks: Vec<LockUpdate>,
}

/// What is known of Spack.
#[derive(Clone, Debug, Default)]
pub struct Spack {
    /// The solve that is running, if one is.
    pub solve: Option<Solve>,
    /// The plan that an answer replaces, until its own is made.
    pub before: Option<Arc<Plan>>,
}

impl Document {
    /// Plans with lockfiles of Spack from now on; the plan has to be made anew.
    pub fn take_locks(&mut self, fresh: Arc<Fresh>) {
        let mut lockfiles = (*self.lockfiles).clone();
        lockfiles.overlay(&fresh.lockfiles);
        self.lockfiles = Arc::new(lockfiles);
        self.fresh = Some(fresh);
        self.locks = Locks::Ahead;
        self.generation += 1;
        self.rendered = None;
    }
}

/// Says what an answer changed in the plan, a line each.
pub fn moved(before: &Plan, now: &Plan) -> Vec<String> {
    let changes = Changes::between(before, now, Some);
    let predicted = |plan: &Plan| plan.graph.predicted();
    let mut lines = vec![
        format!("jobs: {} before, {} now", before.graph.len(), now.graph.len()),
        format!("predicted: {} before, {} now", predicted(before), predicted(now)),
    ];
    let counts = [
        (changes.gained.len(), "gained"),
        (changes.lost.len(), "lost"),
        (changes.moved.len(), "on another runner"),
        (changes.restaged.len(), "in another stage"),
    ];
    lines.extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let (old, new) = (versions(before), versions(now));
    let differing = new.iter().filter_map(|(package, now)| {
        let before = old.get(package).filter(|before| *before != now)?;
        Some(format!("  {package}: {} -> {}", joined(before), joined(now)))
    });
    list("versions that changed", differing.collect(), &mut lines);
    let names = |plan: &Plan, ids: &[crate::plan::JobId]| -> Vec<String> {
        ids.iter().map(|id| format!("  {}", plan.graph.job(*id).name)).collect()
    };
    list("gained", names(now, &changes.gained), &mut lines);
    list("lost", names(before, &changes.lost), &mut lines);
    list("on another runner", names(now, &changes.moved.iter().map(|moved| moved.job).collect::<Vec<_>>()), &mut lines);
    lines
}

fn list(title: &str, items: Vec<String>, lines: &mut Vec<String>) {
    if items.is_empty() {
        return;
    }
    let more = items.len().saturating_sub(MOST_LISTED);
    lines.extend([String::new(), format!("{title}:")]);
    lines.extend(items.into_iter().take(MOST_LISTED));
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
}

/// Returns the versions of each package that jobs build.
fn versions(plan: &Plan) -> BTreeMap<String, BTreeSet<String>> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for id in plan.graph.ids() {
        let spec = plan.graph.spec(id);
        versions.entry(spec.name.to_string()).or_default().insert(spec.version.to_string());
    }
    versions
}

fn joined(versions: &BTreeSet<String>) -> String {
    versions.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

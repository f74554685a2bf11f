//! Problems a release manager should know of, which do not by themselves stop the planning.

use crate::source::Place;
use serde::Serialize;

/// How much a finding weighs; at `Error` nothing is written and the exit code is 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The pipeline would be rejected or would build the wrong thing.
    Error,
    /// The pipeline works, but probably not as its author meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// The rule that a finding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A job that no mapping takes.
    NoRunner,
    /// Two jobs that would share a name.
    NameCollision,
    /// A mapping all of whose jobs are taken by earlier ones.
    ShadowedMapping,
    /// A mapping or match spec that fits no job.
    MatchesNothing,
    /// A key that the dialect reads but does not carry into the pipeline.
    DroppedKey,
    /// A key that nothing reads.
    UnknownKey,
    /// A lockfile whose roots are not those of the environment.
    StaleLockfile,
    /// A lockfile of a version not known yet.
    LockfileVersion,
    /// Concrete specs that were predicted, from locked relatives or the catalogue.
    PredictedSpec,
    /// A package that the catalogue does not know.
    UnknownPackage,
    /// A spec that the catalogue cannot satisfy.
    Unpredictable,
    /// Concrete specs of equal hash that would form a cycle if they were one job.
    MergedCycle,
    /// A user's variable that the generator overrides.
    OverriddenVariable,
    /// Mirrors after the first, which the release-jobs dialect does not use.
    ExtraMirror,
    /// A construct that is accepted and has no effect here.
    NoEffect,
    /// A spec that is known not to build.
    BrokenSpec,
    /// An included file that is not there, or is not fetched.
    MissingInclude,
    /// A section that is needed and missing.
    MissingSection,
    /// The build group could not be made at CDash.
    Cdash,
    /// A rule of GitLab that the pipeline breaks.
    Gitlab,
    /// A mirror that could not be asked, or not for everything.
    Mirror,
    /// A package repository whose history does not tell what changed.
    History,
    /// A service that gave no attributes (`dynamic-mapping`).
    Service,
    /// A secret in a file that everybody can read.
    ExposedToken,
}

/// A problem with its severity, its place and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The rule it comes from.
    pub rule: Rule,
    /// One sentence without a final period.
    pub message: String,
    /// Where in the inputs it arises.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The jobs it is about, as indices into the plan's jobs.
    pub jobs: Vec<u32>,
}

impl Finding {
    /// Makes a finding without place or hint.
    pub fn new(severity: Severity, rule: Rule, message: impl Into<String>) -> Self {
        Self { severity, rule, message: message.into(), place: None, hint: None, jobs: Vec::new() }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which jobs it is about.
    #[must_use]
    pub fn about(mut self, jobs: Vec<u32>) -> Self {
        self.jobs = jobs;
        self
    }
}

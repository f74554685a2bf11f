//! The command line.

use crate::prune::PruneOptions;
use crate::spack::SpackOptions;
use clap::{Parser, ValueEnum};
use clap_complete::Shell;
use spackplan::emit::Report;
use spackplan::environment::Dialect;
use spackplan::pipeline::Schedule;
use spackplan::plan::MatchOn;
use spackplan::publish::downstream::{History, PREFIX};
use std::path::{Path, PathBuf};

const EXIT_CODES: &str = "Exit codes: 0 done · 1 environment or I/O error · 2 usage · 3 findings at error level, nothing written · 4 --check found a difference";

/// Plans the release of a Spack software stack: what is built, in which order, on which CI runner, and why.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// The environment: a directory with a `spack.yaml`, or the file itself [default: .]
    #[arg(value_name = "ENV")]
    environment: Option<PathBuf>,

    /// Print a report instead of the terminal UI [default REPORT: pipeline]
    #[arg(long, value_name = "REPORT", num_args = 0..=1, default_missing_value = "pipeline", help_heading = "Reports")]
    pub(crate) emit: Option<ReportName>,

    /// Write the report to FILE, replaced atomically, instead of standard output; in the UI the pipeline [default there: .gitlab-ci.yml]
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub(crate) output: Option<PathBuf>,

    /// Compare with FILE of --output (default `.gitlab-ci.yml`) instead of writing; exit 4 if it differs
    #[arg(long, requires = "emit", help_heading = "Reports")]
    pub(crate) check: bool,

    /// Speak of the jobs whose specs satisfy CONSTRAINT only (why, dot; adds `why` to json)
    #[arg(long, value_name = "CONSTRAINT", requires = "emit", help_heading = "Reports")]
    pub(crate) spec: Option<String>,

    /// Print findings as JSON
    #[arg(long, requires = "emit", help_heading = "Reports")]
    pub(crate) json: bool,

    /// Which spec a mapping is tested against: the job's own, or its root's as `spack release-jobs` had it
    #[arg(long, value_name = "SPEC", default_value = "job", help_heading = "Planning")]
    pub(crate) match_on: MatchOnName,

    /// Leave out jobs that no mapping takes, and join their dependents to their dependencies
    #[arg(long, help_heading = "Planning")]
    pub(crate) allow_unassigned: bool,

    /// The kind of pipeline, where it should not follow from the environment
    #[arg(long, value_name = "DIALECT", help_heading = "Planning")]
    pub(crate) dialect: Option<DialectName>,

    /// How jobs wait for each other [default: stages for release-jobs, needs as Spack lists them for spack-ci]
    #[arg(long, value_name = "SCHEDULE", help_heading = "Planning")]
    pub(crate) schedule: Option<ScheduleName>,

    #[command(flatten)]
    pub(crate) prune: PruneOptions,

    /// Ask the services of `dynamic-mapping` for attributes, as `spack ci generate` does
    #[arg(long, help_heading = "Planning")]
    pub(crate) ask_dynamic_mapping: bool,

    /// Where jobs keep their artifacts, and where --output puts manifest and lockfile for them (spack-ci)
    #[arg(long, value_name = "DIR", default_value = "jobs_scratch_dir", help_heading = "Output")]
    pub(crate) artifacts_root: PathBuf,

    /// An environment variable that all jobs are to have, if it is set (spack-ci)
    #[arg(long, value_name = "NAME", help_heading = "Planning")]
    pub(crate) forward_variable: Vec<String>,

    /// Concrete specs of the main phase, or with PHASE= of a bootstrap phase, in place of the lockfiles beside the environment
    #[arg(long, value_name = "[PHASE=]FILE", help_heading = "Inputs")]
    pub(crate) lock: Vec<String>,

    /// A fact that `when` conditions see: os, platform, target, arch, hostname, env.NAME
    #[arg(long, value_name = "FACT=VALUE", help_heading = "Inputs")]
    pub(crate) context: Vec<String>,

    #[command(flatten)]
    pub(crate) spack_options: SpackOptions,

    /// Push a branch with the released tree, the pipeline and its inputs to REMOTE [default: $`DOWNSTREAM_CI_REPO`]
    ///
    /// Without ENV, all that no option says comes from the variables of a CI job: `SPACK_RELEASE_ENVIRONMENT_REPO`,
    /// `SPACK_RELEASE_ENVIRONMENT_PATH`, `DOWNSTREAM_CI_REPO`, `CI_COMMIT_REF_NAME` and `CI_COMMIT_SHA`. Where REMOTE is
    /// named and neither of the first two is set, ENV is the current directory. A GitLab job leaves the pipeline in
    /// `.gitlab-ci.yml` below --artifacts-root unless --output names a file.
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["check", "read_only"], help_heading = "Publishing")]
    pub(crate) push: Option<String>,

    /// The remote that --push and --prune-branches mean, and the review of the terminal UI [default: $`DOWNSTREAM_CI_REPO`]
    #[arg(long, value_name = "REMOTE", help_heading = "Publishing")]
    pub(crate) remote: Option<String>,

    /// The branch that is released [default: $`CI_COMMIT_REF_NAME`, else that of HEAD]
    #[arg(long, value_name = "BRANCH", help_heading = "Publishing")]
    pub(crate) branch: Option<String>,

    /// What the names of generated branches start with
    #[arg(long, value_name = "PREFIX", default_value = PREFIX, help_heading = "Publishing")]
    pub(crate) branch_prefix: String,

    /// Whether the commit stands alone or follows HEAD
    #[arg(long, value_name = "HISTORY", default_value = "orphan", help_heading = "Publishing")]
    pub(crate) history: HistoryName,

    /// Who makes the commit, as in `Release Bot <bot@example.org>`
    #[arg(long, value_name = "AUTHOR", help_heading = "Publishing")]
    pub(crate) author: Option<String>,

    /// Overwrite the branch even if something else made it
    #[arg(long, help_heading = "Publishing")]
    pub(crate) force: bool,

    /// Make the CDash build group with the token in FILE [default: the token in $`CDASH_AUTH_TOKEN`, with --push and in the UI]
    #[arg(long, value_name = "FILE", help_heading = "Publishing")]
    pub(crate) cdash_credentials: Option<PathBuf>,

    /// List the generated branches at REMOTE whose source branch is gone or merged, and delete them after a question
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["emit", "push", "read_only"], help_heading = "Publishing")]
    pub(crate) prune_branches: Option<String>,

    /// Take yes for an answer
    #[arg(long, requires = "prune_branches", help_heading = "Publishing")]
    pub(crate) yes: bool,

    /// Plan again from what a generated branch records, and say whether it holds what that gives; exit 4 if not
    #[arg(long, value_names = ["REMOTE", "BRANCH"], num_args = 2, conflicts_with_all = ["emit", "push", "prune_branches"], help_heading = "Publishing")]
    pub(crate) verify: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) migrate: crate::migrate::MigrateOptions,

    /// Write and send nothing: neither files nor branches nor requests
    #[arg(long, help_heading = "Terminal UI")]
    pub(crate) read_only: bool,

    /// The colours: default, color-blind, monochrome
    #[arg(long, value_name = "THEME", help_heading = "Terminal UI")]
    pub(crate) theme: Option<String>,

    /// Draw with ASCII characters only, whatever the locale says
    #[arg(long, help_heading = "Terminal UI")]
    pub(crate) ascii: bool,

    /// Use the mouse: click to select, wheel to scroll; the terminal's own selection then needs shift
    #[arg(long, help_heading = "Terminal UI")]
    pub(crate) mouse: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) color: ColorChoice,

    /// Print a completion script and exit
    #[arg(long, value_name = "SHELL", exclusive = true, help_heading = "Setup")]
    pub(crate) completions: Option<Shell>,

    /// Print the manual page and exit
    #[arg(long, exclusive = true, help_heading = "Setup")]
    pub(crate) manual: bool,
}

/// The reports by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportName {
    /// The `.gitlab-ci.yml`
    Pipeline,
    /// Phases, stages and runners with counts
    Summary,
    /// The whole plan as JSON
    Json,
    /// The job graph for Graphviz
    Dot,
    /// Why each job has its runner
    Why,
    /// Which specs get no job, and why each is built or not
    Pruning,
    /// Problems with their places
    Findings,
}

impl Cli {
    /// Returns the environment that was named, if one was.
    pub(crate) fn named_environment(&self) -> Option<&Path> {
        self.environment.as_deref()
    }

    /// Returns the environment to plan.
    pub(crate) fn environment(&self) -> &Path {
        self.environment.as_deref().unwrap_or(Path::new("."))
    }

    /// Returns the report that was asked for, if any.
    pub(crate) fn report(&self) -> Option<Report> {
        Some(match self.emit? {
            ReportName::Pipeline => Report::Pipeline,
            ReportName::Summary => Report::Summary,
            ReportName::Json => Report::Json,
            ReportName::Dot => Report::Dot,
            ReportName::Why => Report::Why,
            ReportName::Pruning => Report::Pruning,
            ReportName::Findings if self.json => Report::FindingsJson,
            ReportName::Findings => Report::Findings,
        })
    }
}

/// What comes before a pushed commit, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryName {
    /// Nothing
    Orphan,
    /// HEAD and all before it
    Parent,
}

impl From<HistoryName> for History {
    fn from(name: HistoryName) -> Self {
        match name {
            HistoryName::Orphan => Self::Orphan,
            HistoryName::Parent => Self::Parent,
        }
    }
}

/// What mappings are tested against, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatchOnName {
    /// The job's own spec
    Job,
    /// The last root spec that needs it
    Root,
}

impl MatchOnName {
    /// Returns the word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Root => "root",
        }
    }
}

impl From<MatchOnName> for MatchOn {
    fn from(name: MatchOnName) -> Self {
        match name {
            MatchOnName::Job => Self::Job,
            MatchOnName::Root => Self::Root,
        }
    }
}

/// The dialects by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectName {
    /// As `spack release-jobs` (2019) wrote it
    ReleaseJobs,
    /// As `spack ci generate` writes it
    SpackCi,
}

impl DialectName {
    /// Returns the word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ReleaseJobs => "release-jobs",
            Self::SpackCi => "spack-ci",
        }
    }
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::ReleaseJobs => Self::ReleaseJobs,
            DialectName::SpackCi => Self::SpackCi,
        }
    }
}

/// The schedules by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScheduleName {
    /// For all jobs of earlier stages (release-jobs)
    Stages,
    /// For the jobs they need alone, those left out that others imply; 50 at most
    Needs,
}

impl ScheduleName {
    /// Returns the word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stages => "stages",
            Self::Needs => "needs",
        }
    }
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Stages => Self::Stages,
            ScheduleName::Needs => Self::Needs,
        }
    }
}

/// When messages are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

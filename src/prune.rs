//! The options of pruning, and asking mirrors and history what they say.

use super::message::Messages;
use clap::Args;
use spackplan::concretize::Concretization;
use spackplan::delivery::PRUNING;
use spackplan::environment::Environment;
use spackplan::environment::condition::Context;
use spackplan::error::{Error, Result};
use spackplan::pipeline::spack_ci::settings::{Asked, Settings};
use spackplan::plan::prune::{Externals, Pruning};
use spackplan::pruning::choice::{Choice, Effort, UNTOUCHED, UP_TO_DATE};
use spackplan::pruning::{self, Means, Patience, Progress, Question};
use spackplan::source::Source;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Which specs get no job.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(next_help_heading = "Pruning")]
pub(crate) struct PruneOptions {
    /// Ask the mirrors, and give specs that one has no job
    ///
    /// `SPACK_PRUNE_UP_TO_DATE` overrides it for spack-ci. Where nothing is said, no mirror is asked, unlike with `spack ci generate`: the plan
    /// depends on its inputs alone, and jobs look at mirrors before they build.
    #[arg(long, visible_alias = "prune-dag", conflicts_with = "no_prune_dag")]
    prune: bool,

    /// Give specs jobs whatever mirrors have, and let jobs build without looking (spack-ci)
    #[arg(long, visible_alias = "no-prune")]
    no_prune_dag: bool,

    /// Read only the indices of mirrors, and look for no single specs
    #[arg(long)]
    check_index_only: bool,

    /// Give specs jobs only if the last commit of a package repository changed them, what needs them, or what they need
    ///
    /// `SPACK_PRUNE_UNTOUCHED` overrides it for spack-ci, and `SPACK_PRUNE_UNTOUCHED_DEPENDENT_DEPTH` limits how far dependents are followed.
    /// Package repositories are those of `repos:`, and Spack's own at `SPACK_ROOT` or below `~/.spack`.
    #[arg(long, conflicts_with = "no_prune_unaffected")]
    prune_unaffected: bool,

    /// Give specs jobs whether or not something changed [default]
    #[arg(long)]
    no_prune_unaffected: bool,

    /// Give external specs no jobs [default]
    #[arg(long, conflicts_with = "no_prune_externals")]
    prune_externals: bool,

    /// Give external specs jobs, too (spack-ci)
    #[arg(long)]
    no_prune_externals: bool,

    /// Take what mirrors and history say from FILE, as pushed branches record it, instead of asking
    #[arg(long, value_name = "FILE")]
    pruning: Option<PathBuf>,

    /// Whether anybody is asked at all.
    #[arg(skip)]
    asking: Asking,
}

/// Whether anything outside the inputs may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asking {
    /// As the options say.
    #[default]
    AsSaid,
    /// Not at all: a recorded plan is made again.
    Never,
}

impl PruneOptions {
    /// Returns what the options say.
    pub(crate) fn choice(&self) -> Choice {
        let asked = |yes: bool, no: bool| match (yes, no) {
            (true, _) => Some(Asked::Yes),
            (_, true) => Some(Asked::No),
            _ => None,
        };
        Choice {
            up_to_date: asked(self.prune, self.no_prune_dag),
            untouched: asked(self.prune_unaffected, self.no_prune_unaffected),
            externals: if self.no_prune_externals { Externals::Built } else { Externals::Pruned },
            effort: if self.check_index_only { Effort::Indices } else { Effort::IndicesAndSpecs },
        }
    }

    /// Finds out which specs need no job, or reads it.
    pub(crate) fn find_out(
        &self,
        environment: &Environment,
        concretization: &Concretization,
        context: &Context,
    ) -> Result<Pruning> {
        let Some(question) = self.question().filter(|question| question.asks(environment, context)) else {
            return self.known();
        };
        let never = AtomicBool::new(false);
        question.ask(environment, &concretization.phases, context, &mut |news| say(&news), &never)
    }

    /// Returns what is known without asking anybody.
    pub(crate) fn known(&self) -> Result<Pruning> {
        let externals = self.choice().externals;
        let Some(path) = &self.pruning else { return Ok(Pruning::of_externals(externals)) };
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io("read", path, &cause))?;
        Pruning::from_json(&Source::new(path.display().to_string(), text), externals)
    }

    /// Returns what may be asked, unless a file answers or nobody is to be asked.
    pub(crate) fn question(&self) -> Option<Question> {
        let means = || Means { patience: Patience::default(), cache: pruning::cache_directory() };
        let asks = self.asking == Asking::AsSaid && self.pruning.is_none();
        asks.then(|| Question { choice: self.choice(), means: means() })
    }

    /// Returns the words that, with the recorded reasons, make the same plan again whatever variables are set then.
    pub(crate) fn words(&self, context: &Context) -> Vec<String> {
        let mut words = Vec::new();
        if self.no_prune_externals {
            words.push("--no-prune-externals".to_owned());
        }
        let settings = self.choice().tell(Settings::default(), context);
        for (name, asked) in [(UP_TO_DATE, settings.up_to_date), (UNTOUCHED, settings.untouched)] {
            let value = if asked == Asked::Yes { "true" } else { "false" };
            words.extend(["--context".to_owned(), format!("env.{name}={value}")]);
        }
        words
    }

    /// Keeps a plan from asking anybody: it is made from what a directory of recorded inputs has.
    pub(crate) fn replay(&mut self, inputs: &Path) {
        self.asking = Asking::Never;
        self.pruning = Some(inputs.join(PRUNING)).filter(|path| path.is_file());
    }
}

fn say(progress: &Progress) {
    match progress {
        Progress::Index { .. } => Messages::say(&progress.to_string()),
        // One line is enough for what a screen would count up.
        Progress::Specs { done: 1, of } => Messages::say(&format!("looking for {of} specs on mirrors")),
        Progress::Specs { .. } => {}
    }
}

//! The environment being edited, what was concretized for it, and its plan.
//!
//! The text of `spack.yaml` is the only thing that edits change; environment and plan follow from it.

use super::super::effect::Loaded;
use super::spack::{Fresh, SpackSettings};
use crate::concretize::{self, Concretization, Lockfiles};
use crate::delivery::Destination;
use crate::dynamic::{self, Services};
use crate::edit::{Edit, History, Journal};
use crate::environment::condition::Context;
use crate::environment::{Dialect, Environment, Inputs, Texts};
use crate::error::{Error, Result};
use crate::finding::{Finding, Severity};
use crate::pipeline::{Lines, Pipeline};
use crate::plan::assign::JobSet;
use crate::plan::prune::Pruning;
use crate::plan::{Plan, Planner};
use crate::pruning::{Patience, Question};
use crate::release::Request;
use crate::source::Source;
use std::path::PathBuf;
use std::sync::Arc;

/// Whether anything may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Files may be written after a review.
    #[default]
    ReadWrite,
    /// Nothing is ever written.
    ReadOnly,
}

/// What stays as it is while the program runs.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `spack.yaml`.
    pub manifest: PathBuf,
    /// The `.gitlab-ci.yml` that is written.
    pub output: PathBuf,
    /// The facts that conditions see.
    pub context: Context,
    /// The kind of pipeline, where it does not follow from the environment.
    pub dialect: Option<Dialect>,
    /// How to plan.
    pub request: Request,
    /// The lockfiles named on the command line: `FILE` or `PHASE=FILE`.
    pub locks: Vec<String>,
    /// Whether anything may be written.
    pub access: Access,
    /// Where the release goes beside files.
    pub destination: Destination,
    /// How Spack is run.
    pub spack: SpackSettings,
    /// How long services are waited for (`dynamic-mapping`), if they are asked.
    pub services: Option<Patience>,
}

impl Session {
    /// Returns what mirrors and history are to be asked for an environment, if they are.
    pub fn question(&self, environment: &Environment) -> Option<&Question> {
        self.request.question.as_ref().filter(|question| question.asks(environment, &self.context))
    }

    /// Returns how long the services of an environment are waited for, if it has any that are to be asked.
    pub fn patience_for_services(&self, environment: &Environment) -> Option<&Patience> {
        let asks = dynamic::sections(&environment.rules, &self.request.settings).next().is_some();
        self.services.as_ref().filter(|_| asks)
    }
}

/// A pipeline with what is wrong with it, made in the background.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The pipeline of the plan.
    pub pipeline: Arc<Pipeline>,
    /// Where the lines of its text are.
    pub lines: Arc<Lines>,
    /// All findings, those of GitLab's rules among them, worst first.
    pub findings: Arc<Vec<Finding>>,
}

/// What has to follow an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followup {
    /// Nothing: the plan is up to date.
    None,
    /// The concrete specs have to be found anew; until then the plan is that of before.
    Concretize,
}

/// Whether the plan was made with the lockfiles at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locks {
    /// It was.
    Planned,
    /// They are newer.
    Ahead,
}

/// A plan with all it was made from.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The environment.
    pub environment: Arc<Environment>,
    /// Its concrete specs.
    pub concretization: Arc<Concretization>,
    planner: Planner,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The plan of the environment as it is on disk, where it was made anew.
    pub baseline: Option<Arc<Plan>>,
}

impl Planned {
    /// Plans an environment from scratch, as far as is known without asking anybody.
    ///
    /// # Errors
    /// Returns an error if a lockfile is malformed.
    pub fn new(environment: Arc<Environment>, lockfiles: &Lockfiles, session: &Session) -> Result<Self> {
        Self::pruned(environment, lockfiles, session, Arc::clone(&session.request.pruning))
    }

    /// Plans an environment from scratch, but for specs that are pruned.
    ///
    /// # Errors
    /// Returns an error if a lockfile is malformed.
    pub fn pruned(
        environment: Arc<Environment>,
        lockfiles: &Lockfiles,
        session: &Session,
        pruning: Arc<Pruning>,
    ) -> Result<Self> {
        let concretization = concretize::concretize(&environment, lockfiles, &session.context.architecture())?;
        let mut planner = Planner::pruned(&environment, &concretization, session.request.options, pruning);
        let plan = Arc::new(planner.plan(&Arc::new(environment.rules.clone())));
        Ok(Self { environment, concretization: Arc::new(concretization), planner, plan, baseline: None })
    }
}

/// The environment, its edits, and the plan.
#[derive(Clone, Debug)]
pub struct Document {
    /// The edits made since loading.
    pub history: History,
    /// The environment as edited.
    pub environment: Arc<Environment>,
    /// The environment that concrete specs and plan were made for: an older one while they are being found anew.
    pub planned: Arc<Environment>,
    /// The concrete specs the plan builds.
    pub concretization: Arc<Concretization>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The plan of the environment as it was loaded or, after that, saved last; changes are counted from it.
    pub loaded: Arc<Plan>,
    /// The edits that lead from the text the history begins with to that of the loaded plan.
    pub loaded_edits: Vec<Edit>,
    /// The pipeline of the plan; none while it is being laid out.
    pub rendered: Option<Rendered>,
    /// The lockfiles at hand.
    pub lockfiles: Arc<Lockfiles>,
    /// Whether the plan was made with them.
    pub locks: Locks,
    /// What Spack answered, as long as it is not written.
    pub fresh: Option<Arc<Fresh>>,
    /// Edits of a session that did not end well, offered to be made again.
    pub kept: Option<Journal>,
    /// Which specs get no job, as far as it is known; the plan follows.
    pub pruning: Arc<Pruning>,
    /// What services answered.
    services: Arc<Services>,
    /// How often mirrors, history and services were asked.
    pub questions: u64,
    /// Counts the changes, so that answers that come too late are known for what they are.
    pub generation: u64,
    planner: Planner,
    /// The files that the environment includes, as they were read.
    included: Arc<Texts>,
    session: Arc<Session>,
}

impl Document {
    /// Takes an environment that was read and planned.
    pub fn of(session: &Arc<Session>, loaded: Loaded) -> Self {
        let Loaded { source, lockfiles, planned } = loaded;
        let Planned { environment, concretization, planner, plan, .. } = planned;
        Self {
            pruning: Arc::clone(&plan.pruning),
            services: Arc::default(),
            questions: 0,
            included: Arc::new(Texts::new(environment.included.iter().map(|file| Arc::clone(&file.source)))),
            history: History::new(source),
            planned: Arc::clone(&environment),
            environment,
            concretization,
            loaded: Arc::clone(&plan),
            loaded_edits: Vec::new(),
            plan,
            rendered: None,
            lockfiles,
            locks: Locks::Planned,
            fresh: None,
            kept: None,
            generation: 0,
            planner,
            session: Arc::clone(session),
        }
    }

    /// Makes an edit.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the edit does not fit or would break the environment.
    pub fn edit(&mut self, edit: Edit) -> Result<Followup> {
        let mut history = self.history.clone();
        history.push(edit)?;
        self.follow(history)
    }

    /// Makes an edit if `check` approves of what the environment would be.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the edit does not fit, breaks the environment, or is not approved of.
    pub fn edit_if(&mut self, edit: Edit, check: impl FnOnce(&Environment) -> Result<()>) -> Result<Followup> {
        let mut history = self.history.clone();
        history.push(edit)?;
        let environment = self.parse(history.current())?;
        check(&environment)?;
        Ok(self.go(history, environment))
    }

    /// Takes the last edit back and returns its description.
    ///
    /// # Errors
    /// Returns an error if there is nothing to undo.
    pub fn undo(&mut self) -> Result<(String, Followup)> {
        let mut history = self.history.clone();
        let edit = history.undo().ok_or_else(|| Error::usage("there is nothing to undo"))?.to_string();
        Ok((edit, self.follow(history)?))
    }

    /// Makes the last undone edit again and returns its description.
    ///
    /// # Errors
    /// Returns an error if there is nothing to redo.
    pub fn redo(&mut self) -> Result<(String, Followup)> {
        let mut history = self.history.clone();
        let edit = history.redo().ok_or_else(|| Error::usage("there is nothing to redo"))?.to_string();
        Ok((edit, self.follow(history)?))
    }

    /// Reads another text of the environment, with the same options and included files.
    ///
    /// # Errors
    /// Returns an error with its place if the text is no environment.
    pub fn parse(&self, source: &Arc<Source>) -> Result<Environment> {
        let (context, dialect) = (&self.session.context, self.session.dialect);
        let mut environment =
            Environment::read(Arc::clone(source), Inputs { context, files: &*self.included, dialect })?;
        self.services.answer(&mut environment);
        Ok(environment)
    }

    /// Goes to the text that `history` has come to.
    fn follow(&mut self, history: History) -> Result<Followup> {
        let environment = self.parse(history.current())?;
        Ok(self.go(history, environment))
    }

    fn go(&mut self, history: History, environment: Environment) -> Followup {
        // Not the environment of before: that one may be waiting for its concrete specs.
        let same_jobs = environment.asks_for_same_jobs(&self.planned);
        self.history = history;
        self.environment = Arc::new(environment);
        self.generation += 1;
        self.rendered = None;
        if !same_jobs || self.locks == Locks::Ahead {
            return Followup::Concretize;
        }
        self.planned = Arc::clone(&self.environment);
        self.planner.adopt(&self.environment);
        self.plan = Arc::new(self.planner.plan(&Arc::new(self.environment.rules.clone())));
        // Findings about roots point at lines that may have moved.
        let moved = self.concretization.findings.iter().any(|finding| finding.place.is_some());
        if moved { Followup::Concretize } else { Followup::None }
    }

    /// Takes the plan that a [`Followup::Concretize`] gave.
    pub fn adopt(&mut self, planned: Planned) {
        let Planned { environment, concretization, planner, plan, baseline } = planned;
        if let Some(baseline) = baseline {
            self.loaded = baseline;
        }
        self.planned = Arc::clone(&environment);
        self.environment = environment;
        self.concretization = concretization;
        self.planner = planner;
        self.plan = plan;
        self.locks = Locks::Planned;
        self.rendered = None;
    }

    /// Takes over a history that leads to another text.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the environment would be wrong.
    pub fn restore(&mut self, history: History) -> Result<Followup> {
        let saved = history.saved_edits();
        let followup = self.follow(history)?;
        self.loaded_edits = saved.unwrap_or_else(|| std::mem::take(&mut self.loaded_edits));
        Ok(followup)
    }

    /// Plans with what services answered, to take the place of what they had answered before.
    ///
    /// # Errors
    /// Returns an error if the text is no environment any more, which it was before.
    pub fn take_services(&mut self, services: Arc<Services>) -> Result<Followup> {
        self.services = services;
        self.follow(self.history.clone())
    }

    /// Takes over what others had answered about an older text of the environment.
    pub fn inherit_answers(&mut self, old: &Self) {
        self.questions = old.questions;
        self.pruning = Arc::clone(&old.pruning);
        self.services = Arc::clone(&old.services);
    }

    /// Tells whether the plan is that of the environment as edited; otherwise it is being made.
    pub fn is_planned(&self) -> bool {
        Arc::ptr_eq(&self.planned, &self.environment) && self.locks == Locks::Planned
    }

    /// Tells whether the plan knows all that is known of which specs get no job.
    pub fn is_pruned(&self) -> bool {
        Arc::ptr_eq(&self.pruning, &self.plan.pruning)
    }

    /// Returns the environment as it is on disk if its plan lacks what is known of which specs get no job.
    pub fn old_baseline(&self) -> Option<Arc<Environment>> {
        let old = !Arc::ptr_eq(&self.pruning, &self.loaded.pruning);
        old.then(|| self.parse(self.history.saved()).ok().map(Arc::new)).flatten()
    }

    /// Returns how many jobs a match spec selects.
    pub fn count(&mut self, wanted: &crate::environment::attributes::MatchSpec) -> usize {
        self.planner.select(wanted).count_ones(..)
    }

    /// Returns the jobs that a match spec of the plan's rules selects.
    pub fn selected_by(&self, wanted: &crate::environment::attributes::MatchSpec) -> Option<&JobSet> {
        self.planner.known(wanted)
    }

    /// Returns all findings known, worst first.
    pub fn findings(&self) -> &[Finding] {
        self.rendered.as_ref().map_or(&self.plan.findings, |rendered| &rendered.findings)
    }

    /// Returns how many findings there are of a severity.
    pub fn count_findings(&self, severity: Severity) -> usize {
        self.findings().iter().filter(|finding| finding.severity == severity).count()
    }

    /// Returns the paths and options.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

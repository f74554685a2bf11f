//! Everything the terminal UI knows: the document being edited, what is on screen, and what runs in the background.

pub mod baseline;
pub mod cursor;
pub mod delivering;
pub mod disk;
pub mod document;
pub mod filter;
pub mod findings;
pub mod neighbourhood;
pub mod overlay;
pub mod phases;
pub mod pipeline;
pub mod review;
pub mod runners;
pub mod spack;
pub mod specs;
pub mod stages;

use super::command::Scope;
use super::effect::Asking;
use crate::plan::change::Counterparts;
use crate::plan::{JobGraph, JobId};
use crate::publish::watch::Progress;
use delivering::Delivering;
use document::{Document, Session};
use filter::Filter;
use overlay::Overlay;
use ratatui::layout::Rect;
use review::Review;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The screens, in the order of their keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// The spec matrix.
    Specs,
    /// The jobs by phase and stage.
    #[default]
    Stages,
    /// The runner mappings.
    Runners,
    /// The bootstrap phases.
    Phases,
    /// The `.gitlab-ci.yml`.
    Pipeline,
    /// The problems.
    Findings,
}

impl Screen {
    /// All screens in order.
    pub const ALL: [Self; 6] = [Self::Specs, Self::Stages, Self::Runners, Self::Phases, Self::Pipeline, Self::Findings];

    /// Returns the screen's name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Specs => "Specs",
            Self::Stages => "Stages",
            Self::Runners => "Runners",
            Self::Phases => "Phases",
            Self::Pipeline => "Pipeline",
            Self::Findings => "Findings",
        }
    }

    /// Returns the scope of the screen's own keys.
    pub fn scope(self) -> Scope {
        match self {
            Self::Specs => Scope::Specs,
            Self::Stages => Scope::Stages,
            Self::Runners => Scope::Runners,
            Self::Phases => Scope::Phases,
            Self::Pipeline => Scope::Pipeline,
            Self::Findings => Scope::Findings,
        }
    }
}

/// The panes of a screen, in the order in which the focus moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The screen's own list.
    #[default]
    Main,
    /// The jobs of what is selected in the list (Runners, Phases).
    Jobs,
    /// Why the selected job is where it is.
    Inspector,
}

/// How the panes share the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zoom {
    /// All are shown.
    #[default]
    Shared,
    /// The focused one has all.
    Focused,
}

/// A line that says what happened last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It went well.
    Done(String),
    /// It did not; the hint says what to do.
    Failed {
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// Work that runs in the background.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// What is being done, by the words the spinner stands beside.
    pub running: Vec<&'static str>,
    /// Ticks of the clock since it began.
    pub ticks: usize,
    /// How far what concerns remotes has come.
    pub progress: Option<Progress>,
    /// The number of the commit that is being prepared, if one is.
    pub preparing: Option<u64>,
    /// How many commits were prepared or begun to be.
    pub preparations: u64,
    /// How far the asking of mirrors, history and services is.
    pub asking: Option<Asking>,
    /// The number of jobs before an answer is planned with.
    pub jobs_before: Option<usize>,
}

/// How the program is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// By choice.
    Quit,
    /// By a signal of this number.
    Signal(i32),
}

/// The state of the terminal UI.
#[derive(Clone, Debug)]
pub struct Model {
    /// Paths and options that stay as they are.
    pub session: Arc<Session>,
    /// The environment, its edits, and the plan.
    pub document: Document,
    /// The open screen.
    pub screen: Screen,
    /// The focused pane of the open screen.
    pub pane: Pane,
    /// The list that the inspector speaks of: the focused one, or the one that was focused before the inspector.
    pub last_list: Pane,
    /// How the panes share the screen.
    pub zoom: Zoom,
    /// The Specs screen.
    pub specs: specs::Specs,
    /// The Stages screen.
    pub stages: stages::Stages,
    /// The Runners screen.
    pub runners: runners::Runners,
    /// The Phases screen.
    pub phases: phases::Phases,
    /// The Pipeline screen.
    pub pipeline: pipeline::PipelineText,
    /// The Findings screen.
    pub findings: findings::Findings,
    /// The first line shown of the inspector.
    pub inspector: usize,
    /// What is known of Spack.
    pub spack: spack::Spack,
    /// What is known of the environment's file.
    pub disk: disk::Disk,
    /// What lies over the screen, the uppermost last.
    pub overlays: Vec<Overlay>,
    /// Which jobs are shown.
    pub filter: Option<Filter>,
    /// The marked jobs.
    pub marks: BTreeSet<JobId>,
    /// The screens whose rows are from before the last change.
    stale: BTreeSet<Screen>,
    /// The jobs that marks and selections speak of.
    jobs: Arc<JobGraph>,
    /// What happened last.
    pub status: Option<Status>,
    /// What runs in the background.
    pub work: Work,
    /// What was confirmed and is being done.
    pub delivering: Option<Delivering>,
    /// The terminal's size.
    pub area: Rect,
    /// Set when the program is to end.
    pub leaving: Option<Leaving>,
}

impl Model {
    /// Shows a document on the Stages screen.
    pub fn new(session: Arc<Session>, document: Document, area: Rect) -> Self {
        let mut model = Self {
            jobs: Arc::clone(&document.plan.graph),
            stale: BTreeSet::new(),
            session,
            document,
            screen: Screen::default(),
            pane: Pane::default(),
            last_list: Pane::default(),
            zoom: Zoom::default(),
            specs: specs::Specs::default(),
            stages: stages::Stages::default(),
            runners: runners::Runners::default(),
            phases: phases::Phases::default(),
            pipeline: pipeline::PipelineText::default(),
            findings: findings::Findings::default(),
            inspector: 0,
            spack: spack::Spack::default(),
            disk: disk::Disk::default(),
            overlays: Vec::new(),
            filter: None,
            marks: BTreeSet::new(),
            status: None,
            work: Work::default(),
            delivering: None,
            area,
            leaving: None,
        };
        model.refresh();
        model
    }

    /// Lays the rows of the open screen out anew after the document or the filter has changed, and those of the others
    /// when they are opened.
    pub fn refresh(&mut self) {
        if let Some(filter) = &mut self.filter {
            filter.apply(&self.document);
        }
        self.follow_jobs();
        self.pipeline.refresh(&self.document);
        self.stale = Screen::ALL.into_iter().collect();
        self.freshen(self.screen);
        self.refresh_review();
    }

    /// Looks over all changes again if the review is open.
    pub fn refresh_review(&mut self) {
        for overlay in &mut self.overlays {
            if let Overlay::Review(review) = overlay {
                review.refresh(&self.document, &self.pipeline);
            }
        }
    }

    /// Returns the review, if it is open.
    pub fn review(&self) -> Option<&Review> {
        self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Review(review) => Some(review),
            _ => None,
        })
    }

    /// Lays the rows of a screen out anew if the document or the filter has changed since that was done last.
    pub fn freshen(&mut self, screen: Screen) {
        if !self.stale.remove(&screen) {
            return;
        }
        let (document, filter) = (&self.document, self.filter.as_ref());
        match screen {
            Screen::Specs => self.specs.refresh(document),
            Screen::Stages => self.stages.refresh(document, filter),
            Screen::Runners => self.runners.refresh(document, filter),
            Screen::Phases => self.phases.refresh(document, filter),
            Screen::Findings => self.findings.refresh(document, filter),
            // It hears of every change at once, since it has to forget what was compared.
            Screen::Pipeline => {}
        }
    }

    /// Lets marks and selections stay with their jobs after those were numbered anew.
    fn follow_jobs(&mut self) {
        let graph = Arc::clone(&self.document.plan.graph);
        if Arc::ptr_eq(&self.jobs, &graph) {
            return;
        }
        let now = Counterparts::new(&self.jobs, &graph);
        self.marks = self.marks.iter().filter_map(|id| now.of(*id)).collect();
        self.stages.follow(|id| now.of(id));
        self.overlays.retain_mut(|overlay| match overlay {
            Overlay::Neighbourhood(drawing) => match now.of(drawing.job) {
                Some(job) => {
                    *drawing = neighbourhood::Neighbourhood::new(&graph, job);
                    true
                }
                None => false,
            },
            _ => true,
        });
        self.jobs = graph;
    }

    /// Returns the scopes whose keys are in force, the innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        match self.overlays.last() {
            Some(overlay) => overlay.scopes().to_vec(),
            None => vec![self.screen.scope(), Scope::List, Scope::Global],
        }
    }

    /// Returns the job that commands speak of: the one selected in the focused list or drawing, if it is a job.
    pub fn selected_job(&self) -> Option<JobId> {
        if let Some(Overlay::Neighbourhood(graph)) = self.overlays.last() {
            return graph.selected_job();
        }
        match (self.screen, self.pane) {
            (Screen::Specs, _) => self.specs.selected_job(&self.document),
            (Screen::Stages, _) => self.stages.selected_job(),
            (Screen::Runners, _) if self.list() == Pane::Main => None,
            (Screen::Runners, _) => self.runners.selected_job(),
            (Screen::Phases, _) => self.phases.selected_job(),
            (Screen::Pipeline, _) => self.pipeline.selected_job(&self.document),
            (Screen::Findings, _) => self.findings.selected_job(&self.document),
        }
    }

    /// Returns the pane of the list that the inspector speaks of.
    pub fn list(&self) -> Pane {
        if self.pane == Pane::Inspector { self.last_list } else { self.pane }
    }

    /// Returns the panes that the open screen has, in order.
    pub fn panes(&self) -> &'static [Pane] {
        match self.screen {
            Screen::Specs | Screen::Stages | Screen::Findings => &[Pane::Main, Pane::Inspector],
            Screen::Runners | Screen::Phases => &[Pane::Main, Pane::Jobs, Pane::Inspector],
            Screen::Pipeline => &[Pane::Main],
        }
    }

    /// Says what went well.
    pub fn done(&mut self, message: impl Into<String>) {
        self.status = Some(Status::Done(message.into()));
    }

    /// Says what did not go well.
    pub fn failed(&mut self, error: &crate::error::Error) {
        self.status = Some(Status::Failed { message: error.to_string(), hint: error.hints.first().cloned() });
    }
}

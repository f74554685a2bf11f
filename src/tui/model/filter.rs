//! Which jobs are shown: those that satisfy a spec constraint, or whose name holds a text.

use super::document::Document;
use crate::plan::JobId;
use crate::plan::assign::JobSet;
use crate::spec::Spec;
use std::sync::Arc;

/// What a filter's text is taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A constraint that at least one job satisfies.
    Constraint(Box<Spec>),
    /// A text to be found in names, without regard to case.
    Text(String),
}

/// A filter with the jobs it lets through.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// As it was typed.
    pub text: String,
    /// What it is taken for.
    pub kind: Kind,
    jobs: Arc<JobSet>,
}

impl Filter {
    /// Makes a filter of a text; an empty one is none.
    pub fn new(text: &str, document: &Document) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let mut filter = Self { text: text.to_owned(), kind: Kind::Text(text.to_lowercase()), jobs: Arc::default() };
        filter.apply(document);
        Some(filter)
    }

    /// Finds the jobs anew.
    pub fn apply(&mut self, document: &Document) {
        let graph = &document.plan.graph;
        if let Ok(spec) = Spec::parse(&self.text) {
            let jobs = crate::plan::assign::select(graph, &spec);
            if !jobs.is_clear() {
                (self.kind, self.jobs) = (Kind::Constraint(Box::new(spec)), Arc::new(jobs));
                return;
            }
        }
        let wanted = self.text.to_lowercase();
        let mut jobs = JobSet::with_capacity(graph.len());
        for (index, job) in graph.jobs.iter().enumerate() {
            jobs.set(index, job.name.to_lowercase().contains(&wanted));
        }
        (self.kind, self.jobs) = (Kind::Text(wanted), Arc::new(jobs));
    }

    /// Tells whether a job is let through.
    pub fn shows(&self, id: JobId) -> bool {
        self.jobs.contains(id.index())
    }

    /// Tells whether a text that is no job's is let through.
    pub fn shows_text(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.text.to_lowercase())
    }

    /// Returns how many jobs are let through.
    pub fn count(&self) -> usize {
        self.jobs.count_ones(..)
    }
}

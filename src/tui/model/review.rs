//! The review: everything that would be written and published, before it is.

pub mod publishing;
mod target;

use super::cursor::Cursor;
use super::document::Document;
use super::pipeline::{PipelineText, sideways};
use crate::emit::difference::unified;
use crate::finding::{Finding, Severity};
use crate::plan::JobId;
use crate::plan::change::{Changes, Moved, Restaged};
use crate::tui::effect::Saving;
use publishing::{Basis, Commit};
pub use target::{Obstacle, Target, Toggle, Wanted, counted};

/// A line of the review below the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An empty line.
    Blank,
    /// What the lines below are about.
    Heading(String),
    /// A sentence.
    Text(String),
    /// Something that stands in the way or should be known.
    Problem(Severity, String),
    /// A job that only this plan has.
    Gained(JobId),
    /// A job that only the plan of before has.
    Lost(JobId),
    /// A job that another mapping takes.
    Moved(Moved),
    /// A job that runs in another stage.
    Restaged(Restaged),
    /// A line of the difference of `spack.yaml`.
    Manifest(usize),
    /// A line of the difference of the pipeline.
    Pipeline(usize),
}

/// The state of the review.
#[derive(Clone, Debug)]
pub struct Review {
    /// The selected line.
    pub cursor: Cursor,
    /// The first column shown of the lines.
    pub column: usize,
    /// What can be written, in the order of writing.
    pub toggles: Vec<Toggle>,
    /// The lines below them.
    pub lines: Vec<Line>,
    /// The unified difference of `spack.yaml`.
    pub manifest: Vec<String>,
    /// The commit that would be pushed.
    pub commit: Commit,
}

impl Review {
    /// Looks over all changes.
    pub fn new(document: &Document, pipeline: &PipelineText) -> Self {
        let toggles = Target::ALL.map(toggle).to_vec();
        let (lines, manifest) = (Vec::new(), Vec::new());
        let mut review =
            Self { cursor: Cursor::default(), column: 0, toggles, lines, manifest, commit: Commit::default() };
        review.refresh(document, pipeline);
        review
    }

    /// Looks over all changes again; what the user does not want stays unwanted.
    pub fn refresh(&mut self, document: &Document, pipeline: &PipelineText) {
        let history = &document.history;
        self.manifest = if history.is_changed() {
            unified(history.saved().text(), history.current().text(), history.saved().name(), "as edited")
        } else {
            Vec::new()
        };
        if document.fresh.is_none() {
            self.toggles.retain(|toggle| toggle.target != Target::Locks);
        } else if self.toggle(Target::Locks).is_none() {
            let after_files = self.toggles.partition_point(|toggle| toggle.target.is_file());
            self.toggles.insert(after_files, toggle(Target::Locks));
        }
        self.look(document, pipeline);
    }

    /// Looks over what can be done, the difference of `spack.yaml` being known.
    pub fn look(&mut self, document: &Document, pipeline: &PipelineText) {
        for toggle in &mut self.toggles {
            (toggle.obstacle, toggle.effect) = match toggle.target {
                Target::Manifest => target::manifest(document, &self.manifest),
                Target::Pipeline => target::pipeline(document, &pipeline.compared),
                Target::Locks => target::locks(document),
                Target::Branch => publishing::branch(document, toggle.wanted, &self.commit),
                Target::Cdash => publishing::cdash(document, toggle.wanted),
            };
        }
        self.lines = self.lines(document, pipeline);
    }

    /// Returns what a commit is to be prepared from, if one is wanted and can be prepared.
    pub fn basis(&self, document: &Document) -> Option<Basis> {
        if self.wanted(Target::Branch) == Wanted::No || publishing::preparable(document).is_some() {
            return None;
        }
        let saving = if self.is_on(Target::Manifest) { Saving::Edited } else { Saving::AsOnDisk };
        Some(Basis { generation: document.generation, saving })
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Tells whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the toggle of a target.
    pub fn toggle(&self, target: Target) -> Option<&Toggle> {
        self.toggles.iter().find(|toggle| toggle.target == target)
    }

    /// Wants a target that was not wanted, or the other way round.
    pub fn flip(&mut self, document: &Document, pipeline: &PipelineText, target: Target) {
        for toggle in self.toggles.iter_mut().filter(|toggle| toggle.target == target) {
            toggle.wanted = match toggle.wanted {
                Wanted::Yes => Wanted::No,
                Wanted::No => Wanted::Yes,
            };
        }
        self.look(document, pipeline);
    }

    fn wanted(&self, target: Target) -> Wanted {
        self.toggle(target).map_or(Wanted::No, |toggle| toggle.wanted)
    }

    /// Scrolls the lines to the left or right.
    pub fn scroll_sideways(&mut self, by: isize) {
        self.column = sideways(self.column, by);
    }

    /// Tells whether a target would be written.
    pub fn is_on(&self, target: Target) -> bool {
        self.toggle(target).is_some_and(Toggle::is_on)
    }

    /// Tells whether anything would be done beyond this machine.
    pub fn reaches_out(&self) -> bool {
        self.toggles.iter().any(|toggle| toggle.is_on() && !toggle.target.is_file())
    }

    /// Returns why nothing can be done now; nothing if something can.
    pub fn obstacle(&self) -> Option<&'static str> {
        let wanted = || self.toggles.iter().filter(|toggle| toggle.wanted == Wanted::Yes);
        // What is wanted beyond this machine was asked for: it is not left out in silence.
        let refused = wanted().filter(|toggle| !toggle.target.is_file()).find_map(|toggle| match toggle.obstacle {
            Some(Obstacle::Blocked(reason) | Obstacle::Missing(reason)) => Some(reason),
            _ => None,
        });
        if refused.is_some() {
            return refused;
        }
        let pending = wanted().find_map(|toggle| match toggle.obstacle {
            Some(Obstacle::Pending(reason)) => Some(reason),
            _ => None,
        });
        if pending.is_some() {
            return pending;
        }
        if self.toggles.iter().any(Toggle::is_on) {
            return None;
        }
        let blocked = wanted().find_map(|toggle| match toggle.obstacle {
            Some(Obstacle::Blocked(reason)) => Some(reason),
            _ => None,
        });
        let open = self.toggles.iter().any(|toggle| toggle.obstacle.is_none());
        Some(blocked.unwrap_or(if open {
            "nothing is chosen to be written or published"
        } else {
            "there is nothing to write: all files are as they would be"
        }))
    }

    fn lines(&self, document: &Document, pipeline: &PipelineText) -> Vec<Line> {
        let mut lines = self.problems(document);
        let branch = self.wanted(Target::Branch);
        publishing::lines(document, &self.commit, branch, self.is_on(Target::Cdash), &mut lines);
        plan(&document.changes(), &mut lines);
        locks(document, &mut lines);
        difference("spack.yaml", self.manifest.len(), Line::Manifest, &mut lines);
        difference("the pipeline", pipeline.compared.lines().len(), Line::Pipeline, &mut lines);
        publishing::changes(&self.commit, branch, &mut lines);
        lines
    }

    /// Returns what stands in the way, and what should be known before writing.
    fn problems(&self, document: &Document) -> Vec<Line> {
        let mut lines = Vec::new();
        let errors: Vec<&Finding> =
            document.findings().iter().filter(|finding| finding.severity == Severity::Error).collect();
        if !errors.is_empty() {
            let text = "the pipeline is not written until these are mended";
            lines.push(Line::Problem(Severity::Error, text.to_owned()));
        }
        for finding in errors {
            let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            lines.push(Line::Text(format!("  {place}{}", finding.message)));
            lines.extend(finding.hint.iter().map(|hint| Line::Text(format!("    hint: {hint}"))));
        }
        if document.history.is_changed() && self.is_on(Target::Pipeline) && !self.is_on(Target::Manifest) {
            let text =
                "the pipeline is that of the edited spack.yaml, which is not saved: another would follow from the file";
            lines.push(Line::Problem(Severity::Warning, text.to_owned()));
        }
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines
    }
}

fn toggle(target: Target) -> Toggle {
    Toggle { target, wanted: target.wanted(), obstacle: None, effect: String::new() }
}

/// Lists the roots that Spack answered otherwise than the lockfiles on disk.
fn locks(document: &Document, lines: &mut Vec<Line>) {
    for lock in document.fresh.iter().flat_map(|fresh| &fresh.locks) {
        lines.extend([Line::Blank, Line::Heading(format!("{}: {}", lock.path.display(), lock.changes.summary()))]);
        lines.extend(lock.changes.lines().map(|line| Line::Text(format!("  {line}"))));
    }
}

fn plan(changes: &Changes, lines: &mut Vec<Line>) {
    let counts = [
        (changes.gained.len(), "gained"),
        (changes.lost.len(), "lost"),
        (changes.moved.len(), "moved to another runner"),
        (changes.restaged.len(), "in another stage"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let since = "since spack.yaml was read or saved";
    if counts.is_empty() {
        lines.push(Line::Heading(format!("Jobs: all are as they were {since}")));
        return;
    }
    lines.push(Line::Heading(format!("Jobs: {}, {since}", counts.join(", "))));
    lines.extend(changes.gained.iter().map(|id| Line::Gained(*id)));
    lines.extend(changes.lost.iter().map(|id| Line::Lost(*id)));
    lines.extend(changes.moved.iter().map(|moved| Line::Moved(*moved)));
    lines.extend(changes.restaged.iter().map(|restaged| Line::Restaged(*restaged)));
}

fn difference(name: &str, count: usize, line: fn(usize) -> Line, lines: &mut Vec<Line>) {
    if count > 0 {
        lines.extend([Line::Blank, Line::Heading(format!("Difference of {name}"))]);
        lines.extend((0..count).map(line));
    }
}

//! What can be written or published, what would happen to it, and what stands in the way.

use super::super::document::{Document, Rendered};
use super::super::pipeline::Compared;
use crate::finding::Severity;
use crate::tui::effect::Comparison;

/// Something that can be written or published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The `.gitlab-ci.yml`.
    Pipeline,
    /// The edited `spack.yaml`.
    Manifest,
    /// The lockfiles that Spack answered with.
    Locks,
    /// The downstream branch.
    Branch,
    /// The build group at CDash.
    Cdash,
}

impl Target {
    /// Those that there always are, in the order in which they are done.
    pub const ALL: [Self; 4] = [Self::Manifest, Self::Pipeline, Self::Branch, Self::Cdash];

    /// Returns whether it is wanted before the user says so: what reaches other people, and new lockfiles, are not.
    pub(super) fn wanted(self) -> Wanted {
        match self {
            Self::Manifest | Self::Pipeline => Wanted::Yes,
            Self::Locks | Self::Branch | Self::Cdash => Wanted::No,
        }
    }

    /// Tells whether it is a file on this machine.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Manifest | Self::Pipeline | Self::Locks)
    }
}

/// Whether the user wants a target to be written or published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It is wanted.
    Yes,
    /// It is not.
    No,
}

/// Why a target cannot be written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is not known yet what would be written.
    Pending(&'static str),
    /// It holds already what would be written.
    Unneeded(&'static str),
    /// Something stands in the way.
    Blocked(&'static str),
    /// The program was started without what it needs.
    Missing(&'static str),
}

impl Obstacle {
    /// Returns the reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Pending(reason) | Self::Unneeded(reason) | Self::Blocked(reason) | Self::Missing(reason) => reason,
        }
    }
}

/// A target with what would happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toggle {
    /// The target.
    pub target: Target,
    /// Whether the user wants it to be written.
    pub wanted: Wanted,
    /// Why it cannot be written now.
    pub obstacle: Option<Obstacle>,
    /// What would be done, e.g. `replaced: +3 -1 lines`.
    pub effect: String,
}

impl Toggle {
    /// Tells whether the target would be written.
    pub fn is_on(&self) -> bool {
        self.wanted == Wanted::Yes && self.obstacle.is_none()
    }
}

/// Says what saving the edits would do.
pub(super) fn manifest(document: &Document, difference: &[String]) -> (Option<Obstacle>, String) {
    if !document.history.is_changed() {
        return (Some(Obstacle::Unneeded("there are no edits to save")), "unchanged".to_owned());
    }
    let effect = format!("replaced: {}", counted(difference));
    match document.rendered {
        // What is saved is the baseline of later changes, which needs its plan.
        None => (Some(Obstacle::Pending("the edits are still being planned")), effect),
        Some(_) => (None, effect),
    }
}

/// Says what replacing the lockfiles would do.
pub(super) fn locks(document: &Document) -> (Option<Obstacle>, String) {
    let locks = document.fresh.as_ref().map_or(&[][..], |fresh| &fresh.locks);
    match locks {
        [] => (Some(Obstacle::Unneeded("the lockfiles hold what Spack concretized")), "unchanged".to_owned()),
        [lock] => (None, format!("replaced: {}", lock.changes.summary())),
        locks => {
            let roots: usize = locks.iter().map(|lock| lock.changes.roots.len()).sum();
            (None, format!("and {} more replaced: {roots} roots change", locks.len() - 1))
        }
    }
}

/// Says what writing the pipeline would do.
pub(super) fn pipeline(document: &Document, compared: &Compared) -> (Option<Obstacle>, String) {
    let rendered = match rendered(document, "not written") {
        Ok(rendered) => rendered,
        Err((obstacle, effect)) => return (Some(obstacle), effect),
    };
    match compared {
        Compared::Pending => {
            let reason = "the pipeline is still being compared with the file on disk";
            (Some(Obstacle::Pending(reason)), reason.to_owned())
        }
        Compared::Failed(reason) => (None, format!("replaced, but could not be compared: {reason}")),
        Compared::Known(comparison) => match &**comparison {
            Comparison::Missing => (None, format!("created: {} lines", rendered.lines.len())),
            Comparison::Same => {
                (Some(Obstacle::Unneeded("the file on disk is as it would be written")), "unchanged".to_owned())
            }
            Comparison::Differs(lines) => (None, format!("replaced: {}", counted(lines))),
        },
    }
}

/// Returns the pipeline, if it is laid out and free of errors; else the obstacle, and what happens instead.
pub(super) fn rendered<'a>(document: &'a Document, not_done: &str) -> Result<&'a Rendered, (Obstacle, String)> {
    let Some(rendered) = &document.rendered else {
        let reason = "the pipeline is still being laid out";
        return Err((Obstacle::Pending(reason), reason.to_owned()));
    };
    let errors = rendered.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > 0 {
        let word = if errors == 1 { "error stands" } else { "errors stand" };
        let reason = "errors stand in the way of the pipeline; the Findings screen (6) lists them";
        return Err((Obstacle::Blocked(reason), format!("{not_done}: {errors} {word} in the way")));
    }
    Ok(rendered)
}

/// Returns how many lines come and go by a unified difference, e.g. `+3 -1 lines`.
pub fn counted(difference: &[String]) -> String {
    let body = || difference.iter().skip(2);
    let count = |sign: char| body().filter(|line| line.starts_with(sign)).count();
    format!("+{} -{} lines", count('+'), count('-'))
}

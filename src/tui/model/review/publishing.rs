//! What the review knows of the commit that it would push, and of what it would ask CDash.

use super::super::document::{Document, Session};
use super::target::{Obstacle, Wanted, rendered};
use super::{Line, Severity};
use crate::delivery::{self, TokenSource};
use crate::error::Error;
use crate::publish::cdash::BuildGroup;
use crate::publish::downstream::shown_address;
use crate::redact::redact;
use crate::tui::effect::{Preview, Saving};
use crate::tui::view::text::wrapped;

const NO_REMOTE: &str = "no --remote and no DOWNSTREAM_CI_REPO";
const NO_CDASH: &str = "the environment has no `cdash:` section";
const NO_TOKEN: &str = "no --cdash-credentials and no CDASH_AUTH_TOKEN";
const UNSAVED: &str = "the branch carries the edits, which are not saved to spack.yaml here";
/// Digits of a commit's id that tell it from others.
const SHORT: usize = 12;
/// Columns that most terminals have within a frame.
const COLUMNS: usize = 76;
/// Columns that the further lines of a text are indented by.
const INDENT: usize = 6;

/// What a commit is prepared from: it is prepared again when this is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The document's generation.
    pub generation: u64,
    /// Whether the edits are saved before.
    pub saving: Saving,
}

/// What is known of the commit to push.
#[derive(Clone, Debug, Default)]
pub enum Commit {
    /// None is wanted, or it cannot be prepared yet.
    #[default]
    None,
    /// It is being prepared.
    Preparing(Basis),
    /// It can be pushed.
    Ready(Basis, Preview),
    /// It cannot be prepared.
    Failed(Basis, Error),
}

impl Commit {
    /// Returns what it is, or would have been, prepared from.
    pub fn basis(&self) -> Option<Basis> {
        match self {
            Self::None => None,
            Self::Preparing(basis) | Self::Ready(basis, _) | Self::Failed(basis, _) => Some(*basis),
        }
    }

    /// Returns what the review shows of it, once it can be pushed.
    pub fn preview(&self) -> Option<&Preview> {
        match self {
            Self::Ready(_, preview) => Some(preview),
            _ => None,
        }
    }
}

/// Returns why no commit can be prepared from a document, if that is so, and what happens instead.
pub(super) fn preparable(document: &Document) -> Option<(Obstacle, String)> {
    if document.session().destination.remote.is_none() {
        return Some((Obstacle::Missing(NO_REMOTE), NO_REMOTE.to_owned()));
    }
    rendered(document, "not pushed").err()
}

/// Says what pushing would do.
pub(super) fn branch(document: &Document, wanted: Wanted, commit: &Commit) -> (Option<Obstacle>, String) {
    if let Some((obstacle, effect)) = preparable(document) {
        return (Some(obstacle), effect);
    }
    if wanted == Wanted::No {
        return (None, "not pushed".to_owned());
    }
    match commit {
        Commit::None | Commit::Preparing(_) => {
            (Some(Obstacle::Pending("the push is still being prepared")), "being prepared".to_owned())
        }
        Commit::Failed(..) => {
            let reason = "the push cannot be prepared, see below; leave the branch out, or try again";
            (Some(Obstacle::Blocked(reason)), "cannot be pushed".to_owned())
        }
        Commit::Ready(_, preview) => {
            let name = preview.reference.trim_start_matches("refs/heads/");
            let commit = &preview.commit[..preview.commit.len().min(SHORT)];
            (None, format!("{name} will be {commit}"))
        }
    }
}

/// Says what CDash would be asked.
pub(super) fn cdash(document: &Document, wanted: Wanted) -> (Option<Obstacle>, String) {
    let missing = |reason: &'static str| (Some(Obstacle::Missing(reason)), reason.to_owned());
    if document.environment.cdash.is_none() {
        return missing(NO_CDASH);
    }
    if matches!(document.session().destination.token, TokenSource::Nowhere) {
        return missing(NO_TOKEN);
    }
    match rendered(document, "not asked") {
        Err((obstacle, effect)) => (Some(obstacle), effect),
        Ok(_) if wanted == Wanted::No => (None, "not asked".to_owned()),
        Ok(rendered) => (None, format!("a build group of {} builds", rendered.pipeline.jobs().count())),
    }
}

/// Returns the group that CDash would be asked for.
pub fn build_group(document: &Document) -> Option<BuildGroup> {
    let rendered = document.rendered.as_ref()?;
    delivery::build_group(&document.environment, &document.plan, &rendered.pipeline)
}

/// Returns where the branch is pushed to, in words for its line.
pub fn branch_name(session: &Session) -> String {
    match &session.destination.remote {
        Some(remote) => format!("branch at {}", shown_address(remote)),
        None => "branch".to_owned(),
    }
}

/// Returns where CDash is, in words for its line.
pub fn cdash_name(document: &Document) -> String {
    match &document.environment.cdash {
        Some(cdash) => format!("CDash at {}", redact(&cdash.url)),
        None => "CDash".to_owned(),
    }
}

/// Adds what would be done beyond this machine, to the letter.
pub(super) fn lines(document: &Document, commit: &Commit, branch: Wanted, cdash: bool, lines: &mut Vec<Line>) {
    match commit {
        Commit::Ready(basis, preview) if branch == Wanted::Yes => {
            lines.push(Line::Heading(format!("Push to {}", preview.remote)));
            if basis.saving == Saving::AsOnDisk && document.history.is_changed() {
                lines.push(Line::Problem(Severity::Warning, UNSAVED.to_owned()));
            }
            lines.extend(preview.operations.iter().flat_map(|line| whole(line)));
            lines.extend(preview.notes.iter().flat_map(|note| whole(&format!("note: {note}"))));
            lines.push(Line::Blank);
        }
        Commit::Failed(_, error) if branch == Wanted::Yes => {
            lines.push(Line::Problem(Severity::Error, "the push cannot be prepared".to_owned()));
            lines.extend(whole(&error.to_string()));
            lines.extend(error.hints.iter().flat_map(|hint| whole(&format!("hint: {hint}"))));
            lines.push(Line::Blank);
        }
        _ => {}
    }
    if let Some(group) = build_group(document).filter(|_| cdash) {
        lines.push(Line::Heading("Requests to CDash".to_owned()));
        lines.extend(group.describe().iter().flat_map(|line| whole(line)));
        lines.push(Line::Blank);
    }
}

/// Returns a text on as many lines as it needs to be read without scrolling on most terminals.
fn whole(text: &str) -> impl Iterator<Item = Line> + use<> {
    wrapped(&format!("  {text}"), COLUMNS, INDENT).into_iter().map(Line::Text)
}

/// Adds the files that the commit does not have from HEAD.
pub(super) fn changes(commit: &Commit, branch: Wanted, lines: &mut Vec<Line>) {
    let changes = commit.preview().filter(|_| branch == Wanted::Yes).map(|preview| &preview.changes);
    if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
        lines.extend([Line::Blank, Line::Heading("Files of the commit against HEAD".to_owned())]);
        lines.extend(changes.iter().map(|change| Line::Text(format!("  {change}"))));
    }
}

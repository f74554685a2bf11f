//! Says what a push will do, before it is done.

use super::branch::Tested;
use super::{History, Overwrite, Push, Receipt};
use crate::redact::shown;
use git2::Oid;
use std::fmt;

/// How many uncommitted files are named.
const MOST_NAMED: usize = 5;

/// How a file of the commit differs from HEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// HEAD does not have it.
    Added,
    /// Content, mode or kind differ.
    Modified,
    /// Only HEAD has it.
    Deleted,
}

/// One file of the commit that differs from HEAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How it differs.
    pub kind: ChangeKind,
    /// Its path, control characters escaped.
    pub path: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.kind {
            ChangeKind::Added => 'A',
            ChangeKind::Modified => 'M',
            ChangeKind::Deleted => 'D',
        };
        write!(f, "{letter} {}", self.path)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = if self.previous == Some(self.commit) { "nothing has changed:" } else { "pushed" };
        write!(f, "{done} {} is {} at {}", self.reference, self.commit, self.remote)
    }
}

/// Describes the commit and the push in git's words.
pub(super) fn describe(receipt: &Receipt, changes: &[Change], history: History, subject: &str) -> Vec<String> {
    let Receipt { commit, tree, remote, reference, previous } = receipt;
    let above = match history {
        History::Orphan => "without parent",
        History::Parent => "on top of HEAD",
    };
    let lease = previous.map_or_else(String::new, |tip| tip.to_string());
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    let (added, modified) = (count(ChangeKind::Added), count(ChangeKind::Modified));
    let deleted = count(ChangeKind::Deleted);
    vec![
        format!("git commit-tree {tree}: commit {commit} {above}, \"{subject}\""),
        format!("  its tree against HEAD: {added} files added, {modified} modified, {deleted} deleted"),
        format!("git push --force-with-lease={reference}:{lease} {remote} {commit}:{reference}"),
    ]
}

/// Lists what is worth knowing before saying yes.
pub(super) fn notes(tested: &Tested, head: Oid, push: &Push, changes: &[Change]) -> Vec<String> {
    let mut notes = Vec::new();
    let is_generated = |change: &&Change| push.generated.iter().any(|file| shown(&file.path) == change.path);
    let own: Vec<String> = changes.iter().filter(|change| !is_generated(change)).map(ToString::to_string).collect();
    if !own.is_empty() {
        let more = own.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = own.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        notes.push(format!("uncommitted files go along (A added, M modified, D deleted): {named}{more}"));
    }
    let head = head.to_string();
    if !head.starts_with(&tested.commit.to_ascii_lowercase()) {
        notes.push(format!("the working tree is of {head}, the message says {}", tested.commit));
    }
    if push.overwrite == Overwrite::Any {
        notes.push("the branch is overwritten whoever made it".to_owned());
    }
    notes
}

//! Deletes generated branches whose source branch is gone or merged, and no others.

use super::downstream::{self, Access, Listing, ObjectId, Session, Update};
use super::trailers;
use super::watch::{self, Progress, Reporter};
use crate::error::Result;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Where the generated branches are, and where their source branches.
#[derive(Clone, Debug)]
pub struct Prune {
    /// A directory in the repository that is being released.
    pub repository: PathBuf,
    /// The remote with the generated branches: a name, a URL or a path.
    pub remote: String,
    /// The remote with the branches they were generated from, mostly `origin`.
    pub source: String,
    /// The source's branch that others are merged into; its default branch if `None` or if it is not there.
    pub target: Option<String>,
    /// What generated branches' names start with.
    pub prefix: String,
    /// How the remotes are reached.
    pub access: Access,
}

/// Why a generated branch is not needed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The source has no branch and no tag of that name.
    Gone,
    /// All that is on the source branch is on the target branch too, which has gone on since.
    Merged,
}

/// A generated branch that is not needed any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Its full name.
    pub reference: String,
    /// Its tip, which must not have moved when it is deleted.
    pub tip: ObjectId,
    /// The branch it was generated from.
    pub branch: String,
    /// Why it is not needed.
    pub reason: Reason,
}

/// The generated branches that may be left over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Those that are not needed any more.
    pub stale: Vec<Stale>,
    /// The source branches of which the checkout's history does not show whether they are merged; they are kept.
    pub unknown: Vec<String>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Gone => "gone",
            Reason::Merged => "merged",
        };
        write!(f, "{} at {}: `{}` is {reason}", self.reference, self.tip, self.branch)
    }
}

impl Prune {
    /// Lists the branches that start with the prefix, carry our trailers, and whose source branch is gone or merged, as
    /// far as the history of the checkout shows it.
    ///
    /// # Errors
    /// Fails if a remote cannot be reached.
    pub fn list(&self, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<Leftovers> {
        let prune = self.clone();
        watch::run(self.access.limits, progress, cancel, move |reporter| prune.listed(reporter))
    }

    /// Deletes the branches of a list, each only if its tip is where it was listed.
    ///
    /// # Errors
    /// Fails if one of them has moved or the remote refuses; others may be deleted then.
    pub fn delete(&self, stale: &[Stale], progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<()> {
        let update =
            |stale: &Stale| Update { reference: stale.reference.clone(), expected: Some(stale.tip), new: None };
        let (prune, updates) = (self.clone(), stale.iter().map(update).collect::<Vec<_>>());
        watch::run(self.access.limits, progress, cancel, move |reporter| {
            if updates.is_empty() {
                return Ok(());
            }
            let repository = downstream::discover(&prune.repository)?;
            Session::new(&repository, &prune.remote, &prune.access.credentials, reporter)?.update(&updates)
        })
    }

    fn listed(self, reporter: &Reporter) -> Result<Leftovers> {
        // Without a prefix the source branches themselves would be candidates.
        downstream::reference(&self.prefix, "branch")?;
        let repository = downstream::discover(&self.repository)?;
        let session = Session::new(&repository, &self.remote, &self.access.credentials, reporter)?;
        let sources = Session::new(&repository, &self.source, &self.access.credentials, reporter)?.listing()?;
        let target = self.target(&sources);
        let start = format!("refs/heads/{}", self.prefix);
        let mut candidates = Vec::new();
        for (reference, tip) in session.heads()? {
            let Some(branch) = reference.strip_prefix(&start).filter(|branch| !branch.is_empty()) else { continue };
            let reason = match sources.heads.get(&format!("refs/heads/{branch}")) {
                None if sources.tags.contains(&format!("refs/tags/{branch}")) => continue,
                None => Some(Reason::Gone),
                // One at the same commit may just have been made.
                Some(source) => match target.map(|target| downstream::is_before(&repository, *source, target)) {
                    Some(Some(true)) => Some(Reason::Merged),
                    Some(None) => None,
                    Some(Some(false)) | None => continue,
                },
            };
            let branch = branch.to_owned();
            candidates.push((reference, tip, branch, reason));
        }
        let mut left = Leftovers::default();
        if candidates.is_empty() {
            return Ok(left);
        }
        let references: Vec<_> = candidates.iter().map(|(reference, ..)| reference.as_str()).collect();
        let store = session.tips(&references)?;
        for (reference, tip, branch, reason) in candidates {
            let message = store.commit(tip)?.message;
            let names_branch =
                |trailer: &trailers::Trailer| trailer.key() == trailers::BRANCH && trailer.value() == branch;
            if !trailers::are_ours(&message) || !trailers::parse(&message).iter().any(names_branch) {
                continue;
            }
            match reason {
                Some(reason) => left.stale.push(Stale { reference, tip, branch, reason }),
                None => left.unknown.push(branch),
            }
        }
        Ok(left)
    }

    /// Returns the tip of the branch that others are merged into.
    fn target(&self, sources: &Listing) -> Option<ObjectId> {
        let wanted = self.target.as_ref().map(|target| format!("refs/heads/{target}"));
        let mut names = wanted.iter().chain(&sources.default);
        names.find_map(|name| sources.heads.get(name)).copied()
    }
}

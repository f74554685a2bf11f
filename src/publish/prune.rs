//! Deletes generated branches whose source branch is gone or merged, and no others.

use super::downstream::{self, Access, Heads, ObjectId, Session, Update};
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
    /// The source's branch that others are merged into, mostly `main`; without it only branches that are gone count.
    pub target: Option<String>,
    /// What generated branches' names start with.
    pub prefix: String,
    /// How the remotes are reached.
    pub access: Access,
}

/// Why a generated branch is not needed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The source has no branch of that name.
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
    /// Lists the branches that start with the prefix, carry our trailers, and whose source branch is gone or merged.
    ///
    /// # Errors
    /// Fails if a remote cannot be reached.
    pub fn list(&self, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<Vec<Stale>> {
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

    fn listed(self, reporter: &Reporter) -> Result<Vec<Stale>> {
        // Without a prefix the source branches themselves would be candidates.
        downstream::reference(&self.prefix, "branch")?;
        let repository = downstream::discover(&self.repository)?;
        let session = Session::new(&repository, &self.remote, &self.access.credentials, reporter)?;
        let sources = Session::new(&repository, &self.source, &self.access.credentials, reporter)?.heads()?;
        let start = format!("refs/heads/{}", self.prefix);
        let mut candidates = Vec::new();
        for (reference, tip) in session.heads()? {
            let Some(branch) = reference.strip_prefix(&start).filter(|branch| !branch.is_empty()) else { continue };
            let is_merged = |tip| self.is_merged(&repository, &sources, tip);
            let reason = match sources.get(&format!("refs/heads/{branch}")) {
                None => Reason::Gone,
                Some(tip) if is_merged(*tip) => Reason::Merged,
                Some(_) => continue,
            };
            let branch = branch.to_owned();
            candidates.push(Stale { reference, tip, branch, reason });
        }
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let references: Vec<_> = candidates.iter().map(|stale| stale.reference.as_str()).collect();
        let store = session.tips(&references)?;
        let mut stale = Vec::new();
        for candidate in candidates {
            let message = store.commit(candidate.tip)?.message;
            let names_branch =
                |trailer: &trailers::Trailer| trailer.key() == trailers::BRANCH && trailer.value() == candidate.branch;
            if trailers::are_ours(&message) && trailers::parse(&message).iter().any(names_branch) {
                stale.push(candidate);
            }
        }
        Ok(stale)
    }

    /// Tells whether a source branch is behind the target branch; one at the same commit may just have been made.
    fn is_merged(&self, repository: &downstream::Checkout, sources: &Heads, tip: ObjectId) -> bool {
        let target = self.target.as_ref().and_then(|target| sources.get(&format!("refs/heads/{target}")));
        target.is_some_and(|target| downstream::is_before(repository, tip, *target))
    }
}

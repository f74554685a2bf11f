//! An environment repository in a temporary directory, which is gone afterwards however the process ends.

use super::downstream::{self, Access};
use super::watch::{self, Progress};
use crate::error::{Error, Result};
use crate::redact::{redact, shown};
use crate::scratch::Scratch;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A clone, removed with this value; see [`scratch`](super::scratch) for signals.
#[derive(Debug)]
pub struct Clone {
    scratch: Scratch,
    source: String,
    commit: String,
}

impl Clone {
    /// Clones the default branch of a URL or path.
    ///
    /// # Errors
    /// Fails if it cannot be reached or written, on a timeout and when cancelled; nothing is left behind then.
    pub fn new(source: &str, access: &Access, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<Self> {
        let scratch = Scratch::new()?;
        let (url, target, copy) = (source.to_owned(), scratch.path().join("repository"), access.clone());
        let commit = watch::run(access.limits, progress, cancel, move |reporter| {
            reporter.report(Progress::Step("cloning the environment's repository"));
            downstream::clone_into(&url, &target, &copy, reporter)?;
            downstream::checked_out(&target)
        })?;
        Ok(Self { scratch, source: redact(source), commit })
    }

    /// Returns the root of the working tree.
    pub fn path(&self) -> PathBuf {
        self.scratch.path().join("repository")
    }

    /// Returns the commit that was cloned, in hexadecimal.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns a directory or file of the working tree.
    ///
    /// # Errors
    /// Refuses paths that lead out of the clone, by `..` or by links, and those that are not there.
    pub fn inside(&self, relative: &str) -> Result<PathBuf> {
        let root = self.path();
        let stays =
            Path::new(relative).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let found = stays.then(|| root.join(relative)).filter(|path| path.exists());
        let is_inside = |path: &PathBuf| {
            root.canonicalize().is_ok_and(|root| path.canonicalize().is_ok_and(|path| path.starts_with(root)))
        };
        found.filter(is_inside).ok_or_else(|| {
            Error::input(format!("`{}` is not in the repository {}", shown(relative), self.source))
                .hint("SPACK_RELEASE_ENVIRONMENT_PATH is relative to the repository's root")
        })
    }
}

//! Reads commits that were brought from a remote.

use super::failure;
use super::object::ObjectId;
use crate::error::{Error, Result};
use crate::redact::shown;
use crate::scratch::Scratch;
use git2::{ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use std::path::Path;

/// Bytes of one recorded file that are read at most.
const LARGEST_FILE: usize = 64 << 20;

/// Commits that were brought from a remote.
pub(in crate::publish) struct Store {
    repository: Repository,
    /// Removed with the store.
    scratch: Option<Scratch>,
}

/// A commit as far as this program reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::publish) struct CommitText {
    pub(in crate::publish) message: String,
    pub(in crate::publish) has_parents: bool,
}

impl Store {
    pub(super) fn new(repository: Repository, scratch: Option<Scratch>) -> Self {
        Self { repository, scratch }
    }

    /// Returns the directory of objects that were brought, if they had to be.
    pub(super) fn brought(&self) -> Option<std::path::PathBuf> {
        self.scratch.as_ref().map(|scratch| scratch.path().join("objects"))
    }

    /// Reads a commit; bytes that are not UTF-8 are replaced.
    pub(in crate::publish) fn commit(&self, id: ObjectId) -> Result<CommitText> {
        let commit = self.repository.find_commit(id.0).map_err(|cause| self.failed(&cause))?;
        let message = String::from_utf8_lossy(commit.message_raw_bytes()).into_owned();
        Ok(CommitText { message, has_parents: commit.parent_count() > 0 })
    }

    /// Reads a file of a commit, `None` if there is no regular file at `path`.
    pub(in crate::publish) fn file(&self, commit: ObjectId, path: &str) -> Result<Option<Vec<u8>>> {
        let tree = self.repository.find_commit(commit.0).and_then(|commit| commit.tree());
        let tree = tree.map_err(|cause| self.failed(&cause))?;
        let Ok(entry) = tree.get_path(Path::new(path)) else { return Ok(None) };
        if entry.kind() != Some(ObjectType::Blob) || entry.filemode() == 0o120_000 {
            return Ok(None);
        }
        let blob = self.repository.find_blob(entry.id()).map_err(|cause| self.failed(&cause))?;
        if blob.size() > LARGEST_FILE {
            return Err(Error::input(format!("`{}` is larger than {LARGEST_FILE} bytes", shown(path))));
        }
        Ok(Some(blob.content().to_vec()))
    }

    /// Lists the regular files of a commit below a directory, `""` for all, sorted.
    pub(in crate::publish) fn files(&self, commit: ObjectId, below: &str) -> Result<Vec<String>> {
        let tree = self.repository.find_commit(commit.0).and_then(|commit| commit.tree());
        let tree = tree.map_err(|cause| self.failed(&cause))?;
        let prefix = if below.is_empty() || below.ends_with('/') { below.to_owned() } else { format!("{below}/") };
        let mut files = Vec::new();
        let visit = |parent: &str, entry: &git2::TreeEntry<'_>| {
            if let Ok(name) = entry.name() {
                let path = format!("{parent}{name}");
                if entry.kind() == Some(ObjectType::Blob) && entry.filemode() != 0o120_000 && path.starts_with(&prefix)
                {
                    files.push(path);
                }
            }
            TreeWalkResult::Ok
        };
        tree.walk(TreeWalkMode::PreOrder, visit).map_err(|cause| self.failed(&cause))?;
        files.sort();
        Ok(files)
    }

    fn failed(&self, cause: &git2::Error) -> Error {
        failure::local("read a commit in", self.repository.path(), cause)
    }
}

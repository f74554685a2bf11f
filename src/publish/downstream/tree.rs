//! The working tree as `git add --all` would store it, with the generated files, built in memory.
//!
//! Blobs and trees go to an object store that lives in this process only, and the index that is changed is never
//! written: a process that is killed at any moment leaves nothing behind.

use super::{Change, ChangeKind, Generated, Precedence, failure};
use crate::error::{Error, Result};
use crate::publish::watch::{Progress, Reporter};
use crate::redact::shown;
use crate::scratch;
use git2::{
    AttrCheckFlags, AttrValue, Delta, ErrorCode, Index, IndexAddOption, IndexEntry, IndexEntryExtendedFlag, IndexTime,
    Oid, Repository,
};
use std::path::{Component, Path, PathBuf};

/// Above that of every store on disk, so that all new objects go there.
const MEMORY_PRIORITY: i32 = 1000;
/// Bytes of new files that one commit takes at most: they are held in memory.
const MOST_NEW_BYTES: u64 = 1 << 30;
/// The mode of a symbolic link.
const LINK: u32 = 0o120_000;
/// The mode of a commit of another repository.
const COMMIT: u32 = 0o160_000;
/// What the callback of git's library answers for a file.
const ADD: i32 = 0;
const SKIP: i32 = 1;
const STOP: i32 = -1;
/// Files between two reports of progress.
const REPORT_EVERY: usize = 64;

/// From now on new objects of this repository value are held in memory and never written.
pub(super) fn keep_in_memory(repository: &Repository) -> std::result::Result<(), git2::Error> {
    repository.odb()?.add_new_mempack_backend(MEMORY_PRIORITY).map(drop)
}

/// Makes the tree, and returns its id.
///
/// # Errors
/// Fails on unmerged paths, on changed files whose filter only git itself can run, on repositories without a commit
/// inside the tree, on generated paths that are not inside it or would replace a directory, and when there is too much
/// to hold in memory.
pub(super) fn build(
    repository: &Repository,
    generated: &[Generated],
    leave_out: &[PathBuf],
    reporter: &Reporter,
) -> Result<Oid> {
    let path = repository.workdir().unwrap_or_else(|| repository.path());
    let failed = |cause: git2::Error| failure::local("read the working tree of", path, &cause);
    let mut index = repository.index().map_err(failed)?;
    if index.has_conflicts() {
        return Err(Error::input("the working tree has unmerged paths").hint("finish the merge or rebase first"));
    }
    let sparse: Vec<IndexEntry> = index.iter().filter(is_sparse).collect();
    add_working_tree(repository, &mut index, leave_out, reporter)?;
    for entry in sparse {
        // Outside a sparse checkout a missing file was not deleted.
        if index.get_path(&entry_path(&entry), 0).is_none() {
            index.add(&entry).map_err(failed)?;
        }
    }
    for file in generated {
        add_generated(&mut index, file)?;
    }
    index.write_tree_to(repository).map_err(failed)
}

/// Lists how a tree differs from that of a commit.
pub(super) fn changes(repository: &Repository, base: Oid, tree: Oid) -> std::result::Result<Vec<Change>, git2::Error> {
    let (base, tree) = (repository.find_commit(base)?.tree()?, repository.find_tree(tree)?);
    let diff = repository.diff_tree_to_tree(Some(&base), Some(&tree), None)?;
    let change = |delta: git2::DiffDelta<'_>| {
        let kind = match delta.status() {
            Delta::Added => ChangeKind::Added,
            Delta::Deleted => ChangeKind::Deleted,
            _ => ChangeKind::Modified,
        };
        let bytes = delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes()).unwrap_or_default();
        Change { kind, path: shown(&String::from_utf8_lossy(bytes)).into_owned() }
    };
    Ok(diff.deltas().map(change).collect())
}

/// Brings an index up to the working tree, as `git add --all` does.
fn add_working_tree(
    repository: &Repository,
    index: &mut Index,
    leave_out: &[PathBuf],
    reporter: &Reporter,
) -> Result<()> {
    let workdir = repository.workdir().unwrap_or_else(|| repository.path()).to_owned();
    // They are there when TMPDIR is in the checkout.
    let own = scratch::below(&workdir);
    let (mut count, mut bytes) = (0, 0);
    let (mut refusal, mut inner) = (None, Vec::new());
    let mut each = |path: &Path, _: &[u8]| {
        if leave_out.iter().any(|left_out| left_out == path) || own.iter().any(|own| path.starts_with(own)) {
            return SKIP;
        }
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            inner.push(path.components().collect::<PathBuf>());
            return SKIP;
        }
        count += 1;
        if count % REPORT_EVERY == 1 {
            reporter.report(Progress::Files(count));
        }
        let file = workdir.join(path).symlink_metadata().ok().filter(std::fs::Metadata::is_file);
        bytes += file.as_ref().map_or(0, std::fs::Metadata::len);
        let filter = || if file.is_some() { check_filter(repository, path) } else { Ok(()) };
        match reporter.check().and_then(|()| check_size(path, bytes)).and_then(|()| filter()) {
            Ok(()) => ADD,
            Err(error) => {
                refusal = Some(error);
                STOP
            }
        }
    };
    let outcome = index.add_all(["*"], IndexAddOption::DEFAULT, Some(&mut each));
    match (refusal, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(cause)) => Err(failure::local("read the working tree of", &workdir, &cause)),
        (None, Ok(())) => inner.iter().try_for_each(|path| add_repository(index, &workdir, path)),
    }
}

/// Adds the commit of a repository inside the tree, in place of its files, as git does.
fn add_repository(index: &mut Index, workdir: &Path, path: &Path) -> Result<()> {
    let failed = |cause: git2::Error| failure::local("read the repository", path, &cause);
    let repository = Repository::open(workdir.join(path)).map_err(failed)?;
    let commit = repository.head().and_then(|head| head.peel_to_commit()).map_err(|_| {
        Error::input(format!("`{}` is a repository without a commit", shown(&path.display().to_string())))
            .hint("commit something there, remove it, or have git ignore it (.gitignore)")
    })?;
    let path = path.as_os_str().as_encoded_bytes().to_vec();
    index.add(&IndexEntry { id: commit.id(), ..fresh_entry(path, COMMIT) }).map_err(failed)
}

fn check_size(path: &Path, bytes: u64) -> Result<()> {
    if bytes <= MOST_NEW_BYTES {
        return Ok(());
    }
    let path = path.display().to_string();
    Err(Error::input(format!("new and changed files come to more than {MOST_NEW_BYTES} bytes at `{}`", shown(&path)))
        .hint("ignore what does not belong to the release (.gitignore), or commit it"))
}

/// Refuses to store a file unfiltered that git would pass through a program or another encoding.
fn check_filter(repository: &Repository, path: &Path) -> Result<()> {
    let value = |name| match repository.get_attr_bytes(path, name, AttrCheckFlags::FILE_THEN_INDEX) {
        Ok(value) => match AttrValue::from_bytes(value) {
            AttrValue::String(text) => Some(text.to_owned()),
            AttrValue::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        },
        Err(_) => None,
    };
    let named = value("filter").filter(|filter| {
        let key = format!("filter.{filter}.clean");
        filter == "lfs" || repository.config().and_then(|config| config.get_string(&key)).is_ok()
    });
    let Some(filter) = named.or_else(|| value("working-tree-encoding")) else { return Ok(()) };
    let path = path.display().to_string();
    let (path, filter) = (shown(&path), shown(&filter));
    Err(Error::input(format!("`{path}` has changed and goes through the filter `{filter}`"))
        .hint("only git itself runs that filter: stage the file with `git add` first"))
}

fn add_generated(index: &mut Index, file: &Generated) -> Result<()> {
    check_path(&file.path)?;
    let path = Path::new(&file.path);
    let existing = index.get_path(path, 0);
    let mode = match (file.precedence, existing) {
        (Precedence::TreeFirst, Some(_)) | (Precedence::InPlace, None) => return Ok(()),
        (Precedence::InPlace, Some(entry)) if entry.mode == LINK => return Ok(()),
        (Precedence::InPlace, Some(entry)) => entry.mode,
        _ => file.mode.bits(),
    };
    let mut parents = path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parents.find(|parent| index.get_path(parent, 0).is_some()) {
        return Err(in_the_way(&file.path, &format!("`{}` is a file", parent.display())));
    }
    if index.find_prefix(format!("{}/", file.path)).is_ok() {
        return Err(in_the_way(&file.path, "there is a directory of that name"));
    }
    let failed = |cause: git2::Error| {
        let reason = if cause.code() == ErrorCode::Directory { "a directory is there" } else { cause.message() };
        in_the_way(&file.path, &shown(reason))
    };
    index.add_frombuffer(&fresh_entry(file.path.clone().into_bytes(), mode), &file.bytes).map_err(failed)
}

fn in_the_way(path: &str, reason: &str) -> Error {
    Error::input(format!("`{}` cannot be added to the commit: {reason}", shown(path)))
        .hint("rename what is in the way in the repository that is being released")
}

/// Takes relative paths of ordinary names only, none of them git's own.
fn check_path(path: &str) -> Result<()> {
    let is_ordinary = |component: Component<'_>| match component {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        _ => false,
    };
    let is_clean =
        !path.is_empty() && !path.ends_with('/') && !path.contains("//") && !path.chars().any(char::is_control);
    if is_clean && Path::new(path).components().all(is_ordinary) && !path.starts_with("./") {
        return Ok(());
    }
    Err(Error::input(format!("`{}` is not a path inside the repository", shown(path))))
}

fn is_sparse(entry: &IndexEntry) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).contains(IndexEntryExtendedFlag::SKIP_WORKTREE)
}

fn fresh_entry(path: Vec<u8>, mode: u32) -> IndexEntry {
    let zero = IndexTime::new(0, 0);
    IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: Oid::ZERO_SHA1,
        flags: 0,
        flags_extended: 0,
        path,
    }
}

#[cfg(unix)]
fn entry_path(entry: &IndexEntry) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(&entry.path))
}

#[cfg(not(unix))]
fn entry_path(entry: &IndexEntry) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&entry.path).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_path_stays_inside_the_tree() {
        for path in ["", "/etc/passwd", "../x", "a/../b", ".git/config", "a/.GIT/hooks/x", "a/", "a//b", "./a", "a\nb"]
        {
            assert!(check_path(path).is_err(), "{path:?}");
        }
        for path in [".gitlab-ci.yml", "bin/rebuild-package.sh", ".gitignore", "a/.github/x"] {
            assert!(check_path(path).is_ok(), "{path:?}");
        }
    }
}

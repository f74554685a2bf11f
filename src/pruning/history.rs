//! What the last commit changed: packages in the package repositories, or the stack itself.

use super::repository::{Naming, Packages};
use crate::finding::{Finding, Rule, Severity};
use git2::{DiffOptions, Repository, Tree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The pipeline that generates pipelines; when it changes, everything is built.
const PIPELINE: &str = ".gitlab-ci.yml";
/// The file that makes a directory a package.
const RECIPE: &str = "package.py";

/// What the last commits changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    /// This file, which belongs to the stack.
    Stack(String),
    /// These packages were added, removed or changed.
    Packages(BTreeSet<String>),
}

/// Tells what HEAD changed against its first parent, in the stack's repository and in the package repositories.
///
/// Directories that are in no Git repository have no changes. As Spack does, files are held against the path of the
/// environment's directory, in which that of the manifest itself never occurs; [`manifest_changed`] tells of that one.
pub(super) fn changes(environment: &Path, repositories: &[Packages]) -> Result<Changes, Finding> {
    let directory = environment.to_string_lossy();
    for path in changed_files(environment) {
        if path.contains(PIPELINE) || directory.contains(&path) {
            return Ok(Changes::Stack(path));
        }
    }
    let mut packages = BTreeSet::new();
    for repository in repositories {
        packages.extend(changed_packages(repository)?);
    }
    Ok(Changes::Packages(packages))
}

/// Tells whether HEAD changed a file of the environment's directory.
pub(super) fn manifest_changed(manifest: &Path) -> bool {
    let directory = manifest.parent().unwrap_or(Path::new("."));
    let Some((_, prefix)) = discovered(directory) else { return false };
    let Some(name) = manifest.file_name() else { return false };
    let inside = prefix.join(name);
    changed_files(directory).iter().any(|path| Path::new(path) == inside)
}

/// Returns the repository that a directory is in, and the directory seen from its root.
fn discovered(directory: &Path) -> Option<(Repository, PathBuf)> {
    let repository = Repository::discover(directory).ok()?;
    let root = repository.workdir()?.canonicalize().ok()?;
    let inside = directory.canonicalize().ok()?.strip_prefix(root).ok()?.to_owned();
    Some((repository, inside))
}

/// Returns the files that HEAD changed in the repository that a directory is in; none where that cannot be told.
fn changed_files(directory: &Path) -> Vec<String> {
    let Some((repository, _)) = discovered(directory) else { return Vec::new() };
    let Ok((before, now)) = trees(&repository) else { return Vec::new() };
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    let Ok(diff) = repository.diff_tree_to_tree(Some(&before), Some(&now), Some(&mut options)) else {
        return Vec::new();
    };
    let path = |delta: git2::DiffDelta<'_>| delta.new_file().path().map(|path| path.to_string_lossy().into_owned());
    diff.deltas().filter_map(path).collect()
}

/// Returns the trees of HEAD's first parent and of HEAD.
fn trees(repository: &Repository) -> Result<(Tree<'_>, Tree<'_>), git2::Error> {
    let head = repository.head()?.peel_to_commit()?;
    Ok((head.parent(0)?.tree()?, head.tree()?))
}

/// Returns the packages of a repository that HEAD added, removed or changed.
fn changed_packages(packages: &Packages) -> Result<BTreeSet<String>, Finding> {
    let directory = &packages.directory;
    let Some((repository, inside)) = discovered(directory) else {
        return if directory.is_dir() { not_ours(directory) } else { Ok(BTreeSet::new()) };
    };
    let (before, now) = trees(&repository).map_err(|cause| ends_at_head(directory, &cause))?;
    let (before, now) = (below(&repository, &before, &inside), below(&repository, &now, &inside));
    Ok(differing(before.as_ref(), now.as_ref())
        .into_iter()
        .filter(|name| {
            let was = is_package(&repository, before.as_ref(), name);
            was != is_package(&repository, now.as_ref(), name) || is_module(name, packages.naming)
        })
        .map(|name| packages.naming.package(&name))
        .collect())
}

/// Returns the tree of a directory.
fn below<'r>(repository: &'r Repository, tree: &Tree<'r>, directory: &Path) -> Option<Tree<'r>> {
    if directory.as_os_str().is_empty() {
        return Some(tree.clone());
    }
    tree.get_path(directory).ok()?.to_object(repository).ok()?.into_tree().ok()
}

/// Returns the names of the entries that two trees do not share.
fn differing(before: Option<&Tree<'_>>, now: Option<&Tree<'_>>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (tree, other) in [(before, now), (now, before)] {
        for entry in tree.into_iter().flat_map(Tree::iter) {
            let there = other.and_then(|other| other.get_name_bytes(entry.name_bytes()));
            let same = there.is_some_and(|there| there.id() == entry.id() && there.filemode() == entry.filemode());
            if !same {
                names.insert(String::from_utf8_lossy(entry.name_bytes()).into_owned());
            }
        }
    }
    names
}

fn is_package(repository: &Repository, tree: Option<&Tree<'_>>, name: &str) -> bool {
    let entry = tree.and_then(|tree| tree.get_name(name));
    let inner = entry.and_then(|entry| entry.to_object(repository).ok()?.into_tree().ok());
    inner.is_some_and(|inner| inner.get_name(RECIPE).is_some())
}

/// Tells whether a directory's name can be that of a package.
fn is_module(name: &str, naming: Naming) -> bool {
    let letters = |fits: fn(&char) -> bool| name.chars().all(|c| fits(&c));
    match naming {
        Naming::AsPackage => letters(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) && !name.starts_with('-'),
        Naming::AsModule => {
            letters(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
                && !name.contains("__")
                && !name.starts_with(|c: char| c.is_ascii_digit())
        }
    }
}

/// Tells why a directory that may be in a Git repository is taken for one that is not.
fn not_ours(directory: &Path) -> Result<BTreeSet<String>, Finding> {
    match Repository::discover(directory) {
        Err(cause) if cause.code() == git2::ErrorCode::Owner => {
            let message = format!("the Git repository of `{}` belongs to somebody else", directory.display());
            let hint = "git config --global --add safe.directory DIRECTORY";
            Err(Finding::new(Severity::Warning, Rule::History, message).hint(hint))
        }
        _ => Ok(BTreeSet::new()),
    }
}

fn ends_at_head(directory: &Path, cause: &git2::Error) -> Finding {
    let message = format!(
        "the history of `{}` does not reach back before HEAD: what changed is not known ({})",
        directory.display(),
        cause.message()
    );
    let hint = "fetch one commit more: `git fetch --deepen 1`, or GIT_DEPTH: 2 in a CI job";
    Finding::new(Severity::Warning, Rule::History, message).hint(hint)
}

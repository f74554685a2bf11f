//! Where the package repositories of an environment are on this machine.

use crate::environment::condition::Context;
use crate::environment::{Environment, OwnRepositories, PackageRepository, RepositoryLocation};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Source;
use crate::yaml::{self, Node};
use std::path::{Path, PathBuf};

/// What Spack calls its own package repository.
const OWN: &str = "builtin";
/// Where Spack keeps it: below its root before version 1.0, and below the user's cache from then on, in a directory
/// named by the digest of its URL.
const BELOW_ROOT: [&str; 2] = ["var/spack/repos/builtin", "var/spack/repos/spack_repo/builtin"];
const BELOW_CACHE: &str = "package_repos/fncqgg4/repos/spack_repo/builtin";
const OWN_URL: &str = "https://github.com/spack/spack-packages.git";
/// The list of package repositories in a Git repository.
const LIST: &str = "spack-repo-index.yaml";

/// A package repository on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packages {
    /// The directory with a directory for each package.
    pub(super) directory: PathBuf,
    /// How directories are named.
    pub(super) naming: Naming,
}

/// How the directories of packages are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// As the package (before package API 2.0).
    AsPackage,
    /// As a Python module: `py_numpy`, `_7zip`.
    AsModule,
}

impl Naming {
    /// Returns the name of the package in a directory.
    pub(super) fn package(self, directory: &str) -> String {
        match self {
            Self::AsPackage => directory.to_owned(),
            Self::AsModule => directory.trim_start_matches('_').replace('_', "-"),
        }
    }
}

/// Returns the package repositories of an environment, or why they cannot all be found.
pub(super) fn locate(environment: &Environment, context: &Context) -> Result<Vec<Packages>, Finding> {
    let repositories = &environment.repositories;
    let mut found = Vec::new();
    for repository in &repositories.listed {
        for root in roots(repository, context)? {
            found.push(read(&root).map_err(|reason| unusable(&root, &reason).at(&repository.place))?);
        }
    }
    let replaced = repositories.listed.iter().any(|repository| repository.name.as_deref() == Some(OWN));
    if repositories.own == OwnRepositories::Used && !replaced {
        let root = own(context).ok_or_else(|| {
            let message = "it is not known where Spack's own package repository is: what changed in it cannot be told";
            Finding::new(Severity::Warning, Rule::History, message)
                .hint("set SPACK_ROOT, add `repos: {builtin: PATH}`, or write `repos::` if it is not used")
        })?;
        found.push(read(&root).map_err(|reason| unusable(&root, &reason))?);
    }
    Ok(found)
}

/// Returns the directories with a `repo.yaml` that an entry stands for.
fn roots(repository: &PackageRepository, context: &Context) -> Result<Vec<PathBuf>, Finding> {
    let (url, destination, paths) = match &repository.location {
        RepositoryLocation::Directory(path) => return Ok(vec![path.clone()]),
        RepositoryLocation::Git { url, destination, paths } => (url, destination, paths),
    };
    let Some(clone) = destination else {
        let is_own = url.as_deref().map_or(repository.name.as_deref() == Some(OWN), |url| url == OWN_URL);
        if let Some(root) = own(context).filter(|_| is_own) {
            return Ok(vec![root]);
        }
        let name = repository.name.as_deref().or(url.as_deref()).unwrap_or_default();
        let message = format!("it is not known where the clone of the package repository `{name}` is");
        let finding = Finding::new(Severity::Warning, Rule::History, message).at(&repository.place);
        return Err(finding.hint("name its directory: `destination: PATH`"));
    };
    let paths = if paths.is_empty() { listed(clone) } else { paths.clone() };
    Ok(paths.iter().map(|path| clone.join(path)).collect())
}

/// Returns the package repositories that a Git repository lists; without a list it is one itself.
fn listed(clone: &Path) -> Vec<PathBuf> {
    let list = document(&clone.join(LIST));
    let paths = list.as_ref().and_then(|list| list.get("repo_index")?.get("paths")?.as_sequence());
    let paths: Vec<PathBuf> = paths.into_iter().flatten().filter_map(Node::as_text).map(PathBuf::from).collect();
    if paths.is_empty() { vec![PathBuf::from(".")] } else { paths }
}

/// Returns where Spack keeps its own package repository.
fn own(context: &Context) -> Option<PathBuf> {
    let root = context.variable("SPACK_ROOT").map(PathBuf::from);
    let below_root = root.iter().flat_map(|root| BELOW_ROOT.iter().map(|path| root.join(path)));
    let cache = context.variable("SPACK_USER_CACHE_PATH").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(context.variable("HOME")?).join(".spack")));
    let mut all = below_root.chain(cache.map(|cache| cache.join(BELOW_CACHE)));
    all.find(|path| path.join("repo.yaml").is_file())
}

/// Reads the description of a package repository.
fn read(root: &Path) -> Result<Packages, String> {
    let path = root.join("repo.yaml");
    let document = document(&path).ok_or_else(|| format!("`{}` cannot be read", path.display()))?;
    let about = document.get("repo").ok_or_else(|| format!("`{}` has no `repo:`", path.display()))?;
    let text = |key: &str| about.get(key).and_then(Node::as_text);
    let naming = match text("api").and_then(|api| api.strip_prefix('v')?.split('.').next()?.parse::<u32>().ok()) {
        Some(2..) => Naming::AsModule,
        _ => Naming::AsPackage,
    };
    Ok(Packages { directory: root.join(text("subdirectory").unwrap_or("packages")), naming })
}

fn document(path: &Path) -> Option<Node> {
    let text = std::fs::read_to_string(path).ok()?;
    yaml::read(&Source::new(path.display().to_string(), text)).ok()
}

fn unusable(root: &Path, reason: &str) -> Finding {
    let message = format!("there is no package repository at `{}`: {reason}", root.display());
    let finding = Finding::new(Severity::Warning, Rule::History, message);
    let unknown = root.to_string_lossy().contains("$spack");
    finding.hint(if unknown { "set SPACK_ROOT" } else { "correct its path under `repos:`" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn repository(directory: &Path, text: &str) {
        fs::create_dir_all(directory).unwrap();
        fs::write(directory.join("repo.yaml"), text).unwrap();
    }

    fn located(text: &str, variables: &[(&str, &Path)]) -> Result<Vec<Packages>, Finding> {
        let mut context = Context::default();
        for (name, value) in variables {
            context.set(&format!("env.{name}={}", value.display())).unwrap();
        }
        let source = Source::new("/e/spack.yaml", format!("spack:\n  specs: []\n{text}"));
        locate(&Environment::parse(source, &context).unwrap(), &context)
    }

    #[test]
    fn directories_are_named_as_the_package_api_says() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        repository(&root.join("old"), "repo: {namespace: old}\n");
        repository(&root.join("new"), "repo: {namespace: new, api: v2.2, subdirectory: pkgs}\n");
        let text = format!("  repos::\n  - {0}/old\n  - {0}/new\n", root.display());
        let expected = [
            Packages { directory: root.join("old/packages"), naming: Naming::AsPackage },
            Packages { directory: root.join("new/pkgs"), naming: Naming::AsModule },
        ];
        assert_eq!(located(&text, &[]).unwrap(), expected);
        assert_eq!(Naming::AsModule.package("_7zip_x"), "7zip-x");
    }

    #[test]
    fn a_clone_lists_its_repositories() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        repository(&root.join("repos/a"), "repo: {namespace: a, api: v2.0}\n");
        fs::write(root.join(LIST), "repo_index:\n  paths:\n  - repos/a\n").unwrap();
        let text = format!("  repos:: {{builtin: {{git: 'https://x', destination: '{}'}}}}\n", root.display());
        assert_eq!(located(&text, &[]).unwrap()[0].directory, root.join("repos/a/packages"));
        let finding = located("  repos:: {mine: {git: 'https://x'}}\n", &[]).unwrap_err();
        assert!(finding.hint.unwrap().contains("destination"));
    }

    #[test]
    fn spacks_own_repository_is_found_below_its_root_or_the_cache() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        assert!(located("", &[("SPACK_ROOT", root)]).unwrap_err().hint.unwrap().contains("SPACK_ROOT"));
        repository(&root.join(BELOW_ROOT[0]), "repo: {namespace: builtin}\n");
        assert_eq!(
            located("", &[("SPACK_ROOT", root)]).unwrap()[0].directory,
            root.join(BELOW_ROOT[0]).join("packages")
        );
        repository(&root.join(".spack").join(BELOW_CACHE), "repo: {namespace: builtin, api: v2.0}\n");
        assert_eq!(located("", &[("HOME", root)]).unwrap()[0].naming, Naming::AsModule);
    }
}

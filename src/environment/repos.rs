//! `repos:`, where packages come from: directories, and clones of Git repositories.

use super::include::path::{Variables, directory_of, normal};
use super::reader::{sequence, text, wrong_kind};
use super::{OwnRepositories, PackageRepository, Repositories, RepositoryLocation};
use crate::error::Result;
use crate::yaml::{Mapping, Node, Value};
use std::path::PathBuf;

/// Tells whether a manifest hides Spack's own repositories: with `repos::`.
pub(super) fn own(root: &Mapping) -> OwnRepositories {
    if root.contains_key("repos:") { OwnRepositories::Hidden } else { OwnRepositories::Used }
}

/// Reads the section, a map from names or, as it used to be, a list of paths.
pub(super) fn read(section: Option<&Node>, own: OwnRepositories, variables: &Variables<'_>) -> Result<Repositories> {
    let reader = Reader { variables };
    let listed = match section.map(|node| (node, &node.value)) {
        None | Some((_, Value::Null)) => Vec::new(),
        Some((_, Value::Mapping(map))) => {
            map.iter().map(|(name, entry)| reader.repository(Some(name), &entry.node)).collect::<Result<_>>()?
        }
        Some((_, Value::Sequence(items))) => {
            items.iter().map(|item| reader.repository(None, item)).collect::<Result<_>>()?
        }
        Some((node, _)) => return Err(wrong_kind(node, "`repos`", "a map from names to paths")),
    };
    Ok(Repositories { listed, own })
}

struct Reader<'a> {
    variables: &'a Variables<'a>,
}

impl Reader<'_> {
    fn repository(&self, name: Option<&str>, node: &Node) -> Result<PackageRepository> {
        let location = match &node.value {
            Value::Mapping(map) => self.git(map)?,
            _ => RepositoryLocation::Directory(self.path(node)?),
        };
        Ok(PackageRepository { name: name.map(str::to_owned), location, place: node.place.clone() })
    }

    fn git(&self, map: &Mapping) -> Result<RepositoryLocation> {
        let destination = map.get("destination").map(|entry| self.path(&entry.node)).transpose()?;
        let paths = match map.get("paths") {
            None => Vec::new(),
            Some(entry) => sequence(&entry.node, "`paths` of a package repository")?
                .iter()
                .map(|item| text(item, "a path").map(PathBuf::from))
                .collect::<Result<_>>()?,
        };
        // Without `git` it says something more of one that is known elsewhere, such as Spack's own.
        let url = map.get("git").map(|entry| text(&entry.node, "`git` of a package repository")).transpose()?;
        let url = url.map(str::to_owned);
        Ok(RepositoryLocation::Git { url, destination, paths })
    }

    /// Reads a path, which is seen from the directory of the file that it is written in.
    fn path(&self, node: &Node) -> Result<PathBuf> {
        let expanded = self.variables.expand(text(node, "the path of a package repository")?);
        let local = expanded.strip_prefix("file://").unwrap_or(&expanded);
        // What a variable that is not known stands for is likely to be an absolute path.
        if local.starts_with('$') {
            return Ok(PathBuf::from(local));
        }
        Ok(normal(&directory_of(node.place.source()).join(local)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::condition::Context;
    use crate::source::Source;
    use crate::yaml;

    fn repositories(text: &str) -> Result<Repositories> {
        let source = Source::new("/e/stack/spack.yaml", text);
        let context = Context::default();
        let node = yaml::read(&source)?;
        read(node.get("repos"), OwnRepositories::Used, &Variables::new(&source, &context))
    }

    fn locations(text: &str) -> Vec<RepositoryLocation> {
        repositories(text).unwrap().listed.into_iter().map(|repository| repository.location).collect()
    }

    #[test]
    fn paths_are_seen_from_the_file_in_maps_and_in_lists() {
        let directory = |path: &str| RepositoryLocation::Directory(PathBuf::from(path));
        assert_eq!(locations("repos: {mine: ../repo, theirs: /r}"), [directory("/e/repo"), directory("/r")]);
        assert_eq!(locations("repos: [$env/repo, $spack/x]"), [directory("/e/stack/repo"), directory("$spack/x")]);
        assert_eq!(locations("repos:"), []);
    }

    #[test]
    fn a_git_repository_is_where_its_destination_says() {
        let location = RepositoryLocation::Git {
            url: Some("https://g/p.git".to_owned()),
            destination: Some(PathBuf::from("/e/packages")),
            paths: vec![PathBuf::from("repos/spack_repo/builtin")],
        };
        let text =
            "repos: {builtin: {git: 'https://g/p.git', destination: ../packages, paths: [repos/spack_repo/builtin]}}";
        assert_eq!(locations(text), [location]);
    }

    #[test]
    fn what_is_no_list_of_repositories_is_refused() {
        assert!(repositories("repos: 3").is_err());
        assert!(repositories("repos: {x: [1]}").is_err());
    }
}

//! Where the inputs of a plan stand in the downstream commit: as they stand to each other on disk, below one directory.

use super::INPUTS;
use crate::concretize::{Lockfiles, lockfile_name};
use crate::environment::{Environment, Included, Reach};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// What a directory is called whose own name is not known.
const NAMELESS: &str = "environment";
/// The manifest's name, whatever it was called: lockfiles are found beside it.
const MANIFEST: &str = "spack.yaml";

/// A path in the commit, and the content.
type File<'a> = (String, &'a [u8]);

/// The inputs of a plan by their paths in the commit.
pub(super) struct Inputs<'a> {
    pub(super) manifest: String,
    pub(super) lockfiles: Vec<File<'a>>,
    pub(super) included: Vec<File<'a>>,
    pub(super) notes: Vec<String>,
}

impl<'a> Inputs<'a> {
    pub(super) fn of(environment: &'a Environment, lockfiles: &'a Lockfiles) -> Result<Self> {
        let directory = directory_names(environment);
        let within = |path: &Path| in_commit(&directory, path);
        let beside = |name: &str| within(Path::new(name));
        let lockfiles = lockfiles
            .iter()
            .map(|(phase, source)| (beside(&lockfile_name(phase)), source.text().as_bytes()))
            .collect::<Vec<_>>();
        let manifest = beside(MANIFEST);
        let mut taken: BTreeMap<String, &[u8]> = lockfiles.iter().cloned().collect();
        taken.insert(manifest.clone(), environment.source.text().as_bytes());
        let (mut included, mut notes) = (Vec::new(), Vec::new());
        for Included { source, path, reach } in &environment.included {
            if *reach == Reach::Fixed {
                notes.push(format!("`{}` is not in the commit, which cannot be verified without it", path.display()));
                continue;
            }
            let (path, bytes) = (within(path), source.text().as_bytes());
            match taken.insert(path.clone(), bytes) {
                None => included.push((path, bytes)),
                Some(other) if other == bytes => {}
                Some(_) => {
                    return Err(Error::input(format!("two inputs of this plan would be `{path}` in the commit"))
                        .hint("name the environment by its absolute path"));
                }
            }
        }
        Ok(Self { manifest, lockfiles, included, notes })
    }
}

/// Returns the names of the directories from where the inputs stand together down to the environment: as many as its
/// includes climb.
fn directory_names(environment: &Environment) -> Vec<String> {
    let path = Path::new(environment.source.name()).parent().unwrap_or(Path::new(""));
    let mut names: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
            // What was named so far is left again, or its name is not known.
            Component::ParentDir => drop(names.pop()),
            _ => {}
        }
    }
    let missing = environment.climb.saturating_sub(names.len());
    let known = names.split_off((names.len() + missing).saturating_sub(environment.climb));
    std::iter::repeat_n(NAMELESS.to_owned(), missing).chain(known).collect()
}

/// Returns the path in the commit of a file that is seen from the environment's directory.
fn in_commit(directory: &[String], path: &Path) -> String {
    let mut parts: Vec<String> = directory.to_vec();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    format!("{INPUTS}/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::condition::Context;
    use crate::environment::{self, Texts};
    use crate::source::Source;

    /// Returns where an environment at `name` that includes these paths, all being there, and its files stand.
    fn paths(name: &str, includes: &[(&str, &str)]) -> Result<Vec<String>> {
        let list: Vec<&str> = includes.iter().map(|(written, _)| *written).collect();
        let text = format!("spack:\n  include: {list:?}\n  specs: []\n");
        let files = Texts::new(includes.iter().map(|(_, path)| Source::new(*path, format!("# {path}\n"))));
        let inputs = environment::Inputs { context: &Context::default(), files: &files, dialect: None };
        let environment = Environment::read(Source::new(name, text), inputs)?;
        let lockfiles = Lockfiles::default();
        let inputs = Inputs::of(&environment, &lockfiles)?;
        let others = inputs.included.into_iter().map(|(path, _)| path);
        Ok(std::iter::once(inputs.manifest).chain(others).collect())
    }

    #[test]
    fn without_includes_above_it_the_environment_stands_at_the_top() {
        let paths = paths("envs/release/spack.yaml", &[("a/b.yaml", "envs/release/a/b.yaml")]).unwrap();
        assert_eq!(paths, ["ci-generation/spack.yaml", "ci-generation/a/b.yaml"]);
    }

    #[test]
    fn what_is_included_from_above_stands_above() {
        let includes = [("../common.yaml", "/r/common.yaml"), ("c.yaml", "/r/release/c.yaml")];
        let expected = ["release/spack.yaml", "common.yaml", "release/c.yaml"].map(|path| format!("{INPUTS}/{path}"));
        assert_eq!(paths("/r/release/spack.yaml", &includes).unwrap(), expected);
    }

    #[test]
    fn a_directory_without_a_known_name_gets_one() {
        let expected = ["environment/environment/spack.yaml", "a.yaml"].map(|path| format!("{INPUTS}/{path}"));
        assert_eq!(paths("spack.yaml", &[("../../a.yaml", "../../a.yaml")]).unwrap(), expected);
        let expected = ["environment/e/spack.yaml", "a.yaml"].map(|path| format!("{INPUTS}/{path}"));
        assert_eq!(paths("../e/spack.yaml", &[("../../a.yaml", "../../a.yaml")]).unwrap(), expected);
    }

    #[test]
    fn two_files_at_one_path_are_refused() {
        let includes = [("a.yaml", "a.yaml"), ("../environment/a.yaml", "../environment/a.yaml")];
        assert!(paths("spack.yaml", &includes).unwrap_err().message.contains("ci-generation/environment/a.yaml"));
    }
}

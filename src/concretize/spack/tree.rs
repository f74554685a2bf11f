//! A stand-in for an environment's directory: the same names in the same places, as links, so that whatever is written
//! relative to the environment is found, while what Spack writes stays apart.

use crate::error::{Error, Result};
use crate::source::Source;
use std::io;
use std::path::{Path, PathBuf};

/// What Spack reads and writes in an environment's directory, which the stand-in has of its own.
const OWN: [&str; 3] = ["spack.yaml", "spack.lock", ".spack-env"];
/// How many links are made at most; a directory with more entries is none that environments are kept in.
const MOST_LINKS: usize = 50_000;

/// Returns how many directories upwards the paths in a text lead at most.
pub(super) fn steps_up(source: &Source) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-' | '$' | '{' | '}' | '~');
    let paths = source.text().split(|c| !is_part(c));
    paths.map(|path| path.split('/').filter(|part| *part == "..").count()).max().unwrap_or(0)
}

/// Makes the stand-in for `directory` below `scratch`, with the entries of as many of its ancestors as paths lead to.
///
/// # Errors
/// Returns an error if a directory or a link cannot be made.
pub(super) fn stand_in(directory: &Path, steps: usize, scratch: &Path) -> Result<PathBuf> {
    let directory = directory.canonicalize().map_err(|cause| Error::io("read", directory, &cause))?;
    let mut levels: Vec<&Path> = directory.ancestors().take(steps + 1).collect();
    levels.reverse();
    let mut here = scratch.join("environment");
    let mut links = 0;
    for (index, level) in levels.iter().enumerate() {
        let next = levels.get(index + 1).and_then(|next| next.file_name());
        std::fs::create_dir_all(&here).map_err(|cause| Error::io("make", &here, &cause))?;
        let is_own = |name: &std::ffi::OsStr| match next {
            Some(next) => name == next,
            None => OWN.iter().any(|own| name == *own),
        };
        // What cannot be listed cannot be linked; Spack says so if it is needed.
        for entry in std::fs::read_dir(level).into_iter().flatten().flatten() {
            let name = entry.file_name();
            links += 1;
            if is_own(&name) || links > MOST_LINKS {
                continue;
            }
            let link = here.join(&name);
            symlink(&entry.path(), &link).map_err(|cause| Error::io("link", &link, &cause))?;
        }
        if let Some(next) = next {
            here.push(next);
        }
    }
    Ok(here)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_deepest_path_upwards_is_found_wherever_it_stands() {
        let steps = |text: &str| steps_up(&Source::new("spack.yaml", text));
        assert_eq!(steps("include: [../../.ci/gitlab, ../x]\nspecs: ['zlib@1.2..3']"), 2);
        assert_eq!(steps("repos: {mine: $env/../repo}"), 1);
        assert_eq!(steps("specs: [zlib]"), 0);
    }

    #[test]
    fn relative_paths_lead_to_the_same_files_and_nothing_is_written_into_them() {
        let world = tempfile::tempdir().unwrap();
        let environment = world.path().join("stacks/release");
        fs::create_dir_all(&environment).unwrap();
        fs::write(world.path().join("shared.yaml"), "shared").unwrap();
        fs::write(world.path().join("stacks/near.yaml"), "near").unwrap();
        fs::write(environment.join("own.yaml"), "own").unwrap();
        fs::write(environment.join("spack.lock"), "mine").unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let copy = stand_in(&environment, 2, scratch.path()).unwrap();
        for (path, text) in [("own.yaml", "own"), ("../near.yaml", "near"), ("../../shared.yaml", "shared")] {
            assert_eq!(fs::read_to_string(copy.join(path)).unwrap(), text);
        }
        assert!(!copy.join("spack.lock").exists());
        fs::write(copy.join("spack.lock"), "theirs").unwrap();
        drop(scratch);
        assert_eq!(fs::read_to_string(environment.join("spack.lock")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(environment.join("own.yaml")).unwrap(), "own");
    }

    #[test]
    fn more_steps_than_there_are_directories_end_at_the_root() {
        let scratch = tempfile::tempdir().unwrap();
        let copy = stand_in(Path::new("/etc"), 7, scratch.path()).unwrap();
        assert!(copy.join("passwd").exists() && copy.join("../usr").exists());
    }
}

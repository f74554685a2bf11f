//! Directories as jobs see them, and paths seen from another directory.

use super::settings::Settings;
use std::path::{Component, Path, PathBuf};

/// The directories of a pipeline's artifacts, seen from the project.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Where they all are.
    pub(super) root: String,
    /// Manifest and lockfile for the jobs.
    pub(super) environment: String,
    pub(super) logs: String,
    pub(super) reproduction: String,
    pub(super) tests: String,
    pub(super) user_data: String,
}

impl Layout {
    pub(super) fn new(settings: &Settings) -> Self {
        let inside = settings.artifacts.strip_prefix(&settings.project).unwrap_or(&settings.artifacts);
        let absolute = settings.project.join(inside);
        let directory = |name: &str| text(&relative(&absolute.join(name), &settings.project));
        Self {
            root: text(inside),
            environment: directory("concrete_environment"),
            logs: directory("logs"),
            reproduction: directory("reproduction"),
            tests: directory("tests"),
            user_data: directory("user_data"),
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns a path without `.` and `..`, and seen from `base`; both are absolute.
pub(super) fn relative(path: &Path, base: &Path) -> PathBuf {
    let (path, base) = (normal(path), normal(base));
    let shared = path.iter().zip(base.iter()).take_while(|(a, b)| a == b).count();
    let up = base.iter().skip(shared).map(|_| Path::new(".."));
    let down = path.iter().skip(shared).map(Path::new);
    let result: PathBuf = up.chain(down).collect();
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_another_directory() {
        for (path, base, expected) in [
            ("/a/b/c", "/a/b", "c"),
            ("/a/x", "/a/b/c", "../../x"),
            ("/a/b/../x", "/a/./b", "../x"),
            ("/a", "/a", "."),
            ("/x", "/", "x"),
        ] {
            assert_eq!(relative(Path::new(path), Path::new(base)), Path::new(expected));
        }
    }
}

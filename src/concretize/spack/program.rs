//! The `spack` that is run: where it is, which version it has, and what that version understands.

use crate::error::{Error, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What to do where no `spack` is found.
const HINT: &str = "name one with --spack PATH, set SPACK_ROOT to its clone, or put it on PATH";

/// Finds `spack`: the one that is named, else `$SPACK_ROOT/bin/spack`, else the first on `$PATH`.
///
/// # Errors
/// Returns an error if a file that is named is not there, or if there is none.
pub fn find(named: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    if let Some(path) = named {
        // A directory is taken for a clone of Spack.
        let path = if path.is_dir() { path.join("bin/spack") } else { path.to_owned() };
        if !path.is_file() {
            return Err(Error::usage(format!("there is no spack at `{}`", path.display())).hint(HINT));
        }
        return std::path::absolute(&path).map_err(|cause| Error::io("find", &path, &cause));
    }
    let root = variable("SPACK_ROOT").filter(|root| !root.is_empty()).map(PathBuf::from);
    let on_path = variable("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let candidates = root.map(|root| root.join("bin")).into_iter().chain(on_path.filter(|path| path.is_absolute()));
    let found = candidates.map(|directory| directory.join("spack")).find(|path| path.is_file());
    found.ok_or_else(|| Error::usage("no spack is found").hint(HINT))
}

/// A version of Spack, as far as it decides what can be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpackVersion {
    major: u32,
    minor: u32,
}

impl SpackVersion {
    /// The last that says `concretization: separately` for `concretizer: {unify: false}`.
    const LAST_WITH_CONCRETIZATION: Self = Self { major: 0, minor: 17 };
    /// The first with an option against reusing what is installed.
    const FIRST_WITH_FRESH: Self = Self { major: 0, minor: 17 };

    /// Reads what `spack --version` prints: `0.16.0`, `0.23.1-45-abcdef`, `1.2.0.dev0 (0123abc)`.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.lines().rev().find_map(|line| line.split_whitespace().next())?;
        let mut numbers = word.split(['.', '-']).map(str::parse);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
        Some(Self { major, minor })
    }

    /// Tells how it is said whether roots are concretized together.
    pub(super) fn unifying(self) -> Unifying {
        if self <= Self::LAST_WITH_CONCRETIZATION { Unifying::Concretization } else { Unifying::Concretizer }
    }

    /// Tells whether it has `--fresh`.
    pub(super) fn has_fresh(self) -> bool {
        self >= Self::FIRST_WITH_FRESH
    }

    /// Tells whether an environment may have this section, among those that bear on concretization.
    pub(super) fn reads(self, section: &str) -> bool {
        let since = |major, minor| self >= Self { major, minor };
        match section {
            "specs" | "definitions" | "include" | "packages" | "compilers" | "config" | "repos" | "mirrors"
            | "upstreams" | "develop" => true,
            "bootstrap" => since(0, 17),
            "concretizer" => since(0, 18),
            "include_concrete" => since(0, 23),
            "toolchains" => since(1, 0),
            _ => false,
        }
    }
}

/// How an environment says whether its roots are concretized together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unifying {
    /// `concretization: together` or `separately`.
    Concretization,
    /// `concretizer: {unify: true}`, `false` or `when_possible`.
    Concretizer,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Option<(u32, u32)> {
        SpackVersion::parse(text).map(|version| (version.major, version.minor))
    }

    #[test]
    fn versions_are_read_as_spack_prints_them() {
        assert_eq!(version("1.1.0\n"), Some((1, 1)));
        assert_eq!(version("0.16.0-123-abcdef0\n"), Some((0, 16)));
        assert_eq!(version("==> Warning: old\n1.2.0.dev0 (a04b1af1f5)\n"), Some((1, 2)));
        assert_eq!(version("unknown"), None);
        assert_eq!(version(""), None);
    }

    #[test]
    fn the_named_spack_goes_before_the_root_and_that_before_the_path() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["named", "root/bin", "path"] {
            std::fs::create_dir_all(directory.path().join(name)).unwrap();
            std::fs::write(directory.path().join(name).join("spack"), "").unwrap();
        }
        let at = |name: &str| directory.path().join(name);
        let both = |name: &str| match name {
            "SPACK_ROOT" => Some(at("root").into()),
            "PATH" => Some(at("path").into()),
            _ => None,
        };
        let only_path = |name: &str| (name == "PATH").then(|| at("path").into());
        assert_eq!(find(Some(&at("named/spack")), both).unwrap(), at("named/spack"));
        assert_eq!(find(Some(&at("root")), only_path).unwrap(), at("root/bin/spack"), "a clone can be named");
        assert_eq!(find(None, both).unwrap(), at("root/bin/spack"));
        assert_eq!(find(None, only_path).unwrap(), at("path/spack"));
    }

    #[test]
    fn where_there_is_none_the_error_names_the_three_ways() {
        for error in [find(None, |_| None).unwrap_err(), find(Some(Path::new("/nowhere")), |_| None).unwrap_err()] {
            let hint = error.hints.join(" ");
            assert!(hint.contains("--spack") && hint.contains("SPACK_ROOT") && hint.contains("PATH"), "{hint}");
        }
    }
}

//! Finds the recorded answers of Spack, which are not part of the project.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]
#![allow(dead_code, reason = "each test binary uses a part")]

use spackplan::concretize::lockfile;
use spackplan::source::Source;
use spackplan::spec::concrete::ConcreteSpecs;
use std::path::{Path, PathBuf};

/// Returns the folder of recorded answers; without it the tests that need it pass with a remark.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle");
    let folder = std::env::var_os("SPACKPLAN_ORACLE").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no recorded answers in {}", folder.display());
    None
}

/// Reads a file of one JSON value a line.
pub(crate) fn rows(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads the concrete specs of a recorded lockfile.
pub(crate) fn lockfile(path: &Path) -> ConcreteSpecs {
    let source = Source::new(path.display().to_string(), std::fs::read_to_string(path).unwrap());
    lockfile::parse(&source).unwrap_or_else(|error| panic!("{error}")).specs
}

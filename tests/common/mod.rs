//! What several tests share: where Spack's recorded answers are, and planning a directory.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests say what they skip, and may end where they stand")]

use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::{self, condition::Context};
use spackplan::release::{Release, Request};
use spackplan::spec::concrete::Architecture;
use std::path::{Path, PathBuf};

/// Returns the directory with Spack's recorded answers, if it is on this machine.
pub fn oracle() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle");
    let path = std::env::var_os("SPACKPLAN_ORACLE").map_or_else(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no recorded answers of Spack at {}", path.display());
    None
}

/// Returns the directories below `parent` whose names start with a digit, sorted.
pub fn cases(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path());
    let numbered =
        |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(|c: char| c.is_ascii_digit());
    let mut cases: Vec<_> = entries.filter(|path| path.is_dir() && numbered(path)).collect();
    cases.sort();
    cases
}

/// Returns the host that tests plan for.
pub fn context() -> Context {
    let mut context = Context::default();
    for fact in ["platform=linux", "os=centos7", "target=x86_64", "hostname=planner"] {
        context.set(fact).unwrap();
    }
    context
}

/// Plans the environment in `directory`.
pub fn plan(directory: &Path, request: impl Into<Request>) -> spackplan::error::Result<Release> {
    let context = context();
    let environment = environment::load(directory, &context)?;
    let lockfiles = Lockfiles::load(&environment, directory, &[])?;
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
    Ok(Release::new(environment, concretization, request))
}

/// The architecture of [`context`].
pub fn architecture() -> Architecture {
    context().architecture()
}

/// Returns the directory of an example that the project ships.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/examples").join(name)
}

//! Runs the job scripts as a runner does, with stand-ins for `spack` and `curl` that record what they are asked.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const TOYCONF: &str = "l6p3cci3fbcepxlaloaghlecwctlnura";
pub const TOYCURSES: &str = "3fq3kk77fdg3ibccggay5emfmmlckml5";
pub const TOYLINE: &str = "7tqyf2zy3trpgfz24elghd54jr3urbz4";

/// A checkout of a downstream branch on a runner, with a mirror beside it.
pub struct Checkout {
    root: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// What a job left.
pub struct Run {
    pub code: i32,
    /// All that the job's log shows.
    pub log: String,
    /// The calls of `spack` and `curl`, a line a call, each argument in `<>`.
    pub calls: String,
}

impl Run {
    /// Returns the calls that have all of these words.
    pub fn calls_with(&self, words: &[&str]) -> Vec<&str> {
        self.calls.lines().filter(|line| words.iter().all(|word| line.contains(word))).collect()
    }
}

fn manifest_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns whether this machine can run the scripts; says so if not.
pub fn shell_is_there() -> bool {
    let there = Command::new("sh").args(["-c", "command -v awk base64 sed grep tee"]).output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no sh with the usual tools on this machine");
    }
    there
}

impl Checkout {
    /// Checks out the toy environment's branch; the paths have characters that only quoting keeps.
    pub fn new() -> Self {
        let checkout = Self { root: tempfile::tempdir().unwrap(), variables: BTreeMap::new() };
        let toy = manifest_dir().join("tests/fixtures/toy-environment");
        for directory in ["ci-generation", "tmp"] {
            fs::create_dir_all(checkout.project().join(directory)).unwrap();
        }
        fs::create_dir_all(checkout.path("tmp")).unwrap();
        for file in ["spack.yaml", "spack.lock"] {
            fs::copy(toy.join(file), checkout.project().join("ci-generation").join(file)).unwrap();
        }
        let mirror = format!("file://{}", checkout.mirror().display());
        checkout
            .set("SPACK_MIRROR_URL", &mirror)
            .set("SPACK_COMPILER_ACTION", "NONE")
            .set("SPACK_ENABLE_CDASH", "False")
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn unset(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Lets the stand-in fail at something.
    pub fn failing(self, what: &str) -> Self {
        self.set("STUB_FAIL", what)
    }

    pub fn with_cdash(self) -> Self {
        self.set("SPACK_ENABLE_CDASH", "True")
            .set("SPACK_CDASH_BASE_URL", "https://cdash")
            .set("SPACK_CDASH_PROJECT", "HPC \"Stack\"")
            .set("SPACK_CDASH_PROJECT_ENC", "HPC+%22Stack%22")
            .set("SPACK_CDASH_BUILD_NAME", "toycurses@6.4 arch=linux-debian12-x86_64 (Weekly $(date); *)")
            .set("SPACK_CDASH_SITE", "a cluster's site")
            .set("SPACK_JOB_SPEC_BUILDGROUP", "Weekly release")
            .set("SPACK_RELATED_BUILDS", "toyconf;toyother")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn project(&self) -> PathBuf {
        self.path("a project's $(checkout)")
    }

    pub fn mirror(&self) -> PathBuf {
        self.path("the mirror")
    }

    /// Returns whether the mirror holds a package.
    pub fn is_pushed(&self, hash: &str) -> bool {
        holds(&self.mirror(), hash)
    }

    /// Returns whether a package is among the job's artifacts.
    pub fn is_artifact(&self, hash: &str) -> bool {
        holds(&self.project().join("local_mirror/build_cache"), hash)
    }

    /// Runs the job that builds a package which the lockfile has.
    pub fn build(&self, package: &str, hash: &str) -> Run {
        let root = format!("toyline@8.2/{TOYLINE}");
        let own = [("SPACK_JOB_SPEC_PKG_NAME", package), ("SPACK_JOB_SPEC_DAG_HASH", hash), ("SPACK_ROOT_SPEC", &root)];
        self.run("rebuild-package.sh", &own)
    }

    /// Runs the job that builds a package of a root that is to be concretized.
    pub fn build_from(&self, root: &str, package: &str) -> Run {
        self.run("rebuild-package.sh", &[("SPACK_JOB_SPEC_PKG_NAME", package), ("SPACK_ROOT_SPEC", root)])
    }

    pub fn run(&self, script: &str, own: &[(&str, &str)]) -> Run {
        let fixtures = manifest_dir().join("tests/fixtures");
        let calls = self.path("calls");
        let _ = fs::remove_file(&calls);
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg("exec sh \"$0\" 2>&1").arg(manifest_dir().join("assets/scripts").join(script));
        command.current_dir(self.project()).env_clear();
        command.env("PATH", format!("{}:{path}", fixtures.join("bin").display()));
        command.env("CI_PROJECT_DIR", self.project()).env("TMPDIR", self.path("tmp")).env("HOME", self.path("tmp"));
        command.env("STUB_CALLS", &calls).env("STUB_SENT", self.path("sent")).env("STUB_S3", self.path("s3"));
        command.env("STUB_LOCKFILE", fixtures.join("toy-environment/spack.lock"));
        let output = command.envs(&self.variables).envs(own.iter().copied()).output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            log: String::from_utf8(output.stdout).unwrap(),
            calls: fs::read_to_string(calls).unwrap_or_default(),
        }
    }
}

fn holds(mirror: &Path, hash: &str) -> bool {
    mirror.join(format!("v3/manifests/{hash}.json")).is_file()
}

/// Returns the text of all files below a directory.
pub fn all_text(directory: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            text.push_str(&all_text(&entry.path()));
        } else {
            text.push_str(&String::from_utf8_lossy(&fs::read(entry.path()).unwrap()));
        }
    }
    text
}

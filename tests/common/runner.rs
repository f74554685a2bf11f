//! Runs whole pipelines as GitLab would, with `gitlab-ci-local` and a `spack` that is a stand-in or real.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use super::git::git;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A package of the toy environment.
pub struct Package {
    pub name: &'static str,
    /// What it needs directly.
    pub needs: &'static [&'static str],
    version: &'static str,
    hash: &'static str,
}

pub const PACKAGES: [Package; 5] = [
    Package { name: "toyconf", needs: &[], version: "2.5", hash: "l6p3cci3fbcepxlaloaghlecwctlnura" },
    Package { name: "toyzip", needs: &[], version: "1.3", hash: "vasv7okerjrncglsklpk5xgjkw36jyes" },
    Package { name: "toycurses", needs: &["toyconf"], version: "6.4", hash: "3fq3kk77fdg3ibccggay5emfmmlckml5" },
    Package { name: "toyline", needs: &["toycurses"], version: "8.2", hash: "7tqyf2zy3trpgfz24elghd54jr3urbz4" },
    Package {
        name: "toyshell",
        needs: &["toycurses", "toyline", "toyzip"],
        version: "5.2",
        hash: "jjgcacodmbioanvemcvlono7nrxvxhbo",
    },
];

fn manifest_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixtures() -> PathBuf {
    manifest_dir().join("tests/fixtures")
}

/// Returns the program that runs pipelines: the one that `GITLAB_CI_LOCAL` names, which must then work, else the one
/// on the PATH; says so if there is none.
pub fn gitlab_ci_local() -> Option<String> {
    let named = std::env::var("GITLAB_CI_LOCAL").ok().filter(|name| !name.is_empty());
    let program = named.clone().unwrap_or_else(|| "gitlab-ci-local".to_owned());
    let works = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
    if works(&program) && works("rsync") && works("git") {
        return Some(program);
    }
    assert!(named.is_none(), "GITLAB_CI_LOCAL={program} does not work here, or rsync or git is missing");
    println!("skipped: gitlab-ci-local, rsync or git is not on this machine");
    None
}

/// Returns the root of a real Spack, if `SPACK_ROOT` names one; says so if not.
pub fn real_spack() -> Option<PathBuf> {
    let root = std::env::var_os("SPACK_ROOT").map(PathBuf::from);
    let root = root.filter(|root| root.join("bin/spack").is_file() && root.join("lib/spack").is_dir());
    if root.is_none() {
        println!("skipped: SPACK_ROOT names no Spack");
    }
    root
}

/// A directory with an environment, a mirror, and the repository whose pipeline runs.
pub struct Site {
    root: TempDir,
    spack: PathBuf,
    variables: BTreeMap<String, String>,
}

/// What a run of a pipeline left.
pub struct Run {
    pub passed: bool,
    /// All that the runner printed.
    pub log: String,
    /// The calls of `spack`, a line a call, each argument in `<>`.
    pub calls: String,
    directory: PathBuf,
}

impl Site {
    /// Lays an environment of the fixtures out, with the site's own mirror, for a `spack` at a root.
    pub fn new(environment: &str, spack: Option<&Path>) -> Self {
        let site = Self {
            root: tempfile::tempdir().unwrap(),
            spack: spack.map_or_else(fixtures, Path::to_owned),
            variables: BTreeMap::new(),
        };
        for directory in ["env", "mirror", "home/config", "tmp"] {
            fs::create_dir_all(site.path(directory)).unwrap();
        }
        let store = format!("config:\n  install_tree:\n    root: {}\n", site.path("store").display());
        fs::write(site.path("home/config/config.yaml"), store).unwrap();
        let text = fs::read_to_string(fixtures().join(environment).join("spack.yaml")).unwrap();
        let text = text.replace("file:///tmp/toy-mirror", &format!("file://{}", site.path("mirror").display()));
        let text = text.replace("/tmp/toy-repo", &fixtures().join("toy-repo").display().to_string());
        fs::write(site.path("env/spack.yaml"), text).unwrap();
        site.lock(&fs::read_to_string(fixtures().join("toy-environment/spack.lock")).unwrap());
        site
    }

    /// Replaces the lockfile of the environment.
    pub fn lock(&self, text: &str) {
        fs::write(self.path("env/spack.lock"), text).unwrap();
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Pushes the downstream branch of the environment and checks it out, as a runner does.
    pub fn check_out_downstream(&self, options: &[&str]) {
        let upstream = self.path("upstream");
        fs::create_dir(&upstream).unwrap();
        git(&upstream, &["init", "--quiet"]);
        fs::write(upstream.join("README"), "a release\n").unwrap();
        git(&upstream, &["add", "--all"]);
        git(&upstream, &["commit", "--quiet", "--message", "first"]);
        git(self.root.path(), &["init", "--quiet", "--bare", "downstream.git"]);
        let downstream = format!("file://{}", self.path("downstream.git").display());
        let environment = self.path("env").display().to_string();
        Self::spackplan(&upstream, &[&[environment.as_str(), "--emit", "--push", &downstream], options].concat());
        git(self.root.path(), &["clone", "--quiet", "--branch", "multi-ci-main", &downstream, "run"]);
        connect(&self.path("run"));
    }

    /// Lets a job generate the pipeline, and lays out what the jobs of the child pipeline get of it: the artifacts
    /// that `needs:pipeline:job` brings, which `gitlab-ci-local` does not fetch.
    pub fn generate(&self, options: &[&str]) {
        let (environment, run) = (self.path("env").display().to_string(), self.path("run"));
        fs::create_dir(&run).unwrap();
        let pipeline = ["--emit", "--output", "jobs_scratch_dir/.gitlab-ci.yml"];
        Self::spackplan(&run, &[&[environment.as_str()], &pipeline[..], options].concat());
        fs::rename(run.join("jobs_scratch_dir/.gitlab-ci.yml"), run.join(".gitlab-ci.yml")).unwrap();
        git(&run, &["init", "--quiet"]);
        git(&run, &["add", "--all"]);
        git(&run, &["commit", "--quiet", "--message", "generated"]);
        connect(&run);
    }

    fn spackplan(directory: &Path, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spackplan"));
        command.current_dir(directory).args(arguments).env_remove("CI_COMMIT_SHA").env_remove("CI_COMMIT_REF_NAME");
        command.env("CI_PROJECT_DIR", directory);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs all jobs of the pipeline, two at a time.
    pub fn run(&self, gitlab_ci_local: &str) -> Run {
        let (directory, calls) = (self.path("run"), self.path("calls"));
        let _ = fs::remove_file(&calls);
        let mut command = Command::new(gitlab_ci_local);
        command.current_dir(&directory).args(["--force-shell-executor", "--shell-isolation", "--concurrency", "2"]);
        command.args(["--no-artifacts-to-source", "--no-color"]);
        let path = std::env::var("PATH").unwrap();
        command.env_clear().env("PATH", format!("{}:{path}", self.spack.join("bin").display()));
        command.env("SPACK_ROOT", &self.spack).env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        for (name, directory) in [("USER_CONFIG", "home/config"), ("USER_CACHE", "home/cache")] {
            command.env(format!("SPACK_{name}_PATH"), self.path(directory));
        }
        command.env("STUB_CALLS", &calls).env("STUB_SENT", self.path("sent")).env("STUB_S3", self.path("s3"));
        let output = command.envs(&self.variables).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        Run {
            passed: output.status.success(),
            log: String::from_utf8_lossy(&printed).into_owned(),
            calls: fs::read_to_string(calls).unwrap_or_default(),
            directory,
        }
    }

    /// Returns the packages that the mirror holds, as the stand-in keeps them.
    pub fn mirrored(&self) -> Vec<&'static str> {
        self.holding(|package| format!("{}.json", package.hash))
    }

    /// Returns the packages that the mirror holds as Spack 1.x lays it out.
    pub fn mirrored_by_spack(&self) -> Vec<&'static str> {
        self.holding(|Package { name, version, hash, .. }| {
            format!("spec/{name}/{name}-{version}-{hash}.spec.manifest.json")
        })
    }

    fn holding(&self, manifest: impl Fn(&Package) -> String) -> Vec<&'static str> {
        let manifests = self.path("mirror/v3/manifests");
        let held = PACKAGES.iter().filter(|package| manifests.join(manifest(package)).is_file());
        held.map(|package| package.name).collect()
    }
}

/// Gives a repository the remote that `gitlab-ci-local` asks for.
fn connect(repository: &Path) {
    let _ = Command::new("git").current_dir(repository).args(["remote", "remove", "origin"]).output();
    git(repository, &["remote", "add", "origin", "git@gitlab.example.org:hpc/release.git"]);
    git(repository, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(repository, &["remote", "set-head", "origin", "main"]);
}

impl Run {
    /// Returns the names of the jobs that ended so, `PASS` or `FAIL`, or the packages they build.
    pub fn jobs(&self, verdict: &str) -> Vec<String> {
        let lines = self.log.lines().map(str::trim).filter_map(|line| line.strip_prefix(verdict));
        let names = lines.filter(|line| line.starts_with("  ")).map(|name| label(name.trim()));
        names.collect()
    }

    /// Returns the place in the log where a job starts or ends.
    pub fn moment(&self, job: &str, what: &str) -> Option<usize> {
        self.log.lines().position(|line| line.split_once(what).is_some_and(|(name, _)| label(name.trim()) == job))
    }

    /// Returns the calls that have all of these words.
    pub fn calls_with(&self, words: &[&str]) -> Vec<&str> {
        self.calls.lines().filter(|line| words.iter().all(|word| line.contains(word))).collect()
    }

    /// Returns whether a job left an artifact.
    pub fn has_artifact(&self, job: &str, path: &str) -> bool {
        let jobs = fs::read_dir(self.directory.join(".gitlab-ci-local/artifacts")).unwrap();
        let mut jobs =
            jobs.map(|entry| entry.unwrap()).filter(|entry| entry.file_name().to_string_lossy().contains(job));
        jobs.any(|entry| entry.path().join(path).exists())
    }

    /// Checks that no job started before those that it needs had ended well.
    pub fn assert_in_order(&self) {
        for Package { name, needs, .. } in PACKAGES {
            let Some(start) = self.moment(name, "starting shell") else { continue };
            for need in needs {
                let end = self.moment(need, "finished in");
                assert!(end.is_some_and(|end| end < start), "{name} started before {need} ended:\n{}", self.log);
            }
        }
    }
}

/// Returns the package of a build job in either dialect, else the job's name.
fn label(job: &str) -> String {
    let package = job.strip_prefix("(specs) ").and_then(|rest| rest.split(' ').next());
    package.or_else(|| job.split_once('@').map(|(name, _)| name)).unwrap_or(job).to_owned()
}

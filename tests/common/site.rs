//! The repositories of the pre-ci flow and the program run in it, for tests that also have `common`.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use crate::common::{World, git};
use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

/// An environment with one root.
pub const ENVIRONMENT: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 arch=linux-centos7-x86_64]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: ['@:']
      runner-attributes: {tags: [any]}
";

/// What a run of the program came to.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The repositories of the flow, and what a CI job knows of them.
pub struct Site {
    pub world: World,
    pub checkout: PathBuf,
    pub variables: Vec<(&'static str, String)>,
}

impl Site {
    /// Makes the repositories of an environment with one root.
    pub fn new() -> Self {
        Self::with(&[("release/spack.yaml", ENVIRONMENT)])
    }

    /// Makes the repositories of the environment in `release` and the files given.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let world = World::new();
        let bare = |name: &str| format!("file://{}/{name}.git", world.root().display());
        let environments = world.root().join("environments");
        git(world.root(), &["init", "--quiet", "environments"]);
        for (path, text) in files {
            let path = environments.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        git(&environments, &["add", "--all"]);
        git(&environments, &["commit", "--quiet", "--message", "environments"]);
        for name in ["upstream", "environments"] {
            git(world.root(), &["clone", "--quiet", "--bare", name, &format!("{name}.git")]);
        }
        git(world.root(), &["clone", "--quiet", &bare("upstream"), "job"]);
        let checkout = world.root().join("job");
        let variables = vec![
            ("SPACK_RELEASE_ENVIRONMENT_REPO", bare("environments")),
            ("SPACK_RELEASE_ENVIRONMENT_PATH", "release".to_owned()),
            ("DOWNSTREAM_CI_REPO", bare("downstream")),
            ("CI_COMMIT_REF_NAME", "feature/x".to_owned()),
            ("CI_COMMIT_SHA", git(&checkout, &["rev-parse", "HEAD"])),
        ];
        Self { world, checkout, variables }
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(&self.checkout, arguments, "")
    }

    /// Sets a variable of the job.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.push((name, value.into()));
    }

    /// Runs the program with the variables of the job but `without`.
    pub fn run_in(&self, directory: &Path, arguments: &[&str], without: &str) -> Run {
        let variables = self.variables.iter().filter(|(name, _)| *name != without);
        let scratch = self.world.root().join("tmp");
        fs::create_dir_all(&scratch).unwrap();
        let mut command = Command::cargo_bin("spackplan").unwrap();
        command.current_dir(directory).env_clear().env("TMPDIR", &scratch).envs(variables.map(|(k, v)| (k, v)));
        let output = command.args(arguments).output().unwrap();
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "nothing temporary stays behind");
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn files(&self, name: &str) -> Vec<String> {
        let tree = git(&self.world.downstream(), &["ls-tree", "-r", "--name-only", name]);
        tree.lines().map(str::to_owned).collect()
    }
}

/// The branch that is pushed.
pub const BRANCH: &str = "refs/heads/multi-ci-feature/x";

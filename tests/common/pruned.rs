//! Worlds for the recorded pipelines that were pruned: mirrors at their place, and a stack in a Git repository.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "tests may end where they stand")]

use spackplan::environment::Environment;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where recorded mirrors were.
const RECORDED: &str = "file:///srv/oracle/";

/// Returns the environment with its recorded mirrors where they are now, and without the others, which nobody could reach.
pub fn with_mirrors_at(environment: &Environment, oracle: &Path) -> Environment {
    let mut environment = environment.clone();
    environment.mirrors.retain(|mirror| mirror.fetch_url.starts_with(RECORDED));
    for mirror in &mut environment.mirrors {
        mirror.fetch_url = mirror.fetch_url.replace(RECORDED, &format!("file://{}/", oracle.display()));
    }
    environment
}

/// A Git repository with a stack and its packages, in which the last commit changed something.
pub struct Stack {
    root: TempDir,
}

impl Stack {
    /// Makes it of a manifest that refers to `../../repos/spack_repo/rp`; `tag` says what changed.
    pub fn new(manifest: &Path, tag: &str) -> Self {
        let stack = Self { root: tempfile::tempdir().unwrap() };
        let text = fs::read_to_string(manifest).unwrap();
        stack.write("git/stacks/x/spack.yaml", &text);
        stack.write("git/repos/spack_repo/rp/repo.yaml", "repo:\n  namespace: rp\n  api: v2.0\n");
        stack.write(
            "spack/var/spack/test_repos/spack_repo/builtin_mock/repo.yaml",
            "repo:\n  namespace: builtin_mock\n",
        );
        fs::create_dir_all(stack.spack().join("var/spack/test_repos/spack_repo/builtin_mock/packages")).unwrap();
        for package in ["rp_hdf5", "rp_zlib", "rp_gone"] {
            stack.write(&package_file(package), "first\n");
        }
        stack.git(&["init", "--quiet"]);
        stack.commit();
        match tag {
            "pkg" => stack.write(&package_file("rp_hdf5"), "second\n"),
            "unrelated" => stack.write("git/README", "second\n"),
            "gitlabci" => {
                stack.write(&package_file("rp_hdf5"), "second\n");
                stack.write("git/.gitlab-ci.yml", "{}\n");
            }
            "stackyaml" => {
                stack.write(&package_file("rp_zlib"), "second\n");
                stack.write("git/stacks/x/spack.yaml", &format!("{text}\n# second\n"));
            }
            "addremove" => {
                stack.write(&package_file("rp_new"), "second\n");
                fs::remove_dir_all(stack.root.path().join("git/repos/spack_repo/rp/packages/rp_gone")).unwrap();
            }
            other => panic!("nothing is known of {other}"),
        }
        stack.commit();
        // The recorded manifest has no second line of ours.
        stack.write("git/stacks/x/spack.yaml", &text);
        stack
    }

    pub fn directory(&self) -> PathBuf {
        self.root.path().join("git/stacks/x")
    }

    /// Returns what `$spack` stands for.
    pub fn spack(&self) -> PathBuf {
        self.root.path().join("spack")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "commit"]);
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(self.root.path().join("git"));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]);
        assert!(command.args(arguments).status().unwrap().success(), "git {arguments:?}");
    }
}

fn package_file(package: &str) -> String {
    format!("git/repos/spack_repo/rp/packages/{package}/package.py")
}

//! What the tests of publishing share: repositories made by the real git, snapshots, and a push to make variants of.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use spackplan::error::{Error, Result};
use spackplan::publish::downstream::{Access, Credentials, FileMode, Generated, Precedence, Prepared, Push, Receipt};
use spackplan::publish::trailers;
use spackplan::publish::watch::Limits;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tempfile::TempDir;

/// The pipeline that is pushed.
pub const PIPELINE: &[u8] = b"stages: [stage-0]\n";

/// Tells whether a program is there, and prints why a test is skipped if not.
pub fn has(program: &str) -> bool {
    let found = Path::new(program).is_file() || Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: {program} is not on this machine");
    }
    found
}

/// Returns git with nothing of this machine's configuration.
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(directory).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Test").env(format!("GIT_{who}_EMAIL"), "test@example.org");
    }
    command.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]);
    command
}

/// Runs git and returns what it printed, trimmed.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = command(directory).args(arguments).output().unwrap();
    assert!(status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim_end().to_owned()
}

/// An upstream checkout with a commit, and a bare downstream repository.
pub struct World {
    root: TempDir,
}

impl World {
    pub fn new() -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        let upstream = world.upstream();
        fs::create_dir_all(upstream.join("bin")).unwrap();
        git(&upstream, &["init", "--quiet"]);
        world.write("README", "hello\n");
        world.write("bin/run", "#!/bin/sh\n");
        world.write(".gitignore", "*.secret\n/build/\n");
        executable(&upstream.join("bin/run"));
        std::os::unix::fs::symlink("README", upstream.join("link")).unwrap();
        git(&upstream, &["add", "--all"]);
        git(&upstream, &["commit", "--quiet", "--message", "first"]);
        git(world.root.path(), &["init", "--quiet", "--bare", "downstream.git"]);
        world
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn upstream(&self) -> PathBuf {
        self.root.path().join("upstream")
    }

    pub fn downstream(&self) -> PathBuf {
        self.root.path().join("downstream.git")
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.downstream().display())
    }

    /// Writes a file of the upstream checkout.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.upstream().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes uncommitted changes of every kind.
    pub fn change(&self) {
        self.write("README", "changed\n");
        self.write("new/untracked", "new\n");
        self.write("password.secret", "ignored\n");
        self.write("build/out", "ignored\n");
        fs::remove_file(self.upstream().join("bin/run")).unwrap();
        self.write("bin/tool", "#!/bin/sh\n");
        executable(&self.upstream().join("bin/tool"));
    }

    /// Returns the branches of the downstream repository.
    pub fn refs(&self) -> BTreeMap<String, String> {
        refs(&self.downstream())
    }

    /// Returns a push of HEAD's branch over `file://`.
    pub fn push(&self) -> Push {
        push(&self.upstream(), &self.url())
    }

    /// Returns the tree that git itself makes of the working tree and the generated files.
    pub fn tree_by_git(&self, generated: &[Generated]) -> String {
        let copy = self.root().join("copy");
        let _ = fs::remove_dir_all(&copy);
        let copied = Command::new("cp").arg("-a").arg(self.upstream()).arg(&copy).status().unwrap();
        assert!(copied.success());
        git(&copy, &["add", "--all"]);
        for file in generated {
            let path = copy.join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&path);
            fs::write(&path, &file.bytes).unwrap();
            let id = git(&copy, &["hash-object", "-w", "--no-filters", "--", &file.path]);
            let mode = if file.mode == FileMode::Executable { "100755" } else { "100644" };
            git(&copy, &["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{}", file.path)]);
        }
        git(&copy, &["write-tree"])
    }
}

/// Returns a push of HEAD's branch.
pub fn push(repository: &Path, remote: &str) -> Push {
    Push {
        generated: vec![generated(".gitlab-ci.yml", PIPELINE, Precedence::Generated)],
        trailers: trailers::of_plan(b"plan", ("env/spack.yaml", b"spack:\n"), &[]).unwrap(),
        ..Push::new(repository, remote, 1_700_000_000, access(&[]))
    }
}

pub fn generated(path: &str, bytes: &[u8], precedence: Precedence) -> Generated {
    Generated { path: path.to_owned(), bytes: bytes.to_vec(), mode: FileMode::Plain, precedence }
}

/// Returns access with the variables given, and limits that a test can wait for.
pub fn access(variables: &[(&str, &str)]) -> Access {
    let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
    let limits = Limits { idle: Duration::from_secs(30), total: Duration::from_mins(2) };
    Access { credentials: Credentials::from_variables(find), limits }
}

pub fn prepare(push: &Push) -> Result<Prepared> {
    push.prepare(&mut |_| (), &AtomicBool::new(false))
}

/// Prepares and pushes.
pub fn publish(push: &Push) -> Result<Receipt> {
    prepare(push)?.execute(&mut |_| (), &AtomicBool::new(false))
}

/// Returns the error of something that must fail.
pub fn refusal<T>(outcome: Result<T>) -> Error {
    match outcome {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}

pub fn refs(repository: &Path) -> BTreeMap<String, String> {
    let text = git(repository, &["for-each-ref", "--format=%(refname) %(objectname)"]);
    let pair = |line: &str| line.split_once(' ').map(|(name, id)| (name.to_owned(), id.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// Returns every file below a directory with its mode and content, those of `.git` too.
pub fn snapshot(directory: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let about = path.symlink_metadata().unwrap();
            let content = if about.is_dir() {
                left.push(path.clone());
                Vec::new()
            } else if about.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(path, (about.permissions().mode(), content));
        }
    }
    found
}

pub fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a hook of the downstream repository.
pub fn hook(repository: &Path, name: &str, script: &str) {
    let path = repository.join("hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, script).unwrap();
    executable(&path);
}

//! Concretizing with Spack from the command line, with a stand-in for it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

#[path = "common/spack.rs"]
mod stub;

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use stub::{RELEASE, Stub};
use tempfile::TempDir;

/// An environment with a place for temporary and logged files.
struct World {
    root: TempDir,
    stub: Stub,
}

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl World {
    fn new(manifest: &str, settings: &str) -> Self {
        let root = TempDir::new().unwrap();
        for directory in ["environment", "tmp", "state"] {
            fs::create_dir(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("environment/spack.yaml"), manifest).unwrap();
        Self { root, stub: Stub::new(settings) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path("environment").join(name)).ok()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        self.command_in(self.root.path(), "environment", arguments)
    }

    fn command_in(&self, directory: &Path, environment: &str, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("spackplan"));
        command.current_dir(directory).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.root.path()).env("TMPDIR", self.path("tmp")).env("XDG_STATE_HOME", self.path("state"));
        command.env("SPACK_ENV", "/somewhere/else");
        command.args([environment, "--spack"]).arg(self.stub.program()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::from_std(self.command(arguments)).output().unwrap();
        assert!(self.leftovers().is_empty(), "{:?}", self.leftovers());
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns what is left in the directory for temporary files.
    fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn every_phase_is_concretized_and_planned_and_nothing_is_written_unasked() {
    let world = World::new(RELEASE, "");
    let run = world.run(&["--emit", "summary", "--concretize"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stdout.contains("predicted"), "{}", run.stdout);
    for job in ["zlib@1.3", "readline@9.1", "gcc@8.3.0", "base@1.1"] {
        assert!(run.stdout.contains(job), "{job}: {}", run.stdout);
    }
    assert!(run.stderr.contains("spack: ==> Concretized 2 specs:"), "{}", run.stderr);
    assert!(run.stderr.contains("Spack 1.1.0 concretized 6 specs"), "{}", run.stderr);
    assert_eq!(fs::read_dir(world.path("environment")).unwrap().count(), 1, "only spack.yaml is there");
    let log = fs::read_to_string(world.path("state/spackplan/concretize.log")).unwrap();
    assert!(log.contains("[100%]"), "{log}");
}

#[test]
fn spack_sees_an_environment_of_its_own_and_not_the_active_one() {
    let world = World::new(RELEASE, "");
    world.run(&["--emit", "--concretize"]);
    let calls = world.stub.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call.starts_with("--verbose --color never --env-dir /")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("SPACK_ENV")), "{calls:?}");
    let (bootstrap, main) = (world.stub.recorded("seen.1").unwrap(), world.stub.recorded("seen.2").unwrap());
    assert!(bootstrap.contains("gcc@8.3.0") && bootstrap.contains("unify: false"), "{bootstrap}");
    assert!(main.contains("- zlib@1.3 os=centos7") && !main.contains("gitlab-ci"), "{main}");
}

#[test]
fn an_old_spack_is_spoken_to_in_its_own_words() {
    let world = World::new(RELEASE, "VERSION=0.16.0");
    let run = world.run(&["--emit", "summary", "--concretize=fresh"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(world.stub.recorded("seen.1").unwrap().contains("concretization: separately"));
    assert!(world.stub.calls().iter().all(|call| !call.contains("--fresh")), "it did not know the option yet");
    let world = World::new(RELEASE, "VERSION=0.23.1");
    world.run(&["--emit", "--concretize=fresh"]);
    assert!(world.stub.calls().iter().all(|call| call.ends_with("concretize --fresh")), "{:?}", world.stub.calls());
}

#[test]
fn lockfiles_are_replaced_when_that_is_asked_for_and_the_next_plan_is_the_same() {
    let world = World::new(RELEASE, "");
    let run = world.run(&["--emit", "--concretize", "--write-locks"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("spack.lock written: 2 roots change, +3 -0 specs"), "{}", run.stderr);
    assert!(world.read("bootstrap.compilers.lock").is_some());
    let again = world.run(&["--emit"]);
    assert_eq!(again.stdout, run.stdout);
    world.stub.set("SERIAL=2");
    let run = world.run(&["--emit", "summary", "--concretize", "--write-locks"]);
    assert!(run.stderr.contains("~ readline os=centos7: 9.1 /"), "{}", run.stderr);
    assert!(world.read("spack.lock").unwrap().contains("9.2"));
}

#[test]
fn what_is_pushed_holds_the_lockfiles_that_it_was_planned_with() {
    let world = World::new(RELEASE, "");
    let repository = world.path("environment");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(&repository).env("GIT_CONFIG_GLOBAL", "/dev/null").env("HOME", world.root.path());
        let output = command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "release"]);
    git(&["init", "--quiet", "--bare", "../downstream.git"]);
    let arguments = ["--concretize", "--push", "../downstream.git"];
    let output = world.command_in(&repository, ".", &arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let show =
        |file: &str| git(&["--git-dir", "../downstream.git", "show", &format!("multi-ci-main:ci-generation/{file}")]);
    assert!(show("spack.lock").contains("readline") && show("bootstrap.compilers.lock").contains("gcc"));
    assert!(!repository.join("spack.lock").exists());
    assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
}

#[test]
fn a_plan_with_errors_replaces_no_lockfile() {
    let world = World::new(&RELEASE.replace("'@:'", "zlib"), "");
    let run = world.run(&["--emit", "--concretize", "--write-locks"]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert_eq!(world.read("spack.lock"), None);
}

#[test]
fn a_failed_solve_passes_on_the_words_of_spack_and_leaves_everything_as_it_was() {
    let world = World::new(RELEASE, "MODE=fail");
    fs::write(world.path("environment/spack.lock"), "{}").unwrap();
    let run = world.run(&["--emit", "--concretize", "--write-locks", "-o", "out.yml"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot satisfy a requirement for package ncurses"), "{}", run.stderr);
    assert!(run.stderr.contains("failed with exit code 1") && run.stderr.contains("concretize.log"), "{}", run.stderr);
    assert_eq!(world.read("spack.lock").unwrap(), "{}");
    assert!(!world.path("out.yml").exists());
}

#[test]
fn an_answer_that_is_none_is_an_error() {
    let silent = World::new(RELEASE, "MODE=silent").run(&["--emit", "--concretize"]);
    assert!(silent.code == Some(1) && silent.stderr.contains("wrote no lockfile"), "{}", silent.stderr);
    let broken = World::new(RELEASE, "MODE=broken").run(&["--emit", "--concretize"]);
    assert!(broken.code == Some(1) && broken.stderr.contains(".lock as spack concretized it"), "{}", broken.stderr);
    let odd = World::new(RELEASE, "VERSION=unknown").run(&["--emit", "--concretize"]);
    assert!(odd.code == Some(1) && odd.stderr.contains("does not print a version"), "{}", odd.stderr);
}

#[test]
fn a_solve_that_hangs_is_ended_with_all_that_it_started_when_time_is_up() {
    let world = World::new(RELEASE, "MODE=hang");
    let run = world.run(&["--emit", "--concretize", "--spack-timeout", "1"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("not done after 1 s") && run.stderr.contains("--spack-timeout"), "{}", run.stderr);
    assert!(!world.stub.is_running());
}

#[test]
fn an_interrupt_ends_spack_and_leaves_nothing_behind() {
    for (mode, signal) in [("hang", "INT"), ("stubborn", "TERM")] {
        let world = World::new(RELEASE, &format!("MODE={mode}"));
        let mut command = world.command(&["--emit", "--concretize"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until(|| world.stub.is_running());
        let status = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(status.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), None, "it ended as the signal has it");
        wait_until(|| !world.stub.is_running());
        assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain");
        std::thread::yield_now();
    }
}

#[test]
fn without_a_spack_the_error_names_the_three_ways() {
    let world = World::new(RELEASE, "");
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("spackplan").unwrap();
        let command = command.current_dir(world.root.path()).env_clear().env("PATH", world.path("tmp"));
        command.args(["environment", "--emit", "--concretize"]).args(arguments).output().unwrap()
    };
    for arguments in [&[][..], &["--spack", "nowhere/spack"]] {
        let output = run(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains("--spack PATH") && stderr.contains("SPACK_ROOT") && stderr.contains("PATH"),
            "{stderr}"
        );
    }
}

#[test]
fn what_an_environment_names_by_relative_paths_is_found_from_the_copy() {
    let world = World::new(&format!("{RELEASE}  include: [../shared.yaml, ./own.yaml]\n"), "");
    fs::write(world.path("shared.yaml"), "packages: {}\n").unwrap();
    fs::write(world.path("environment/own.yaml"), "config: {}\n").unwrap();
    let check = "cat \"${environment:-}/../shared.yaml\" \"${environment:-}/own.yaml\" >\"$here/found\" || :";
    // Settings are read before the arguments are known: what is found is looked for when the stub ends.
    world.stub.set(&format!("trap '{check}' EXIT\n"));
    let run = world.run(&["--emit", "--concretize"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(world.stub.recorded("found").unwrap(), "packages: {}\nconfig: {}\n");
    assert_eq!(world.read("own.yaml").unwrap(), "config: {}\n");
}

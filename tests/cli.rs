//! The program as its users meet it: exit codes, files, messages.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;

use assert_cmd::Command;
use std::fs;
use std::path::Path;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn spackplan(directory: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("spackplan").unwrap();
    let output = command.current_dir(directory).env_clear().args(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Makes a directory with a `spack.yaml`.
fn environment(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("spack.yaml"), text).unwrap();
    directory
}

const ONE_RUNNER: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 os=centos7]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: [readline, ncurses]
      runner-attributes: {tags: [any]}
";

fn example(name: &str) -> String {
    common::example(name).display().to_string()
}

#[test]
fn the_readline_example_gives_six_jobs_in_three_stages() {
    let directory = tempfile::tempdir().unwrap();
    let run = spackplan(directory.path(), &[&example("readline"), "--emit"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let document: serde_json::Map<String, serde_json::Value> = serde_yaml::from_str(&run.stdout).unwrap();
    assert_eq!(document.keys().filter(|key| key.starts_with("(specs)")).count(), 6);
    assert_eq!(document["stages"].as_array().unwrap().len(), 4, "three and the index's");
    assert!(run.stdout.contains("PREDICTED"));
    assert!(run.stderr.contains("predicted"), "{}", run.stderr);
}

#[test]
fn every_run_gives_the_same_bytes() {
    for name in ["readline", "bootstrap", "locked"] {
        let directory = tempfile::tempdir().unwrap();
        for report in ["pipeline", "summary", "json", "dot", "why", "findings"] {
            let runs = [0, 1].map(|_| spackplan(directory.path(), &[&example(name), "--emit", report]).stdout);
            assert_eq!(runs[0], runs[1], "{name} {report}");
        }
    }
}

#[test]
fn the_examples_have_no_errors() {
    for name in ["readline", "bootstrap", "locked"] {
        let run = spackplan(Path::new("."), &[&example(name), "--emit", "findings"]);
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn nothing_is_predicted_where_a_lockfile_covers_the_roots() {
    let run = spackplan(Path::new("."), &[&example("locked"), "--emit"]);
    assert!(!run.stdout.to_lowercase().contains("predicted"), "{}", run.stdout);
}

#[test]
fn without_a_terminal_and_without_emit_it_says_what_to_add() {
    let run = spackplan(Path::new("."), &[&example("readline")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--emit"), "{}", run.stderr);
}

#[test]
fn a_job_without_a_runner_is_an_error_and_nothing_is_written() {
    let directory = environment(ONE_RUNNER);
    fs::write(directory.path().join("out.yml"), "before").unwrap();
    let run = spackplan(directory.path(), &["--emit", "-o", "out.yml"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("no mapping takes the job `(specs) pkgconf"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(directory.path().join("out.yml")).unwrap(), "before");
}

#[test]
fn jobs_without_a_runner_can_be_left_out_and_no_name_dangles() {
    let directory = environment(ONE_RUNNER);
    let run = spackplan(directory.path(), &["--emit", "--allow-unassigned"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stdout.contains("pkgconf"), "{}", run.stdout);
}

#[test]
fn the_output_file_is_made_with_its_directories_and_then_checks_out() {
    let directory = tempfile::tempdir().unwrap();
    let example = example("readline");
    let written = spackplan(directory.path(), &[&example, "--emit", "-o", "ci/generated/.gitlab-ci.yml"]);
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    let same = spackplan(directory.path(), &[&example, "--emit", "--check", "-o", "ci/generated/.gitlab-ci.yml"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, ""));
}

#[test]
fn a_difference_is_printed_and_exits_with_four() {
    let directory = tempfile::tempdir().unwrap();
    let example = example("readline");
    spackplan(directory.path(), &[&example, "--emit", "-o", ".gitlab-ci.yml"]);
    let path = directory.path().join(".gitlab-ci.yml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("spack-k8s", "elsewhere", 1)).unwrap();
    let run = spackplan(directory.path(), &[&example, "--emit", "--check"]);
    assert_eq!(run.code, 4);
    assert!(run.stdout.contains("-    - elsewhere") && run.stdout.contains("+    - spack-k8s"), "{}", run.stdout);
}

#[test]
fn a_missing_environment_is_an_error_with_a_hint() {
    let directory = tempfile::tempdir().unwrap();
    let run = spackplan(directory.path(), &["nowhere", "--emit"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

#[test]
fn an_error_shows_file_line_and_a_caret() {
    let directory = environment("spack:\n  specs:\n  - zlib@@1\n");
    let run = spackplan(directory.path(), &["--emit"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("spack.yaml:3:") && run.stderr.contains('^'), "{}", run.stderr);
}

#[test]
fn escape_sequences_in_an_environment_never_reach_the_terminal() {
    let hostile = ONE_RUNNER.replace("tags: [any]", "tags: [\"\\e[2J\"], \"un\\e[31mknown\": 1");
    let directory = environment(&hostile.replace("readline, ncurses", "readline, ncurses, pkgconf"));
    for report in ["pipeline", "summary", "why", "findings", "dot"] {
        let run = spackplan(directory.path(), &["--emit", report]);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'),
            "{report}: {}{}",
            run.stdout,
            run.stderr
        );
    }
}

#[test]
fn why_names_the_clause_that_failed() {
    let run = spackplan(Path::new("."), &[&example("readline"), "--emit", "why", "--spec", "ncurses os=centos7"]);
    assert_eq!(run.stdout.matches("(specs) ncurses").count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("os=ubuntu18.04, but this spec has os=centos7"), "{}", run.stdout);
}

#[test]
fn a_bad_constraint_is_a_usage_error_that_names_the_column() {
    let run = spackplan(Path::new("."), &[&example("readline"), "--emit", "why", "--spec", "zlib@@1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("column"), "{}", run.stderr);
}

#[test]
fn completions_and_the_manual_are_generated() {
    assert!(spackplan(Path::new("."), &["--completions", "bash"]).stdout.contains("spackplan"));
    assert!(spackplan(Path::new("."), &["--manual"]).stdout.contains(".TH spackplan"));
}

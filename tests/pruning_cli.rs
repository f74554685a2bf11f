//! Pruning on the command line: asked for by options and variables, reported with reasons, recorded where it is pushed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/git.rs"]
mod git;
#[path = "common/http.rs"]
mod http;
#[path = "common/mirror.rs"]
mod mirror;
#[path = "common/small.rs"]
mod small;

use assert_cmd::Command;
use git::{World, git};
use mirror::Mirror;
use std::fs;
use std::path::{Path, PathBuf};

/// A checkout with an environment, a mirror that has `lib`, and a place to push to.
struct Site {
    world: World,
}

impl Site {
    fn new() -> Self {
        let site = Self { world: World::new() };
        Mirror::third(&["llll"]).write(&site.mirror());
        let text = small::with_rules("- build-job: {tags: [t]}");
        let url = format!("buildcache-destination: file://{}\n", site.mirror().display());
        let start = text.find("    buildcache-destination").unwrap();
        site.world.write("e/spack.yaml", &format!("{}    {url}", &text[..start]));
        site.world.write("e/spack.lock", &small::lockfile());
        site
    }

    fn mirror(&self) -> PathBuf {
        self.world.root().join("mirror")
    }

    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::cargo_bin("spackplan").unwrap();
        command.current_dir(self.world.upstream()).env_clear().envs(variables.iter().copied());
        command.env("XDG_CACHE_HOME", self.world.root().join("cache")).env("HOME", self.world.root());
        let output = command.args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Returns what a report prints.
    #[track_caller]
    fn emit(&self, variables: &[(&str, &str)], report: &str, options: &[&str]) -> String {
        let mut arguments = vec!["e", "--emit", report];
        arguments.extend(options);
        let (code, stdout, stderr) = self.run(variables, &arguments);
        assert_eq!(code, 0, "{stderr}");
        stdout
    }
}

const UNASKED: &str = "Pipeline pruning summary:
  Rebuild list:
  [x]  app@1.0/aaaa %c=gcc@1.0 (not external)
  [x]  lib@1.0/llll %c=gcc@1.0 (not external)
  Prune list:
   -   gcc@1.0/gggg (external spec)
";

#[test]
fn nobody_is_asked_unless_it_is_said() {
    let site = Site::new();
    assert_eq!(site.emit(&[], "pruning", &[]), UNASKED);
    assert_eq!(site.emit(&[("SPACK_PRUNE_UP_TO_DATE", "no")], "pruning", &["--prune"]), UNASKED);
    let asked = UNASKED.replace("  [x]  lib@1.0/llll %c=gcc@1.0 (not external)\n", "");
    let asked = asked.replace('(', "(not found anywhere, ");
    let url = format!("file://{}@v3", site.mirror().display());
    let asked = format!("{asked}   -   lib@1.0/llll %c=gcc@1.0 (up-to-date [{url}], not external)\n");
    assert_eq!(site.emit(&[], "pruning", &["--prune"]), asked);
    assert_eq!(site.emit(&[], "pruning", &["--prune-dag", "--check-index-only"]), asked);
    assert_eq!(site.emit(&[("SPACK_PRUNE_UP_TO_DATE", "True")], "pruning", &[]), asked);
}

#[test]
fn jobs_are_told_what_was_asked_for() {
    let site = Site::new();
    let check = |text: &str| text.contains("SPACK_REBUILD_CHECK_UP_TO_DATE: 'True'");
    let everything = |text: &str| text.contains("SPACK_REBUILD_EVERYTHING: 'True'");
    let plain = site.emit(&[], "pipeline", &[]);
    assert!(check(&plain) && !everything(&plain), "{plain}");
    let nothing = site.emit(&[], "pipeline", &["--no-prune-dag"]);
    assert!(!check(&nothing) && everything(&nothing));
    let untouched = site.emit(&[("SPACK_PRUNE_UNTOUCHED", "true")], "pipeline", &["--no-prune"]);
    assert!(!check(&untouched) && !everything(&untouched));
}

#[test]
fn what_is_pruned_is_in_the_data_and_in_the_summary() {
    let site = Site::new();
    let json: serde_json::Value = serde_json::from_str(&site.emit(&[], "json", &["--prune"])).unwrap();
    let pruned = json["pruned"].as_array().unwrap();
    let one = pruned.iter().find(|spec| spec["name"] == "lib").unwrap();
    assert_eq!((&one["reason"], one["mirrors"].as_array().unwrap().len()), (&"up-to-date".into(), 1));
    let app = &json["jobs"][0];
    assert_eq!((&app["spec"]["name"], &app["reasons"]), (&"app".into(), &serde_json::json!(["missing"])));
    let why = site.emit(&[], "why", &["--prune"]);
    assert!(why.contains("  build   not found anywhere\n"), "{why}");
    let summary = site.emit(&[], "summary", &["--prune"]);
    assert!(summary.contains("2 specs without a job: 1 up to date, 1 external"), "{summary}");
}

#[test]
fn a_mirror_that_is_not_there_is_a_warning_and_everything_is_built() {
    let site = Site::new();
    fs::remove_dir_all(site.mirror()).unwrap();
    let (code, stdout, stderr) = site.run(&[], &["e", "--emit", "--prune"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("the mirror `buildcache-destination`") && stderr.contains("has no index"), "{stderr}");
    assert!(stdout.contains("lib@1.0 /llll:"), "{stdout}");
}

#[test]
fn a_pushed_plan_is_verified_without_asking_anybody() {
    let site = Site::new();
    git(&site.world.upstream(), &["add", "--all"]);
    git(&site.world.upstream(), &["commit", "--quiet", "--message", "environment"]);
    let downstream = site.world.url();
    let (code, _, stderr) = site.run(&[], &["e", "--prune", "--branch", "main", "--push", &downstream]);
    assert_eq!(code, 0, "{stderr}");
    let recorded = git(&site.world.downstream(), &["show", "multi-ci-main:ci-generation/pruning.json"]);
    assert!(recorded.contains(r#""llll": [{"up-to-date":["#), "{recorded}");
    fs::remove_dir_all(site.mirror()).unwrap();
    let other = [("SPACK_PRUNE_UP_TO_DATE", "false"), ("SPACK_PRUNE_UNTOUCHED", "true")];
    let (code, stdout, stderr) = site.run(&other, &["--verify", &downstream, "main"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    // What was recorded can be planned from by hand, too.
    let file = site.world.root().join("pruning.json");
    fs::write(&file, recorded).unwrap();
    let again = site.emit(&[], "pruning", &["--pruning", file.to_str().unwrap()]);
    assert!(again.contains("lib@1.0/llll %c=gcc@1.0 (up-to-date"), "{again}");
    let (code, _, stderr) = site.run(&[], &["e", "--emit", "--pruning", "e/spack.yaml"]);
    assert!(code == 1 && stderr.contains("e/spack.yaml: "), "{stderr}");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let site = Site::new();
    for pair in [["--prune", "--no-prune-dag"], ["--prune-unaffected", "--no-prune-unaffected"]] {
        assert_eq!(site.run(&[], &["e", "--emit", pair[0], pair[1]]).0, 2);
    }
    assert!(Path::new(&site.world.upstream()).is_dir());
}

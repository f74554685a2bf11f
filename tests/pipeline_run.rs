//! Pipelines of both dialects, run job by job: what they build is in the mirror at the end.
//!
//! Install `gitlab-ci-local` (npm, with Node 22) and rsync to have them run; see README.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod git;
#[path = "common/runner.rs"]
mod runner;

use runner::{PACKAGES, Site, gitlab_ci_local, real_spack};

const RELEASE_JOBS: &str = "toy-environment";
const TODAY: &str = "toy-today";

fn all() -> Vec<&'static str> {
    PACKAGES.iter().map(|package| package.name).collect()
}

/// Opens a test, which ends here where nothing runs pipelines.
macro_rules! needs_runner {
    () => {
        match gitlab_ci_local() {
            Some(program) => program,
            None => return,
        }
    };
}

#[test]
fn release_jobs_by_stages_build_every_package_from_the_artifacts_of_what_it_needs() {
    let program = needs_runner!();
    let site = Site::new(RELEASE_JOBS, None).set("STUB_MIRROR", "received_artifacts");
    site.check_out_downstream(&[]);
    let run = site.run(&program);
    assert!(run.passed, "{}", run.log);
    assert_eq!(run.jobs("PASS"), [&all()[..], &["rebuild-index"]].concat());
    run.assert_in_order();
    assert_eq!(site.mirrored(), all());
    assert!(site.path("mirror/index").is_file(), "{}", run.log);
}

#[test]
fn release_jobs_by_needs_build_every_package() {
    let program = needs_runner!();
    let site = Site::new(RELEASE_JOBS, None);
    site.check_out_downstream(&["--schedule", "needs"]);
    let run = site.run(&program);
    assert_eq!(run.jobs("PASS"), [&all()[..], &["rebuild-index"]].concat(), "{}", run.log);
    run.assert_in_order();
    assert_eq!(site.mirrored(), all());
}

#[test]
fn release_jobs_build_nothing_that_the_mirror_has() {
    let program = needs_runner!();
    let site = Site::new(RELEASE_JOBS, None);
    site.check_out_downstream(&[]);
    site.run(&program);
    let run = site.run(&program);
    assert!(run.passed && run.calls_with(&["<install>"]).is_empty(), "{}", run.calls);
    assert_eq!(run.log.matches("==> up to date").count(), all().len(), "{}", run.log);
}

#[test]
fn release_jobs_that_need_a_package_which_fails_do_not_run_and_its_logs_are_kept() {
    let program = needs_runner!();
    for schedule in ["stages", "needs"] {
        let site = Site::new(RELEASE_JOBS, None).set("STUB_FAIL", "install toycurses");
        site.check_out_downstream(&["--schedule", schedule]);
        let run = site.run(&program);
        assert!(!run.passed && run.jobs("FAIL") == ["toycurses"], "{}", run.log);
        assert_eq!(run.jobs("PASS"), ["toyconf", "toyzip"], "{}", run.log);
        assert!(run.has_artifact("toycurses", "jobs_scratch_dir/install.log"), "{}", run.log);
        assert_eq!(site.mirrored(), ["toyconf", "toyzip"]);
    }
}

#[test]
fn spack_ci_jobs_build_every_package() {
    let program = needs_runner!();
    for schedule in [&[][..], &["--schedule", "needs"]] {
        let site = Site::new(TODAY, None);
        site.generate(schedule);
        let run = site.run(&program);
        assert_eq!(run.jobs("PASS"), [&all()[..], &["rebuild-index"]].concat(), "{}", run.log);
        run.assert_in_order();
        assert_eq!(site.mirrored(), all());
        assert!(site.path("mirror/index").is_file(), "{}", run.log);
        assert!(run.has_artifact("toyshell", "jobs_scratch_dir/logs/build-output.txt"), "{}", run.log);
    }
}

#[test]
fn spack_ci_jobs_that_need_a_package_which_fails_do_not_run() {
    let program = needs_runner!();
    let site = Site::new(TODAY, None).set("STUB_FAIL", "install toycurses");
    site.generate(&[]);
    let run = site.run(&program);
    assert!(!run.passed && run.jobs("FAIL") == ["toycurses"], "{}", run.log);
    assert_eq!(run.jobs("PASS"), ["toyconf", "toyzip"], "{}", run.log);
    assert_eq!(site.mirrored(), ["toyconf", "toyzip"]);
}

#[test]
fn a_pipeline_that_has_nothing_to_build_says_so_and_calls_no_spack() {
    let program = needs_runner!();
    let site = Site::new(TODAY, None);
    let lockfile = std::fs::read_to_string(site.path("env/spack.lock")).unwrap();
    let external = r#""namespace": "toy", "external": {"path": "/usr", "module": null, "extra_attributes": {}},"#;
    site.lock(&lockfile.replace(r#""namespace": "toy","#, external));
    site.generate(&[]);
    let run = site.run(&program);
    assert!(run.passed && run.jobs("PASS") == ["no-specs-to-rebuild"], "{}", run.log);
    assert!(run.log.contains("All specs already up to date, nothing to rebuild."), "{}", run.log);
    assert_eq!(run.calls, "");
}

#[test]
fn a_real_spack_has_every_package_in_the_mirror_at_the_end() {
    let program = needs_runner!();
    let Some(spack) = real_spack() else { return };
    for dialect in [RELEASE_JOBS, TODAY] {
        let site = Site::new(dialect, Some(&spack));
        match dialect {
            TODAY => site.generate(&[]),
            _ => site.check_out_downstream(&[]),
        }
        let run = site.run(&program);
        println!("{dialect}: {} jobs passed, {} failed", run.jobs("PASS").len(), run.jobs("FAIL").len());
        assert!(run.passed, "{}", run.log);
        run.assert_in_order();
        assert_eq!(site.mirrored_by_spack(), all(), "{}", run.log);
    }
}

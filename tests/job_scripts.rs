//! The job scripts of the release-jobs dialect, run with a stand-in for `spack`: each defect of the scripts of 2019 has
//! a test that it is gone.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/jobs.rs"]
mod jobs;

use jobs::{Checkout, TOYCONF, TOYCURSES, TOYLINE, all_text, shell_is_there};
use std::fs;
use std::process::Command;

/// Opens a test, which ends here where there is no shell.
macro_rules! needs_shell {
    () => {
        if !shell_is_there() {
            return;
        }
    };
}

#[test]
fn a_package_is_built_and_pushed_to_the_mirror_and_kept_as_an_artifact() {
    needs_shell!();
    let checkout = Checkout::new();
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    assert!(checkout.is_pushed(TOYCONF) && checkout.is_artifact(TOYCONF), "{}", run.log);
    for log in ["dependencies.log", "install.log", "push.log", "build-output.txt", "environment/spack.lock"] {
        assert!(checkout.project().join("jobs_scratch_dir").join(log).is_file(), "no {log}");
    }
}

#[test]
fn a_locked_spec_is_built_as_it_is_locked_and_not_concretized_again() {
    needs_shell!();
    let run = Checkout::new().build("toyconf", TOYCONF);
    assert!(run.calls_with(&["<save-specfile>"]).is_empty(), "{}", run.calls);
    let installs = run.calls_with(&["<install>", "<--only-concrete>", &format!("</{TOYCONF}>")]);
    assert_eq!(installs.len(), 2, "dependencies, then the package: {}", run.calls);
}

#[test]
fn dependencies_come_from_the_mirror() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    fs::remove_dir_all(checkout.project().join("local_mirror")).unwrap();
    let run = checkout.build("toycurses", TOYCURSES);
    assert_eq!(run.code, 0, "{}", run.log);
}

#[test]
fn dependencies_come_from_the_artifacts_of_earlier_jobs() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    fs::remove_dir_all(checkout.mirror()).unwrap();
    let run = checkout.build("toycurses", TOYCURSES);
    assert_eq!(run.code, 0, "{}", run.log);
    assert!(checkout.is_pushed(TOYCURSES) && !checkout.is_pushed(TOYCONF));
}

#[test]
fn artifacts_of_earlier_jobs_are_not_handed_on() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    checkout.build("toycurses", TOYCURSES);
    assert!(checkout.is_artifact(TOYCURSES) && !checkout.is_artifact(TOYCONF));
}

#[test]
fn a_missing_dependency_fails_the_job_before_anything_is_built() {
    needs_shell!();
    let checkout = Checkout::new();
    let run = checkout.build("toyline", TOYLINE);
    assert_eq!(run.code, 4, "{}", run.log);
    assert!(run.log.contains("toycurses is in no mirror"), "{}", run.log);
    assert!(run.calls_with(&["<--only=package>"]).is_empty(), "{}", run.calls);
}

#[test]
fn a_package_that_the_mirror_has_is_not_built() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    assert!(run.log.contains("up to date"), "{}", run.log);
    assert!(run.calls_with(&["<install>"]).is_empty() && run.calls_with(&["<push>"]).is_empty(), "{}", run.calls);
}

#[test]
fn a_failed_install_fails_the_job_without_cdash_too() {
    needs_shell!();
    for checkout in [Checkout::new(), Checkout::new().with_cdash()] {
        let checkout = checkout.failing("install toyconf");
        let run = checkout.build("toyconf", TOYCONF);
        assert_eq!(run.code, 1, "{}", run.log);
        assert!(!checkout.is_pushed(TOYCONF) && !checkout.is_artifact(TOYCONF));
        let output = checkout.project().join("jobs_scratch_dir/build-output.txt");
        assert_eq!(fs::read_to_string(output).unwrap(), "the build's output\n");
    }
}

#[test]
fn a_failed_push_fails_the_job() {
    needs_shell!();
    let checkout = Checkout::new();
    let checkout = checkout.set("SPACK_MIRROR_URL", "s3://release").failing("push s3://release");
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 5, "{}", run.log);
    assert!(run.log.contains("access denied"), "{}", run.log);
}

#[test]
fn packages_go_to_the_mirror_of_the_environment_wherever_it_is() {
    needs_shell!();
    let checkout = Checkout::new().set("SPACK_MIRROR_URL", "s3://release/path");
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    assert!(checkout.path("s3/release/path/v3/manifests").join(format!("{TOYCONF}.json")).is_file());
    assert!(!run.calls.contains("s3.spack.io"), "{}", run.calls);
}

#[test]
fn a_package_is_uploaded_to_an_http_mirror_with_what_names_it_last() {
    needs_shell!();
    let checkout = Checkout::new().set("SPACK_MIRROR_URL", "https://mirror.example.org/release/");
    let checkout = checkout.set("SPACK_MIRROR_AUTH_HEADER", "JOB-TOKEN: hidden");
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    let uploads = run.calls_with(&["<--upload-file>"]);
    assert_eq!(uploads.len(), 2, "{}", run.calls);
    assert!(uploads[0].contains(&format!("<https://mirror.example.org/release/blobs/{TOYCONF}>")), "{}", run.calls);
    assert!(uploads[1].contains("<https://mirror.example.org/release/v3/"), "{}", run.calls);
    assert!(fs::read_to_string(checkout.path("sent")).unwrap().contains("JOB-TOKEN: hidden"));
    assert!(!run.calls.contains("hidden"), "{}", run.calls);

    let run = checkout.failing("curl").build("toyconf", TOYCONF);
    assert_eq!(run.code, 5, "{}", run.log);
}

#[test]
fn no_argument_is_empty_and_none_holds_two_words() {
    needs_shell!();
    for action in ["NONE", "FIND_ANY", "INSTALL_MISSING"] {
        let run = Checkout::new().set("SPACK_COMPILER_ACTION", action).build("toyconf", TOYCONF);
        assert_eq!(run.code, 0, "{}", run.log);
        assert!(!run.calls_with(&["install"]).iter().any(|call| call.contains("<> ") || call.contains("<-C ")));
        assert!(run.calls.lines().all(|call| call.starts_with("<-C> </")), "{}", run.calls);
    }
}

#[test]
fn compilers_are_found_or_installed_as_the_phase_wants() {
    needs_shell!();
    let run = |action: &str| Checkout::new().set("SPACK_COMPILER_ACTION", action).build("toyconf", TOYCONF);
    let (none, find, install) = (run("NONE"), run("FIND_ANY"), run("INSTALL_MISSING"));
    assert!(none.calls_with(&["<compiler>"]).is_empty() && install.calls_with(&["<compiler>"]).is_empty());
    assert_eq!(find.calls_with(&["<compiler>", "<find>"]).len(), 1);
    assert_eq!(install.calls_with(&["package:never,dependencies:only>"]).len(), 2, "{}", install.calls);
    let wrong = run("MAYBE");
    assert_eq!(wrong.code, 2, "{}", wrong.log);
    assert!(wrong.log.contains("MAYBE"), "{}", wrong.log);
}

#[test]
fn what_is_missing_is_built_only_where_the_phase_wants_it() {
    needs_shell!();
    let build = |action: &str| Checkout::new().set("SPACK_COMPILER_ACTION", action).build("toycurses", TOYCURSES);
    assert_eq!([build("NONE").code, build("FIND_ANY").code], [4, 4]);
    let run = build("INSTALL_MISSING");
    assert_eq!(run.code, 0, "{}", run.log);
    assert_eq!(run.calls_with(&["dependencies:auto>", "<--only=dependencies>"]).len(), 1, "{}", run.calls);
}

#[test]
fn an_abstract_root_is_concretized_and_the_package_taken_from_it() {
    needs_shell!();
    let checkout = Checkout::new();
    let run = checkout.build_from("toyline@8.2 os=debian12", "toyconf");
    assert_eq!(run.code, 0, "{}", run.log);
    assert_eq!(run.calls_with(&["<save-specfile>", "<--root-spec> <toyline@8.2 os=debian12>"]).len(), 1);
    assert!(checkout.is_pushed(TOYCONF));
    let run = checkout.build_from("toyline@8.2", "zlib");
    assert_eq!(run.code, 3, "{}", run.log);
    assert!(run.log.contains("zlib is not part of toyline@8.2"), "{}", run.log);
}

#[test]
fn an_encoded_root_is_decoded_whatever_the_compiler_action() {
    needs_shell!();
    for action in ["NONE", "FIND_ANY", "INSTALL_MISSING"] {
        let checkout = Checkout::new().set("SPACK_COMPILER_ACTION", action);
        let run = checkout.build_from("eJyrViouSU1Wsoqu5ao0AAAfmQRf", "toyconf");
        assert_eq!(run.code, 0, "{}", run.log);
        assert_eq!(run.calls_with(&["<save-specfile>", "/root.json>"]).len(), 1, "{}", run.calls);
        assert!(run.calls_with(&["<--root-spec> <eJ"]).is_empty(), "{}", run.calls);
    }
}

#[test]
fn a_hash_that_no_lockfile_has_is_an_error() {
    needs_shell!();
    let run = Checkout::new().build("toyconf", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(run.code, 3, "{}", run.log);
    assert!(run.log.contains("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "{}", run.log);
}

#[test]
fn a_missing_variable_is_named_and_stops_the_job_first() {
    needs_shell!();
    let variables = ["SPACK_MIRROR_URL", "SPACK_COMPILER_ACTION", "SPACK_ENABLE_CDASH"];
    let cdash = ["SPACK_CDASH_BASE_URL", "SPACK_CDASH_SITE", "SPACK_JOB_SPEC_BUILDGROUP"];
    for name in variables.into_iter().chain(cdash) {
        let run = Checkout::new().with_cdash().unset(name).build("toyconf", TOYCONF);
        assert_eq!(run.code, 2, "{name}: {}", run.log);
        assert!(run.log.contains(name) && run.calls.is_empty(), "{name}: {}", run.log);
    }
}

#[test]
fn without_a_key_packages_are_neither_signed_nor_verified() {
    needs_shell!();
    let run = Checkout::new().build("toyconf", TOYCONF);
    assert!(run.calls_with(&["<gpg>"]).is_empty(), "{}", run.calls);
    assert_eq!(run.calls_with(&["<push>", "<--unsigned>"]).len(), 2);
    assert_eq!(run.calls_with(&["<install>", "<--no-check-signature>"]).len(), 2);
}

#[test]
fn with_a_key_packages_are_signed_and_verified() {
    needs_shell!();
    let run = Checkout::new().set("SPACK_SIGNING_KEY", "LS0tLS1CRUdJTg==").build("toyconf", TOYCONF);
    assert_eq!(run.calls_with(&["<gpg>", "<trust>"]).len(), 1, "{}", run.calls);
    assert_eq!(run.calls_with(&["<push>", "<--signed>"]).len(), 2);
    assert!(run.calls_with(&["<--no-check-signature>"]).is_empty());
    let run = Checkout::new().set("SPACK_SIGNING_KEY", "?").build("toyconf", TOYCONF);
    assert_eq!(run.code, 2, "{}", run.log);
}

#[test]
fn no_secret_is_in_the_log_the_arguments_the_artifacts_or_the_build() {
    needs_shell!();
    let key = "c2VjcmV0LWtleQ==";
    let secrets = [key, "secret-key", "secret-aws", "secret-cdash", "secret-password"];
    for failure in ["", "install toyconf", "curl"] {
        let checkout = Checkout::new().with_cdash().failing(failure);
        let checkout = checkout.set("SPACK_SIGNING_KEY", key).set("AWS_SECRET_ACCESS_KEY", "secret-aws");
        let checkout = checkout.set("SPACK_CDASH_AUTH_TOKEN", "secret-cdash");
        let run = checkout.build("toyconf", TOYCONF);
        let artifacts = all_text(&checkout.project());
        for secret in secrets {
            for text in [&run.log, &run.calls, &artifacts] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        assert!(!run.log.contains("the build can read"), "{}", run.log);
        assert_eq!(fs::read_dir(checkout.path("tmp")).unwrap().count(), 0, "temporary files stay");
    }
    let checkout = Checkout::new().set("SPACK_MIRROR_URL", "https://me:secret-password@mirror.example.org");
    let run = checkout.build("toyconf", TOYCONF);
    assert!(!run.log.contains("secret-password"), "{}", run.log);
}

#[test]
fn cdash_gets_the_report_word_for_word() {
    needs_shell!();
    let run = Checkout::new().with_cdash().build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    let report = [
        "<--cdash-upload-url> <https://cdash/submit.php?project=HPC+%22Stack%22>",
        "<--cdash-build> <toycurses@6.4 arch=linux-debian12-x86_64 (Weekly $(date); *)>",
        "<--cdash-site> <a cluster's site>",
        "<--cdash-track> <Weekly release>",
    ];
    assert_eq!(run.calls_with(&report).len(), 1, "{}", run.calls);
    let off = Checkout::new().build("toyconf", TOYCONF);
    assert!(!off.calls.contains("cdash-") && off.calls_with(&["relateBuilds"]).is_empty());
}

#[test]
fn a_build_is_related_to_those_it_depends_on() {
    needs_shell!();
    let checkout = Checkout::new().with_cdash().set("SPACK_CDASH_AUTH_TOKEN", "a \"token\"");
    checkout.build("toyconf", TOYCONF);
    let run = checkout.build("toycurses", TOYCURSES);
    assert_eq!(run.code, 0, "{}", run.log);
    assert_eq!(run.calls_with(&["<https://cdash/api/v1/relateBuilds.php>"]).len(), 1, "{}", run.calls);
    let sent = fs::read_to_string(checkout.path("sent")).unwrap();
    assert!(sent.contains("config: header = \"Authorization: Bearer a \\\"token\\\"\""), "{sent}");
    let body = sent.lines().rfind(|line| line.starts_with('{')).unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["project"], "HPC \"Stack\"");
    assert_eq!((body["buildid"].as_str(), body["relatedid"].as_str()), (Some("4132"), Some("4132")));
    assert_eq!(body["relationship"], "depends on");
}

#[test]
fn a_report_that_fails_is_a_warning() {
    needs_shell!();
    let checkout = Checkout::new().with_cdash();
    checkout.build("toyconf", TOYCONF);
    let checkout = checkout.failing("curl");
    let run = checkout.build("toycurses", TOYCURSES);
    assert_eq!(run.code, 0, "{}", run.log);
    assert!(run.log.contains("Warning: CDash does not relate the build to that of toyconf"), "{}", run.log);
    assert!(checkout.is_pushed(TOYCURSES));
}

#[test]
fn spack_is_given_the_manifest_without_what_it_does_not_know() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    let manifest = checkout.project().join("jobs_scratch_dir/environment/spack.yaml");
    let manifest: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
    let expected = serde_json::json!({
        "spack": {
            "specs": ["toyconf"],
            "view": false,
            "mirrors": {"release": "file:///tmp/toy-mirror"},
            "repos": {"toy": "/tmp/toy-repo/spack_repo/toy"}
        }
    });
    assert_eq!(manifest, expected);
}

#[test]
fn spack_finds_what_the_manifest_includes_above_it() {
    needs_shell!();
    let checkout = Checkout::new();
    let generated = checkout.project().join("ci-generation");
    let below = generated.join("release");
    fs::create_dir(&below).unwrap();
    fs::rename(generated.join("spack.lock"), below.join("spack.lock")).unwrap();
    let manifest = fs::read_to_string(generated.join("spack.yaml")).unwrap();
    fs::remove_file(generated.join("spack.yaml")).unwrap();
    let including = manifest.replacen("spack:\n", "spack:\n  include: [../common.yaml]\n", 1);
    fs::write(below.join("spack.yaml"), including).unwrap();
    fs::write(generated.join("common.yaml"), "gitlab-ci:\n  mappings: []\nconfig:\n  build_jobs: 4\n").unwrap();
    let run = checkout.build("toyconf", TOYCONF);
    assert_eq!(run.code, 0, "{}", run.log);
    let environment = checkout.project().join("jobs_scratch_dir/environment");
    assert!(fs::read_to_string(environment.join("release/spack.yaml")).unwrap().contains("include: [../common.yaml]"));
    assert_eq!(fs::read_to_string(environment.join("common.yaml")).unwrap(), "config:\n  build_jobs: 4\n");
}

#[test]
fn the_index_is_that_of_the_mirror_the_job_names() {
    needs_shell!();
    let checkout = Checkout::new();
    checkout.build("toyconf", TOYCONF);
    let url = format!("file://{}", checkout.mirror().display());
    let run = checkout.run("rebuild-index.sh", &[("MIRROR_URL", &url)]);
    assert_eq!(run.code, 0, "{}", run.log);
    assert_eq!(run.calls_with(&["<update-index>", &format!("<{url}>")]).len(), 1, "{}", run.calls);
    assert!(checkout.mirror().join("index").is_file());
    assert_eq!(fs::read_dir(checkout.path("tmp")).unwrap().count(), 0, "temporary files stay");
}

#[test]
fn an_index_that_cannot_be_made_fails_its_job() {
    needs_shell!();
    let checkout = Checkout::new();
    let code = |url: &str| checkout.run("rebuild-index.sh", &[("MIRROR_URL", url)]).code;
    assert_eq!([code("/no/such/mirror"), code(""), code("https://mirror.example.org")], [1, 2, 2]);
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["assets/scripts/rebuild-package.sh", "assets/scripts/rebuild-index.sh"];
    let files = files.into_iter().chain([
        "tests/fixtures/bin/spack",
        "tests/fixtures/bin/curl",
        "tests/fixtures/share/spack/setup-env.sh",
    ]);
    let Ok(output) = Command::new("shellcheck").args(files.map(|file| root.join(file))).output() else {
        println!("skipped: no shellcheck on this machine");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

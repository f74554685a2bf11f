//! `gitlab-ci:` rewritten to `ci:`: what stays where it was, and that every job keeps what it had.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/small.rs"]
mod small;

use proptest::prelude::*;
use small::{parse_as, planned};
use spackplan::concretize::{self, Lockfiles};
use spackplan::edit::migrate::{Migration, migrate};
use spackplan::environment::{self, Dialect, Environment, Inputs, Texts};
use spackplan::plan::proof::{Difference, differences};
use spackplan::release::{Release, Request};
use spackplan::source::Source;
use std::process::Command;

const HEAD: &str = "spack:\n  specs: [app]\n  mirrors: {buildcache-destination: 'https://m'}\n";

fn with(section: &str) -> String {
    let section: String =
        section.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect();
    format!("{HEAD}  gitlab-ci:\n{section}")
}

fn migrated(text: &str) -> Migration {
    migrate(&Source::new("/e/spack.yaml", text)).unwrap()
}

fn release(text: &str) -> Release {
    planned(parse_as(text, Some(Dialect::SpackCi)).unwrap(), Request::default())
}

/// Returns what differs between the plans of an environment and of its rewritten form.
fn difference(text: &str) -> Vec<Difference> {
    differences(&release(text).plan, &release(migrated(text).source.text()).plan)
}

fn is_written_anew(migration: &Migration) -> bool {
    migration.findings.iter().any(|found| found.message.contains("written anew"))
}

const SECTION: &str = "\
# all jobs
image: common   # the usual
script:
- build it

match_behavior: first   # one runner a job
mappings:   # from the top
# the large ones
- match: [app]   # alone
  # much memory
  runner-attributes:
    tags: [large]
    script: [build it slowly]

# the rest
- match: ['@:']
  remove-attributes: {tags: [none]}
  runner-attributes: {tags: [small], image: other}
rebuild-index: false   # no index
# signs
signing-job-attributes:
  script: [sign]
bootstrap: [gccs]
";

const EXPECTED: &str = "    pipeline-gen:
    - submapping:   # from the top
      # the rest
      - match: ['@:']
        build-job-remove: {tags: [none]}
        build-job: {tags: [small], image: other}

      # the large ones
      - match: [app]   # alone
        # much memory
        build-job:
          tags: [large]
          script:: [build it slowly]
      match_behavior: first   # one runner a job
    - build-job:
        # all jobs
        image: common   # the usual
        script::
        - build it
    # signs
    - signing-job:
        script: [sign]
    rebuild-index: false   # no index
";

#[test]
fn mappings_are_reversed_and_comments_stay_with_what_they_are_about() {
    let migration = migrated(&with(SECTION));
    assert_eq!(migration.source.text(), format!("{HEAD}  ci:\n{EXPECTED}"));
    let dropped: Vec<&str> = migration.findings.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(dropped, ["`bootstrap` is left out: `ci` has nothing like it"]);
    assert_eq!(difference(&with(SECTION)), []);
}

#[test]
fn line_ends_are_kept_as_they_are() {
    let text = with(SECTION).replace('\n', "\r\n");
    assert_eq!(migrated(&text).source.text(), format!("{HEAD}  ci:\n{EXPECTED}").replace('\n', "\r\n"));
}

#[test]
fn with_merge_each_attribute_keeps_its_winner() {
    let section = "\
image: {name: low, entrypoint: ['']}
before_script: [low]
match_behavior: merge
mappings:
- match: [app]
  runner-attributes: {tags: [a], before_script: [first], retry: {max: 1}, variables: {A: first, B: b}}
- match: ['@:']
  runner-attributes: {tags: [b], before_script: [last], image: {name: high}, variables: {A: last}}
";
    let text = migrated(&with(section)).source;
    assert!(text.text().contains("before_script:: [last], image:: {name: high}"), "{}", text.text());
    assert_eq!(difference(&with(section)), []);
}

#[test]
fn keys_that_nothing_reads_stay_as_comments() {
    let section = "\
mappings:
- cloud-ubuntu:
  match: [app]
  runner-attributes: {tags: [t]}
- match: ['@:']
  note:
    of: nobody
  runner-attributes: {tags: [t]}
service-job-attributes:
  tags: [s]
  script:
  - mine
";
    let migration = migrated(&with(section));
    let text = migration.source.text();
    assert!(text.contains("- # cloud-ubuntu:\n        match: [app]"), "{text}");
    assert!(text.contains("        # note:\n        #   of: nobody\n"), "{text}");
    assert!(text.contains("        # script:\n        # - mine\n"), "{text}");
    assert_eq!(migration.findings.len(), 3, "{:?}", migration.findings);
    assert_eq!(difference(&with(section)), []);
}

#[test]
fn constraints_that_are_read_otherwise_today_are_written_anew() {
    let section = "mappings:\n- match: [\"app %gcc os=centos7\", '%gcc']\n  runner-attributes: {tags: [t]}\n- match: ['@:']\n  runner-attributes: {tags: [u]}\n";
    let text = with(section).replace("specs: [app]", "specs: [app %gcc os=centos7]");
    let migration = migrated(&text);
    let new = migration.source.text();
    assert!(new.contains("match: [\"app os=centos7 %gcc\", '%gcc']"), "{new}");
    assert!(new.contains("specs: [app os=centos7 %gcc]"), "{new}");
    assert!(!is_written_anew(&migration));
}

#[test]
fn what_cannot_be_taken_apart_is_written_anew_and_means_the_same() {
    let anchors = "mappings:\n- match: [app]\n  runner-attributes: &r {tags: [t], script: [x]}\n- match: ['@:']\n  runner-attributes: *r\n";
    let merges = "mappings:\n- &m\n  match: [app]\n  runner-attributes: {tags: [t]}\n- <<: *m\n  match: ['@:']\n";
    for section in [anchors, merges, "mappings: [{match: ['@:'], runner-attributes: {tags: [t]}}] # all\n"] {
        let migration = migrated(&with(section));
        assert!(is_written_anew(&migration), "{}", migration.source.text());
        assert_eq!(difference(&with(section)), [], "{}", migration.source.text());
    }
}

#[test]
fn there_has_to_be_a_section_and_none_of_todays() {
    for (text, message) in [
        ("spack: {specs: []}\n", "no `gitlab-ci:`"),
        ("spack: {ci: {pipeline-gen: []}}\n", "has `ci:` already"),
        ("spack:\n  gitlab-ci: {mappings: []}\n  ci: {}\n", "beside `gitlab-ci`"),
        ("spack: {gitlab-ci: [x]}\n", "has to be a map"),
        ("spack: []\n", "is empty"),
    ] {
        let error = migrate(&Source::new("f", text)).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
    }
}

#[test]
fn jobs_that_were_left_out_are_a_difference() {
    let section = "mappings:\n- match: [app]\n  runner-attributes: {tags: [t]}\n";
    let found = difference(&with(section));
    assert!(matches!(found.as_slice(), [Difference::LeftOutBefore(_)]), "{found:?}");
    assert!(found[0].to_string().contains("lib@1.0"), "{}", found[0]);
}

#[test]
fn a_differing_attribute_is_named_with_both_values() {
    let of =
        |tag: &str| release(&with(&format!("mappings:\n- match: ['@:']\n  runner-attributes: {{tags: [{tag}]}}\n")));
    let found = differences(&of("a").plan, &of("b").plan);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "2 jobs, among them `lib@1.0 /llll`: `tags` was [a] and is [b]");
}

fn run(directory: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spackplan")).args(arguments).current_dir(directory).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_program_prints_the_new_text_or_writes_it_and_refuses_differences() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spack.yaml");
    let whole = with("mappings:\n- match: ['@:']\n  runner-attributes: {tags: [t]}\n");
    std::fs::write(&path, &whole).unwrap();
    std::fs::write(directory.path().join("spack.lock"), small::lockfile()).unwrap();
    let (code, out, err) = run(directory.path(), &["--migrate"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("  ci:\n    pipeline-gen:\n    - submapping:\n      - match: ['@:']\n"), "{out}");
    assert!(err.contains("proven: 2 jobs kept the tags, image, variables and scripts that they had"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole, "printing changes nothing");
    let (code, ..) = run(directory.path(), &["--migrate", "-o", "spack.yaml"]);
    assert_eq!((code, std::fs::read_to_string(&path).unwrap()), (Some(0), out));

    let partial = whole.replace("'@:'", "app");
    std::fs::write(&path, &partial).unwrap();
    let (code, out, err) = run(directory.path(), &["--migrate", "-o", "spack.yaml"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("difference: the job `lib@1.0 /llll`: no mapping took this"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), partial);
    for accepting in ["--allow-unassigned", "--allow-differences"] {
        let (code, out, err) = run(directory.path(), &["--migrate", accepting]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("pipeline-gen:") && err.contains("difference:"), "{err}");
    }
}

#[test]
fn a_section_of_an_included_file_is_not_rewritten() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("spack.yaml", &format!("{HEAD}  include: [ci.yaml]\n  gitlab-ci: {{rebuild-index: false}}\n"));
    write("ci.yaml", "gitlab-ci:\n  mappings:\n  - match: ['@:']\n    runner-attributes: {tags: [t]}\n");
    let (code, _, err) = run(directory.path(), &["--migrate"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("included file") && err.contains("ci.yaml:1"), "{err}");
}

/// Returns what differs between the plans of a manifest on disk and of its rewritten form.
fn differences_of(file: &std::path::Path, migration: &Migration) -> Vec<Difference> {
    let context = common::context();
    let former = environment::load_as(file, &context, Some(Dialect::SpackCi)).unwrap();
    let files = Texts::new(former.included.iter().map(|file| file.source.clone()));
    let inputs = Inputs { context: &context, files: &files, dialect: Some(Dialect::SpackCi) };
    let rewritten = Environment::read(std::sync::Arc::clone(&migration.source), inputs).unwrap();
    let [before, now] = [former, rewritten].map(|environment| {
        let concretization =
            concretize::concretize(&environment, &Lockfiles::default(), &common::architecture()).unwrap();
        Release::new(environment, concretization, Request::default())
    });
    differences(&before.plan, &now.plan)
}

#[test]
fn sections_of_all_eras_are_rewritten_from_their_lines() {
    let Some(oracle) = common::oracle() else { return };
    let mut met = 0;
    for directory in std::fs::read_dir(oracle.join("environments")).unwrap() {
        let Ok(files) = std::fs::read_dir(directory.unwrap().path()) else { continue };
        for file in files.map(|file| file.unwrap().path()) {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            if !text.contains("\n  gitlab-ci:") {
                continue;
            }
            met += 1;
            let name = file.display().to_string();
            let migration = migrate(&Source::new(&*name, &*text)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!is_written_anew(&migration), "{name}");
            let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
            assert!(comments(migration.source.text()) >= comments(&text), "{name} has lost comments");
            let differences = differences_of(&file, &migration);
            let left_out = |difference: &Difference| matches!(difference, Difference::LeftOutBefore(_));
            assert!(differences.iter().all(left_out), "{name}: {differences:?}");
        }
    }
    assert!(met > 40, "{met}");
}

fn attributes() -> impl Strategy<Value = String> {
    let tags =
        prop::sample::subsequence(vec!["a", "b", "c"], 0..=3).prop_map(|tags| format!("tags: [{}]", tags.join(", ")));
    let part = prop_oneof![
        tags,
        prop_oneof![Just("image: plain"), Just("image: {name: i, entrypoint: ['']}"), Just("image: {name: j}")]
            .prop_map(str::to_owned),
        "variables: \\{[AB]: [xy], C: [xy]\\}",
        "script: \\[[xy]\\]",
        "before_script: \\[[xy], [pq]\\]",
        "after_script: \\[\\[[xy]\\]\\]",
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| {
        let mut parts: Vec<String> = parts;
        parts.sort();
        parts.dedup_by_key(|part| part.split(':').next().map(str::to_owned));
        parts.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_a_section_says_every_job_keeps_it(
        defaults in attributes(),
        service in attributes(),
        index in attributes(),
        merge in any::<bool>(),
        mappings in prop::collection::vec((prop::sample::select(vec!["app", "lib", "'@:'", "'@2:'"]), attributes(), any::<bool>()), 0..5),
    ) {
        let deeper = |text: &str, by: &str| {
            text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n")
        };
        let mapping = |(matches, attributes, removes): &(&str, String, bool)| {
            let removes = if *removes { "\n  remove-attributes: {tags: [a]}" } else { "" };
            format!("- match: [{matches}]\n  runner-attributes:\n{}{removes}", deeper(attributes, "    "))
        };
        let last = ("'@:'", "tags: [last]".to_owned(), false);
        let mut parts = vec![defaults];
        parts.extend(merge.then(|| "match_behavior: merge".to_owned()));
        parts.push("mappings:".to_owned());
        parts.extend(mappings.iter().chain([&last]).map(mapping));
        parts.push(format!("service-job-attributes:\n{}", deeper(&service, "  ")));
        parts.push(format!("final-stage-rebuild-index:\n{}", deeper(&index, "  ")));
        let section = parts.join("\n");
        let text = with(&section);
        prop_assert_eq!(difference(&text), vec![], "{}\n{}", text, migrated(&text).source.text());
    }
}

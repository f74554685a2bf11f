//! What keys do, as `(environment, keys, expectation)`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use spackplan::tui::Leaving;
use spackplan::tui::effect::Effect;
use tui::Driver;

#[test]
fn moving_a_mapping_moves_jobs_and_undo_brings_them_back() {
    let mut ui = Driver::example("bootstrap");
    let before = ui.text().to_owned();
    let takes =
        |ui: &Driver| ui.model.document.plan.assignments.counts[0].iter().map(|count| count.takes).collect::<Vec<_>>();
    let loaded = takes(&ui);
    ui.keys("3 J");
    assert_eq!(ui.status(), "move mapping A down to B");
    assert_ne!(takes(&ui), loaded);
    assert!(ui.kept.is_some());
    ui.keys("u");
    assert_eq!((ui.text(), takes(&ui)), (before.as_str(), loaded));
}

fn last_copy(ui: &Driver) -> &str {
    match ui.effects.last() {
        Some(Effect::Copy(text)) => text,
        other => panic!("nothing was copied: {other:?}"),
    }
}

#[test]
fn enter_on_a_job_draws_what_it_needs_and_what_needs_it() {
    let mut ui = Driver::example("bootstrap");
    let job = ui.job("(specs) hdf5");
    ui.model.stages.reveal(&ui.model.document, None, job);
    ui.keys("enter");
    assert!(ui.shows("Around (specs) hdf5"), "{}", ui.screen());
    assert!(ui.shows("needs 5 jobs") && ui.shows("needed by no other job"), "{}", ui.screen());
    assert!(ui.shows("the longest chain to stage-"), "{}", ui.screen());
    assert_eq!(ui.model.selected_job(), Some(job));
    ui.keys("k enter");
    assert_ne!(ui.model.selected_job(), Some(job));
    assert!(!ui.shows("Around (specs) hdf5"));
    ui.keys("esc");
    assert!(ui.shows("Around (specs) hdf5"));
    ui.keys("g j o");
    assert!(ui.model.overlays.is_empty());
    assert_ne!(ui.model.stages.selected_job(), Some(job));
}

#[test]
fn a_job_that_ten_thousand_need_is_drawn_line_by_line() {
    let mut ui = Driver::with_lock(&fan::environment(), Some(&fan::lockfile(10_000)));
    ui.keys("2 g j j enter");
    assert!(ui.shows("needed by 10000 jobs"), "{}", ui.screen());
    ui.keys("G");
    assert!(ui.shows("stage-0 is the first of its phase"), "{}", ui.screen());
}

/// A package that all others need.
mod fan {
    use std::fmt::Write as _;

    fn hash(index: usize) -> String {
        format!("{index:0>32}").replace('0', "a").replace('1', "b").replace('8', "y").replace('9', "z")
    }

    fn node(name: &str, hash: &str, dependencies: &str) -> String {
        format!(
            r#""{hash}":{{"name":"{name}","version":"1.0","arch":{{"platform":"linux","platform_os":"centos7","target":"x86_64"}},"namespace":"builtin","parameters":{{}}{dependencies},"hash":"{hash}"}}"#
        )
    }

    pub(crate) fn environment() -> String {
        let mappings = "    - match: ['@:']\n      runner-attributes: {tags: [any]}\n";
        format!("spack:\n  specs: [top]\n  mirrors: {{m: 's3://m'}}\n  gitlab-ci:\n    mappings:\n{mappings}")
    }

    pub(crate) fn lockfile(count: usize) -> String {
        let base = hash(0);
        let edge = |name: &str, hash: &str| {
            format!(r#"{{"name":"{name}","hash":"{hash}","parameters":{{"deptypes":["link"],"virtuals":[]}}}}"#)
        };
        let mut nodes = node("base", &base, "");
        let mut edges = Vec::new();
        for index in 1..count {
            let name = format!("leaf-{index}");
            edges.push(edge(&name, &hash(index)));
            let needs = format!(r#","dependencies":[{}]"#, edge("base", &base));
            let _ = write!(nodes, ",{}", node(&name, &hash(index), &needs));
        }
        edges.push(edge("base", &base));
        let top = hash(count);
        let _ = write!(nodes, ",{}", node("top", &top, &format!(r#","dependencies":[{}]"#, edges.join(","))));
        format!(
            r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"spack":{{"version":"1.1.0","type":"release"}},"roots":[{{"hash":"{top}","spec":"top"}}],"concrete_specs":{{{nodes}}}}}"#
        )
    }
}

#[test]
fn a_mapping_is_inspected_with_its_attributes_and_who_takes_its_jobs() {
    let mut ui = Driver::new(
        "spack:\n  specs: [zlib@1.2.11 os=ubuntu18.04, bzip2 os=ubuntu18.04]\n  mirrors: {m: 's3://m'}\n  gitlab-ci:\n    mappings:\n    - match: [zlib]\n      runner-attributes: {tags: [small]}\n    - match: [os=ubuntu18.04]\n      runner-attributes:\n        tags: [ubuntu]\n        variables: {MAKEFLAGS: j4}\n",
    );
    ui.keys("3 j");
    for text in [
        "1 taken before by A (line 6)",
        "  os=ubuntu18.04: ",
        "  tags: [ubuntu] (line 10)",
        "    MAKEFLAGS: j4 (line 11)",
    ] {
        assert!(ui.shows(text), "{text}:\n{}", ui.screen());
    }
    ui.keys("tab");
    assert!(ui.shows("Why here?"), "{}", ui.screen());
    ui.keys("tab");
    assert!(ui.shows("Why here?"), "the inspector goes on with the list that was focused:\n{}", ui.screen());
}

#[test]
fn what_is_selected_is_copied() {
    let mut ui = Driver::example("bootstrap");
    ui.keys("2 G y");
    let job = ui.model.selected_job().unwrap();
    assert_eq!(last_copy(&ui), ui.model.document.plan.graph.job(job).name);
    ui.keys("3 j y");
    assert_eq!(last_copy(&ui), "os=ubuntu18.04");
    assert_eq!(ui.status(), "copied the match specs: os=ubuntu18.04");
    ui.keys("? y");
    assert_eq!(ui.effects.len(), 2, "keys are typed in the palette");
}

#[test]
fn ctrl_c_twice_leaves_and_keeps_the_edits_for_the_next_start() {
    let mut ui = Driver::example("bootstrap");
    ui.keys("3 J ctrl-c");
    assert!(ui.model.leaving.is_none());
    ui.keys("ctrl-c");
    assert_eq!((ui.model.leaving, ui.kept.is_some()), (Some(Leaving::Quit), true));
}

#[test]
fn marks_stay_with_their_jobs_when_the_jobs_change() {
    let mut ui = Driver::new(
        "spack:\n  specs: [zlib, bzip2]\n  mirrors: {m: 's3://m'}\n  gitlab-ci:\n    mappings:\n    - match: ['@:']\n      runner-attributes: {tags: [a]}\n",
    );
    let zlib = ui.job("(specs) zlib");
    ui.model.marks.insert(zlib);
    let path = ui.directory().join("spack.yaml");
    let text = ui.text().replace("[zlib, bzip2]", "[zlib, bzip2, readline]");
    std::fs::write(path, text).unwrap();
    ui.keys("R");
    let marked: Vec<_> = ui.model.marks.iter().map(|id| &ui.model.document.plan.graph.job(*id).name).collect();
    assert!(marked.len() == 1 && marked[0].starts_with("(specs) zlib"), "{marked:?}");
}

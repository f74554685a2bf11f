//! What edits do to the text of a manifest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

use spackplan::edit::{Edit, ListName, MappingAt, ValueText, apply};
use spackplan::error::Result;
use spackplan::source::Source;

const RELEASE: &str = "\
# A release.
spack:
  definitions:
  - compilers: ['%gcc@8', '%gcc@9']   # both
  - old: []
  specs:
  - matrix:
    - [hdf5, zlib]
    - [$compilers]
  - cmake
  gitlab-ci:
    bootstrap:
    - compilers
    - name: old
      compiler-agnostic: true
    mappings:
    # Large things first.
    - match: [gcc, llvm]
      runner-attributes:
        tags: [large]
    - cloud:
      match:
      - os=centos7   # most of it
      - os=ubuntu18.04
      runner-attributes:
        tags: [cloud]
        image: {name: example/builder, entrypoint: [\"\"]}
";

const CI: &str = "\
spack:
  ci:
    pipeline-gen:
    - build-job:
        tags: [all]
    - submapping:
      - match: [gcc]
        build-job:
          tags: [large]
";

fn mapping(index: usize) -> MappingAt {
    MappingAt { section: 0, index }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn change(text: &str, edit: &Edit) -> Result<String> {
    Ok(apply(&Source::new("spack.yaml", text), edit)?.apply_to(text))
}

/// Returns the lines that go and those that come.
fn lines(old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.flat_map(|change| [change.tag().to_string(), change.value().to_owned()]).collect()
}

fn check(text: &str, edit: &Edit, description: &str, expected: &str) {
    let new = change(text, edit).unwrap_or_else(|error| panic!("{edit}: {error}"));
    assert_eq!(lines(text, &new), expected, "{edit}");
    assert_eq!(edit.to_string(), description);
    let made = apply(&Source::new("spack.yaml", text), edit).unwrap();
    assert_eq!(made.inverse().apply_to(&new), text);
}

#[test]
fn mappings_are_added_copied_moved_and_removed() {
    let add = Edit::AddMapping {
        at: mapping(1),
        matches: words(&["hdf5", "%gcc@8"]),
        attributes: ValueText("{tags: [mid], image: {name: x/b, entrypoint: ['']}}".into()),
    };
    let added = "+    - match: [hdf5, '%gcc@8']\n+      runner-attributes:\n+        tags: [mid]\n\
                 +        image:\n+          name: x/b\n+          entrypoint: [\"\"]\n";
    check(RELEASE, &add, "add mapping B for `hdf5`, `%gcc@8`", added);
    let copy = Edit::DuplicateMapping { mapping: mapping(0) };
    let copied = "+    - match: [gcc, llvm]\n+      runner-attributes:\n+        tags: [large]\n";
    check(RELEASE, &copy, "duplicate mapping A", copied);
    let moved = change(RELEASE, &Edit::MoveMapping { mapping: mapping(1), to: 0 }).unwrap();
    let cloud = moved.find("- cloud:").unwrap();
    assert!(cloud < moved.find("# Large things first.\n    - match: [gcc, llvm]").unwrap());
    let remove = Edit::RemoveMapping { mapping: mapping(0) };
    let removed =
        "-    # Large things first.\n-    - match: [gcc, llvm]\n-      runner-attributes:\n-        tags: [large]\n";
    check(RELEASE, &remove, "remove mapping A", removed);
}

#[test]
fn match_specs_change_line_by_line() {
    let (one, two) = (mapping(0), mapping(1));
    for (edit, description, expected) in [
        (
            Edit::AddMatch { mapping: one, at: 2, text: "^mpich".into() },
            "add match `^mpich` to mapping A",
            "-    - match: [gcc, llvm]\n+    - match: [gcc, llvm, '^mpich']\n",
        ),
        (
            Edit::AddMatch { mapping: two, at: 1, text: "zlib".into() },
            "add match `zlib` to mapping B",
            "+      - zlib\n",
        ),
        (
            Edit::ReplaceMatch { mapping: two, index: 0, text: "os=centos8".into() },
            "change match 1 of mapping B to `os=centos8`",
            "-      - os=centos7   # most of it\n+      - os=centos8   # most of it\n",
        ),
        (
            Edit::RemoveMatch { mapping: two, index: 0 },
            "remove match 1 from mapping B",
            "-      - os=centos7   # most of it\n",
        ),
        (
            Edit::SetMatches { mapping: two, matches: words(&["os=centos7", "zlib"]) },
            "let mapping B match `os=centos7`, `zlib`",
            "-      - os=ubuntu18.04\n+      - zlib\n",
        ),
        (Edit::SetMatches { mapping: one, matches: words(&["gcc", "llvm"]) }, "let mapping A match `gcc`, `llvm`", ""),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn attributes_are_set_at_any_depth() {
    let set = |index, path: &[&str], value: &str| Edit::SetAttribute {
        mapping: mapping(index),
        path: words(path),
        value: ValueText(value.into()),
    };
    for (edit, description, expected) in [
        (
            set(0, &["tags"], "[huge, fast]"),
            "set `tags` of mapping A to `[huge, fast]`",
            "-        tags: [large]\n+        tags: [huge, fast]\n",
        ),
        (
            set(0, &["variables", "MAKEFLAGS"], "-j4"),
            "set `variables:MAKEFLAGS` of mapping A to `-j4`",
            "+        variables:\n+          MAKEFLAGS: '-j4'\n",
        ),
        (
            set(1, &["image", "name"], "example/other"),
            "set `image:name` of mapping B to `example/other`",
            "-        image: {name: example/builder, entrypoint: [\"\"]}\n\
             +        image: {name: example/other, entrypoint: [\"\"]}\n",
        ),
        (
            Edit::RemoveAttribute { mapping: mapping(1), path: words(&["image", "entrypoint"]) },
            "remove `image:entrypoint` from mapping B",
            "-        image: {name: example/builder, entrypoint: [\"\"]}\n+        image: {name: example/builder}\n",
        ),
        (
            Edit::RemoveAttribute { mapping: mapping(0), path: words(&["tags"]) },
            "remove `tags` from mapping A",
            "-      runner-attributes:\n-        tags: [large]\n+      runner-attributes: {}\n",
        ),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn phases_are_strings_or_maps_as_needed() {
    for (edit, description, expected) in [
        (
            Edit::AddPhase { at: 0, definition: "new".into(), compiler_agnostic: false },
            "add phase 1 for `new`",
            "+    - name: new\n",
        ),
        (Edit::RemovePhase { phase: 0 }, "remove phase 1", "-    - compilers\n"),
        (Edit::MovePhase { from: 1, to: 0 }, "move phase 2 up to 1", "-    - compilers\n+    - compilers\n"),
        (
            Edit::SetCompilerAgnostic { phase: 0, compiler_agnostic: true },
            "make phase 1 compiler-agnostic",
            "-    - compilers\n+    - name: compilers\n+      compiler-agnostic: true\n",
        ),
        (
            Edit::SetCompilerAgnostic { phase: 1, compiler_agnostic: false },
            "make phase 2 not compiler-agnostic",
            "-      compiler-agnostic: true\n+      compiler-agnostic: false\n",
        ),
        (Edit::SetCompilerAgnostic { phase: 0, compiler_agnostic: false }, "make phase 1 not compiler-agnostic", ""),
    ] {
        check(RELEASE, &edit, description, expected);
    }
    let first = Edit::AddPhase { at: 0, definition: "new".into(), compiler_agnostic: true };
    let text = "spack:\n  gitlab-ci:\n    mappings: []\n";
    let expected = "+    bootstrap:\n+      - name: new\n+        compiler-agnostic: true\n";
    check(text, &first, "add phase 1 for `new`", expected);
}

#[test]
fn specs_join_and_leave_lists_and_matrices() {
    let old = ListName::Definition { name: "old".into(), nth: 0 };
    for (edit, description, expected) in [
        (
            Edit::AddSpec { list: old, spec: "gcc@4".into() },
            "add `gcc@4` to definition `old`",
            "-  - old: []\n+  - old: [gcc@4]\n",
        ),
        (Edit::AddSpec { list: ListName::Specs, spec: "xz".into() }, "add `xz` to specs", "+  - xz\n"),
        (Edit::RemoveSpec { list: ListName::Specs, index: 1 }, "remove entry 2 from specs", "-  - cmake\n"),
        (
            Edit::ExcludeCombination { list: ListName::Specs, index: 0, constraint: "zlib %gcc@8".into() },
            "exclude `zlib %gcc@8` from matrix 1 of specs",
            "+    exclude: [zlib %gcc@8]\n",
        ),
    ] {
        check(RELEASE, &edit, description, expected);
    }
}

#[test]
fn the_mappings_of_todays_pipelines_are_found() {
    let mapping = MappingAt { section: 1, index: 0 };
    let list = Edit::AddMatch { mapping, at: 1, text: "llvm".into() };
    let changed = "-      - match: [gcc]\n+      - match: [gcc, llvm]\n";
    check(CI, &list, "add match `llvm` to mapping 1 of section 2", changed);
    let image = Edit::SetAttribute { mapping, path: words(&["image"]), value: ValueText("x/b".into()) };
    check(CI, &image, "set `image` of mapping 1 of section 2 to `x/b`", "+          image: x/b\n");
    let first = CI.replace("    - build-job:\n        tags: [all]\n", "");
    let list = Edit::AddMatch { mapping: MappingAt { section: 0, index: 0 }, at: 1, text: "llvm".into() };
    check(&first, &list, "add match `llvm` to mapping A", changed);
}

#[test]
fn an_edit_that_names_nothing_is_refused() {
    for (text, edit, expected) in [
        (RELEASE, Edit::RemoveMapping { mapping: mapping(7) }, "spack.yaml:18:7: there is no mapping H, only 2"),
        (
            RELEASE,
            Edit::RemoveMapping { mapping: MappingAt { section: 1, index: 0 } },
            "spack.yaml:12:5: `gitlab-ci` has only one list of mappings",
        ),
        (
            RELEASE,
            Edit::RemoveMatch { mapping: mapping(0), index: 2 },
            "spack.yaml:18:14: there is no match spec 3, only 2",
        ),
        (
            RELEASE,
            Edit::RemoveAttribute { mapping: mapping(0), path: words(&["image"]) },
            "spack.yaml:18:7: this mapping has no attribute `image`",
        ),
        (
            RELEASE,
            Edit::AddSpec { list: ListName::Definition { name: "nope".into(), nth: 0 }, spec: "x".into() },
            "spack.yaml:3:3: there is no definition `nope`",
        ),
        (
            RELEASE,
            Edit::ExcludeCombination { list: ListName::Specs, index: 1, constraint: "x".into() },
            "spack.yaml:10:5: entry 2 of specs is no matrix",
        ),
        (
            RELEASE,
            Edit::AddMapping { at: mapping(0), matches: vec![], attributes: ValueText("[a]".into()) },
            "the value:1:1: the attributes of a mapping are a map, but this is a list",
        ),
        (
            RELEASE,
            Edit::AddMapping { at: mapping(usize::MAX), matches: vec![], attributes: ValueText("{}".into()) },
            "spack.yaml:18:5: there is no item 18446744073709551615 in this list of 2",
        ),
        (CI, Edit::RemovePhase { phase: 0 }, "spack.yaml:2:3: there are no phases without a `gitlab-ci` section"),
        ("a: 1", Edit::RemovePhase { phase: 0 }, "spack.yaml:1:1: this is no environment: it has no `spack:`"),
    ] {
        assert_eq!(change(text, &edit).unwrap_err().to_string(), expected, "{edit}");
    }
}

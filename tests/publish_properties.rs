//! Whatever a file, a branch, a tag or a variable is called: git does the same, or refuses.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;

use common::{World, generated, git, publish, snapshot};
use proptest::prelude::*;
use spackplan::publish::downstream::{Author, PREFIX, Precedence, reference};
use spackplan::publish::trailers::{self, Trailer};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

/// Texts that shells, git and terminals give a meaning to, and arbitrary ones.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-a-z$`();|&<>*?!~^:\\\\'\"{}@+ \\n\\t./]{1,12}",
        "(--force|--mirror|--exec=touch x|\\$\\(touch x\\)|refs/heads/x|HEAD|@\\{-1\\}|\\.\\.|:x|\\+x:y)[a-z]{0,2}",
        "\\PC{1,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn files_of_any_name_are_stored_as_git_stores_them(names in prop::collection::vec(prop::collection::vec(1_u8..=255, 1..20), 1..6)) {
        let world = World::new();
        for name in names.iter().map(|name| name.split(|byte| *byte == b'/').collect::<Vec<_>>().concat()) {
            // Some names are taken, and `.` and `..` are no files.
            let _ = fs::write(world.upstream().join(OsStr::from_bytes(&name)), "x");
        }
        let before = snapshot(&world.upstream());
        let push = world.push();
        let receipt = publish(&push).unwrap();
        prop_assert_eq!(receipt.tree.to_string(), world.tree_by_git(&push.generated));
        prop_assert_eq!(world.refs().len(), 1);
        prop_assert!(before == snapshot(&world.upstream()));
    }

    #[test]
    fn variables_of_any_content_change_one_branch_or_nothing(branch in hostile(), commit in hostile(), name in hostile(), file in hostile()) {
        let world = World::new();
        let before = snapshot(&world.upstream());
        let mut push = world.push();
        push.branch = Some(branch.clone());
        push.commit = commit.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(commit);
        push.author = Author { name, email: "a@b".to_owned() };
        push.generated.push(generated(&file, b"x", Precedence::TreeFirst));
        match publish(&push) {
            Ok(receipt) => {
                prop_assert_eq!(world.refs().into_keys().collect::<Vec<_>>(), vec![format!("refs/heads/{PREFIX}{branch}")]);
                let message = git(&world.downstream(), &["log", "--max-count=1", "--format=%B", &receipt.reference]);
                prop_assert!(trailers::are_ours(&message));
                git(&world.downstream(), &["fsck", "--strict"]);
            }
            Err(error) => {
                prop_assert!(world.refs().is_empty());
                prop_assert!(!error.message.chars().any(char::is_control), "{:?}", error.message);
            }
        }
        prop_assert!(before == snapshot(&world.upstream()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn branches_are_refused_where_git_refuses_them(name in hostile()) {
        let directory = std::env::temp_dir();
        let allowed = |name: &str| common::command(&directory).args(["check-ref-format", name]).output().unwrap().status.success();
        let by_git = allowed(&format!("refs/heads/{name}")) && !name.starts_with('-') && name != "HEAD";
        prop_assert_eq!(reference(PREFIX, &name).is_ok(), by_git, "{:?}", name);
    }

    #[test]
    fn trailers_are_read_as_they_were_written(values in prop::collection::vec("\\PC{1,20}", 1..5)) {
        let written: Vec<_> = values.iter().filter_map(|value| Trailer::new("Spackplan-Test", value.as_str()).ok()).collect();
        prop_assume!(!written.is_empty());
        let lines: Vec<_> = written.iter().map(ToString::to_string).collect();
        prop_assert_eq!(trailers::parse(&format!("Subject\n\n{}\n", lines.join("\n"))), written);
    }
}

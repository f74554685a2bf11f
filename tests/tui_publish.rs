//! Publishing from the review: the branch and CDash, what is shown before, what is done after, and what goes wrong.
#![cfg(all(feature = "tui", unix))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/tui.rs"]
mod tui;

use common::{World, git, hook, snapshot};
use http::{Reply, Request, Server};
use serde_json::json;
use spackplan::delivery::{Destination, TokenSource};
use spackplan::error::Error;
use spackplan::redact::Secret;
use spackplan::tui::command::Command;
use spackplan::tui::effect::{Effect, Job, Lane, News, Outcome, Preview};
use spackplan::tui::message::Message;
use spackplan::tui::model::overlay::Overlay;
use spackplan::tui::model::review::Line;
use spackplan::tui::worker::{self, Worker};
use spackplan::tui::{Access, Session, update};
use std::fs;
use std::sync::mpsc::channel;
use std::time::Duration;
use tui::Driver;

const BRANCH: &str = "refs/heads/multi-ci-main";

fn manifest(cdash: &str) -> String {
    format!(
        "spack:
  specs: [readline@7.0 %gcc@5.5.0 arch=linux-centos7-x86_64]
  mirrors: {{m: 'https://mirror.example.org'}}
  gitlab-ci:
    mappings:
    - match: [readline]
      runner-attributes: {{tags: [large]}}
    - match: ['@:']
      runner-attributes: {{tags: [any]}}
{cdash}"
    )
}

fn cdash_section(server: &Server) -> String {
    let url = format!("http://127.0.0.1:{}", server.port);
    format!("  cdash: {{build-group: Weekly, url: '{url}', project: HPC, site: here}}\n")
}

/// Answers as CDash does.
fn cdash(request: &Request) -> Reply {
    let id = if request.method == "POST" && request.json()["type"] == "Daily" { 102 } else { 103 };
    Reply::new("200 OK", &[], json!({ "id": id }).to_string().as_bytes())
}

/// Returns a session with an environment that is a committed part of the released tree.
fn session(world: &World, cdash: &str) -> Session {
    world.write("release/spack.yaml", &manifest(cdash));
    git(&world.upstream(), &["add", "--all"]);
    git(&world.upstream(), &["commit", "--quiet", "--message", "environment"]);
    let destination = Destination {
        repository: world.upstream(),
        remote: Some(world.url()),
        options: vec!["--match-on".to_owned(), "job".to_owned()],
        token: TokenSource::Variable(Secret::new("s3cret-token")),
        ..Destination::default()
    };
    let upstream = world.upstream();
    Session { destination, ..tui::session(upstream.join("release/spack.yaml"), upstream.join(".gitlab-ci.yml")) }
}

fn open(world: &World) -> Driver {
    Driver::open(session(world, ""))
}

fn notice(driver: &Driver) -> (String, String) {
    match driver.model.overlays.last() {
        Some(Overlay::Notice(notice)) => (notice.title.clone(), notice.lines.join("\n")),
        other => panic!("no receipt but {other:?}"),
    }
}

fn preview(driver: &Driver) -> Preview {
    driver.model.review().unwrap().commit.preview().unwrap_or_else(|| panic!("{}", driver.screen())).clone()
}

/// Returns the texts of the review in one line.
fn told(driver: &Driver) -> String {
    let text = |line: &Line| match line {
        Line::Text(text) => Some(text.clone()),
        _ => None,
    };
    let texts: Vec<String> = driver.model.review().unwrap().lines.iter().filter_map(text).collect();
    texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pushed(world: &World, path: &str) -> String {
    git(&world.downstream(), &["show", &format!("{BRANCH}:{path}")])
}

/// Returns the one job among effects.
fn job(effects: Vec<Effect>) -> Job {
    let found = effects.into_iter().find_map(|effect| match effect {
        Effect::Work(job) => Some(job),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn what_reaches_other_people_starts_off_and_says_what_it_lacks() {
    let mut driver = Driver::new(&manifest(""));
    driver.keys("w");
    assert!(driver.shows(" -  b branch  no --remote and no DOWNSTREAM_CI_REPO"), "{}", driver.screen());
    assert!(driver.shows(" -  c CDash  the environment has no `cdash:` section"), "{}", driver.screen());
    driver.keys("b");
    assert!(driver.status().contains("no --remote"), "{}", driver.status());
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w");
    assert!(driver.shows("[ ] b branch at file://"), "{}", driver.screen());
    driver.keys("y");
    assert!(world.refs().is_empty());
    assert_eq!(notice(&driver).0, "Written");
}

#[test]
fn what_was_reviewed_is_pushed_and_the_checkout_stays_as_it_is() {
    let world = World::new();
    let mut driver = open(&world);
    let before = snapshot(&world.upstream());
    driver.keys("w p b");
    let reviewed = preview(&driver);
    assert!(driver.shows("multi-ci-main will be "), "{}", driver.screen());
    assert!(driver.shows("git push"), "{}", driver.screen());
    assert!(driver.shows(&format!("--force-with-lease={BRANCH}:")), "{}", driver.screen());
    assert!(world.refs().is_empty(), "looking changes nothing");
    world.write("README", "changed after the review\n");
    driver.keys("y");
    world.write("README", "hello\n");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Published");
    assert_eq!(lines, format!("pushed {BRANCH} is {} at {}", reviewed.commit, world.url()));
    assert_eq!(world.refs()[BRANCH], reviewed.commit);
    assert_eq!(pushed(&world, "README"), "hello");
    let times = |files: std::collections::BTreeMap<_, (u32, Vec<u8>)>| files.into_keys().collect::<Vec<_>>();
    assert_eq!(times(snapshot(&world.upstream())), times(before));
    assert_eq!(git(&world.upstream(), &["status", "--porcelain"]), "");
}

#[test]
fn the_edits_are_pushed_and_the_tree_is_that_of_after_they_are_saved() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("3 J w b");
    let unsaved = manifest("");
    let with_saving = preview(&driver);
    driver.keys("s");
    let without = preview(&driver);
    assert_ne!(with_saving.commit, without.commit, "the commit is prepared again");
    driver.keys("s y");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Published", "{lines}");
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].ends_with("spack.yaml saved") && lines[1].contains(".gitlab-ci.yml written"), "{lines:?}");
    assert!(lines[2].starts_with("pushed "), "{lines:?}");
    let edited = driver.text().trim_end().to_owned();
    assert_ne!(edited, unsaved.trim_end());
    assert_eq!(pushed(&world, "ci-generation/spack.yaml"), edited);
    assert_eq!(pushed(&world, "release/spack.yaml"), edited);
    let written = fs::read_to_string(world.upstream().join(".gitlab-ci.yml")).unwrap();
    assert_eq!(pushed(&world, ".gitlab-ci.yml"), written.trim_end());
}

#[test]
fn a_plan_that_changes_is_prepared_again_before_it_can_be_pushed() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("3 J w p b");
    let before = preview(&driver);
    let effects = update::update(&mut driver.model, &driver.keymap, Message::Command(Command::Undo));
    driver.keys("y");
    assert!(driver.status().contains("still being"), "{}", driver.status());
    driver.perform(effects);
    let now = preview(&driver);
    assert_ne!(now.commit, before.commit);
    driver.keys("y");
    assert_eq!(world.refs()[BRANCH], now.commit);
    assert_eq!(pushed(&world, "ci-generation/spack.yaml"), manifest("").trim_end());
}

#[test]
fn the_command_line_pushes_the_same_tree_afterwards() {
    let world = World::new();
    let mut session = session(&world, "");
    let facts = ["platform=linux", "os=centos7", "target=x86_64", "hostname=planner"];
    session.context = spackplan::environment::host::facts();
    for fact in facts {
        session.context.set(fact).unwrap();
    }
    session.destination.options = session.context.facts().flat_map(|fact| ["--context".to_owned(), fact]).collect();
    session.destination.options.extend(["--match-on".to_owned(), "job".to_owned()]);
    let mut driver = Driver::open(session);
    driver.keys("3 J w b y");
    assert_eq!(notice(&driver).0, "Published");
    let tree = || git(&world.downstream(), &["rev-parse", &format!("{BRANCH}^{{tree}}")]);
    let before = tree();
    let mut command = assert_cmd::Command::cargo_bin("spackplan").unwrap();
    command.current_dir(world.upstream()).env_clear().args(["release", "--push", &world.url()]);
    command.args(["-o", ".gitlab-ci.yml"]).args(facts.iter().flat_map(|fact| ["--context", fact]));
    command.assert().success();
    assert_eq!(tree(), before);
}

#[test]
fn edits_that_are_not_saved_are_pushed_beside_the_file_as_it_is_on_disk() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("3 J w b s p");
    assert!(driver.shows("warning: the branch carries the edits, which are not saved"), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(notice(&driver).0, "Published");
    assert_eq!(pushed(&world, "release/spack.yaml"), manifest("").trim_end());
    assert_eq!(pushed(&world, "ci-generation/spack.yaml"), driver.text().trim_end());
}

#[test]
fn a_push_that_is_refused_hides_nothing_that_was_done_before() {
    let world = World::new();
    let server = Server::start(cdash);
    hook(&world.downstream(), "pre-receive", "#!/bin/sh\necho protected branch\nexit 1\n");
    let mut driver = Driver::open(session(&world, &cdash_section(&server)));
    driver.keys("3 J w b c y");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Only a part was done");
    for expected in ["spack.yaml saved", "NOT pushed to file://", "CDash NOT asked", "protected branch", "hint: "] {
        assert!(lines.contains(expected), "{expected} is missing in {lines}");
    }
    assert!(world.refs().is_empty() && server.requests().is_empty());
    assert!(!driver.shows("unsaved"), "{}", driver.screen());
}

#[test]
fn a_branch_that_moved_after_the_review_is_left_alone() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w p b");
    git(&world.upstream(), &["push", "--quiet", &world.url(), &format!("main:{BRANCH}")]);
    let theirs = world.refs();
    driver.keys("y");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Nothing was published");
    assert!(lines.contains("has changed on the remote") && lines.contains("hint: "), "{lines}");
    assert_eq!(world.refs(), theirs);
}

#[test]
fn cdash_is_asked_what_the_review_said_after_the_push() {
    let world = World::new();
    let server = Server::start(cdash);
    let mut driver = Driver::open(session(&world, &cdash_section(&server)));
    driver.keys("w p b c");
    let url = format!("http://127.0.0.1:{}/api/v1/buildgroup.php", server.port);
    let told = told(&driver);
    assert!(told.contains(&format!("POST {url}: make the group \"Weekly\" of project \"HPC\", type Daily")), "{told}");
    assert!(driver.shows("a build group of 3 builds"), "{}", driver.screen());
    assert!(server.requests().is_empty());
    driver.keys("y");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Published", "{lines}");
    assert!(lines.ends_with("CDash: group `Weekly` has 3 builds (groups 102 and 103)"), "{lines}");
    let methods: Vec<_> = server.requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["POST", "POST", "PUT"]);
    assert!(!driver.screen().contains("s3cret"));
}

#[test]
fn a_failure_of_cdash_loses_neither_files_nor_branch() {
    let world = World::new();
    let server = Server::start(|_| Reply::new("403 Forbidden", &[], b""));
    let mut driver = Driver::open(session(&world, &cdash_section(&server)));
    driver.keys("w b c y");
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Only a part was done");
    assert!(lines.contains(".gitlab-ci.yml written") && lines.contains("pushed refs/heads"), "{lines}");
    assert!(lines.contains("CDash refused the token") && lines.contains("hint: check the token"), "{lines}");
    assert_eq!(world.refs().len(), 1);
}

#[test]
fn a_push_that_cannot_be_prepared_says_why_and_is_not_left_out_in_silence() {
    let world = World::new();
    fs::rename(world.downstream(), world.root().join("elsewhere.git")).unwrap();
    let mut driver = open(&world);
    driver.keys("w b");
    assert!(driver.shows("[!] b branch at file://"), "{}", driver.screen());
    assert!(driver.shows("there is no git repository at"), "{}", driver.screen());
    driver.keys("y");
    assert!(driver.status().contains("the push cannot be prepared"), "{}", driver.status());
    assert!(!world.upstream().join(".gitlab-ci.yml").exists());
    fs::rename(world.root().join("elsewhere.git"), world.downstream()).unwrap();
    driver.keys("b b y");
    assert_eq!(notice(&driver).0, "Published", "it can be tried again");
}

#[test]
fn while_the_commit_is_being_prepared_nothing_is_done_and_leaving_gives_it_up() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w");
    let Job::Prepare(preparation) = job(driver.asked("b")) else { panic!("a commit is prepared") };
    assert!(driver.shows("[~] b branch at file://"), "{}", driver.screen());
    driver.send(Message::News(News::Remotes(spackplan::publish::watch::Progress::Files(128))));
    assert!(driver.shows("being prepared: 128 files read"), "{}", driver.screen());
    driver.keys("y");
    assert!(driver.status().contains("still being prepared"), "{}", driver.status());
    let effects = driver.asked("esc");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Remotes))), "{effects:?}");
    let late = worker::perform(&driver.model.session, Job::Prepare(preparation));
    driver.keys("w").send(Message::Done(late));
    assert!(driver.shows("[ ] b branch at file://"), "what comes late is dropped: {}", driver.screen());
    assert!(driver.model.work.running.is_empty());
}

#[test]
fn a_push_can_be_given_up_and_the_receipt_says_so() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w p b");
    assert!(matches!(job(driver.asked("y")), Job::Push(_)));
    assert!(driver.shows(" pushing"), "{}", driver.screen());
    driver.keys("b");
    assert!(driver.status().contains("what was confirmed is being done"), "{}", driver.status());
    let effects = driver.asked("esc");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Remotes))), "{effects:?}");
    assert!(driver.model.review().is_some(), "the receipt is waited for");
    driver.send(Message::Done(Outcome::Pushed(Err(Error::refused("cancelled")))));
    let (title, lines) = notice(&driver);
    assert_eq!(title, "Nothing was published");
    assert!(lines.contains("NOT pushed") && lines.ends_with("cancelled"), "{lines}");
    assert!(world.refs().is_empty());
}

#[test]
fn a_remote_that_says_nothing_is_given_up_at_once() {
    let world = World::new();
    let server = Server::start(|_| Reply::Hang);
    let session = session(&world, "");
    let remote = Some(format!("http://user:s3cret@127.0.0.1:{}/downstream.git", server.port));
    let destination = Destination { remote, ..session.destination.clone() };
    let mut driver = Driver::open(Session { destination, ..session });
    driver.keys("w");
    assert!(driver.shows("branch at http://***@127.0.0.1"), "{}", driver.screen());
    let job = job(driver.asked("b"));
    let (sender, messages) = channel();
    let worker = Worker::start(&driver.model.session, &sender);
    worker.give(job);
    let deadline = Duration::from_secs(30);
    let mut steps = Vec::new();
    let outcome = loop {
        match messages.recv_timeout(deadline).unwrap() {
            Message::News(news) => {
                steps.push(format!("{news:?}"));
                worker.cancel(Lane::Remotes);
            }
            Message::Done(outcome) => break outcome,
            other => panic!("{other:?}"),
        }
    };
    assert!(steps[0].contains("listing the remote's branches"), "{steps:?}");
    driver.send(Message::Done(outcome));
    assert!(driver.shows("   cancelled"), "{}", driver.screen());
    assert!(!driver.screen().contains("s3cret"));
    worker.finish();
}

#[test]
fn read_only_sends_nothing_even_if_it_is_asked_to() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w b");
    let sealed = preview(&driver).sealed;
    let session = Session { access: Access::ReadOnly, ..(*driver.model.session).clone() };
    let Outcome::Pushed(Err(error)) = worker::perform(&session, Job::Push(sealed)) else { panic!("it is refused") };
    assert!(error.message.contains("--read-only"), "{error}");
    assert!(world.refs().is_empty());
}

#[test]
fn a_commit_is_pushed_once() {
    let world = World::new();
    let mut driver = open(&world);
    driver.keys("w b");
    let sealed = preview(&driver).sealed;
    assert!(sealed.take().is_some());
    let outcome = worker::perform(&driver.model.session, Job::Push(sealed));
    assert!(matches!(outcome, Outcome::Pushed(Err(error)) if error.hints[0].contains("review")));
}

#[test]
fn the_review_with_everything_on_at_two_sizes() {
    let lines = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let (commit, tree) = ("4f2a91c07d5be1f4a6a1d5c3a9a1f0e8d7c6b5a4", "9d1e6a35c8f04b7d2e9a1c3f5b7d9e0f1a2b3c4d");
    let remote = "https://git.example.org/release/downstream.git";
    for (width, height) in [(120, 40), (80, 24)] {
        let mut session = tui::session("assets/examples/bootstrap/spack.yaml".into(), "none/.gitlab-ci.yml".into());
        session.destination.remote = Some(remote.to_owned());
        session.destination.token = TokenSource::Variable(Secret::new("token"));
        let mut driver = Driver::open(session).sized(width, height);
        driver.keys("3 J w c");
        let Job::Prepare(preparation) = job(driver.asked("b")) else { panic!("a commit is prepared") };
        let preview = Preview {
            reference: BRANCH.to_owned(),
            remote: remote.to_owned(),
            commit: commit.to_owned(),
            operations: lines(&[
                &format!(
                    "git commit-tree {tree}: commit {commit} without parent, \"Auto-generated commit testing main\""
                ),
                "  its tree against HEAD: 4 files added, 1 modified, 0 deleted",
                &format!("git push --force-with-lease={BRANCH}: {remote} {commit}:{BRANCH}"),
            ]),
            changes: lines(&[
                "A .gitlab-ci.yml",
                "A ci-generation/spack.yaml",
                "M assets/examples/bootstrap/spack.yaml",
            ]),
            notes: lines(&["the branch is overwritten whoever made it"]),
            ..Preview::default()
        };
        driver.send(Message::Done(Outcome::Prepared(preparation.number, Ok(preview))));
        insta::assert_snapshot!(format!("review_publish_{width}x{height}"), driver.screen());
    }
}

//! Concretizing with Spack from the terminal UI, with a stand-in for it.
#![cfg(all(unix, feature = "tui"))]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/spack.rs"]
mod stub;
#[path = "common/tui.rs"]
mod tui;

use spackplan::concretize::spack::{Progress, Task};
use spackplan::tui::effect::{Effect, Job, Lane, News, Outcome};
use spackplan::tui::message::Message;
use spackplan::tui::model::document::Planned;
use spackplan::tui::model::overlay::Overlay;
use spackplan::tui::worker::{self, Flag};
use spackplan::tui::{Opening, Session, SpackSettings};
use std::fs;
use std::sync::Arc;
use stub::{RELEASE, Stub};
use tempfile::TempDir;
use tui::Driver;

/// A terminal UI with a Spack.
struct World {
    stub: Stub,
    ui: Driver,
}

impl World {
    fn new(settings: &str) -> Self {
        Self::opened(settings, Opening::Wait)
    }

    fn opened(settings: &str, opening: Opening) -> Self {
        let (directory, stub) = (TempDir::new().unwrap(), Stub::new(settings));
        let manifest = directory.path().join("spack.yaml");
        fs::write(&manifest, RELEASE).unwrap();
        let session = tui::session(manifest, directory.path().join(".gitlab-ci.yml"));
        let spack = SpackSettings { program: Some(stub.program()), opening, ..SpackSettings::default() };
        let ui = Driver::open_in(directory, Session { spack, ..session });
        Self { stub, ui }
    }

    /// Returns what Spack was asked for last.
    fn task(&self) -> Task {
        let tasks = self.ui.effects.iter().rev().find_map(|effect| match effect {
            Effect::Work(Job::Concretize(task)) => Some((**task).clone()),
            _ => None,
        });
        tasks.expect("Spack is asked")
    }

    /// Lets Spack do what it was asked for, and returns all that is told.
    fn run(&self) -> Vec<Message> {
        self.run_with(&Flag::default())
    }

    fn run_with(&self, flag: &Flag) -> Vec<Message> {
        let (session, job) = (&self.ui.model.session, Job::Concretize(Box::new(self.task())));
        let mut told = Vec::new();
        let ended = worker::perform_watched(session, job, &mut |news| told.push(Message::News(news)), flag);
        told.push(Message::Done(ended));
        told
    }

    /// Lets Spack do what it was asked for, and tell it.
    fn solve(&mut self) {
        for message in self.run() {
            self.ui.send(message);
        }
    }

    fn notice(&self) -> (&str, String) {
        let notice = self.ui.model.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Notice(notice) => Some((notice.title.as_str(), notice.lines.join("\n"))),
            _ => None,
        });
        notice.unwrap_or_else(|| panic!("nothing is told: {}", self.ui.screen()))
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.ui.directory().join(name)).ok()
    }

    /// Tells whether the plan is the one that follows from text and lockfiles.
    fn is_up_to_date(&self) -> bool {
        let document = &self.ui.model.document;
        let environment = Arc::new(document.parse(document.history.current()).unwrap());
        let plan = Planned::new(environment, &document.lockfiles, &self.ui.model.session).unwrap().plan;
        let names = |plan: &spackplan::plan::Plan| -> Vec<(String, usize)> {
            plan.graph.jobs.iter().map(|job| (job.name.clone(), job.stage)).collect()
        };
        names(&plan) == names(&document.plan)
    }
}

#[test]
fn what_was_predicted_becomes_real_and_what_moved_is_told() {
    let mut world = World::new("");
    assert!(world.ui.model.document.plan.graph.predicted() > 0);
    world.ui.keys("C");
    assert!(world.ui.status().contains("in the background"), "{}", world.ui.status());
    world.solve();
    let (title, lines) = world.notice();
    assert_eq!(title, "Spack 1.1.0 concretized 6 specs");
    assert!(lines.contains("0 now") && lines.contains("gained:") && lines.contains("lost:"), "{lines}");
    assert!(lines.contains("readline: 8.") && lines.contains("-> 9.1"), "{lines}");
    assert!(lines.contains("the review can replace them"), "{lines}");
    assert_eq!(world.ui.model.document.plan.graph.predicted(), 0);
    assert!(world.is_up_to_date());
    assert_eq!(world.read("spack.lock"), None, "nothing is written unasked");
    assert!(world.ui.model.spack.solve.is_none());
}

#[test]
fn editing_goes_on_and_roots_that_the_answer_lacks_stay_predicted() {
    let mut world = World::new("");
    world.ui.keys("C");
    let told = world.run();
    world.ui.keys("1 a").typed("bzip2@1.0.8").keys("enter 3 t").keys("ctrl-u").typed("other").keys("enter");
    for message in told {
        world.ui.send(message);
    }
    world.ui.keys("esc");
    assert!(world.ui.text().contains("bzip2@1.0.8") && world.ui.text().contains("other"));
    let plan = &world.ui.model.document.plan;
    let predicted = |name: &str| {
        let found = plan.graph.ids().map(|id| plan.graph.spec(id)).find(|spec| &*spec.name == name);
        found.unwrap().is_predicted()
    };
    assert!(predicted("bzip2") && !predicted("zlib"), "{}", world.ui.screen());
    assert!(world.is_up_to_date());
}

#[test]
fn an_edit_of_the_mappings_before_the_plan_is_made_does_not_lose_the_answer() {
    let mut world = World::new("");
    world.ui.keys("C");
    let Some(Message::Done(Outcome::Solved(Ok(fresh)))) = world.run().pop() else { panic!("Spack answers") };
    world.ui.model.document.take_locks(Arc::from(fresh));
    world.ui.keys("3 D");
    assert_eq!(world.ui.model.document.plan.graph.predicted(), 0);
    assert!(world.ui.model.document.is_planned() && world.is_up_to_date());
}

#[test]
fn an_answer_survives_a_file_that_changes_on_disk() {
    let mut world = World::new("");
    world.ui.keys("C");
    world.solve();
    world.ui.keys("esc");
    fs::write(world.ui.directory().join("spack.yaml"), RELEASE.replace("tags: [any]", "tags: [new]")).unwrap();
    world.ui.keys("R");
    assert!(world.ui.text().contains("new"));
    assert_eq!(world.ui.model.document.plan.graph.predicted(), 0);
}

#[test]
fn lockfiles_are_replaced_only_when_the_review_is_told_to() {
    let mut world = World::new("");
    world.ui.keys("w");
    assert!(!world.ui.shows("spack.lock"), "{}", world.ui.screen());
    world.ui.keys("L");
    assert!(world.ui.status().contains("Spack has not concretized"), "{}", world.ui.status());
    world.ui.keys("esc C");
    world.solve();
    world.ui.keys("esc w");
    assert!(world.ui.shows("[ ] L"), "{}", world.ui.screen());
    world.ui.keys("L");
    assert!(world.ui.shows("[x] L") && world.ui.shows("1 more replaced: 4 roots change"), "{}", world.ui.screen());
    world.ui.keys("G");
    assert!(world.ui.shows("+ readline os=centos7: 9.1 /"), "{}", world.ui.screen());
    world.ui.keys("y");
    let (_, lines) = world.notice();
    assert!(lines.contains("spack.lock replaced") && lines.contains("bootstrap.compilers.lock replaced"), "{lines}");
    assert!(world.read("spack.lock").unwrap().contains("9.1"));
    world.ui.keys("esc w");
    assert!(!world.ui.shows("spack.lock"), "{}", world.ui.screen());
    world.ui.keys("esc R");
    assert_eq!(world.ui.model.document.plan.graph.predicted(), 0, "they are read from disk now");
    world.stub.set("SERIAL=2");
    world.ui.keys("C");
    world.solve();
    world.ui.keys("esc w y");
    assert!(world.read("spack.lock").unwrap().contains("9.1"), "not wanted, not written");
}

#[test]
fn a_failure_is_told_in_the_words_of_spack_and_changes_nothing() {
    let mut world = World::new("MODE=fail");
    let before = Arc::clone(&world.ui.model.document.plan);
    world.ui.keys("C");
    world.solve();
    let (title, lines) = world.notice();
    assert_eq!(title, "Spack could not concretize");
    assert!(lines.contains("cannot satisfy a requirement for package ncurses"), "{lines}");
    assert!(Arc::ptr_eq(&before, &world.ui.model.document.plan));
    world.ui.keys("esc");
    assert!(world.ui.model.overlays.is_empty());
}

#[test]
fn news_of_spack_never_take_keys_from_what_is_being_typed() {
    let mut world = World::new("MODE=fail");
    world.ui.keys("C /").typed("zl");
    world.solve();
    world.ui.typed("ib").keys("enter");
    assert_eq!(world.ui.model.filter.as_ref().unwrap().text, "zlib");
    assert_eq!(world.notice().0, "Spack could not concretize");
}

#[test]
fn a_solve_can_be_given_up_and_only_one_runs_at_a_time() {
    let mut world = World::new("");
    world.ui.keys("C C");
    assert!(world.ui.status().contains("running already"), "{}", world.ui.status());
    world.ui.keys("ctrl-x");
    assert!(matches!(world.ui.effects.last(), Some(Effect::Cancel(Lane::Spack))));
    world.stub.set("MODE=hang");
    for message in world.run_with(&Arc::new(true.into())) {
        world.ui.send(message);
    }
    assert!(world.ui.status().contains("given up"), "{}", world.ui.status());
    assert!(!world.stub.is_running());
    world.ui.keys("ctrl-x");
    assert!(world.ui.status().contains("nothing is running"), "{}", world.ui.status());
}

#[test]
fn without_a_spack_the_command_says_what_to_do() {
    let mut ui = Driver::new(RELEASE);
    ui.keys("C");
    assert!(ui.status().contains("--spack") && ui.status().contains("SPACK_ROOT"), "{}", ui.status());
}

#[test]
fn it_can_begin_when_the_program_is_opened() {
    let world = World::opened("", Opening::Concretize);
    assert!(world.ui.model.spack.solve.is_some());
    assert_eq!(world.task().program, world.stub.program());
}

#[test]
fn how_far_it_is_stands_beside_the_screens() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut ui = Driver::example("locked").sized(width, height);
        let session = Session {
            spack: SpackSettings { program: Some("spack".into()), ..SpackSettings::default() },
            ..(*ui.model.session).clone()
        };
        ui.model.session = Arc::new(session);
        ui.keys("C");
        ui.send(Message::News(News::Spack(Progress::Phase("specs".to_owned(), 34))));
        ui.send(Message::News(News::Spack(Progress::Done(12))));
        for _ in 0..170 {
            ui.send(Message::Tick);
        }
        ui.keys("j");
        insta::assert_snapshot!(format!("concretizing_{width}x{height}"), ui.screen());
    }
}

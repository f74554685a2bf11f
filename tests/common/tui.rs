//! Drives the terminal UI without a terminal: `(environment, keys, expectation)`.
//!
//! Work for the worker thread is done at once and in place; effects on a terminal are only remembered.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail like tests")]

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use spackplan::delivery::Destination;
use spackplan::environment::condition::Context;
use spackplan::plan::JobId;
use spackplan::release::Request;
use spackplan::tui::effect::{Effect, Job};
use spackplan::tui::key::Key;
use spackplan::tui::keymap::Keymap;
use spackplan::tui::message::Message;
use spackplan::tui::model::document::Document;
use spackplan::tui::model::{Model, Status};
use spackplan::tui::theme::Theme;
use spackplan::tui::{Access, Glyphs, Session, SpackSettings};
use spackplan::tui::{update, view, worker};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The size a driver begins with: columns and rows.
pub const SIZE: (u16, u16) = (120, 40);

/// A terminal UI to be driven.
pub struct Driver {
    pub model: Model,
    pub keymap: Keymap,
    pub theme: Theme,
    /// What the model wanted done to the terminal.
    pub effects: Vec<Effect>,
    /// The edits kept for a next start, if any are.
    pub kept: Option<String>,
    directory: Option<TempDir>,
}

impl Driver {
    /// Opens an environment given by its text, which is put into a directory of its own.
    pub fn new(manifest: &str) -> Self {
        Self::with_lock(manifest, None)
    }

    /// Opens an environment with a lockfile, both put into a directory of their own.
    pub fn with_lock(manifest: &str, lock: Option<&str>) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("spack.yaml");
        std::fs::write(&path, manifest).unwrap();
        if let Some(lock) = lock {
            std::fs::write(directory.path().join("spack.lock"), lock).unwrap();
        }
        let mut driver = Self::open(session(path, directory.path().join(".gitlab-ci.yml")));
        driver.directory = Some(directory);
        driver
    }

    /// Opens an example where it stands, so that paths on screen are always the same; nothing may be written.
    pub fn example(name: &str) -> Self {
        let manifest = Path::new("assets/examples").join(name).join("spack.yaml");
        Self::open(session(manifest, Path::new("none").join(".gitlab-ci.yml")))
    }

    /// Opens a session.
    pub fn open(session: Session) -> Self {
        let session = Arc::new(session);
        let document = Document::of(&session, worker::reload(&session).unwrap());
        let model = Model::new(session, document, Rect::new(0, 0, SIZE.0, SIZE.1));
        let keymap = Keymap::load(None).unwrap();
        let theme = Theme::load("default", None, Glyphs::UNICODE).unwrap();
        let mut driver = Self { model, keymap, theme, effects: Vec::new(), kept: None, directory: None };
        let effects = update::start(&mut driver.model);
        driver.perform(effects);
        driver
    }

    /// Opens a session whose files are in a directory of the test's own.
    pub fn open_in(directory: TempDir, session: Session) -> Self {
        Self { directory: Some(directory), ..Self::open(session) }
    }

    /// Returns the directory of an environment that was given by its text.
    pub fn directory(&self) -> &Path {
        self.directory.as_ref().unwrap().path()
    }

    /// Gives the terminal another size.
    #[must_use]
    pub fn sized(mut self, width: u16, height: u16) -> Self {
        self.send(Message::Resize(width, height));
        self
    }

    /// Presses keys, written as keymaps spell them and separated by blanks, e.g. `3 J u`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            let key = Key::parse(name).unwrap_or_else(|| panic!("there is no key `{name}`"));
            self.send(Message::Key(key));
        }
        self
    }

    /// Types a text, key by key.
    pub fn typed(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let name = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.send(Message::Key(Key::parse(&name).unwrap()));
        }
        self
    }

    /// Lets something happen, and does all that follows from it.
    pub fn send(&mut self, message: Message) -> &mut Self {
        let effects = update::update(&mut self.model, &self.keymap, message);
        self.perform(effects);
        self
    }

    /// Presses a key and returns the work that this asks for, without doing it.
    pub fn asked(&mut self, key: &str) -> Vec<Effect> {
        let key = Key::parse(key).unwrap_or_else(|| panic!("there is no key `{key}`"));
        update::update(&mut self.model, &self.keymap, Message::Key(key))
    }

    /// Does what the model wanted done, and all that follows from it.
    pub fn perform(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Work(Job::Keep(text)) => self.kept = Some(text),
                Effect::Work(Job::Forget) => self.kept = None,
                // What Spack does, tests of it do themselves.
                Effect::Work(Job::Concretize(_)) => self.effects.push(effect),
                Effect::Work(job) => {
                    let is_example = self.model.session.manifest.starts_with("assets");
                    assert!(!matches!(job, Job::Write(_)) || !is_example, "an example is not written to");
                    let done = Message::Done(worker::perform(&self.model.session, job));
                    queue.extend(update::update(&mut self.model, &self.keymap, done));
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Draws a frame.
    pub fn buffer(&self) -> Buffer {
        let (width, height) = (self.model.area.width, self.model.area.height);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(&self.model, &self.keymap, &self.theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// Draws a frame and returns its text, a line a row, without blanks at line ends.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let row: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// Tells whether a text is on screen, within one row.
    pub fn shows(&self, text: &str) -> bool {
        self.screen().lines().any(|line| line.contains(text))
    }

    /// Returns the text of `spack.yaml` as edited.
    pub fn text(&self) -> &str {
        self.model.document.history.current().text()
    }

    /// Returns what the status line says; a failure begins with `! `.
    pub fn status(&self) -> String {
        match &self.model.status {
            Some(Status::Done(message)) => message.clone(),
            Some(Status::Failed { message, .. }) => format!("! {message}"),
            None => String::new(),
        }
    }

    /// Returns the first job whose name begins so.
    pub fn job(&self, name: &str) -> JobId {
        let graph = &self.model.document.plan.graph;
        graph
            .ids()
            .find(|id| graph.job(*id).name.starts_with(name))
            .unwrap_or_else(|| panic!("no job is called {name}"))
    }
}

/// Returns a session that reads and writes these files.
pub fn session(manifest: PathBuf, output: PathBuf) -> Session {
    let mut context = Context::default();
    for fact in ["platform=linux", "os=centos7", "target=x86_64", "hostname=planner"] {
        context.set(fact).unwrap();
    }
    Session {
        manifest,
        output,
        context,
        dialect: None,
        request: Request::default(),
        locks: Vec::new(),
        access: Access::ReadWrite,
        destination: Destination::default(),
        spack: SpackSettings::default(),
        services: None,
    }
}

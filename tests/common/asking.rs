//! Sessions that ask somebody when they are opened.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test binary uses a part")]

use ratatui::layout::Rect;
use spackplan::tui::Session;
use spackplan::tui::effect::{Effect, Job};
use spackplan::tui::message::Message;
use spackplan::tui::model::Model;
use spackplan::tui::model::document::Document;
use spackplan::tui::update;
use spackplan::tui::worker::{self, Worker};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Opens a session without anybody doing its work, and returns what is to be asked.
pub fn opened(session: Session) -> (Model, Job) {
    let session = Arc::new(session);
    let document = Document::of(&session, worker::reload(&session).unwrap());
    let mut model = Model::new(session, document, Rect::new(0, 0, 100, 30));
    let question = update::start(&mut model).into_iter().find_map(|effect| match effect {
        Effect::Work(job @ Job::Ask { .. }) => Some(job),
        _ => None,
    });
    (model, question.unwrap())
}

/// A session whose question a worker has, and that hears nothing by itself.
pub struct Waiting {
    pub model: Model,
    pub worker: Worker,
    pub messages: Receiver<Message>,
}

impl Waiting {
    /// Opens a session and gives its question to a worker.
    pub fn new(session: Session) -> Self {
        let (model, question) = opened(session);
        let (sender, messages) = channel();
        let worker = Worker::start(&model.session, &sender);
        worker.give(question);
        Self { model, worker, messages }
    }

    /// Returns what the worker says next.
    pub fn next(&self) -> Message {
        self.messages.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

//! The terminal UI: shows the plan, changes it, and writes it after a review.
//!
//! ```text
//! event ─ keymap ─► Message ─ update(&mut Model) ─► Vec<Effect> ─ worker ─► Message
//! draw(&Model, &Theme, &mut Frame)  once for all events that have arrived
//! ```

pub mod command;
pub mod effect;
pub mod glyph;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod model;
mod settings;
mod signal;
mod storage;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod worker;

use crate::edit::Journal;
use crate::error::{Error, Result};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{self, Event, KeyEventKind};
use crossterm::execute;
use effect::{Effect, Outcome};
pub use glyph::Glyphs;
use keymap::Keymap;
use message::Message;
pub use model::Leaving;
use model::Model;
use model::document::Document;
pub use model::document::{Access, Session};
use model::overlay::{Consequence, Overlay, Question};
pub use model::spack::{Opening, SpackSettings};
use ratatui::layout::Rect;
pub use settings::{Color, Settings};
use signal::Signals;
use std::io;
use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
pub use terminal::Mouse;
use terminal::Screen;
use theme::Theme;
use worker::Worker;

/// How often the model hears that time passes.
const TICK: Duration = Duration::from_millis(250);
/// No more frames than this are drawn for messages that arrive together.
const LONGEST_BATCH: usize = 1000;

/// Runs the terminal UI until the user leaves; returns how.
///
/// # Errors
/// Returns an error if the environment, a keymap or a theme is wrong (before the terminal is touched), or the terminal
/// cannot be used.
pub fn run(session: Session, settings: &Settings) -> Result<Leaving> {
    let session = Arc::new(session);
    let (keymap, theme) = (settings.keymap()?, settings.theme()?);
    let document = Document::of(&session, worker::reload(&session)?);
    let failed = |cause: io::Error| Error::input(format!("the terminal cannot be used: {cause}"));
    let signals = Signals::watch().map_err(failed)?;
    let mut screen = Screen::take(settings.mouse).map_err(failed)?;
    let size = screen.terminal.size().map_err(failed)?;
    let mut model = Model::new(session, document, Rect::new(0, 0, size.width, size.height));
    offer_kept_edits(&mut model);
    Loop::new(&mut screen, keymap, theme, &model, signals).run(&mut model).map_err(failed)
}

/// Asks whether edits of a session that did not end well are to be made again.
fn offer_kept_edits(model: &mut Model) {
    let kept =
        storage::kept(&model.session.manifest).and_then(|text| text.map(|text| Journal::read(&text)).transpose());
    match kept {
        Ok(Some(journal)) if !journal.events().is_empty() => {
            let count = journal.events().len();
            let subject =
                if count == 1 { "1 edit of an earlier session was" } else { "Edits of an earlier session were" };
            let mut lines = vec![format!("{subject} not saved:")];
            lines.extend(journal.events().iter().map(|event| format!("  {event}")));
            lines.push("Make them again?".to_owned());
            model.document.kept = Some(journal);
            model.overlays.push(Overlay::Question(Question { lines, consequence: Consequence::Restore }));
        }
        Ok(_) => {}
        Err(error) => model.failed(&error),
    }
}

/// The loop between the terminal, the model and the worker.
struct Loop<'a> {
    screen: &'a mut Screen,
    keymap: Keymap,
    theme: Theme,
    worker: Worker,
    sender: Sender<Message>,
    messages: Receiver<Message>,
    signals: Signals,
}

impl<'a> Loop<'a> {
    fn new(screen: &'a mut Screen, keymap: Keymap, theme: Theme, model: &Model, signals: Signals) -> Self {
        let (sender, messages) = channel();
        let worker = Worker::start(&model.session, &sender);
        Self { screen, keymap, theme, worker, sender, messages, signals }
    }

    fn run(mut self, model: &mut Model) -> io::Result<Leaving> {
        let effects = update::start(model);
        self.perform(model, effects)?;
        let mut ticked = Instant::now();
        loop {
            self.screen.terminal.draw(|frame| view::draw(model, &self.keymap, &self.theme, frame))?;
            let mut batch = self.wait()?;
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                batch.push(Message::Tick);
            }
            for message in batch {
                let effects = update::update(model, &self.keymap, message);
                self.perform(model, effects)?;
                if let Some(leaving) = model.leaving {
                    self.worker.finish();
                    return Ok(leaving);
                }
            }
        }
    }

    /// Waits until something has happened, and takes all that has.
    fn wait(&mut self) -> io::Result<Vec<Message>> {
        let mut batch: Vec<Message> = Vec::new();
        // Answers of the worker cannot wake the wait for keys: look often while any are due.
        let pause = if self.worker.is_busy() { Duration::from_millis(10) } else { TICK };
        let mut pause = Some(pause);
        while batch.len() < LONGEST_BATCH && event::poll(pause.take().unwrap_or_default())? {
            batch.extend(message(event::read()?));
        }
        batch.extend(self.messages.try_iter().inspect(|message| self.worker.heard(message)));
        batch.extend(self.signals.pending().map(Message::Signal));
        Ok(batch)
    }

    fn perform(&mut self, model: &Model, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Work(job) => self.worker.give(job),
                Effect::Cancel(lane) => self.worker.cancel(lane),
                Effect::Copy(text) => execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))?,
                Effect::Redraw => self.screen.terminal.clear()?,
                Effect::Suspend => self.screen.lend(suspend)?,
                Effect::Edit(path, line) => {
                    let outcome = self.screen.lend(|| self.signals.lend(|| edit(&path, line)))?;
                    let _ = self.sender.send(Message::Done(Outcome::Edited(outcome)));
                    self.worker.expect_answer();
                    if !model.work.running.contains(&"reading the environment") {
                        self.worker.give(effect::Job::Look(Arc::clone(model.document.history.saved())));
                    }
                }
            }
        }
        Ok(())
    }
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(key.into())),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Mouse(event) => Some(Message::Mouse(event)),
        Event::Resize(width, height) => Some(Message::Resize(width, height)),
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// Stops the program until the shell continues it.
fn suspend() {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
}

/// Opens a file in the user's editor at a line, as most editors take it: `+LINE FILE`.
fn edit(path: &Path, line: usize) -> Result<()> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Process::new(program).args(words).arg(format!("+{line}")).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::input(format!("the editor `{program}` ended with {status}"))),
        Err(cause) => Err(Error::input(format!("cannot run the editor `{program}`: {cause}"))
            .hint("set EDITOR to the editor of your choice")),
    }
}

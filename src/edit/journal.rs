//! The edits of a session as lines of JSON, so that a killed terminal loses nothing.
//!
//! The first line names the file and holds its text; each further line is an edit, or undoes or redoes one, and can be
//! appended as it happens. A last line that was not written to its end does not count.

use super::history::Unfit;
use super::{Edit, History};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The format that is written.
const FORMAT: u32 = 2;
/// How many lines a journal may have: more than anyone can make edits in a session.
const MOST_EVENTS: usize = 100_000;

const MOVE_AWAY: &str = "the edits in it cannot be offered: move the journal away";

/// What a journal begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Header {
    spackplan_journal: u32,
    environment: String,
    sha256: String,
    text: String,
}

/// What happened in a session, one line each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An edit was made that changed the text.
    Done(Edit),
    /// The last edit was undone.
    Undone,
    /// The edit that was undone last was made again.
    Redone,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(edit) => edit.fmt(f),
            Self::Undone => f.write_str("undo"),
            Self::Redone => f.write_str("redo"),
        }
    }
}

/// The edits of a session and the text they were made on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    header: Header,
    events: Vec<Event>,
}

/// What a journal gives back.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The edits on the text that the file holds now.
    pub history: History,
    /// The edits that do not fit any more.
    pub unfit: Vec<Unfit>,
}

impl Event {
    /// Returns the line that records this, with its line end.
    pub fn to_line(&self) -> String {
        line(self)
    }
}

impl Journal {
    /// Takes down the edits that are done, and those that were undone and can be done again; `environment` is the path of
    /// the manifest.
    pub fn of(history: &History, environment: &str) -> Self {
        let text = history.base().text();
        let header = Header {
            spackplan_journal: FORMAT,
            environment: environment.to_owned(),
            sha256: digest(text),
            text: text.to_owned(),
        };
        let undone = history.undone().len();
        let edits = history.edits().chain(history.undone()).cloned().map(Event::Done);
        Self { header, events: edits.chain(std::iter::repeat_n(Event::Undone, undone)).collect() }
    }

    /// Returns the path of the manifest.
    pub fn environment(&self) -> &str {
        &self.header.environment
    }

    /// Returns what happened, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the edits that were done in the end, and those that could be done again, the next one last.
    fn outcome(&self) -> (Vec<&Edit>, Vec<&Edit>) {
        let (mut done, mut undone) = (Vec::new(), Vec::new());
        for event in &self.events {
            match event {
                Event::Done(edit) => {
                    done.push(edit);
                    undone.clear();
                }
                Event::Undone => undone.extend(done.pop()),
                Event::Redone => done.extend(undone.pop()),
            }
        }
        (done, undone)
    }

    /// Returns the whole journal as text.
    pub fn to_lines(&self) -> String {
        std::iter::once(line(&self.header)).chain(self.events.iter().map(Event::to_line)).collect()
    }

    /// Reads a journal.
    ///
    /// # Errors
    /// Names the line that is no part of a journal of this format.
    pub fn read(source: &Arc<Source>) -> Result<Self> {
        let whole = source.text().rfind('\n').map_or("", |end| &source.text()[..=end]);
        let mut lines = whole.split_inclusive('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((Place::new(source, start..start + line.trim_end().len()), line))
        });
        let Some((place, first)) = lines.next() else {
            return Err(Error::input("this journal of edits is empty").at(&Place::new(source, 0..0)));
        };
        let header: Header = serde_json::from_str(first).map_err(|error| broken(&place, &error))?;
        if header.spackplan_journal != FORMAT {
            let message = format!("this journal has format {}, but {FORMAT} is known", header.spackplan_journal);
            return Err(Error::input(message).at(&place).hint("use the version of spackplan that wrote it"));
        }
        if digest(&header.text) != header.sha256 {
            return Err(Error::input("the text in this journal has been damaged").at(&place).hint(MOVE_AWAY));
        }
        let mut events = Vec::new();
        for (place, line) in lines {
            if events.len() >= MOST_EVENTS {
                let message = format!("this journal has more than {MOST_EVENTS} edits");
                return Err(Error::input(message).at(&place).hint(MOVE_AWAY));
            }
            events.push(serde_json::from_str(line).map_err(|error| broken(&place, &error))?);
        }
        Ok(Self { header, events })
    }

    /// Makes the edits again, and undoes those that were undone: as they were if the file has not changed since, and
    /// otherwise as far as they fit.
    ///
    /// # Errors
    /// Returns why the edits cannot be made even on the text that they were made on: the journal is damaged.
    pub fn recover(&self, disk: &Arc<Source>) -> Result<Recovery> {
        let mut history = History::new(Source::new(disk.name(), self.header.text.clone()));
        let (done, undone) = self.outcome();
        for edit in done {
            history.push(edit.clone())?;
        }
        let made = history.edits().len();
        for edit in undone.into_iter().rev() {
            history.push(edit.clone())?;
        }
        while history.edits().len() > made {
            history.undo();
        }
        if history.find_saved(disk.text()) {
            return Ok(Recovery { history, unfit: Vec::new() });
        }
        let (history, unfit) = history.rebase(disk);
        Ok(Recovery { history, unfit })
    }
}

fn line<T: Serialize>(value: &T) -> String {
    // Texts, numbers and names always have a form in JSON.
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

fn broken(place: &Place, error: &serde_json::Error) -> Error {
    Error::input(format!("this line is no part of a journal of edits: {error}")).at(place).hint(MOVE_AWAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::MappingAt;

    const MANIFEST: &str = "\
spack:
  specs: [zlib]
  gitlab-ci:
    mappings:
    - match: [zlib]
      runner-attributes: {tags: [a]}
    - match: [gcc]
      runner-attributes: {tags: [b]}
    - match: [hdf5]
      runner-attributes: {tags: [c]}
";

    fn moved(index: usize, to: usize) -> Edit {
        Edit::MoveMapping { mapping: MappingAt { section: 0, index }, to }
    }

    /// Returns a history of two edits that were saved.
    fn saved() -> History {
        let mut history = History::new(Source::new("spack.yaml", MANIFEST));
        history.push(moved(0, 1)).unwrap();
        history.push(moved(1, 2)).unwrap();
        let text = Arc::clone(history.current());
        history.mark_saved(&text);
        history
    }

    fn recovered(history: &History, disk: &Arc<Source>) -> History {
        let journal = Journal::read(&Source::new("j", Journal::of(history, "spack.yaml").to_lines())).unwrap();
        let recovery = journal.recover(disk).unwrap();
        assert!(recovery.unfit.is_empty(), "{:?}", recovery.unfit);
        recovery.history
    }

    #[test]
    fn what_was_undone_after_saving_is_still_undone_and_can_be_done_again() {
        let mut history = saved();
        let disk = Arc::clone(history.saved());
        history.undo();
        let mut recovered = recovered(&history, &disk);
        assert_eq!(recovered.current().text(), history.current().text());
        assert_eq!((recovered.unsaved(), recovered.is_changed()), (1, true));
        assert_eq!(recovered.saved_edits().unwrap(), [moved(0, 1), moved(1, 2)]);
        recovered.redo();
        assert_eq!((recovered.unsaved(), recovered.is_changed()), (0, false));
    }

    #[test]
    fn edits_made_while_saving_stay_unsaved() {
        let mut history = History::new(Source::new("spack.yaml", MANIFEST));
        history.push(moved(0, 1)).unwrap();
        let written = Arc::clone(history.current());
        history.push(moved(1, 2)).unwrap();
        history.mark_saved(&written);
        assert_eq!((history.unsaved(), history.saved().text()), (1, written.text()));
        assert_eq!(recovered(&history, &written).current().text(), history.current().text());
    }
}

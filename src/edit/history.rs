//! The edits made so far: undone and done again without limit, and carried over when the file changes on disk.

use super::{Change, Edit, apply_in, rebase};
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::edit::Document;
use std::sync::Arc;

/// An edit with what it did to the text.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was wanted.
    pub edit: Edit,
    /// What was done.
    pub change: Change,
}

/// An edit that does not fit the file any more.
#[derive(Clone, Debug)]
pub struct Unfit {
    /// The edit.
    pub edit: Edit,
    /// Why it does not fit.
    pub error: Error,
}

/// The texts of a manifest from the one that was loaded to the one on screen.
#[derive(Clone, Debug)]
pub struct History {
    base: Arc<Source>,
    current: Arc<Source>,
    /// The current text as it was read for the last edit, if there was one since.
    read: Option<Arc<Document>>,
    /// What the file holds.
    saved: Arc<Source>,
    /// After how many edits it was saved; `None` once those edits were undone and others made.
    saved_at: Option<usize>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Starts with the text of the file.
    pub fn new(base: Arc<Source>) -> Self {
        let (current, saved) = (Arc::clone(&base), Arc::clone(&base));
        Self { base, current, read: None, saved, saved_at: Some(0), done: Vec::new(), undone: Vec::new() }
    }

    /// Returns the text that was loaded.
    pub fn base(&self) -> &Arc<Source> {
        &self.base
    }

    /// Returns the text with all edits done.
    pub fn current(&self) -> &Arc<Source> {
        &self.current
    }

    /// Returns the text that the file holds.
    pub fn saved(&self) -> &Arc<Source> {
        &self.saved
    }

    /// Returns the edits that are done, oldest first.
    pub fn edits(&self) -> impl DoubleEndedIterator<Item = &Edit> + ExactSizeIterator {
        self.done.iter().map(|step| &step.edit)
    }

    /// Returns the edit that [`Self::undo`] would take back.
    pub fn last(&self) -> Option<&Edit> {
        self.done.last().map(|step| &step.edit)
    }

    /// Returns the edit that [`Self::redo`] would do.
    pub fn next(&self) -> Option<&Edit> {
        self.undone.last().map(|step| &step.edit)
    }

    /// Tells whether the text differs from what the file holds.
    pub fn is_changed(&self) -> bool {
        self.current.text() != self.saved.text()
    }

    /// Finds what an edit would make of the current text, without making it.
    pub fn try_edit(&self, edit: &Edit) -> Result<Arc<Source>> {
        let made = apply_in(&*self.document()?, edit)?;
        Ok(made.map_or_else(|| Arc::clone(&self.current), |(_, changed)| Arc::clone(changed.source())))
    }

    /// Makes an edit and returns what it changed; what was undone is forgotten.
    ///
    /// An edit that changes nothing, because the text says so already, is not remembered, and `None` is returned.
    ///
    /// # Errors
    /// Returns why the edit is refused; nothing has changed then.
    pub fn push(&mut self, edit: Edit) -> Result<Option<&Change>> {
        let document = self.document()?;
        self.read = Some(Arc::clone(&document));
        let Some((change, changed)) = apply_in(&document, &edit)? else { return Ok(None) };
        if self.saved_at.is_some_and(|at| at > self.done.len()) {
            self.saved_at = None;
        }
        self.undone.clear();
        self.current = Arc::clone(changed.source());
        self.read = Some(Arc::new(changed));
        self.done.push(Step { edit, change });
        Ok(self.done.last().map(|step| &step.change))
    }

    /// Takes the last edit back and returns it.
    pub fn undo(&mut self) -> Option<&Edit> {
        let step = self.done.pop()?;
        self.go(&step.change.inverse());
        self.undone.push(step);
        self.next()
    }

    /// Makes the edit again that was taken back last and returns it.
    pub fn redo(&mut self) -> Option<&Edit> {
        let step = self.undone.pop()?;
        self.go(&step.change);
        self.done.push(step);
        self.last()
    }

    /// Notes that the file now holds `text`, which was the current one when the writing began; the edits can still be
    /// undone.
    pub fn mark_saved(&mut self, text: &Arc<Source>) {
        if self.current.text() == text.text() {
            self.saved = Arc::clone(&self.current);
            self.saved_at = Some(self.done.len());
        } else if !self.find_saved(text.text()) {
            self.saved = Arc::clone(text);
            self.saved_at = None;
        }
    }

    /// Makes the edits that are not in the file again on `disk`, which the file holds now, each where its subject
    /// stands now; returns those that do not fit any more.
    pub fn rebase(&self, disk: &Arc<Source>) -> (Self, Vec<Unfit>) {
        if disk.text() == self.saved.text() {
            return (self.clone(), Vec::new());
        }
        let mut history = Self::new(Arc::clone(disk));
        let (steps, lost) = match self.saved_at {
            Some(at) if at <= self.done.len() => (&self.done[at..], [].as_slice()),
            _ => ([].as_slice(), self.done.as_slice()),
        };
        let mut unfit: Vec<_> =
            lost.iter().map(|step| Unfit { edit: step.edit.clone(), error: saved_over() }).collect();
        let mut old = Arc::clone(&self.saved);
        for Step { edit, change } in steps {
            let fitted = rebase::refit(edit, &old, &history.current);
            if let Err(error) = fitted.and_then(|fitted| history.push(fitted).map(drop)) {
                unfit.push(Unfit { edit: edit.clone(), error });
            }
            old = Source::new(old.name(), change.apply_to(old.text()));
        }
        (history, unfit)
    }

    /// Finds the point of the history at which the text was `text`, and takes that for saved.
    pub(super) fn find_saved(&mut self, text: &str) -> bool {
        let mut at = Arc::clone(&self.base);
        let steps = self.done.iter().chain(self.undone.iter().rev());
        for (count, step) in steps.map(Some).chain([None]).enumerate() {
            if at.text() == text {
                self.saved = at;
                self.saved_at = Some(count);
                return true;
            }
            if let Some(step) = step {
                at = Source::new(at.name(), step.change.apply_to(at.text()));
            }
        }
        false
    }

    /// Returns the current text as it reads.
    fn document(&self) -> Result<Arc<Document>> {
        match &self.read {
            Some(document) => Ok(Arc::clone(document)),
            None => Ok(Arc::new(Document::read(&self.current)?)),
        }
    }

    fn go(&mut self, change: &Change) {
        self.current = Source::new(self.current.name(), change.apply_to(self.current.text()));
        self.read = None;
    }
}

fn saved_over() -> Error {
    Error::input(
        "the file was saved, this was done after some of what was saved had been undone, and then the file changed",
    )
    .hint("make this edit again")
}

//! What is to be ended with the program: a list to which nothing is added any more once that has begun.

use crate::error::{Error, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A list for a `static`, shared by all threads.
pub(super) struct Live<T>(Mutex<List<T>>);

struct List<T> {
    entries: Vec<T>,
    open: bool,
}

impl<T: Clone + PartialEq> Live<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(List { entries: Vec::new(), open: true }))
    }

    fn list(&self) -> MutexGuard<'_, List<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes something and adds its `entry`; nobody can close the list in between.
    pub(super) fn add<M>(&self, make: impl FnOnce() -> Result<M>, entry: impl FnOnce(&M) -> T) -> Result<M> {
        let mut list = self.list();
        if !list.open {
            return Err(Error::refused("the program is ending"));
        }
        let new = make()?;
        list.entries.push(entry(&new));
        Ok(new)
    }

    /// Takes out what has ended by itself.
    pub(super) fn forget(&self, entry: &T) {
        self.list().entries.retain(|other| other != entry);
    }

    pub(super) fn all(&self) -> Vec<T> {
        self.list().entries.clone()
    }

    /// Closes the list and returns what is still to be ended.
    pub(super) fn close(&self) -> Vec<T> {
        let mut list = self.list();
        list.open = false;
        std::mem::take(&mut list.entries)
    }

    pub(super) fn is_closed(&self) -> bool {
        !self.list().open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_any_more_once_the_list_is_closed() {
        let live = Live::new();
        for number in [1, 2, 3] {
            live.add(|| Ok(number), |number| *number).unwrap();
        }
        live.forget(&2);
        assert_eq!((live.all(), live.is_closed()), (vec![1, 3], false));
        assert_eq!(live.close(), [1, 3]);
        let made = live.add(|| panic!("it is not made"), |number: &i32| *number);
        assert_eq!(made.unwrap_err().message, "the program is ending");
        assert!(live.is_closed() && live.all().is_empty());
    }

    #[test]
    fn what_cannot_be_made_is_not_listed() {
        let live: Live<i32> = Live::new();
        assert!(live.add(|| Err::<i32, _>(Error::refused("no")), |number| *number).is_err());
        assert!(live.all().is_empty());
    }
}

//! Where the texts of included files come from.

use crate::error::Result;
use crate::source::Source;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands at a path.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A directory.
    Directory,
    /// A file with its text.
    File(Arc<Source>),
}

/// Where the texts of included files come from.
pub trait Files {
    /// Returns what stands at `path`.
    ///
    /// # Errors
    /// Returns why something that is there cannot be read.
    fn find(&self, path: &Path) -> Result<Found>;
}

/// Files that were read before, by their paths.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    by_path: BTreeMap<PathBuf, Arc<Source>>,
}

impl Texts {
    /// Takes texts whose names are their paths.
    pub fn new(sources: impl IntoIterator<Item = Arc<Source>>) -> Self {
        let with_path = |source: Arc<Source>| (PathBuf::from(source.name()), source);
        Self { by_path: sources.into_iter().map(with_path).collect() }
    }
}

impl Files for Texts {
    fn find(&self, path: &Path) -> Result<Found> {
        let below = || self.by_path.range(path.to_owned()..).next().is_some_and(|(first, _)| first.starts_with(path));
        Ok(match self.by_path.get(path) {
            Some(source) => Found::File(Arc::clone(source)),
            None if below() => Found::Directory,
            None => Found::Missing,
        })
    }
}

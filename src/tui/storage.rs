//! Files of the program's own, where XDG puts them: keymap, theme and settings, and the edits that are not saved yet.

use crate::error::{Error, Result};
use crate::publish::file;
use crate::source::Source;
use etcetera::{BaseStrategy as _, choose_base_strategy};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NAME: &str = "spackplan";

/// Returns the directory of the user's own keymap, theme and settings.
pub(super) fn config_directory() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.config_dir().join(NAME))
}

/// Reads a file of the user's own, if there is one.
///
/// # Errors
/// Returns an error if it exists and cannot be read or is not UTF-8.
pub(super) fn config(name: &str) -> Result<Option<Arc<Source>>> {
    let Some(path) = config_directory().map(|directory| directory.join(name)) else { return Ok(None) };
    read(&path)
}

fn read(path: &Path) -> Result<Option<Arc<Source>>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Source::new(path.display().to_string(), text))),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(Error::io("read", path, &cause)),
    }
}

/// Returns where the edits of an environment are kept: one file an environment, named by its path's digest.
fn journal(manifest: &Path) -> Option<PathBuf> {
    let strategy = choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    let path = std::fs::canonicalize(manifest).unwrap_or_else(|_| manifest.to_owned());
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let mut name = String::new();
    for byte in &digest[..8] {
        let _ = write!(name, "{byte:02x}");
    }
    Some(state.join(NAME).join("edits").join(format!("{name}.json")))
}

/// Keeps edits where they survive the program.
///
/// # Errors
/// Returns an error if they cannot be written.
pub(super) fn keep(manifest: &Path, text: &str) -> Result<()> {
    let Some(path) = journal(manifest) else { return Ok(()) };
    file::replace(&path, |out| out.write_all(text.as_bytes()))
}

/// Forgets kept edits.
///
/// # Errors
/// Returns an error if their file cannot be removed.
pub(super) fn forget(manifest: &Path) -> Result<()> {
    let Some(path) = journal(manifest) else { return Ok(()) };
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(Error::io("remove", &path, &cause)),
        _ => Ok(()),
    }
}

/// Returns the edits kept for an environment, if there are any.
///
/// # Errors
/// Returns an error if their file cannot be read.
pub(super) fn kept(manifest: &Path) -> Result<Option<Arc<Source>>> {
    journal(manifest).map_or(Ok(None), |path| read(&path))
}

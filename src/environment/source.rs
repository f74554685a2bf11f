//! Finds and reads the manifest of an environment.

use super::{Context, Environment};
use crate::error::{Error, Result};
use crate::source::Source;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that makes a directory an environment.
const MANIFEST: &str = "spack.yaml";

/// Reads an environment: a directory with a `spack.yaml`, or a file like it.
///
/// # Errors
/// Returns an error if it cannot be read, is not UTF-8, or is no environment; see [`Environment::parse`].
pub fn load(path: &Path, context: &Context) -> Result<Environment> {
    Environment::parse(read(path)?, context)
}

/// Returns the path of an environment's manifest.
pub fn manifest(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(MANIFEST) } else { path.to_owned() }
}

/// Reads the text of an environment's manifest.
///
/// # Errors
/// Returns an error if it cannot be read or is not UTF-8.
pub fn read(path: &Path) -> Result<Arc<Source>> {
    let file = manifest(path);
    let bytes = std::fs::read(&file).map_err(|cause| {
        let error = Error::io("read", &file, &cause);
        match cause.kind() {
            ErrorKind::NotFound if path.is_dir() => {
                error.hint("name a directory that has a `spack.yaml`, or another file")
            }
            ErrorKind::NotFound => error.hint("name an environment: a directory with a `spack.yaml`, or such a file"),
            _ => error,
        }
    })?;
    let name = file.display().to_string();
    let text = String::from_utf8(bytes).map_err(|cause| {
        let valid = cause.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&cause.as_bytes()[..valid]).matches('\n').count() + 1;
        Error::input(format!("`{name}` is not UTF-8: byte {valid}, in line {line}, does not belong there"))
            .hint("save the file as UTF-8")
    })?;
    Ok(Source::new(name, text))
}

//! Finds and reads the manifest of an environment.

use super::{Context, Environment};
use crate::error::{Error, Result};
use crate::source::Source;
use std::io::ErrorKind;
use std::path::Path;

/// The file that makes a directory an environment.
const MANIFEST: &str = "spack.yaml";

/// Reads an environment: a directory with a `spack.yaml`, or a file like it.
///
/// # Errors
/// Returns an error if it cannot be read, is not UTF-8, or is no environment; see [`Environment::parse`].
pub fn load(path: &Path, context: &Context) -> Result<Environment> {
    let file = if path.is_dir() { path.join(MANIFEST) } else { path.to_owned() };
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
    Environment::parse(Source::new(name, text), context)
}

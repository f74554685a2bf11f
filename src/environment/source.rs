//! Finds and reads the manifest of an environment, and the files it includes.

use super::{Context, Dialect, Environment, Files, Found, Inputs};
use crate::error::{Error, Result};
use crate::source::Source;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that makes a directory an environment.
const MANIFEST: &str = "spack.yaml";
/// Included files are configuration that people write; whatever is larger than this many bytes is none.
const LARGEST_INCLUDE: u64 = 16 << 20;

/// Reads an environment: a directory with a `spack.yaml`, or a file like it.
///
/// # Errors
/// Returns an error if it cannot be read, is not UTF-8, or is no environment; see [`Environment::read`].
pub fn load(path: &Path, context: &Context) -> Result<Environment> {
    load_as(path, context, None)
}

/// Reads an environment for a pipeline of a dialect, where it should not follow from the environment.
///
/// # Errors
/// Returns the same errors as [`load`].
pub fn load_as(path: &Path, context: &Context, dialect: Option<Dialect>) -> Result<Environment> {
    Environment::read(read(path)?, Inputs { context, files: &Disk, dialect })
}

/// Reads an environment that came from elsewhere: whatever it includes has to be below a directory.
///
/// # Errors
/// Returns the same errors as [`load`], and one if it includes something outside that directory.
pub fn load_within(root: &Path, path: &Path, context: &Context, dialect: Option<Dialect>) -> Result<Environment> {
    Environment::read(read(path)?, Inputs { context, files: &Within(root), dialect })
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
    read_file(&manifest(path)).map_err(|failure| match failure {
        Failure::Other(error) => error,
        Failure::NotFound(error) if path.is_dir() => {
            error.hint("name a directory that has a `spack.yaml`, or another file")
        }
        Failure::NotFound(error) => error.hint("name an environment: a directory with a `spack.yaml`, or such a file"),
    })
}

/// Included files as they are on disk.
struct Disk;

impl Files for Disk {
    fn find(&self, path: &Path) -> Result<Found> {
        // The directory that paths start from has an empty one.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Found::Missing);
            }
            Err(cause) => return Err(Error::io("read", path, &cause)),
        };
        if metadata.is_dir() {
            return Ok(Found::Directory);
        }
        // A pipe would never end, and a device may not.
        if !metadata.is_file() || metadata.len() > LARGEST_INCLUDE {
            return Err(Error::input(format!("`{}` is no configuration file", path.display()))
                .hint("include a YAML file, or a directory of such"));
        }
        match read_file(path) {
            Ok(source) => Ok(Found::File(source)),
            Err(Failure::NotFound(_)) => Ok(Found::Missing),
            Err(Failure::Other(error)) => Err(error),
        }
    }
}

/// Included files below a directory, and no others.
struct Within<'a>(&'a Path);

impl Files for Within<'_> {
    fn find(&self, path: &Path) -> Result<Found> {
        if path.starts_with(self.0) {
            return Disk.find(path);
        }
        Err(Error::input(format!("`{}` is included from elsewhere", path.display()))
            .hint("include it by a path that is relative to the environment, so that it goes along"))
    }
}

/// Why a file could not be read.
enum Failure {
    NotFound(Error),
    Other(Error),
}

fn read_file(file: &Path) -> std::result::Result<Arc<Source>, Failure> {
    let bytes = std::fs::read(file).map_err(|cause| {
        let error = Error::io("read", file, &cause);
        if cause.kind() == ErrorKind::NotFound { Failure::NotFound(error) } else { Failure::Other(error) }
    })?;
    let name = file.display().to_string();
    let text = String::from_utf8(bytes).map_err(|cause| {
        let valid = cause.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&cause.as_bytes()[..valid]).matches('\n').count() + 1;
        let message = format!("`{name}` is not UTF-8: byte {valid}, in line {line}, does not belong there");
        Failure::Other(Error::input(message).hint("save the file as UTF-8"))
    })?;
    Ok(Source::new(name, text))
}

//! Writes a file whole or not at all.

use crate::error::{Error, Result};
use crate::scratch::builder;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Others may read the file, as far as the umask lets them.
const READABLE: u32 = 0o666;

/// A file's new content, on disk beside it and not yet in its place; dropping it leaves everything as it was.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    target: PathBuf,
    temporary: NamedTempFile,
}

impl Staged {
    /// Puts the content into the file's place, at once.
    ///
    /// # Errors
    /// Returns an error of kind [`Io`](crate::error::ErrorKind::Io); the existing file is then as it was.
    pub fn commit(self) -> Result<()> {
        let persisted = self.temporary.persist(&self.target);
        persisted.map(drop).map_err(|cause| Error::io("write", &self.path, &cause.error))
    }
}

/// Writes what `path` is to hold into a temporary file in its directory; missing parent directories are made, a symbolic
/// link is followed, and the mode of an existing file is kept.
///
/// # Errors
/// Returns an error of kind [`Io`](crate::error::ErrorKind::Io) if the file could not be written.
pub fn stage(path: &Path, write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>) -> Result<Staged> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |cause: io::Error| Error::io("write", path, &cause);
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if target.is_dir() {
        return Err(Error::usage(format!("cannot write `{}`: it is a directory", path.display())).hint("name a file"));
    }
    fs::create_dir_all(&parent).map_err(failed)?;
    let mut temporary = builder(READABLE).prefix(".spackplan-").tempfile_in(&parent).map_err(failed)?;
    if let Ok(existing) = fs::metadata(&target) {
        fs::set_permissions(temporary.path(), existing.permissions()).map_err(failed)?;
    }
    let mut buffer = BufWriter::with_capacity(1 << 16, temporary.as_file_mut());
    write(&mut buffer).and_then(|()| buffer.flush()).map_err(failed)?;
    drop(buffer);
    temporary.as_file().sync_all().map_err(failed)?;
    Ok(Staged { path: path.to_owned(), target, temporary })
}

/// Writes `path` whole or not at all, as [`stage`] and [`Staged::commit`] do.
///
/// # Errors
/// Returns an error of kind [`Io`](crate::error::ErrorKind::Io); the existing file is then as it was.
pub fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>) -> Result<()> {
    stage(path, write)?.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_directories_are_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/c.yml");
        replace(&path, |out| out.write_all(b"x")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }

    #[test]
    fn a_failure_leaves_the_file_and_its_directory_as_they_were() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.yml");
        fs::write(&path, "old").unwrap();
        let failure = replace(&path, |out| out.write_all(b"half").and(Err(io::Error::other("disk on fire"))));
        assert!(failure.unwrap_err().message.contains("disk on fire"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_the_mode_is_kept() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, |out| out.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}

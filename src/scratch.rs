//! Temporary directories and child processes that are gone however the process ends, SIGKILL excepted.

pub mod group;
mod live;

use crate::error::{Error, Result};
use live::Live;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How often a directory is emptied again that another thread still writes into.
const ATTEMPTS: usize = 50;

static DIRECTORIES: Live<PathBuf> = Live::new();

/// A private temporary directory, removed when this value is dropped, on panic and by [`remove_all`].
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes a directory that only this user can read, in the system's temporary directory.
    ///
    /// # Errors
    /// Fails if it cannot be made, or if the process is already ending by a signal.
    pub fn new() -> Result<Self> {
        let parent = std::env::temp_dir();
        let failed = |cause: io::Error| Error::io("make a temporary directory in", &parent, &cause);
        let make = || builder(0o700).prefix("spackplan-").tempdir_in(&parent).map_err(failed);
        let path = DIRECTORIES.add(|| make().map(TempDir::keep), PathBuf::clone)?;
        Ok(Self { path })
    }

    /// Returns the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
        DIRECTORIES.forget(&self.path);
    }
}

/// Ends every live group of child processes, removes every live directory, and lets no new one be made: for a process
/// that is about to end.
///
/// The terminal UI calls this from its own treatment of signals, after it has restored the terminal.
pub fn remove_all() {
    group::end_all();
    DIRECTORIES.close().iter().for_each(|path| remove(path));
}

/// Returns the live directories that are below `parent`, as they are seen from there.
pub(crate) fn below(parent: &Path) -> Vec<PathBuf> {
    let Ok(parent) = parent.canonicalize() else { return Vec::new() };
    let seen = |path: PathBuf| Some(path.canonicalize().ok()?.strip_prefix(&parent).ok()?.to_owned());
    DIRECTORIES.all().into_iter().filter_map(seen).collect()
}

/// From now on INT, TERM and HUP do what [`remove_all`] does and then end the process as they would have.
///
/// # Errors
/// Fails if the handlers cannot be installed.
#[cfg(unix)]
pub fn remove_on_signals() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let failed = |cause: io::Error| Error::refused(format!("cannot watch for signals: {cause}"));
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(failed)?;
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            remove_all();
            // It can only fail for signals that do not exist.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop).map_err(failed)
}

/// Makes files and directories with these permissions, as far as the umask allows.
#[cfg_attr(not(unix), expect(unused_variables, reason = "modes exist on Unix only"))]
pub(crate) fn builder(mode: u32) -> tempfile::Builder<'static, 'static> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes exist on Unix only"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    builder
}

/// Removes a directory that another thread may be adding to: moved aside, it is out of reach by its name. What was under
/// way, or makes the directory anew, takes another pass.
fn remove(path: &Path) {
    let aside = path.with_extension("gone");
    for _ in 0..ATTEMPTS {
        // Where it cannot be moved, it is removed where it stands.
        let _ = fs::rename(path, &aside);
        if is_gone(&aside) && is_gone(path) {
            return;
        }
        std::thread::yield_now();
    }
}

/// Removes a directory, and tells whether none is left.
fn is_gone(path: &Path) -> bool {
    fs::remove_dir_all(path).map_or_else(|cause| cause.kind() == io::ErrorKind::NotFound, |()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_directory_is_private_and_gone_after_use() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "x").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_panic_removes_it_too() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        let outcome = std::panic::catch_unwind(move || {
            let _inside = scratch;
            panic!("on purpose");
        });
        assert!(outcome.is_err() && !path.exists());
    }
}

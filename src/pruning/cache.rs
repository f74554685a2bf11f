//! Indices that were read before, kept under the user's cache directory with what tells whether they still hold.
//!
//! The cache only saves time: one that cannot be read or written, or makes no sense, is none.

use crate::publish::file;
use crate::publish::trailers::sha256;
use etcetera::{BaseStrategy as _, choose_base_strategy};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The layout of the files; others are not read.
const VERSION: u32 = 1;

/// What is known of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    version: u32,
    /// The URL of its first file; names of cache files might meet.
    url: String,
    /// The tag under which the server gave that file.
    pub(super) tag: Option<String>,
    /// The SHA-256 of the index as hexadecimal digits.
    pub(super) checksum: String,
    /// The hashes of the specs that it has.
    pub(super) specs: FxHashSet<String>,
}

impl Entry {
    pub(super) fn new(url: &str, tag: Option<String>, checksum: String, specs: FxHashSet<String>) -> Self {
        Self { version: VERSION, url: url.to_owned(), tag, checksum, specs }
    }
}

/// Returns where this user's cached indices are.
pub fn directory() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.cache_dir().join("spackplan").join("indices"))
}

/// Reads what is known of the index at a URL.
pub(super) fn read(directory: &Path, url: &str) -> Option<Entry> {
    let bytes = std::fs::read(path(directory, url)).ok()?;
    let entry: Entry = serde_json::from_slice(&bytes).ok()?;
    (entry.version == VERSION && entry.url == url).then_some(entry)
}

/// Keeps what is known of an index; that it cannot be kept is no harm.
pub(super) fn write(directory: &Path, entry: &Entry) {
    let Ok(bytes) = serde_json::to_vec(entry) else { return };
    let _ = file::replace(&path(directory, &entry.url), |out| out.write_all(&bytes));
}

fn path(directory: &Path, url: &str) -> PathBuf {
    directory.join(format!("{}.json", &sha256(url.as_bytes())[..32]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_for_the_same_url_only() {
        let directory = tempfile::tempdir().unwrap();
        let specs = ["abc".to_owned()].into_iter().collect();
        let entry = Entry::new("https://m/index.json", Some("\"1\"".to_owned()), "00".to_owned(), specs);
        write(directory.path(), &entry);
        assert_eq!(read(directory.path(), "https://m/index.json"), Some(entry));
        assert_eq!(read(directory.path(), "https://n/index.json"), None);
    }

    #[test]
    fn a_broken_cache_is_none() {
        let directory = tempfile::tempdir().unwrap();
        for bytes in ["{", "[]", "{\"version\": 99}", ""] {
            std::fs::write(path(directory.path(), "u"), bytes).unwrap();
            assert_eq!(read(directory.path(), "u"), None);
        }
        write(Path::new("/dev/null/x"), &Entry::new("u", None, String::new(), FxHashSet::default()));
    }
}

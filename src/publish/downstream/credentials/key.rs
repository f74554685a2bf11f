//! The ssh keys of a user, as `ssh` looks for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the default keys that exist below a home directory, in the order ssh tries them.
pub(super) fn files(home: &Path) -> Vec<PathBuf> {
    let names = ["id_ed25519", "id_ecdsa", "id_rsa"];
    names.iter().map(|name| home.join(".ssh").join(name)).filter(|path| path.is_file()).collect()
}

/// Tells whether a key needs a passphrase; a file that is no key needs none.
pub(super) fn is_encrypted(path: &Path) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return false };
    if text.contains("ENCRYPTED") {
        return true;
    }
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    // `openssh-key-v1`, NUL, then the cipher's name with its length.
    STANDARD.decode(body).is_ok_and(|bytes| {
        bytes.strip_prefix(b"openssh-key-v1\0").is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
    })
}

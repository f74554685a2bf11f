//! Says what went wrong with git, and what to do about it.

use super::credentials::Credentials;
use crate::error::Error;
use crate::redact::{redact, shown};
use git2::{ErrorClass, ErrorCode};
use std::path::Path;

/// What to do where a shallow checkout lacks commits that the remote lacks too.
pub(super) const LACKS_HISTORY: &str =
    "the checkout lacks history that the remote lacks too: fetch all of it (GIT_DEPTH: 0), or use `--history orphan`";

/// Explains a failure of something done to a remote.
pub(super) fn remote(action: &str, url: &str, cause: &git2::Error, credentials: &Credentials) -> Error {
    let message = format!("cannot {action} `{}`: {}", redact(url), credentials.clean(&said(cause)));
    let error = Error::refused(message);
    match hint(cause) {
        Some(hint) => error.hint(hint),
        None => error.hint("check that the URL is right and that the remote can be reached from here"),
    }
}

/// Explains a failure of something done to a repository on this machine.
pub(super) fn local(action: &str, path: &Path, cause: &git2::Error) -> Error {
    let error = Error::refused(format!("cannot {action} `{}`: {}", path.display(), redact(&said(cause))));
    match hint(cause) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Explains why a repository cannot be opened.
pub(super) fn open(path: &Path, cause: &git2::Error) -> Error {
    match cause.code() {
        ErrorCode::NotFound => {
            Error::input(format!("`{}` is not in a git repository", shown(&path.display().to_string())))
                .hint("run this in a checkout of the repository that is being released")
        }
        _ => local("open the repository of", path, cause),
    }
}

/// Returns the library's words, without the period or the trailing class that some carry.
fn said(cause: &git2::Error) -> String {
    cause.message().trim_end_matches('.').to_owned()
}

fn hint(cause: &git2::Error) -> Option<&'static str> {
    let message = cause.message();
    Some(match (cause.code(), cause.class()) {
        (ErrorCode::Auth, _) => {
            "log in with an ssh agent or key, a credential helper, GIT_ASKPASS, or CI_JOB_TOKEN (sent to CI_SERVER_HOST only)"
        }
        (ErrorCode::Certificate, ErrorClass::Ssh) => {
            "after checking the host's key, add it: ssh-keyscan HOST >> ~/.ssh/known_hosts"
        }
        (ErrorCode::Certificate, _) | (_, ErrorClass::Ssl) => {
            "name the authority that signed the server's certificate: SSL_CERT_FILE=FILE"
        }
        (ErrorCode::Owner, _) => {
            "it belongs to another user; if you trust it: git config --global --add safe.directory PATH"
        }
        (ErrorCode::Locked, _) => "another process is writing there; try again, or remove a stale `.lock` file",
        (_, ErrorClass::Http) if message.contains("403") => {
            "the account may not do this there: check its role, or the token's scopes"
        }
        (_, ErrorClass::Http) if message.contains("404") => {
            "the repository is not there, or the account may not see it"
        }
        (ErrorCode::NotFound, ErrorClass::Odb) => LACKS_HISTORY,
        _ if message.contains("unsupported mandatory extension") => {
            "only git itself reads this kind of index: git update-index --no-split-index; git sparse-checkout reapply --no-sparse-index"
        }
        _ if message.contains("unsupported extension name") || message.contains("unknown object format") => {
            "only git itself reads this kind of repository; release from a clone with files for references and SHA-1 names"
        }
        _ if message.contains("No space left") => "make room on the disk; nothing was changed",
        _ => return None,
    })
}

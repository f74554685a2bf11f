//! What a remote is called: a name that the repository knows, a URL or a path.

use super::failure;
use crate::error::{Error, Result};
use crate::redact::redact;
use git2::{Remote, Repository};
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};

/// The schemes that are spoken.
const SCHEMES: [&str; 4] = ["file", "http", "https", "ssh"];

/// Returns the URL to push to, after git's `pushurl` and `insteadOf` rules.
pub(super) fn resolve(repository: &Repository, remote: &str) -> Result<String> {
    if remote.is_empty() {
        return Err(Error::usage("no remote is named").hint("name it: --push REMOTE, or set DOWNSTREAM_CI_REPO"));
    }
    let known = if Remote::is_valid_name(remote) { repository.find_remote(remote).ok() } else { None };
    let url = if let Some(known) = known {
        let url = known.pushurl_bytes().unwrap_or_else(|| known.url_bytes());
        from_root(repository, String::from_utf8_lossy(url).into_owned())
    } else {
        check(remote)?;
        let failed = |cause: git2::Error| failure::local("read the configuration of", repository.path(), &cause);
        let anonymous = repository.remote_anonymous(remote).map_err(failed)?;
        String::from_utf8_lossy(anonymous.url_bytes()).into_owned()
    };
    check(&url).map(|()| url)
}

/// Returns a configured URL as it is seen from here: git takes relative paths from the root of the working tree.
fn from_root(repository: &Repository, url: String) -> String {
    let is_relative = !url.contains("://") && !is_scp(&url) && Path::new(&url).is_relative();
    match repository.workdir().filter(|_| is_relative) {
        Some(root) => root.join(url).to_string_lossy().into_owned(),
        None => url,
    }
}

/// Refuses what is not spoken, or could be taken for something else than a place.
pub(super) fn check(url: &str) -> Result<()> {
    if url.starts_with('-') || url.chars().any(|c| c.is_control() || c == ' ') {
        return Err(Error::input("the URL of the remote contains a space or a control character, or starts with `-`")
            .hint("write such characters as %20 and the like"));
    }
    if has_scp_password(url) {
        return Err(Error::input("the address of the remote has a password, which ssh does not take in this form")
            .hint("leave it out and log in with a key or an agent, or write a URL: https://USER:PASSWORD@HOST/PATH"));
    }
    let is_known = match url.split_once("://") {
        Some((scheme, _)) => SCHEMES.contains(&scheme),
        None => Path::new(url).exists() || is_scp(url),
    };
    if is_known {
        return Ok(());
    }
    Err(Error::input(format!("`{}` is neither a remote of this repository nor a URL", redact(url)))
        .hint(format!("name a remote (`git remote`), a path, or a URL that starts with {}://", SCHEMES.join("://, "))))
}

/// Returns where the remote is on this machine, if it is.
pub(super) fn local_path(url: &str) -> Option<PathBuf> {
    if let Some(rest) = url.strip_prefix("file://") {
        let path = rest.strip_prefix("localhost").unwrap_or(rest);
        return Some(decoded(path));
    }
    (!url.contains("://") && (Path::new(url).exists() || !is_scp(url))).then(|| PathBuf::from(url))
}

#[cfg(unix)]
fn decoded(path: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(percent_decode_str(path).collect()))
}

#[cfg(not(unix))]
fn decoded(path: &str) -> PathBuf {
    PathBuf::from(percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy().into_owned())
}

/// Returns the address of a remote as it may be shown.
pub fn shown_address(url: &str) -> String {
    match url.rsplit_once('@').filter(|_| has_scp_password(url)) {
        Some((_, place)) => redact(&format!("***@{place}")),
        None => redact(url),
    }
}

/// Tells whether a text looks like `user:password@host:path`, which is no place.
fn has_scp_password(url: &str) -> bool {
    let looks = |(user, place): (&str, &str)| user.contains(':') && (!user.contains('/') || place.contains(':'));
    !url.contains("://") && !Path::new(url).exists() && url.split_once('@').is_some_and(looks)
}

/// Tells whether a text is `host:path` or `user@host:path`.
fn is_scp(url: &str) -> bool {
    url.split_once(':').is_some_and(|(host, path)| {
        !host.is_empty() && !path.is_empty() && !host.contains('/') && !host.ends_with('@') && !host.contains("@-")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_place_is_refused() {
        for url in
            ["--upload-pack=touch x", "ext::sh -c id", "gopher://h/x", "nowhere", "git@:x", "git@-oProxyCommand=x:y"]
        {
            assert!(check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_in_the_short_form_of_ssh_is_refused_and_not_shown() {
        for url in ["git:s3cret@h:group/x.git", "git:s3cret@h", "git:s3/cret@h:x"] {
            let error = check(url).unwrap_err();
            assert!(!format!("{error:?}").contains("cret"), "{error:?}");
            assert!(!shown_address(url).contains("cret"), "{}", shown_address(url));
        }
        assert!(["git@h:group/a@b.git", "h:group/a@b.git"].into_iter().all(|url| check(url).is_ok()));
    }

    #[test]
    fn urls_and_the_short_form_of_ssh_are_taken() {
        for url in ["https://h/x.git", "ssh://git@h:2222/x", "git@h:group/x.git", "file:///srv/x.git"] {
            assert!(check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_place_on_this_machine_is_found() {
        assert_eq!(local_path("file:///srv/a%20b.git"), Some(PathBuf::from("/srv/a b.git")));
        assert_eq!(local_path("/"), Some(PathBuf::from("/")));
        assert_eq!(local_path("git@h:x"), None);
        assert_eq!(local_path("https://h/x"), None);
    }
}

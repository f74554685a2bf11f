//! Asks git's credential helpers, by git's own rules of which one counts for which address.

use super::answer;
use crate::publish::watch::Reporter;
use crate::redact::Secret;
use crate::scratch::group::Group;
use std::path::Path;
use std::process::Command;

/// Returns the user and the password that a helper has for an address, `user` if one is named already.
///
/// `git credential` runs in `directory`, whose configuration counts, and asks nobody but helpers. `None` if git is not
/// installed, too.
pub(super) fn ask(directory: &Path, url: &str, user: Option<&str>, reporter: &Reporter) -> Option<(String, Secret)> {
    let question = question(url, user)?;
    let mut command = Command::new("git");
    command.args(["-c", "core.askPass=", "credential", "fill"]).current_dir(directory);
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env_remove("SSH_ASKPASS");
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"] {
        command.env_remove(inherited);
    }
    answer::prepare(&mut command);
    // The helper is a child of git's: a group ends with all that is in it.
    let mut group = Group::start(&mut command).ok()?;
    let text = answer::of(group.child(), question, reporter)?;
    let value = |key: &str| text.reveal().lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    Some((value("username")?.to_owned(), Secret::new(value("password")?)))
}

/// Describes an address as `git credential` reads it.
fn question(url: &str, user: Option<&str>) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let parts = [("protocol", Some(scheme)), ("host", Some(super::authority(rest))), ("username", user)];
    let parts = parts.into_iter().chain([("path", Some(path).filter(|path| !path.is_empty()))]);
    let mut question = String::new();
    for (key, value) in parts {
        let Some(value) = value else { continue };
        // A line break would begin another part.
        if value.chars().any(char::is_control) {
            return None;
        }
        question.extend([key, "=", value, "\n"]);
    }
    Some(question + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_described_without_its_password() {
        let expected = "protocol=https\nhost=h:8443\nusername=u\npath=group/x.git\n\n";
        assert_eq!(question("https://u:s3cret@h:8443/group/x.git", Some("u")).as_deref(), Some(expected));
        assert_eq!(question("http://[::1]", None).as_deref(), Some("protocol=http\nhost=[::1]\n\n"));
    }

    #[test]
    fn an_address_cannot_describe_another() {
        assert_eq!(question("https://h/x\nhost=other", None), None);
        assert_eq!(question("https://h/x", Some("u\nhost=other")), None);
    }
}

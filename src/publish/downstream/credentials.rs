//! Where user names, passwords and keys come from, each offered once, so that a refusal never loops.

mod answer;
mod askpass;
mod helper;
mod key;

use crate::publish::watch::Reporter;
use crate::redact::{Secret, redact};
use git2::{Config, Cred, CredentialType, ErrorClass, ErrorCode, Repository};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The user that GitLab knows job tokens by.
const JOB_TOKEN_USER: &str = "gitlab-ci-token";

/// What the environment offers to log in with; git's configuration is asked in addition.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    job_token: Option<JobToken>,
    git_askpass: Option<OsString>,
    ssh_askpass: Option<OsString>,
    has_agent: bool,
    has_ssh_command: bool,
    home: Option<PathBuf>,
    user: Option<String>,
}

/// A token that only the server which issued it may see.
#[derive(Clone, Debug)]
struct JobToken {
    host: String,
    secret: Secret,
}

impl Credentials {
    /// Reads `GIT_ASKPASS`, `SSH_ASKPASS`, `SSH_AUTH_SOCK`, `HOME`, `USER`, and `CI_JOB_TOKEN` with `CI_SERVER_HOST`,
    /// the only host the token is sent to.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
        let job_token = text("CI_JOB_TOKEN").zip(text("CI_SERVER_HOST"));
        Self {
            job_token: job_token.map(|(token, host)| JobToken { host, secret: Secret::new(token) }),
            git_askpass: set("GIT_ASKPASS"),
            ssh_askpass: set("SSH_ASKPASS"),
            has_agent: set("SSH_AUTH_SOCK").is_some(),
            has_ssh_command: set("GIT_SSH_COMMAND").is_some(),
            home: set("HOME").map(PathBuf::from),
            user: text("USER"),
        }
    }

    /// Returns `text` fit for the screen: without URLs' secrets, the job token and control characters.
    pub fn clean(&self, text: &str) -> String {
        match &self.job_token {
            Some(token) => redact(&text.replace(token.secret.reveal(), "***")),
            None => redact(text),
        }
    }
}

/// Git's configuration, and the directory that it is of.
pub(super) struct Configured {
    config: Option<Config>,
    directory: PathBuf,
}

impl Configured {
    /// Takes the configuration of a repository.
    pub(super) fn of(repository: &Repository) -> Self {
        let directory = repository.workdir().unwrap_or_else(|| repository.path()).to_owned();
        Self { config: repository.config().ok(), directory }
    }

    /// Takes the user's and the system's configuration; `directory` is in no repository.
    pub(super) fn outside(directory: &Path) -> Self {
        Self { config: Config::open_default().ok(), directory: directory.to_owned() }
    }
}

/// The ways to log in that have not been tried yet on one connection.
pub(super) struct Attempts<'a> {
    credentials: &'a Credentials,
    configured: Configured,
    reporter: &'a Reporter,
    /// `None` until the remote says what it takes.
    left: Option<VecDeque<Source>>,
    tried: Vec<&'static str>,
}

/// A way to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Agent,
    Key(PathBuf),
    Helper,
    GitAskpass,
    ConfigAskpass,
    JobToken,
    SshAskpass,
}

impl Source {
    fn name(&self) -> &'static str {
        match self {
            Self::Agent => "the ssh agent",
            Self::Key(_) => "keys in ~/.ssh",
            Self::Helper => "git's credential helpers",
            Self::GitAskpass => "GIT_ASKPASS",
            Self::ConfigAskpass => "core.askPass",
            Self::JobToken => "CI_JOB_TOKEN",
            Self::SshAskpass => "SSH_ASKPASS",
        }
    }
}

impl<'a> Attempts<'a> {
    pub(super) fn new(credentials: &'a Credentials, configured: Configured, reporter: &'a Reporter) -> Self {
        Self { credentials, configured, reporter, left: None, tried: Vec::new() }
    }

    /// Answers the remote's question with the next way to log in.
    pub(super) fn next(&mut self, url: &str, user: Option<&str>, allowed: CredentialType) -> Result<Cred, git2::Error> {
        if allowed.contains(CredentialType::USERNAME) {
            return Cred::username(user.or(self.credentials.user.as_deref()).unwrap_or("git"));
        }
        let over_ssh = allowed.contains(CredentialType::SSH_KEY);
        if self.left.is_none() {
            self.left = Some(if over_ssh { self.ssh_sources() } else { http_sources() });
        }
        while let Some(source) = self.left.as_mut().and_then(VecDeque::pop_front) {
            if self.reporter.is_stopped() {
                break;
            }
            if let Some(found) = self.ask(&source, url, user) {
                if !self.tried.contains(&source.name()) {
                    self.tried.push(source.name());
                }
                return Ok(found);
            }
        }
        Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Callback, self.refusal()))
    }

    fn refusal(&self) -> String {
        let unread =
            if self.credentials.has_ssh_command { " (GIT_SSH_COMMAND and ~/.ssh/config are not read)" } else { "" };
        match self.tried.as_slice() {
            [] => format!("there are no credentials for it{unread}"),
            tried => format!("it refused those of {}{unread}", tried.join(", ")),
        }
    }

    fn ssh_sources(&self) -> VecDeque<Source> {
        let agent = self.credentials.has_agent.then_some(Source::Agent);
        let keys = self.credentials.home.iter().flat_map(|home| key::files(home)).map(Source::Key);
        agent.into_iter().chain(keys).collect()
    }

    fn ask(&self, source: &Source, url: &str, user: Option<&str>) -> Option<Cred> {
        let ssh_user = user.unwrap_or("git");
        match source {
            Source::Agent => Cred::ssh_key_from_agent(ssh_user).ok(),
            Source::Key(path) => {
                let passphrase = if key::is_encrypted(path) {
                    let program = self.credentials.ssh_askpass.as_ref()?;
                    Some(askpass::ask(
                        program,
                        &format!("Enter passphrase for key '{}': ", path.display()),
                        self.reporter,
                    )?)
                } else {
                    None
                };
                Cred::ssh_key(ssh_user, None, path, passphrase.as_ref().map(Secret::reveal)).ok()
            }
            Source::Helper => {
                let (user, password) = helper::ask(&self.configured.directory, url, user, self.reporter)?;
                Cred::userpass_plaintext(&user, password.reveal()).ok()
            }
            Source::GitAskpass => self.ask_both(self.credentials.git_askpass.as_ref()?, url, user),
            Source::ConfigAskpass => {
                let program = self.configured.config.as_ref()?.get_path("core.askpass").ok()?;
                self.ask_both(program.as_os_str(), url, user)
            }
            Source::SshAskpass => self.ask_both(self.credentials.ssh_askpass.as_ref()?, url, user),
            Source::JobToken => {
                let token = self.credentials.job_token.as_ref()?;
                let is_issuer = host(url).is_some_and(|host| host.eq_ignore_ascii_case(&token.host));
                if !is_issuer {
                    return None;
                }
                Cred::userpass_plaintext(JOB_TOKEN_USER, token.secret.reveal()).ok()
            }
        }
    }

    /// Asks a program for the user, if the URL names none, and the password, in git's words.
    fn ask_both(&self, program: &std::ffi::OsStr, url: &str, user: Option<&str>) -> Option<Cred> {
        let place = without_user(url);
        let user = match user {
            Some(user) => user.to_owned(),
            None => askpass::ask(program, &format!("Username for '{place}': "), self.reporter)?.reveal().to_owned(),
        };
        let (scheme, rest) = place.split_once("://")?;
        let question = format!("Password for '{scheme}://{user}@{rest}': ");
        let password = askpass::ask(program, &question, self.reporter)?;
        Cred::userpass_plaintext(&user, password.reveal()).ok()
    }
}

/// Git's own order, with the job token before what may open a window.
fn http_sources() -> VecDeque<Source> {
    use Source::{ConfigAskpass, GitAskpass, Helper, JobToken, SshAskpass};
    VecDeque::from([Helper, GitAskpass, ConfigAskpass, JobToken, SshAskpass])
}

/// Returns scheme, host and port of a URL.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    format!("{scheme}://{}", authority(rest))
}

fn authority(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Returns the host of a URL without its port.
fn host(url: &str) -> Option<&str> {
    let authority = authority(url.split_once("://")?.1);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_url_is_found_whatever_the_user_part_says() {
        for (url, expected) in [
            ("https://h.example/x", "h.example"),
            ("https://trusted.example@evil.example:8443/x", "evil.example"),
            ("https://evil.example#@trusted.example/x", "evil.example"),
            ("http://[::1]:80/x", "[::1]"),
        ] {
            assert_eq!(host(url), Some(expected), "{url}");
        }
    }

    #[test]
    fn the_job_token_is_hidden_in_texts_and_in_debug() {
        let variables = [("CI_JOB_TOKEN", "s3cret"), ("CI_SERVER_HOST", "h")];
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let credentials = Credentials::from_variables(lookup);
        assert_eq!(credentials.clean("it said s3cret\u{7}"), "it said ***\\x07");
        assert!(!format!("{credentials:?}").contains("s3cret"));
    }
}

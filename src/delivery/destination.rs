//! Where a release goes: what the command line and the variables of the process say of the downstream branch and of
//! CDash. The command line and the terminal UI both push and report through it.

use super::Delivery;
use crate::environment::condition::Context;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::publish::cdash::{BuildGroup, Groups, Patience, Problem, Token};
use crate::publish::downstream::{self, Access, Author, History, Overwrite, PREFIX, Push};
use crate::publish::watch::{self, Progress};
use crate::redact::{Secret, redact};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The variable with the remote, where none is named.
pub const REMOTE_VARIABLE: &str = "DOWNSTREAM_CI_REPO";
/// The variable with CDash's token, where no file is named.
pub const TOKEN_VARIABLE: &str = "CDASH_AUTH_TOKEN";
/// Words in the names of variables that hold secrets.
const SECRET: [&str; 7] = ["TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "CREDENTIAL", "KEY"];
/// How often a pause between two requests looks whether it is to end.
const TICK: Duration = Duration::from_millis(20);

/// Where the token for CDash comes from.
#[derive(Clone, Debug, Default)]
pub enum TokenSource {
    /// There is none.
    #[default]
    Nowhere,
    /// A file that was named.
    File(PathBuf),
    /// The variable's value.
    Variable(Secret),
}

/// Where a release goes, and how.
#[derive(Clone, Debug)]
pub struct Destination {
    /// A directory in the repository that is being released.
    pub repository: PathBuf,
    /// A remote's name in that repository, a URL or a path, if one is known.
    pub remote: Option<String>,
    /// The branch that is released; HEAD's if `None`.
    pub branch: Option<String>,
    /// The commit that is released, in hexadecimal; HEAD if `None`.
    pub commit: Option<String>,
    /// What the downstream branch's name starts with.
    pub prefix: String,
    /// What comes before the commit.
    pub history: History,
    /// Who makes the commit.
    pub author: Author,
    /// What may be overwritten.
    pub overwrite: Overwrite,
    /// How remotes are reached.
    pub access: Access,
    /// The words of the command line that plans depend on.
    pub options: Vec<String>,
    /// Where the token for CDash comes from.
    pub token: TokenSource,
}

impl Default for Destination {
    /// Nowhere: the repository of the current directory, without a remote or a token.
    fn default() -> Self {
        Self {
            repository: PathBuf::from("."),
            remote: None,
            branch: None,
            commit: None,
            prefix: PREFIX.to_owned(),
            history: History::default(),
            author: Author::default(),
            overwrite: Overwrite::default(),
            access: Access::default(),
            options: Vec::new(),
            token: TokenSource::default(),
        }
    }
}

impl Destination {
    /// Returns the words that this plan depends on: those of the command line, and the variables that were asked for in
    /// `context` while it was made. Values that may be secret are left out.
    pub fn options(&self, context: &Context) -> Vec<String> {
        let variables = context.asked_variables().into_iter().filter(|(name, value)| !may_be_secret(name, value));
        let words = variables.flat_map(|(name, value)| ["--context".to_owned(), format!("env.{name}={value}")]);
        words.chain(self.options.iter().cloned()).collect()
    }

    /// Returns the remote.
    ///
    /// # Errors
    /// Returns an error if none is known.
    pub fn remote(&self) -> Result<&str> {
        self.remote.as_deref().ok_or_else(|| {
            Error::usage(format!("no remote is named and {REMOTE_VARIABLE} is not set"))
                .hint("name a remote, a URL or a path")
        })
    }

    /// Returns the push of a delivery, made now. `written` are the files that this run writes itself: in the commit they
    /// stay as git's index has them.
    ///
    /// # Errors
    /// Returns an error if no remote is known.
    pub fn push<'a>(&self, delivery: Delivery, written: impl IntoIterator<Item = &'a Path>) -> Result<Push> {
        let remote = self.remote()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let mut push = Push::new(&self.repository, remote, i64::try_from(now).unwrap_or(0), self.access.clone());
        push.branch.clone_from(&self.branch);
        push.commit.clone_from(&self.commit);
        push.prefix.clone_from(&self.prefix);
        push.history = self.history;
        push.author.clone_from(&self.author);
        push.overwrite = self.overwrite;
        push.leave_out = written.into_iter().filter_map(|path| downstream::inside(&self.repository, path)).collect();
        (push.generated, push.trailers) = (delivery.generated, delivery.trailers);
        Ok(push)
    }

    /// Reads the token for CDash; the finding warns if others can read its file.
    ///
    /// # Errors
    /// Fails if there is none, or one that cannot be.
    pub fn token(&self) -> Result<(Token, Option<Finding>)> {
        match &self.token {
            TokenSource::File(path) => Token::read(path),
            TokenSource::Variable(secret) => Ok((Token::new(secret.reveal())?, None)),
            TokenSource::Nowhere => {
                Err(Error::usage(format!("no CDash build group is made: {TOKEN_VARIABLE} is not set"))
                    .hint("set it, or name a file with --cdash-credentials"))
            }
        }
    }

    /// Makes the build group at CDash with its list of builds.
    ///
    /// # Errors
    /// Fails as CDash does, and when cancelled.
    pub fn populate(
        &self,
        group: &BuildGroup,
        token: Token,
        progress: &mut dyn FnMut(Progress),
        cancel: &Arc<AtomicBool>,
    ) -> Result<Groups> {
        let (group, flag) = (group.clone(), Arc::clone(cancel));
        watch::run(self.access.limits, progress, cancel, move |reporter| {
            reporter.report(Progress::Step("asking CDash"));
            let mut pause = |length: Duration| {
                reporter.report(Progress::Step("CDash failed; trying again in a moment"));
                let end = Instant::now() + length;
                while !flag.load(Ordering::SeqCst) && Instant::now() < end {
                    std::thread::sleep(TICK.min(length));
                }
            };
            group.populate(&token, &Patience::default(), &mut pause, &flag).map_err(|problem| explained(&problem))
        })
    }
}

fn may_be_secret(name: &str, value: &str) -> bool {
    let name = name.to_uppercase();
    SECRET.iter().any(|word| name.contains(word)) || redact(value) != value
}

fn explained(problem: &Problem) -> Error {
    Error::refused(problem.to_string()).hint(problem.hint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_remote_the_variable_is_named() {
        let delivery = Delivery { generated: Vec::new(), trailers: Vec::new(), notes: Vec::new() };
        let error = Destination::default().push(delivery, []).unwrap_err();
        assert!(error.message.contains(REMOTE_VARIABLE), "{error}");
    }

    #[test]
    fn without_a_token_the_variable_and_the_option_are_named() {
        let error = Destination::default().token().unwrap_err();
        assert!(error.message.contains(TOKEN_VARIABLE) && error.hints[0].contains("--cdash-credentials"), "{error}");
    }

    #[test]
    fn the_variables_a_plan_depends_on_are_recorded_and_secrets_are_not() {
        let mut context = Context::default();
        for variable in ["SITE=lab", "OTHER=x", "DEPLOY_TOKEN=s3cret", "MIRROR=https://u:s3cret@h/x", "TWO=a\nb"] {
            context.set(&format!("env.{variable}")).unwrap();
        }
        for name in ["SITE", "DEPLOY_TOKEN", "MIRROR", "TWO", "UNSET"] {
            context.variable(name);
        }
        let destination = Destination { options: vec!["--allow-unassigned".to_owned()], ..Destination::default() };
        assert_eq!(destination.options(&context), ["--context", "env.SITE=lab", "--allow-unassigned"]);
    }

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = TokenSource::Variable(Secret::new("s3cret"));
        assert!(!format!("{:?}", Destination { token, ..Destination::default() }).contains("s3cret"));
    }
}

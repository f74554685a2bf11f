//! Makes the CDash build group of a release; what goes wrong with CDash is a warning, never the end.

use crate::message::Messages;
use spackplan::delivery;
use spackplan::error::{Error, Result};
use spackplan::finding::{Finding, Rule, Severity};
use spackplan::publish::cdash::{Patience, Token};
use spackplan::release::Release;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Where the token is if no file is named.
const VARIABLE: &str = "CDASH_AUTH_TOKEN";

/// Makes the group and its list of builds, with the token in `file` or else in the variable.
///
/// # Errors
/// Returns an error if the file that was named has no token.
pub(crate) fn populate(release: &Release, file: Option<&Path>) -> Result<()> {
    let Some(group) = delivery::build_group(&release.environment, &release.plan, &release.pipeline) else {
        return match file {
            Some(_) => {
                Err(Error::usage("the environment has no `cdash:` section").hint("leave --cdash-credentials out"))
            }
            None => Ok(()),
        };
    };
    let token = match file {
        Some(path) => {
            let (token, exposed) = Token::read(path)?;
            Messages::findings(exposed.as_slice(), Severity::Warning);
            Ok(token)
        }
        None => match std::env::var(VARIABLE) {
            Ok(text) => Token::new(&text),
            Err(_) => Err(Error::usage(format!("no CDash build group is made: {VARIABLE} is not set"))
                .hint("set it, or name a file with --cdash-credentials")),
        },
    };
    let warn = |message: String, hint: &str| {
        Messages::findings(&[Finding::new(Severity::Warning, Rule::Cdash, message).hint(hint)], Severity::Warning);
    };
    match token {
        Err(error) => warn(error.message.clone(), error.hints.first().map_or("", String::as_str)),
        Ok(token) => {
            let never = AtomicBool::new(false);
            match group.populate(&token, &Patience::default(), &mut |pause| std::thread::sleep(pause), &never) {
                Ok(_) => Messages::say(&format!("CDash: group `{}` has {} builds", group.name, group.builds.len())),
                Err(problem) => warn(problem.to_string(), problem.hint()),
            }
        }
    }
    Ok(())
}

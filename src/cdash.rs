//! Makes the CDash build group of a release; what goes wrong with CDash is a warning, never the end.

use crate::message::Messages;
use spackplan::delivery::{self, Destination, TokenSource};
use spackplan::error::{Error, Result};
use spackplan::finding::{Finding, Rule, Severity};
use spackplan::publish::cdash::{BuildGroup, Token};
use spackplan::release::Release;
use std::sync::Arc;

/// The group to make and the token to do it with, looked for before anything is done.
pub(crate) struct Reporting {
    group: Option<(BuildGroup, Result<Token>)>,
}

impl Reporting {
    /// Reads the token, if the environment has a `cdash:`.
    ///
    /// # Errors
    /// Returns an error if a file is named that has no token, or that is not needed.
    pub(crate) fn new(release: &Release, destination: &Destination) -> Result<Self> {
        let named = matches!(destination.token, TokenSource::File(_));
        let Some(group) = delivery::build_group(&release.environment, &release.plan, &release.pipeline) else {
            if named {
                return Err(
                    Error::usage("the environment has no `cdash:` section").hint("leave --cdash-credentials out")
                );
            }
            return Ok(Self { group: None });
        };
        let token = match destination.token() {
            Err(error) if named => return Err(error),
            Err(error) => Err(error),
            Ok((token, exposed)) => {
                Messages::findings(exposed.as_slice(), Severity::Warning);
                Ok(token)
            }
        };
        Ok(Self { group: Some((group, token)) })
    }

    /// Makes the group and its list of builds.
    pub(crate) fn report(self, destination: &Destination) {
        let Some((group, token)) = self.group else { return };
        let mut quietly = |_| ();
        let made = token.and_then(|token| destination.populate(&group, token, &mut quietly, &Arc::default()));
        match made {
            Ok(_) => Messages::say(&format!("CDash: group `{}` has {} builds", group.name, group.builds.len())),
            Err(error) => {
                let warning = Finding::new(Severity::Warning, Rule::Cdash, error.message);
                let warning = error.hints.into_iter().fold(warning, Finding::hint);
                Messages::findings(&[warning], Severity::Warning);
            }
        }
    }
}

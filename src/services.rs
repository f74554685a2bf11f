//! Asks the services of an environment for attributes of jobs, and plans with their answers.

use super::message::Messages;
use spackplan::dynamic;
use spackplan::environment::condition::Context;
use spackplan::error::Result;
use spackplan::pruning::Patience;
use spackplan::release::{Release, Request};
use std::sync::atomic::AtomicBool;

/// Plans a release again with what services answer.
pub(crate) fn ask(release: Release, request: Request, context: &Context) -> Result<Release> {
    let mut say = |endpoint: &str, jobs: usize| Messages::say(&format!("asking {endpoint} about {jobs} jobs"));
    let (never, patience) = (AtomicBool::new(false), Patience::default());
    let services = dynamic::ask(&release.plan, &request.settings, context, &patience, &mut say, &never)?;
    let Release { mut environment, concretization, .. } = release;
    services.answer(&mut environment);
    Ok(Release::new(environment, concretization, request))
}

//! Asks mirrors and history which specs need no job, and services for attributes, as far as the session says so.

use super::Flag;
use crate::concretize::Concretization;
use crate::dynamic::{self, Services};
use crate::environment::Environment;
use crate::error::Result;
use crate::plan::Plan;
use crate::tui::effect::{Answer, Asking};
use crate::tui::model::document::Session;
use std::sync::Arc;

/// What is asked about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) environment: &'a Environment,
    pub(super) concretization: &'a Concretization,
    pub(super) plan: &'a Plan,
}

/// Asks all that the session is to ask.
///
/// # Errors
/// Fails when it is cancelled.
pub(super) fn ask(
    session: &Session,
    subject: Subject<'_>,
    tell: &mut dyn FnMut(Asking),
    flag: &Flag,
) -> Result<Answer> {
    let Subject { environment, concretization, plan } = subject;
    let pruning = match session.question(environment) {
        Some(question) => {
            let tell = &mut |progress| tell(Asking::Mirrors(progress));
            Arc::new(question.ask(environment, &concretization.phases, &session.context, tell, flag)?)
        }
        None => Arc::clone(&session.request.pruning),
    };
    let services = match session.patience_for_services(environment) {
        Some(patience) => {
            let tell = &mut |endpoint: &str, jobs| tell(Asking::Service { endpoint: endpoint.to_owned(), jobs });
            let settings = &session.request.settings;
            let mut services = dynamic::ask(plan, settings, &session.context, patience, tell, flag)?;
            // Later plans number their jobs otherwise.
            services.findings.iter_mut().for_each(|finding| finding.jobs.clear());
            services
        }
        None => Services::default(),
    };
    Ok(Answer { pruning, services: Arc::new(services) })
}

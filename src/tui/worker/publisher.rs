//! Does what concerns remotes: prepares the commit, pushes it, and asks CDash.

use super::super::effect::{Outcome, Preparation, Preview, Reported, Saving, Sealed};
use super::super::model::document::{Access, Session};
use super::Flag;
use crate::delivery::Delivery;
use crate::error::{Error, Result};
use crate::publish::cdash::BuildGroup;
use crate::publish::downstream::{self, FileMode, Generated, Precedence, Receipt};
use crate::publish::watch::Progress;

/// Hears of progress.
pub(super) type Listener<'a> = &'a mut dyn FnMut(Progress);

pub(super) fn prepare(session: &Session, preparation: &Preparation, listener: Listener<'_>, flag: &Flag) -> Outcome {
    Outcome::Prepared(preparation.number, prepared(session, preparation, listener, flag))
}

fn prepared(session: &Session, preparation: &Preparation, listener: Listener<'_>, flag: &Flag) -> Result<Preview> {
    check_access(session)?;
    let Preparation { environment, lockfiles, plan, pipeline, saving, .. } = preparation;
    let destination = &session.destination;
    let options = destination.options(&session.context);
    let mut delivery = Delivery::new(environment, lockfiles, plan, pipeline, &options)?;
    let mut notes = std::mem::take(&mut delivery.notes);
    if *saving == Saving::Edited {
        delivery.generated.extend(saved(session, environment.source.text()));
    }
    let extras = pipeline.extras().iter().map(|extra| extra.path.as_path());
    let push = destination.push(delivery, extras.chain([session.output.as_path()]))?;
    let prepared = push.prepare(listener, flag)?;
    notes.extend(prepared.notes().iter().cloned());
    let Receipt { commit, remote, reference, .. } = prepared.receipt();
    Ok(Preview {
        reference: reference.clone(),
        remote: remote.clone(),
        commit: commit.to_string(),
        operations: prepared.operations().to_vec(),
        changes: prepared.changes().iter().map(ToString::to_string).collect(),
        notes,
        sealed: Sealed::new(prepared),
    })
}

/// Returns the `spack.yaml` of the released tree as it will have been saved when the commit is pushed.
fn saved(session: &Session, text: &str) -> Option<Generated> {
    let path = downstream::inside(&session.destination.repository, &session.manifest)?;
    let parts: Vec<&str> = path.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
    Some(Generated {
        path: parts.join("/"),
        bytes: text.as_bytes().to_vec(),
        mode: FileMode::Plain,
        precedence: Precedence::InPlace,
    })
}

pub(super) fn push(session: &Session, sealed: &Sealed, listener: Listener<'_>, flag: &Flag) -> Outcome {
    let taken = check_access(session).and_then(|()| {
        let lost = || Error::refused("the commit is not there any more").hint("review the changes again");
        sealed.take().ok_or_else(lost)
    });
    Outcome::Pushed(taken.and_then(|prepared| prepared.execute(listener, flag)))
}

pub(super) fn report(session: &Session, group: &BuildGroup, listener: Listener<'_>, flag: &Flag) -> Outcome {
    Outcome::Reported(reported(session, group, listener, flag))
}

fn reported(session: &Session, group: &BuildGroup, listener: Listener<'_>, flag: &Flag) -> Result<Reported> {
    check_access(session)?;
    let (token, exposed) = session.destination.token()?;
    let groups = session.destination.populate(group, token, listener, flag)?;
    Ok(Reported { name: group.name.clone(), builds: group.builds.len(), groups, exposed })
}

fn check_access(session: &Session) -> Result<()> {
    match session.access {
        Access::ReadWrite => Ok(()),
        Access::ReadOnly => Err(Error::usage("the program runs with --read-only")),
    }
}

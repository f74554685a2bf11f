//! Changes branches of a repository on this machine: objects first, then each branch under its lock.

use super::hooks::Hooks;
use super::{Session, Update, diverged, rejected};
use crate::error::{Error, Result};
use crate::publish::downstream::failure;
use crate::publish::downstream::object::ObjectId;
use crate::publish::watch::Progress;
use git2::{ErrorCode, Oid, Repository, RepositoryOpenFlags};
use std::io::Write as _;
use std::path::Path;

/// The words that git writes to the branch's log.
const LOG_MESSAGE: &str = "push";

/// Opens the repository at exactly `path`.
pub(super) fn open(path: &Path) -> Result<Repository> {
    Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, &[] as &[&Path]).map_err(|cause| match cause.code() {
        ErrorCode::NotFound => Error::refused(format!("there is no git repository at `{}`", path.display()))
            .hint("check the path of the remote"),
        _ => failure::local("open the repository", path, &cause),
    })
}

pub(super) fn update(session: &Session<'_>, path: &Path, updates: &[Update]) -> Result<()> {
    session.reporter.report(Progress::Step("pushing"));
    let target = open(path)?;
    if !target.is_bare() {
        return Err(Error::refused(format!(
            "`{}` has a working tree, which a push would leave behind",
            path.display()
        ))
        .hint("push to a bare repository: git clone --bare"));
    }
    for update in updates {
        check(session, &target, update)?;
    }
    let failed = |cause: git2::Error| failure::local("push to", path, &cause);
    for id in updates.iter().filter_map(|update| update.new) {
        copy_objects(session, &target, id.0).map_err(failed)?;
        check_history(&target, id.0).map_err(failed)?;
    }
    session.reporter.check()?;
    let hooks = Hooks::new(&target, session.reporter);
    hooks.before(updates)?;
    session.reporter.check()?;
    session.reporter.point_of_no_return();
    for update in updates {
        apply(&target, update).map_err(|cause| match cause.code() {
            ErrorCode::Modified | ErrorCode::Exists => {
                diverged(&update.reference, update.expected, tip(&target, update))
            }
            _ => failed(cause),
        })?;
    }
    hooks.after(updates);
    Ok(())
}

/// Compares the branch with where it was last seen, and the change with what the repository allows.
fn check(session: &Session<'_>, target: &Repository, update: &Update) -> Result<()> {
    let found = tip(target, update);
    if found != update.expected {
        return Err(diverged(&update.reference, update.expected, found));
    }
    let denies = |key: &str| target.config().and_then(|config| config.get_bool(key)).unwrap_or(false);
    match (update.expected, update.new) {
        (Some(_), None) if denies("receive.denyDeletes") => Err(rejected(&update.reference, "deletion prohibited")),
        (Some(old), Some(new))
            if denies("receive.denyNonFastForwards")
                && !session.repository.graph_descendant_of(new.0, old.0).unwrap_or(false) =>
        {
            Err(rejected(&update.reference, "non-fast-forward (receive.denyNonFastForwards)"))
        }
        _ => Ok(()),
    }
}

fn tip(target: &Repository, update: &Update) -> Option<ObjectId> {
    target.refname_to_id(&update.reference).ok().map(ObjectId)
}

/// Writes the objects that `id` needs and the other repository does not reach, as one pack.
fn copy_objects(session: &Session<'_>, target: &Repository, id: Oid) -> std::result::Result<(), git2::Error> {
    let reporter = session.reporter;
    let mut walk = session.repository.revwalk()?;
    walk.push(id)?;
    for reference in target.references()?.filter_map(std::result::Result::ok) {
        if let Some(known) = reference.target().filter(|known| session.repository.find_commit(*known).is_ok()) {
            walk.hide(known)?;
        }
    }
    let mut builder = session.repository.packbuilder()?;
    builder.insert_walk(&mut walk)?;
    let (database, all) = (target.odb()?, builder.object_count());
    let mut writer = database.packwriter()?;
    let (mut sent, mut failure) = (0, None);
    builder
        .foreach(|bytes| {
            sent += bytes.len();
            reporter.report(Progress::Sent(0, all, sent));
            match writer.write_all(bytes) {
                Ok(()) => !reporter.is_stopped(),
                Err(cause) => {
                    failure = Some(git2::Error::from_str(&cause.to_string()));
                    false
                }
            }
        })
        .map_err(|cause| failure.unwrap_or(cause))?;
    writer.commit().map(drop)
}

/// Fails if the other repository does not have all the history of a commit, as after a push from a shallow checkout.
fn check_history(target: &Repository, id: Oid) -> std::result::Result<(), git2::Error> {
    target.odb()?.refresh()?;
    let mut walk = target.revwalk()?;
    walk.push(id)?;
    for reference in target.references()?.filter_map(std::result::Result::ok) {
        if let Some(known) = reference.target().filter(|known| target.find_commit(*known).is_ok()) {
            walk.hide(known)?;
        }
    }
    walk.try_for_each(|id| target.find_commit(id?).map(drop))
}

/// Moves one branch under its lock, if it still is where it was last seen.
fn apply(target: &Repository, update: &Update) -> std::result::Result<(), git2::Error> {
    let Some(new) = update.new else {
        let mut reference = target.find_reference(&update.reference)?;
        if reference.target().map(ObjectId) != update.expected {
            return Err(git2::Error::new(ErrorCode::Modified, git2::ErrorClass::Reference, "the branch has moved"));
        }
        return reference.delete();
    };
    let (expected, exists) = match update.expected {
        Some(id) => (id.0, true),
        None => (Oid::ZERO_SHA1, false),
    };
    target.reference_matching(&update.reference, new.0, exists, expected, LOG_MESSAGE).map(drop)
}

//! Changes branches over ssh and http(s): the server compares each branch with where it was last seen.

use super::{Session, Update, diverged, proxy, rejected};
use crate::error::{Error, Result};
use crate::publish::downstream::object::ObjectId;
use crate::publish::watch::{Progress, Reporter};
use crate::redact::shown;
use git2::{ErrorClass, ErrorCode, Oid, PushOptions, PushUpdate};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What the remote says while it takes a push is repeated in an error, up to this many lines.
const MOST_LINES: usize = 20;

/// What was heard during a push.
#[derive(Default)]
struct Heard {
    /// Why the push was ended from this side.
    ended: Option<Error>,
    /// The branches the server answered for, with its reason if it refused.
    answers: BTreeMap<String, Option<String>>,
    lines: Vec<String>,
}

pub(super) fn update(session: &Session<'_>, updates: &[Update]) -> Result<()> {
    let reporter = session.reporter;
    reporter.report(Progress::Step("pushing"));
    let heard = RefCell::new(Heard::default());
    let mut remote = session.remote()?;
    let outcome = {
        let mut callbacks = session.callbacks();
        callbacks.sideband_progress(|bytes| {
            hear(session, &heard, bytes);
            !reporter.is_stopped()
        });
        callbacks.pack_progress(|_, done, all| reporter.report(Progress::Packed(done, all)));
        callbacks.push_transfer_progress(|done, all, bytes| reporter.report(Progress::Sent(done, all, bytes)));
        callbacks.push_update_reference(|name, reason| {
            heard.borrow_mut().answers.insert(name.to_owned(), reason.map(|reason| shown(reason).into_owned()));
            Ok(())
        });
        callbacks.push_negotiation(|found| {
            let verdict = check_lease(updates, found, reporter);
            verdict.map_err(|error| {
                let stop = git2::Error::new(ErrorCode::Modified, ErrorClass::Callback, &error.message);
                heard.borrow_mut().ended = Some(error);
                stop
            })
        });
        let mut options = PushOptions::new();
        options.remote_callbacks(callbacks).proxy_options(proxy());
        let refspecs: Vec<_> = updates.iter().map(refspec).collect();
        remote.push(&refspecs, Some(&mut options))
    };
    let heard = heard.into_inner();
    match (heard.ended, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(cause)) => {
            let error = session.failed("push to", &cause);
            Err(heard.lines.into_iter().fold(error, |error, line| error.hint(format!("the remote said: {line}"))))
        }
        (None, Ok(())) => check_answers(updates, &heard.answers, &heard.lines),
    }
}

fn hear(session: &Session<'_>, heard: &RefCell<Heard>, bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
        let line = session.credentials.clean(line.trim_end());
        let lines = &mut heard.borrow_mut().lines;
        if lines.len() < MOST_LINES {
            lines.push(line.clone());
        }
        session.reporter.report(Progress::Remote(line));
    }
}

fn refspec(update: &Update) -> String {
    match update.new {
        Some(id) => format!("+{id}:{}", update.reference),
        None => format!(":{}", update.reference),
    }
}

/// Compares what the server just said of the branches with where they were last seen.
fn check_lease(updates: &[Update], found: &[PushUpdate<'_>], reporter: &Reporter) -> Result<()> {
    reporter.check()?;
    for update in updates {
        let name = update.reference.as_bytes();
        let now = found.iter().find(|found| found.dst_refname_bytes() == name).map_or(Oid::ZERO_SHA1, PushUpdate::src);
        let now = (!now.is_zero()).then_some(ObjectId(now));
        if now != update.expected {
            return Err(diverged(&update.reference, update.expected, now));
        }
    }
    reporter.point_of_no_return();
    Ok(())
}

fn check_answers(updates: &[Update], answers: &BTreeMap<String, Option<String>>, lines: &[String]) -> Result<()> {
    for Update { reference, .. } in updates {
        let reason = match answers.get(reference) {
            Some(None) => continue,
            Some(Some(reason)) => reason.as_str(),
            None => "it gave no answer",
        };
        let words = std::iter::once(reason).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>().join("; ");
        return Err(rejected(reference, &words));
    }
    Ok(())
}

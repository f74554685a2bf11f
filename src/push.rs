//! Pushes and prunes downstream branches from the command line.

use super::{EXIT_FINDINGS, PIPELINE, Planned, cdash, constraint, plan, recorded, spack, write_pipeline, write_report};
use crate::cli::Cli;
use crate::message::Messages;
use spackplan::delivery::{Delivery, Destination, REMOTE_VARIABLE, TOKEN_VARIABLE, TokenSource};
use spackplan::emit::Report;
use spackplan::error::{Error, Result};
use spackplan::finding::Severity;
use spackplan::publish::clone::Clone;
use spackplan::publish::downstream::{Access, Author, Credentials, Overwrite};
use spackplan::publish::pre_ci::{self, BRANCH_VARIABLE, PreCi};
use spackplan::publish::prune::{Leftovers, Prune};
use spackplan::publish::watch::Progress;
use spackplan::redact::Secret;
use spackplan::scratch;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// What there is to push, from the command line or from a CI job's variables.
struct Task {
    destination: Destination,
    environment: PathBuf,
    /// Keeps the environment's repository until all is done.
    _clone: Option<Clone>,
}

impl Task {
    fn new(cli: &Cli, remote: &str) -> Result<Self> {
        let destination = destination(cli, remote)?;
        let is_remote_named = !remote.is_empty() || cli.remote.is_some();
        let is_told = pre_ci::ENVIRONMENT_VARIABLES.iter().any(|name| variable(name).is_some());
        if cli.named_environment().is_some() || is_remote_named && !is_told {
            destination.remote()?;
            return Ok(Self { destination, environment: cli.environment().to_owned(), _clone: None });
        }
        let told = PreCi::from_variables(|name| match name {
            REMOTE_VARIABLE => destination.remote.clone(),
            BRANCH_VARIABLE => destination.branch.clone(),
            _ => variable(name),
        })?;
        let cloned = told.environment_repository.as_ref().map(|source| {
            let never = AtomicBool::new(false);
            Clone::new(source, &destination.access, &mut |progress| say(&progress), &never)
        });
        let cloned = cloned.transpose()?;
        let environment = match &cloned {
            Some(cloned) => cloned.inside(&told.environment_path)?,
            None => told.environment_here()?,
        };
        let branch = cli.branch.clone().or(Some(told.branch));
        let destination =
            Destination { remote: Some(told.downstream), branch, commit: Some(told.commit), ..destination };
        Ok(Self { destination, environment, _clone: cloned })
    }
}

/// Returns what the command line and the variables say of publishing; what plans depend on is to be added.
pub(crate) fn destination(cli: &Cli, remote: &str) -> Result<Destination> {
    let named = (!remote.is_empty()).then(|| remote.to_owned());
    let token = match &cli.cdash_credentials {
        Some(path) => TokenSource::File(path.clone()),
        None => variable(TOKEN_VARIABLE).map_or(TokenSource::Nowhere, |text| TokenSource::Variable(Secret::new(text))),
    };
    Ok(Destination {
        remote: named.or_else(|| cli.remote.clone()).or_else(|| variable(REMOTE_VARIABLE)),
        branch: cli.branch.clone().or_else(|| variable(BRANCH_VARIABLE)),
        commit: variable("CI_COMMIT_SHA"),
        prefix: cli.branch_prefix.clone(),
        history: cli.history.into(),
        author: cli.author.as_deref().map(Author::parse).transpose()?.unwrap_or_default(),
        overwrite: if cli.force { Overwrite::Any } else { Overwrite::Own },
        access: access(),
        token,
        ..Destination::default()
    })
}

/// Returns a variable's value without the white space around it, unless it is empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

pub(crate) fn access() -> Access {
    Access { credentials: Credentials::from_variables(|name| std::env::var_os(name)), ..Access::default() }
}

pub(crate) fn say(progress: &Progress) {
    match progress {
        Progress::Step(step) => Messages::say(step),
        // Percentages are for screens that can be drawn over.
        Progress::Remote(line) if !line.contains('%') => Messages::say(&format!("remote: {line}")),
        Progress::Remote(_)
        | Progress::Files(_)
        | Progress::Packed(..)
        | Progress::Sent(..)
        | Progress::Received(..) => {}
    }
}

/// Plans, writes the file if one is named, and pushes the downstream branch.
pub(crate) fn push(cli: &Cli, remote: &str) -> Result<u8> {
    scratch::remove_on_signals()?;
    let constraint = constraint(cli)?;
    let Task { mut destination, environment, _clone } = Task::new(cli, remote)?;
    let planned = plan(cli, &environment)?;
    Messages::findings(&planned.release.findings, Severity::Warning);
    if planned.release.has_errors() {
        return Ok(EXIT_FINDINGS);
    }
    destination.options = recorded::words(cli, &planned.context);
    let options = destination.options(&planned.context);
    let reporting = cdash::Reporting::new(&planned.release, &destination)?;
    spack::write_locks(cli, &environment, &planned)?;
    let artifact = artifact(cli);
    if let Some(path) = &artifact {
        write_pipeline(&planned.release, path)?;
        Messages::say(&format!("the pipeline is in {}, for the job's artifacts", path.display()));
    }
    let report = cli.report().filter(|report| artifact.is_none() || *report != Report::Pipeline);
    if let Some(report) = report.or_else(|| cli.output.as_ref().map(|_| Report::Pipeline)) {
        write_report(cli, &planned.release, report, constraint.as_ref())?;
    }
    let Planned { release, lockfiles, .. } = &planned;
    let delivery = Delivery::new(&release.environment, lockfiles, &release.plan, &release.pipeline, &options)?;
    for note in &delivery.notes {
        Messages::say(&format!("note: {note}"));
    }
    let extras = release.pipeline.extras().iter().map(|extra| extra.path.as_path());
    let push = destination.push(delivery, cli.output.as_deref().or(artifact.as_deref()).into_iter().chain(extras))?;
    let never = AtomicBool::new(false);
    let prepared = push.prepare(&mut |progress| say(&progress), &never)?;
    for note in prepared.notes() {
        Messages::say(&format!("note: {note}"));
    }
    let receipt = prepared.execute(&mut |progress| say(&progress), &never)?;
    Messages::say(&receipt.to_string());
    reporting.report(&destination);
    scratch::remove_all();
    Ok(0)
}

/// Returns where a GitLab job leaves the pipeline that it pushes, unless a file is named: its log is no place for it.
fn artifact(cli: &Cli) -> Option<PathBuf> {
    let is_left = cli.output.is_none() && variable("GITLAB_CI").is_some();
    is_left.then(|| cli.artifacts_root.join(PIPELINE))
}

/// Lists generated branches that nobody needs, and deletes them once somebody has said yes.
pub(crate) fn prune(cli: &Cli, remote: &str) -> Result<u8> {
    scratch::remove_on_signals()?;
    let prune = Prune {
        repository: PathBuf::from("."),
        remote: destination(cli, remote)?.remote()?.to_owned(),
        source: "origin".to_owned(),
        target: variable("CI_DEFAULT_BRANCH"),
        prefix: cli.branch_prefix.clone(),
        access: access(),
    };
    let never = AtomicBool::new(false);
    let Leftovers { stale, unknown } = prune.list(&mut |progress| say(&progress), &never)?;
    for branch in &unknown {
        Messages::say(&format!("note: the history here does not show whether `{branch}` is merged, so it is kept"));
    }
    if !unknown.is_empty() {
        Messages::say(
            "  hint: fetch the source branches with all of their history (git fetch; in a CI job GIT_DEPTH: 0)",
        );
    }
    if stale.is_empty() {
        Messages::say("no generated branch is left over");
        return Ok(0);
    }
    super::on_stdout(|out| {
        use std::io::Write as _;
        stale.iter().try_for_each(|branch| writeln!(out, "{branch}"))
    })?;
    if !cli.yes && !answered_yes(stale.len())? {
        Messages::say("nothing is deleted");
        return Ok(0);
    }
    prune.delete(&stale, &mut |progress| say(&progress), &never)?;
    Messages::say(&format!("{} deleted", stale.len()));
    Ok(0)
}

fn answered_yes(count: usize) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Error::usage("there is no terminal to ask on").hint("add --yes to delete without a question"));
    }
    Messages::say(&format!("delete {count} branches? [y/N]"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|cause| Error::input(format!("cannot read the answer: {cause}")))?;
    Ok(matches!(answer.trim(), "y" | "yes"))
}

//! Pushes, prunes and verifies downstream branches from the command line.

use super::{EXIT_DIFFERS, EXIT_FINDINGS, Planned, cdash, emit_pipeline, plan, spack};
use crate::cli::Cli;
use crate::message::Messages;
use clap::Parser as _;
use spackplan::delivery::{self, Delivery, OPTIONS};
use spackplan::error::{Error, Result};
use spackplan::finding::Severity;
use spackplan::publish::clone::Clone;
use spackplan::publish::downstream::{Access, Author, Credentials, Overwrite, Push};
use spackplan::publish::pre_ci::PreCi;
use spackplan::publish::prune::Prune;
use spackplan::publish::scratch::{self, Scratch};
use spackplan::publish::trailers::Trailer;
use spackplan::publish::verify::{Difference, Recomputed, Verify};
use spackplan::publish::watch::Progress;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where generated branches go if no remote is named.
const DOWNSTREAM: &str = "DOWNSTREAM_CI_REPO";

/// What there is to push, from the command line or from a CI job's variables.
struct Task {
    remote: String,
    branch: Option<String>,
    commit: Option<String>,
    environment: PathBuf,
    /// Keeps the environment's repository until all is done.
    _clone: Option<Clone>,
}

impl Task {
    fn new(cli: &Cli, remote: &str, access: &Access) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        if remote.is_empty() && cli.named_environment().is_none() {
            let told = PreCi::from_variables(variable)?;
            let cloned = told
                .environment_repository
                .as_ref()
                .map(|source| Clone::new(source, access, &mut |progress| say(&progress), &AtomicBool::new(false)));
            let cloned = cloned.transpose()?;
            let environment = match &cloned {
                Some(cloned) => cloned.inside(&told.environment_path)?,
                None => PathBuf::from(&told.environment_path),
            };
            let branch = cli.branch.clone().or(Some(told.branch));
            return Ok(Self {
                remote: told.downstream,
                branch,
                commit: Some(told.commit),
                environment,
                _clone: cloned,
            });
        }
        Ok(Self {
            remote: remote_or_variable(remote)?,
            branch: cli.branch.clone().or_else(|| variable("CI_COMMIT_REF_NAME")),
            commit: variable("CI_COMMIT_SHA"),
            environment: cli.environment().to_owned(),
            _clone: None,
        })
    }
}

fn remote_or_variable(remote: &str) -> Result<String> {
    if !remote.is_empty() {
        return Ok(remote.to_owned());
    }
    let variable = std::env::var(DOWNSTREAM).ok().filter(|value| !value.trim().is_empty());
    variable.ok_or_else(|| {
        Error::usage(format!("no remote is named and {DOWNSTREAM} is not set")).hint("name a remote, a URL or a path")
    })
}

fn access() -> Access {
    Access { credentials: Credentials::from_variables(|name| std::env::var_os(name)), ..Access::default() }
}

fn say(progress: &Progress) {
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
    let access = access();
    let task = Task::new(cli, remote, &access)?;
    let planned = plan(cli, &task.environment)?;
    Messages::findings(&planned.release.findings, Severity::Warning);
    if planned.release.has_errors() {
        return Ok(EXIT_FINDINGS);
    }
    spack::write_locks(cli, &task.environment, &planned)?;
    emit_pipeline(cli, &planned.release)?;
    let Planned { release, lockfiles, .. } = &planned;
    let delivery =
        Delivery::new(&release.environment, lockfiles, &release.plan, &release.pipeline, &words(cli, &planned))?;
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut push = Push::new(".", task.remote.clone(), i64::try_from(time).unwrap_or(0), access);
    push.branch.clone_from(&task.branch);
    push.commit.clone_from(&task.commit);
    push.prefix.clone_from(&cli.branch_prefix);
    push.history = cli.history.into();
    if let Some(author) = &cli.author {
        push.author = Author::parse(author)?;
    }
    push.overwrite = if cli.force { Overwrite::Any } else { Overwrite::Own };
    push.leave_out = cli.output.iter().filter_map(|path| from_repository_root(path)).collect();
    (push.generated, push.trailers) = (delivery.generated, delivery.trailers);
    let never = AtomicBool::new(false);
    let prepared = push.prepare(&mut |progress| say(&progress), &never)?;
    for note in prepared.notes() {
        Messages::say(&format!("note: {note}"));
    }
    let receipt = prepared.execute(&mut |progress| say(&progress), &never)?;
    let done = if receipt.previous == Some(receipt.commit) { "nothing has changed:" } else { "pushed" };
    Messages::say(&format!("{done} {} is {} at {}", receipt.reference, receipt.commit, receipt.remote));
    cdash::populate(release, cli.cdash_credentials.as_deref())?;
    scratch::remove_all();
    Ok(0)
}

/// Returns the words of the command line that this plan depends on, with the facts of this host.
fn words(cli: &Cli, planned: &Planned) -> Vec<String> {
    let mut words = Vec::new();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    for fact in planned.context.facts().chain(cli.context.iter().cloned()) {
        option("--context", &fact);
    }
    option("--match-on", cli.match_on.name());
    if let Some(dialect) = cli.dialect {
        option("--dialect", dialect.name());
    }
    if cli.allow_unassigned {
        words.push("--allow-unassigned".to_owned());
    }
    words
}

/// Returns a path below the root of the repository that the current directory is in.
fn from_repository_root(path: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().find(|directory| directory.join(".git").exists())?;
    let whole = here.join(path);
    whole.strip_prefix(root).ok().map(Path::to_owned)
}

/// Lists generated branches that nobody needs, and deletes them once somebody has said yes.
pub(crate) fn prune(cli: &Cli, remote: &str) -> Result<u8> {
    let target = std::env::var("CI_DEFAULT_BRANCH").ok().filter(|name| !name.is_empty());
    let prune = Prune {
        repository: PathBuf::from("."),
        remote: remote_or_variable(remote)?,
        source: "origin".to_owned(),
        target: target.or_else(|| Some("main".to_owned())),
        prefix: cli.branch_prefix.clone(),
        access: access(),
    };
    let never = AtomicBool::new(false);
    let stale = prune.list(&mut |progress| say(&progress), &never)?;
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

/// Plans again from what a generated commit records, and says what differs.
pub(crate) fn verify(cli: &Cli, remote: &str, branch: &str) -> Result<u8> {
    scratch::remove_on_signals()?;
    let verify = Verify {
        repository: PathBuf::from("."),
        remote: remote.to_owned(),
        branch: if branch.starts_with(&cli.branch_prefix) {
            branch.to_owned()
        } else {
            format!("{}{branch}", cli.branch_prefix)
        },
        access: access(),
    };
    let recorded = verify.read(&mut |progress| say(&progress), &AtomicBool::new(false))?;
    let directory = Scratch::new()?;
    recorded.extract(delivery::INPUTS, directory.path())?;
    let differences = recorded.compare(|recorded| {
        let options = recorded_options(recorded.trailers())?;
        let again = Cli::try_parse_from(std::iter::once("spackplan".to_owned()).chain(options))
            .map_err(|cause| Error::input(format!("the commit records options that are not known: {cause}")))?;
        let planned = plan(&again, directory.path())?;
        let pipeline = planned.release.pipeline.to_text().into_bytes();
        Ok(Recomputed { pipeline, plan: delivery::digest_text(&planned.release.plan) })
    })?;
    if differences.is_empty() {
        Messages::say(&format!("{} holds what its inputs give", recorded.commit()));
        return Ok(0);
    }
    for difference in &differences {
        Messages::say(&difference.to_string());
        if let Difference::Pipeline { recorded, recomputed } = difference {
            super::print_difference(recorded, recomputed, "recorded", "recomputed")?;
        }
    }
    Ok(EXIT_DIFFERS)
}

fn recorded_options(trailers: &[Trailer]) -> Result<Vec<String>> {
    let Some(trailer) = trailers.iter().find(|trailer| trailer.key() == OPTIONS) else { return Ok(Vec::new()) };
    let words: Vec<String> = serde_json::from_str(trailer.value())
        .map_err(|cause| Error::input(format!("the commit's `{OPTIONS}` cannot be read: {cause}")))?;
    // Only what words() writes is taken back: a commit must not choose files or remotes.
    let allowed = ["--context", "--match-on", "--dialect", "--allow-unassigned"];
    match words.iter().find(|word| word.starts_with('-') && !allowed.contains(&word.as_str())) {
        Some(word) => Err(Error::input(format!("the commit's `{OPTIONS}` has the option `{word}`"))),
        None => Ok(words),
    }
}

//! Verifies downstream branches: plans again from what a commit records, and from nothing else.

use super::push::{access, say};
use super::{EXIT_DIFFERS, given, plan_environment, recorded};
use crate::cli::Cli;
use crate::message::Messages;
use clap::Parser as _;
use spackplan::delivery;
use spackplan::environment::{self, condition::Context};
use spackplan::error::{Error, Result};
use spackplan::publish::trailers::{self, Trailer};
use spackplan::publish::verify::{Difference, Recomputed, Verify};
use spackplan::scratch::{self, Scratch};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Plans again from what a generated commit records, and says what differs.
pub(crate) fn verify(cli: &Cli, remote: &str, branch: &str) -> Result<u8> {
    scratch::remove_on_signals()?;
    // The receipt of a push gives the full name.
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
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
    let scratch = Scratch::new()?;
    let directory = scratch.path().canonicalize().map_err(|cause| Error::io("find", scratch.path(), &cause))?;
    recorded.extract(delivery::INPUTS, &directory)?;
    let differences = recorded.compare(|recorded| {
        let options = recorded::options(recorded.trailers())?;
        let mut again = Cli::try_parse_from(std::iter::once("spackplan".to_owned()).chain(options))
            .map_err(|cause| Error::input(format!("the commit records options that are not known: {cause}")))?;
        again.prune.replay(&directory);
        let path = recorded
            .environment()
            .and_then(|path| path.strip_prefix(delivery::INPUTS))
            .map(|path| path.trim_start_matches('/'));
        let path =
            path.ok_or_else(|| Error::input(format!("the commit's environment is not in `{}`", delivery::INPUTS)))?;
        let path = directory.join(path);
        // What this host is, and its variables, have no say: what was planned from is recorded.
        let context = given(&again, Context::default())?;
        let dialect = again.dialect.map(Into::into);
        let environment = environment::load_within(&directory, &path, &context, dialect)?;
        let planned = plan_environment(&again, environment, &path, context)?;
        let pipeline = planned.release.pipeline.to_text().into_bytes();
        Ok(Recomputed { pipeline, plan: delivery::digest_text(&planned.release.plan) })
    })?;
    if differences.is_empty() {
        Messages::say(&format!("{} holds what its inputs give", recorded.commit()));
        return Ok(0);
    }
    let version = recorded.trailers().iter().find(|trailer| trailer.key() == trailers::VERSION);
    if let Some(other) = version.map(Trailer::value).filter(|version| *version != env!("CARGO_PKG_VERSION")) {
        Messages::say(&format!("note: the commit is by version {other}, which may plan otherwise than this one"));
    }
    for difference in &differences {
        Messages::say(&difference.to_string());
        if let Difference::Pipeline { recorded, recomputed } = difference {
            super::print_difference(recorded, recomputed, "recorded", "recomputed")?;
        }
    }
    Ok(EXIT_DIFFERS)
}

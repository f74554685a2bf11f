//! Copies a repository from a remote, with a working tree.

use super::credentials::Configured;
use super::session::{callbacks, proxy};
use super::{Access, failure, url};
use crate::error::Result;
use crate::publish::watch::Reporter;
use git2::build::{CheckoutBuilder, RepoBuilder};
use git2::{FetchOptions, Repository};
use std::path::Path;

/// Clones the default branch into an empty directory, without its history where the remote can leave it out.
///
/// # Errors
/// Fails if the remote cannot be reached or the directory cannot be written.
pub(in crate::publish) fn clone_into(source: &str, target: &Path, access: &Access, reporter: &Reporter) -> Result<()> {
    url::check(source)?;
    let mut fetch = FetchOptions::new();
    let configured = Configured::outside(target.parent().unwrap_or(target));
    fetch.remote_callbacks(callbacks(&access.credentials, configured, reporter)).proxy_options(proxy());
    if url::local_path(source).is_none() {
        fetch.depth(1);
    }
    let mut checkout = CheckoutBuilder::new();
    checkout.notify_on(git2::CheckoutNotificationType::all()).notify(|_, _, _, _, _| !reporter.is_stopped());
    let outcome = RepoBuilder::new().fetch_options(fetch).with_checkout(checkout).clone(source, target);
    reporter.check()?;
    outcome.map(drop).map_err(|cause| failure::remote("clone", source, &cause, &access.credentials))
}

/// Returns the commit that a clone has checked out, in hexadecimal.
pub(in crate::publish) fn checked_out(path: &Path) -> Result<String> {
    let failed = |cause: git2::Error| failure::local("read HEAD of", path, &cause);
    let repository = Repository::open(path).map_err(failed)?;
    let head = repository.head().and_then(|head| head.peel_to_commit());
    head.map(|commit| commit.id().to_string()).map_err(failed)
}

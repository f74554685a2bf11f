//! Talks to one remote: lists its branches, reads their tips, and changes them with a lease.

mod disk;
mod hooks;
mod smart;

use super::credentials::{Attempts, Configured, Credentials};
use super::object::ObjectId;
use super::store::Store;
use super::{failure, url};
use crate::error::{Error, Result};
use crate::publish::watch::{Progress, Reporter};
use crate::redact::redact;
use crate::scratch::Scratch;
use git2::{AutotagOption, Direction, FetchOptions, ProxyOptions, RemoteCallbacks, Repository};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The branches of a remote and their tips, by full name.
pub type Heads = BTreeMap<String, ObjectId>;

/// What a remote lists.
pub(in crate::publish) struct Listing {
    pub(in crate::publish) heads: Heads,
    /// The full names of the tags.
    pub(in crate::publish) tags: BTreeSet<String>,
    /// The full name of the branch that a clone checks out.
    pub(in crate::publish) default: Option<String>,
}

/// A change of one branch of a remote, which happens only if the branch is where it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The full name of the branch.
    pub reference: String,
    /// Where the branch was last seen, `None` if it was not there.
    pub expected: Option<ObjectId>,
    /// Where it is to be, `None` to delete it.
    pub new: Option<ObjectId>,
}

/// Work on one remote.
pub(in crate::publish) struct Session<'a> {
    url: String,
    /// Whose configuration counts, and which holds the objects that are pushed.
    repository: &'a Repository,
    credentials: &'a Credentials,
    reporter: &'a Reporter,
}

impl<'a> Session<'a> {
    /// Addresses a remote by its name in `repository` or by URL.
    ///
    /// # Errors
    /// Refuses what is neither.
    pub(in crate::publish) fn new(
        repository: &'a Repository,
        remote: &str,
        credentials: &'a Credentials,
        reporter: &'a Reporter,
    ) -> Result<Self> {
        Ok(Self { url: url::resolve(repository, remote)?, repository, credentials, reporter })
    }

    /// Returns the URL without its secrets.
    pub(in crate::publish) fn shown_url(&self) -> String {
        redact(&self.url)
    }

    /// Lists the branches.
    pub(in crate::publish) fn heads(&self) -> Result<Heads> {
        self.listing().map(|listing| listing.heads)
    }

    /// Lists the branches and tags.
    pub(in crate::publish) fn listing(&self) -> Result<Listing> {
        self.reporter.report(Progress::Step("listing the remote's branches"));
        if let Some(path) = self.local_path() {
            disk::open(&path)?;
        }
        let failed = |cause: git2::Error| self.failed("list the branches of", &cause);
        let mut remote = self.remote()?;
        let callbacks = self.callbacks();
        let connection = remote.connect_auth(Direction::Fetch, Some(callbacks), Some(proxy())).map_err(failed)?;
        let default = connection.default_branch().ok().and_then(|name| name.as_str().map(str::to_owned).ok());
        let found = connection.list().map_err(failed)?;
        let below = |start| found.iter().filter(move |head| head.name().starts_with(start));
        let heads = below("refs/heads/").map(|head| (head.name().to_owned(), ObjectId(head.oid()))).collect();
        let tags = below("refs/tags/").map(|head| head.name().to_owned()).collect();
        Ok(Listing { heads, tags, default })
    }

    /// Brings the tips of some branches, with their files and without their history, to where they can be read.
    pub(in crate::publish) fn tips(&self, references: &[&str]) -> Result<Store> {
        self.reporter.report(Progress::Step("reading the tip of the remote branch"));
        if let Some(path) = self.local_path() {
            return Ok(Store::new(disk::open(&path)?, None));
        }
        let scratch = Scratch::new()?;
        let failed = |cause: git2::Error| self.failed("read the tip of a branch of", &cause);
        let store = Repository::init_bare(scratch.path()).map_err(failed)?;
        let mut options = FetchOptions::new();
        options.remote_callbacks(self.callbacks()).proxy_options(proxy());
        options.depth(1).download_tags(AutotagOption::None).update_fetchhead(false);
        let refspecs: Vec<_> = references.iter().map(|name| format!("+{name}:{name}")).collect();
        store
            .remote_anonymous(&self.url)
            .and_then(|mut remote| remote.fetch(&refspecs, Some(&mut options), None))
            .map_err(failed)?;
        self.reporter.check()?;
        Ok(Store::new(store, Some(scratch)))
    }

    /// Changes branches: each wholly or not at all, and only where the lease holds.
    ///
    /// # Errors
    /// Fails, with what the remote said, if any of them was not changed.
    pub(in crate::publish) fn update(&self, updates: &[Update]) -> Result<()> {
        self.reporter.check()?;
        match self.local_path() {
            Some(path) => disk::update(self, &path, updates),
            None => smart::update(self, updates),
        }
    }

    fn local_path(&self) -> Option<PathBuf> {
        url::local_path(&self.url)
    }

    fn remote(&self) -> Result<git2::Remote<'a>> {
        self.repository.remote_anonymous(&self.url).map_err(|cause| self.failed("use", &cause))
    }

    fn callbacks(&self) -> RemoteCallbacks<'a> {
        callbacks(self.credentials, Configured::of(self.repository), self.reporter)
    }

    fn failed(&self, action: &str, cause: &git2::Error) -> Error {
        match self.reporter.check() {
            Err(cancelled) => cancelled,
            Ok(()) => failure::remote(action, &self.url, cause, self.credentials),
        }
    }
}

/// Returns the answers to what a connection asks and says, short of those about pushing.
pub(super) fn callbacks<'a>(
    credentials: &'a Credentials,
    configured: Configured,
    reporter: &'a Reporter,
) -> RemoteCallbacks<'a> {
    let mut callbacks = RemoteCallbacks::new();
    let mut attempts = Attempts::new(credentials, configured, reporter);
    callbacks.credentials(move |url, user, allowed| attempts.next(url, user, allowed));
    callbacks.sideband_progress(move |bytes| {
        for line in String::from_utf8_lossy(bytes).split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
            reporter.report(Progress::Remote(credentials.clean(line.trim_end())));
        }
        !reporter.is_stopped()
    });
    callbacks.transfer_progress(move |stats| {
        let (done, all) = (stats.received_objects(), stats.total_objects());
        reporter.report(Progress::Received(done, all, stats.received_bytes()));
        !reporter.is_stopped()
    });
    callbacks
}

/// Takes the proxy that git is configured for.
pub(super) fn proxy() -> ProxyOptions<'static> {
    let mut options = ProxyOptions::new();
    options.auto();
    options
}

/// Says that a branch has moved since it was looked at.
fn diverged(reference: &str, expected: Option<ObjectId>, found: Option<ObjectId>) -> Error {
    let name = |id: Option<ObjectId>| id.map_or_else(|| "not there".to_owned(), |id| format!("at {id}"));
    Error::refused(format!("`{reference}` has changed on the remote: it was {} and is {}", name(expected), name(found)))
        .hint("somebody else pushed in between; nothing was changed: look at what they pushed, then try again")
}

/// Says that the remote refused a change, in its own words.
fn rejected(reference: &str, reason: &str) -> Error {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    let hint = if says(&["missing necessary objects"]) {
        failure::LACKS_HISTORY
    } else if says(&["failed to update ref", "cannot lock ref", "reference already exists", "fetch first"]) {
        "somebody else may be pushing to it: nothing was changed; try again"
    } else {
        "nothing was changed there; if the branch is protected, let this account push to it, or choose another --branch-prefix"
    };
    Error::refused(format!("the remote refused to change `{reference}`: {reason}")).hint(hint)
}

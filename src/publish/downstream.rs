//! The downstream branch: one commit that holds the working tree and the generated files, pushed with a lease.
//!
//! Two steps, so that what was reviewed is what is pushed: [`Push::prepare`] looks at the remote and makes the commit in
//! memory, [`Prepared::execute`] sends it. The checkout, its index, HEAD, branches and objects stay as they are.

mod branch;
mod commit;
mod copy;
mod credentials;
mod failure;
mod object;
mod operations;
mod session;
mod store;
mod tree;
mod url;

pub use branch::{PREFIX, Tested, reference};
pub use commit::Author;
pub use credentials::Credentials;
pub use object::ObjectId;
pub use operations::{Change, ChangeKind};
pub use session::{Heads, Update};
pub use url::shown_address;

pub(in crate::publish) use copy::{checked_out, clone_into};
pub(in crate::publish) use session::{Listing, Session};
pub(in crate::publish) use store::Store;

use crate::error::{Error, Result};
use crate::publish::trailers::{self, Trailer};
use crate::publish::watch::{self, Limits, Progress, Reporter};
use git2::Repository;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// How remotes are reached: with which credentials and how patiently.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// What to log in with.
    pub credentials: Credentials,
    /// How long to wait.
    pub limits: Limits,
}

/// What comes before the pushed commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum History {
    /// Nothing: the commit has no parent.
    #[default]
    Orphan,
    /// HEAD and all before it.
    Parent,
}

/// Which branches may be overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// Those whose tip this program made.
    #[default]
    Own,
    /// Any that is where it was seen during preparation.
    Any,
}

/// Who wins where the tree has a file of that path already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// The generated file.
    Generated,
    /// The tree's file.
    TreeFirst,
    /// The generated content, in the tree's file with its mode; where the tree has none, there is none.
    InPlace,
}

/// Whether a generated file can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// An ordinary file.
    Plain,
    /// A program.
    Executable,
}

impl FileMode {
    fn bits(self) -> u32 {
        match self {
            Self::Plain => 0o100_644,
            Self::Executable => 0o100_755,
        }
    }
}

/// A file that the commit has in addition to the working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Its path from the repository's root, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub mode: FileMode,
    /// Who wins where the tree has the file already.
    pub precedence: Precedence,
}

/// What to push, and where.
#[derive(Clone, Debug)]
pub struct Push {
    /// A directory in the repository that is being released.
    pub repository: PathBuf,
    /// A remote's name in that repository, a URL or a path.
    pub remote: String,
    /// The branch that is released; HEAD's if `None`.
    pub branch: Option<String>,
    /// The commit that is released, in hexadecimal; HEAD if `None`.
    pub commit: Option<String>,
    /// What the downstream branch's name starts with, mostly [`PREFIX`].
    pub prefix: String,
    /// What comes before the commit.
    pub history: History,
    /// Who made the commit.
    pub author: Author,
    /// When, in seconds since 1970.
    pub time: i64,
    /// The files to add.
    pub generated: Vec<Generated>,
    /// Files of the working tree that stay as git's index has them, from the repository's root: what this run wrote
    /// there itself, such as the pipeline that is kept as an artifact.
    pub leave_out: Vec<PathBuf>,
    /// Where the files come from, mostly [`trailers::of_plan`].
    pub trailers: Vec<Trailer>,
    /// What may be overwritten.
    pub overwrite: Overwrite,
    /// How the remote is reached.
    pub access: Access,
}

/// A commit that is made and not pushed; it is held in memory and forgotten when this value is dropped.
pub struct Prepared {
    repository: Repository,
    /// Holds the old tip's objects, which need not be sent again.
    _old_tip: Option<Store>,
    remote: String,
    access: Access,
    update: Update,
    receipt: Receipt,
    operations: Vec<String>,
    changes: Vec<Change>,
    notes: Vec<String>,
}

/// What was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The commit.
    pub commit: ObjectId,
    /// Its tree, which depends on the files alone.
    pub tree: ObjectId,
    /// The remote, without secrets.
    pub remote: String,
    /// The full name of the branch on the remote.
    pub reference: String,
    /// Where the branch was before, if it was there.
    pub previous: Option<ObjectId>,
}

impl Push {
    /// Makes an orphan commit of HEAD's branch, at `time` in seconds since 1970, with nothing added yet.
    pub fn new(repository: impl Into<PathBuf>, remote: impl Into<String>, time: i64, access: Access) -> Self {
        Self {
            repository: repository.into(),
            remote: remote.into(),
            branch: None,
            commit: None,
            prefix: PREFIX.to_owned(),
            history: History::default(),
            author: Author::default(),
            time,
            generated: Vec::new(),
            leave_out: Vec::new(),
            trailers: Vec::new(),
            overwrite: Overwrite::default(),
            access,
        }
    }

    /// Looks at the remote and makes the commit; changes nothing there or here.
    ///
    /// # Errors
    /// Fails where there is no repository, no working tree or no commit; on names that git refuses; if the remote cannot
    /// be reached; and on a branch that somebody else made, unless any may be overwritten.
    pub fn prepare(&self, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<Prepared> {
        let push = self.clone();
        watch::run(self.access.limits, progress, cancel, move |reporter| push.prepared(reporter))
    }

    fn prepared(self, reporter: &Reporter) -> Result<Prepared> {
        let repository = open(&self.repository)?;
        let tested = branch::tested(&repository, self.branch.as_deref(), self.commit.as_deref())?;
        let reference = branch::reference(&self.prefix, &tested.branch)?;
        let head = commit::head(&repository)?;
        let session = Session::new(&repository, &self.remote, &self.access.credentials, reporter)?;
        let shown_url = session.shown_url();
        let previous = session.heads()?.get(&reference).copied();
        let old_tip = match previous {
            Some(tip) => inspect(&session, &reference, tip, self.overwrite)?,
            None => None,
        };
        reporter.report(Progress::Step("reading the working tree"));
        let failed = |cause: git2::Error| failure::local("make a commit in", &self.repository, &cause);
        tree::keep_in_memory(&repository).map_err(failed)?;
        if let Some(objects) = old_tip.as_ref().and_then(Store::brought) {
            repository.odb().and_then(|odb| odb.add_disk_alternate(&objects.to_string_lossy())).map_err(failed)?;
        }
        let tree = tree::build(&repository, &self.generated, &self.leave_out, reporter)?;
        reporter.check()?;
        let commit = commit::make(&repository, &self, &tested, tree)?;
        let changes = tree::changes(&repository, head, tree).map_err(failed)?;
        let update = Update { reference: reference.clone(), expected: previous, new: Some(commit) };
        let receipt = Receipt { commit, tree: ObjectId(tree), remote: shown_url, reference, previous };
        let operations = operations::describe(&receipt, &changes, self.history, &commit::subject(&tested));
        let notes = operations::notes(&tested, head, &self, &changes);
        drop(session);
        let (remote, access) = (self.remote, self.access);
        Ok(Prepared { repository, _old_tip: old_tip, remote, access, update, receipt, operations, changes, notes })
    }
}

impl Prepared {
    /// Returns what will be done, one line each, as git commands that would do the same.
    pub fn operations(&self) -> &[String] {
        &self.operations
    }

    /// Returns how the commit differs from HEAD: generated files, and whatever is uncommitted or untracked.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns what is worth knowing before saying yes.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns what the receipt will say.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Pushes the commit, if the branch still is where it was during preparation.
    ///
    /// # Errors
    /// Fails if the branch has moved, the remote refuses or cannot be reached, on a timeout, and when cancelled; the
    /// branch then is as it was, unless the error says that this is not known.
    pub fn execute(self, progress: &mut dyn FnMut(Progress), cancel: &AtomicBool) -> Result<Receipt> {
        watch::run(self.access.limits, progress, cancel, move |reporter| {
            if self.update.expected == self.update.new {
                return Ok(self.receipt);
            }
            let session = Session::new(&self.repository, &self.remote, &self.access.credentials, reporter)?;
            session.update(std::slice::from_ref(&self.update))?;
            Ok(self.receipt)
        })
    }
}

/// Opens the repository that a directory is in, for reading a working tree.
fn open(path: &Path) -> Result<Repository> {
    let repository = discover(path)?;
    if repository.is_bare() {
        return Err(Error::input(format!("`{}` is a bare repository: it has no working tree", path.display()))
            .hint("run this in a checkout of the repository that is being released"));
    }
    Ok(repository)
}

/// A repository on this machine.
pub(in crate::publish) type Checkout = Repository;

/// Tells whether `later` has all of `earlier` and more; `None` if the history here does not show it.
pub(in crate::publish) fn is_before(repository: &Checkout, earlier: ObjectId, later: ObjectId) -> Option<bool> {
    if earlier == later {
        return Some(false);
    }
    repository.graph_descendant_of(later.0, earlier.0).ok().filter(|is_after| *is_after || !repository.is_shallow())
}

/// Returns a file's path from the root of the repository that a directory is in, if it is inside; it need not be there.
pub fn inside(repository: &Path, file: &Path) -> Option<PathBuf> {
    let root = discover(repository).ok()?.workdir()?.canonicalize().ok()?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = parent.canonicalize().ok()?.join(file.file_name()?);
    whole.strip_prefix(root).ok().map(Path::to_owned)
}

/// Opens the repository that a directory is in; `GIT_DIR` and the like have no say.
pub(in crate::publish) fn discover(path: &Path) -> Result<Checkout> {
    let flags = git2::RepositoryOpenFlags::empty();
    Repository::open_ext(path, flags, &[] as &[&Path]).map_err(|cause| failure::open(path, &cause))
}

/// Reads the tip of the branch that is to be overwritten, and refuses if somebody else made it. Returns where its
/// objects are, if the push can build on them.
fn inspect(session: &Session<'_>, reference: &str, tip: ObjectId, overwrite: Overwrite) -> Result<Option<Store>> {
    if overwrite == Overwrite::Any {
        return Ok(None);
    }
    let store = session.tips(&[reference])?;
    let found = store.commit(tip)?;
    if !trailers::are_ours(&found.message) {
        return Err(Error::refused(format!(
            "`{reference}` at {} was not generated by this program",
            session.shown_url()
        ))
        .hint(format!("its tip is {tip}; choose another --branch-prefix, or overwrite it with --force")));
    }
    // The history below a tip was not brought, and a push cannot build on half of one.
    Ok((!found.has_parents).then_some(store))
}

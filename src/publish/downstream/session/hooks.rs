//! Runs the hooks of a repository on this machine, which git's library leaves out.

use super::{Update, rejected};
use crate::error::Result;
use crate::publish::watch::{Progress, Reporter};
use crate::redact::redact;
use git2::Repository;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// As many zeros as git writes for a branch that is not there.
const NOWHERE: &str = "0000000000000000000000000000000000000000";
/// Bytes of a hook's output that are repeated.
const MOST_OUTPUT: u64 = 4096;

/// The hooks that a push runs.
pub(super) struct Hooks<'a> {
    repository: PathBuf,
    directory: PathBuf,
    reporter: &'a Reporter,
}

impl<'a> Hooks<'a> {
    pub(super) fn new(target: &Repository, reporter: &'a Reporter) -> Self {
        let repository = target.path().to_owned();
        let configured = target.config().and_then(|config| config.get_path("core.hooksPath")).ok();
        let directory = configured.map_or_else(|| repository.join("hooks"), |path| repository.join(path));
        Self { repository, directory, reporter }
    }

    /// Asks `pre-receive`, then `update` for each branch.
    pub(super) fn before(&self, updates: &[Update]) -> Result<()> {
        let Some(first) = updates.first() else { return Ok(()) };
        self.run("pre-receive", &[], &lines(updates)).map_err(|words| rejected(&first.reference, &words))?;
        for update in updates {
            let arguments = [update.reference.clone(), name(update.expected), name(update.new)];
            self.run("update", &arguments, "").map_err(|words| rejected(&update.reference, &words))?;
        }
        Ok(())
    }

    /// Tells `post-receive` and `post-update`, whose failures change nothing.
    pub(super) fn after(&self, updates: &[Update]) {
        let names: Vec<_> = updates.iter().map(|update| update.reference.clone()).collect();
        let outcomes = [self.run("post-receive", &[], &lines(updates)), self.run("post-update", &names, "")];
        for words in outcomes.into_iter().filter_map(std::result::Result::err) {
            self.reporter.report(Progress::Remote(words));
        }
    }

    /// Runs a hook if there is one; fails with its words.
    fn run(&self, hook: &str, arguments: &[String], input: &str) -> std::result::Result<(), String> {
        let program = self.directory.join(hook);
        if !is_executable(&program) {
            return Ok(());
        }
        let failed = |cause: std::io::Error| format!("cannot run its {hook} hook: {cause}");
        // Files rather than pipes: a hook that reads nothing, or says much, cannot block.
        let (mut stdin, mut output) = (tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?);
        stdin.write_all(input.as_bytes()).and_then(|()| stdin.rewind()).map_err(failed)?;
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&self.repository).env("GIT_DIR", ".");
        for inherited in ["GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"] {
            command.env_remove(inherited);
        }
        command.stdin(Stdio::from(stdin)).stdout(output.try_clone().map_err(failed)?);
        command.stderr(output.try_clone().map_err(failed)?);
        let status = command.status().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        Err(format!("{hook} hook declined: {}", read_back(&mut output)))
    }
}

fn read_back(output: &mut File) -> String {
    let mut bytes = Vec::new();
    // What cannot be read back is only missing from a message.
    let _ = output.rewind().and_then(|()| output.take(MOST_OUTPUT).read_to_end(&mut bytes));
    redact(String::from_utf8_lossy(&bytes).trim())
}

fn lines(updates: &[Update]) -> String {
    let line = |update: &Update| format!("{} {} {}\n", name(update.expected), name(update.new), update.reference);
    updates.iter().map(line).collect()
}

fn name(id: Option<super::ObjectId>) -> String {
    id.map_or_else(|| NOWHERE.to_owned(), |id| id.to_string())
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

//! Writes what a review confirmed: `spack.yaml`, the lockfiles, the pipeline.

use super::look;
use crate::error::{Error, Result};
use crate::publish::file;
use crate::source::Source;
use crate::tui::effect::{Receipt, Saved, Sight, Writing};
use crate::tui::model::document::{Access, Session};
use crate::tui::model::spack::Fresh;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Writes all or, where anything fails before the first file is replaced, nothing.
pub(super) fn write(session: &Session, writing: &Writing) -> Result<Receipt> {
    if session.access == Access::ReadOnly {
        return Err(Error::usage("the program runs with --read-only"));
    }
    check_unchanged(&session.manifest, &writing.read)?;
    let text = |saved: &Saved| Arc::clone(&saved.text);
    let manifest = writing.manifest.as_ref().map(text);
    let manifest =
        manifest.map(|text| file::stage(&session.manifest, |out| out.write_all(text.text().as_bytes()))).transpose()?;
    let pipeline = writing.pipeline.as_ref().map(|rendered| &rendered.pipeline);
    let staged = pipeline.map(|pipeline| file::stage(&session.output, |out| pipeline.write_to(out))).transpose()?;
    let locks = writing.locks.as_deref().map_or(Ok(Vec::new()), stage_locks)?;
    // A large pipeline has taken a moment.
    check_unchanged(&session.manifest, &writing.read)?;
    let mut receipt = Receipt::default();
    if let Some(manifest) = manifest {
        manifest.commit()?;
        receipt.lines.push(format!("{} saved", session.manifest.display()));
        receipt.saved.clone_from(&writing.manifest);
    }
    for (path, lock) in locks {
        match lock.commit() {
            Ok(()) => receipt.lines.push(format!("{} replaced", path.display())),
            Err(error) if receipt.lines.is_empty() => return Err(error),
            Err(error) => {
                receipt.lines.push(format!("{} NOT replaced: it is as it was", path.display()));
                receipt.failure = Some(error);
                return Ok(receipt);
            }
        }
    }
    receipt.locks.clone_from(&writing.locks);
    if let (Some(staged), Some(pipeline)) = (staged, pipeline) {
        let extras = || pipeline.extras().iter();
        let written = staged.commit().and_then(|()| {
            extras().try_for_each(|extra| file::replace(&extra.path, |out| out.write_all(&extra.bytes)))
        });
        match written {
            Ok(()) => {
                receipt.lines.extend(extras().map(|extra| format!("{} written", extra.path.display())));
                let jobs = pipeline.jobs().count();
                receipt.lines.push(format!("{} written: {jobs} build jobs", session.output.display()));
            }
            Err(error) if !receipt.lines.is_empty() => {
                receipt.lines.push(format!("{} NOT written: it is as it was", session.output.display()));
                receipt.failure = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(receipt)
}

/// Writes the lockfiles that Spack answered with beside those they are to replace.
fn stage_locks(fresh: &Fresh) -> Result<Vec<(&Path, file::Staged)>> {
    let texts = fresh.locks.iter().filter_map(|lock| Some((lock.path.as_path(), fresh.lockfiles.get(&lock.phase)?)));
    let stage =
        |(path, lock): (_, &Arc<Source>)| Ok((path, file::stage(path, |out| out.write_all(lock.text().as_bytes()))?));
    texts.map(stage).collect()
}

fn check_unchanged(path: &Path, read: &Source) -> Result<()> {
    match look(path, read) {
        Sight::AsRead => Ok(()),
        Sight::Changed(_) => Err(Error::input(format!("`{}` has changed on disk since it was read", path.display()))
            .hint("it is read again in a moment, or at once with the key to reload; the edits are then made again")),
        Sight::Unreadable(reason) => Err(Error::refused(reason)),
    }
}

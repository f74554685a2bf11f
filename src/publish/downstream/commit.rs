//! The generated commit: who made it, and what its message says.

use super::branch::Tested;
use super::object::ObjectId;
use super::{History, Push, failure};
use crate::error::{Error, Result};
use crate::publish::trailers::{self, Trailer};
use crate::redact::shown;
use git2::{Oid, Repository, Signature, Time};

/// Who made a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// A name.
    pub name: String,
    /// An address.
    pub email: String,
}

impl Default for Author {
    /// The robot that the 2019 script committed as.
    fn default() -> Self {
        Self { name: "Spack Build Bot".to_owned(), email: "robot@spack.io".to_owned() }
    }
}

impl Author {
    /// Reads `Name <address>`.
    ///
    /// # Errors
    /// Refuses other forms.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = text.trim().strip_suffix('>').and_then(|rest| rest.split_once('<'));
        let author = parts.map(|(name, email)| Self { name: name.trim().to_owned(), email: email.trim().to_owned() });
        author.filter(Self::is_fit).ok_or_else(|| {
            Error::usage(format!("`{}` is not an author", shown(text))).hint("write it as `Name <address>`")
        })
    }

    /// Tells whether git can store it: neither part empty, and no character that would end it early.
    fn is_fit(&self) -> bool {
        let fits = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
        fits(&self.name) && fits(&self.email)
    }
}

/// Returns the first line of the message.
pub(super) fn subject(tested: &Tested) -> String {
    format!("Auto-generated commit testing {} ({})", tested.branch, tested.commit)
}

/// Returns the commit of HEAD.
pub(super) fn head(repository: &Repository) -> Result<Oid> {
    let commit = repository.head().and_then(|head| head.peel_to_commit());
    commit.map(|commit| commit.id()).map_err(|cause| failure::local("read HEAD of", repository.path(), &cause))
}

/// Makes the commit; no branch names it.
pub(super) fn make(repository: &Repository, push: &Push, tested: &Tested, tree: Oid) -> Result<ObjectId> {
    let failed = |cause: git2::Error| failure::local("make a commit in", repository.path(), &cause);
    if !push.author.is_fit() {
        return Err(Error::usage("the author's name or address is empty or has a character that git cannot store")
            .hint("write it as `Name <address>`"));
    }
    let time = Time::new(push.time, 0);
    let author = Signature::new(&push.author.name, &push.author.email, &time).map_err(failed)?;
    let tree = repository.find_tree(tree).map_err(failed)?;
    let parent = match push.history {
        History::Orphan => None,
        History::Parent => Some(repository.find_commit(head(repository)?).map_err(failed)?),
    };
    let parents: Vec<_> = parent.iter().collect();
    let message = message(tested, &push.trailers)?;
    repository.commit(None, &author, &author, &message, &tree, &parents).map(ObjectId).map_err(failed)
}

fn message(tested: &Tested, trailers: &[Trailer]) -> Result<String> {
    let branch = Trailer::new(trailers::BRANCH, tested.branch.as_str())?;
    let lines: Vec<_> = trailers.iter().chain([&branch]).map(ToString::to_string).collect();
    Ok(format!("{}\n\n{}\n", subject(tested), lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_read_as_git_writes_it() {
        let author = Author::parse("Release Robot <robot@example.org>").unwrap();
        assert_eq!((author.name.as_str(), author.email.as_str()), ("Release Robot", "robot@example.org"));
    }

    #[test]
    fn an_author_cannot_forge_a_header() {
        for text in ["", "name", "<a@b>", "name <>", "a\nparent 00 <b>", "a <b> 0 +0000\n <c>"] {
            assert!(Author::parse(text).is_err(), "{text:?}");
        }
    }
}

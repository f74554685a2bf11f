//! The names of branches: which one is released, and which one its pipeline is pushed to.

use crate::error::{Error, Result};
use crate::redact::shown;
use git2::{Branch, ErrorCode, Repository};

/// What every downstream branch is called, before the name of the branch that is released.
pub const PREFIX: &str = "multi-ci-";

/// The commit that is released, by name and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// The branch, or in a pipeline of a tag, the tag.
    pub branch: String,
    /// The commit, in hexadecimal.
    pub commit: String,
}

/// Returns the full name of the downstream branch: `refs/heads/` with prefix and branch.
///
/// # Errors
/// Refuses what git refuses (`git check-ref-format --branch`), and an empty prefix, which would name the branch itself.
pub fn reference(prefix: &str, branch: &str) -> Result<String> {
    if prefix.is_empty() {
        return Err(Error::usage("the prefix of downstream branches is empty")
            .hint(format!("give one such as `{PREFIX}`: the branch itself must not be overwritten")));
    }
    let name = format!("{prefix}{branch}");
    let is_valid = |name: &str| Branch::name_is_valid(name).unwrap_or(false);
    if !is_valid(branch) || !is_valid(&name) {
        return Err(Error::input(format!("`{}` is not a name that git allows for a branch", shown(&name)))
            .hint("see `git help check-ref-format` for the rules, and name another with --branch"));
    }
    Ok(format!("refs/heads/{name}"))
}

/// Finds out which commit is released: as told, else from HEAD.
pub(super) fn tested(repository: &Repository, branch: Option<&str>, commit: Option<&str>) -> Result<Tested> {
    let head = repository.head().map_err(|cause| match cause.code() {
        ErrorCode::UnbornBranch | ErrorCode::NotFound => Error::input("the repository has no commit yet")
            .hint("commit something first: the pipeline is generated for a commit"),
        _ => Error::refused(format!("cannot read HEAD: {}", shown(cause.message()))),
    })?;
    let branch = match branch {
        Some(branch) => branch.to_owned(),
        None if head.is_branch() => String::from_utf8_lossy(head.shorthand_bytes()).into_owned(),
        None => {
            return Err(Error::input("HEAD is detached, so that the branch has no name")
                .hint("name it with --branch or CI_COMMIT_REF_NAME, or check a branch out"));
        }
    };
    let commit = match commit {
        Some(commit) if is_object_name(commit) => commit.to_owned(),
        Some(commit) => {
            return Err(Error::input(format!("`{}` is not the id of a commit", shown(commit)))
                .hint("CI_COMMIT_SHA is 7 to 64 hexadecimal digits"));
        }
        None => head
            .peel_to_commit()
            .map(|commit| commit.id().to_string())
            .map_err(|cause| Error::refused(format!("cannot read the commit of HEAD: {}", shown(cause.message()))))?,
    };
    Ok(Tested { branch, commit })
}

fn is_object_name(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["main", "feature/x", "v1.0", "ünï", "a@b", "$(id)", "a'b", "a;b"] {
            assert_eq!(reference(PREFIX, name).unwrap(), format!("refs/heads/multi-ci-{name}"));
        }
    }

    #[test]
    fn names_that_git_refuses_are_refused() {
        for name in [
            "", "-x", "a b", "a..b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a.lock", "a/", "/a", "a@{b",
            "a\nb", "a.", "HEAD", "a//b", ".a",
        ] {
            assert!(reference(PREFIX, name).is_err(), "{name:?}");
        }
        assert!(reference("", "main").is_err());
        assert!(reference("-x", "main").is_err());
    }
}

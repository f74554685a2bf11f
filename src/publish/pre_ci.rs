//! What a pre-ci job is told by variables: the contract of the 2019 script.

use crate::error::{Error, Result};
use crate::redact::shown;
use std::path::PathBuf;

/// The variables that say where the environment is: its repository, and its directory in there.
pub const ENVIRONMENT_VARIABLES: [&str; 2] = ["SPACK_RELEASE_ENVIRONMENT_REPO", "SPACK_RELEASE_ENVIRONMENT_PATH"];
/// The variable with the branch that is released.
pub const BRANCH_VARIABLE: &str = "CI_COMMIT_REF_NAME";

/// What a pre-ci job is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreCi {
    /// `SPACK_RELEASE_ENVIRONMENT_REPO`: the repository the environment is in, if not the one being released.
    pub environment_repository: Option<String>,
    /// `SPACK_RELEASE_ENVIRONMENT_PATH`: the environment's directory, from that repository's root.
    pub environment_path: String,
    /// `DOWNSTREAM_CI_REPO`: where the generated branch is pushed to.
    pub downstream: String,
    /// `CI_COMMIT_REF_NAME`: the branch being released.
    pub branch: String,
    /// `CI_COMMIT_SHA`: the commit being released.
    pub commit: String,
}

impl PreCi {
    /// Reads the variables; an empty one counts as missing.
    ///
    /// # Errors
    /// Names the variables that are missing, all at once.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut missing = Vec::new();
        let mut needed = |name: &'static str| {
            set(name).unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let told = Self {
            environment_repository: set(ENVIRONMENT_VARIABLES[0]),
            environment_path: needed(ENVIRONMENT_VARIABLES[1]),
            downstream: needed("DOWNSTREAM_CI_REPO"),
            branch: needed(BRANCH_VARIABLE),
            commit: needed("CI_COMMIT_SHA"),
        };
        if missing.is_empty() {
            return Ok(told);
        }
        let kind = if missing.len() == 1 { "variable" } else { "variables" };
        Err(Error::input(format!("missing {kind}: {}", missing.join(", ")))
            .hint("GitLab sets those that start with CI_; set the others in the job or the project's settings")
            .hint("to push an environment by hand, name it: spackplan ENV --push REMOTE"))
    }

    /// Returns the environment in the current directory's repository, for a job that names no other.
    ///
    /// # Errors
    /// Names the variables if it is not there.
    pub fn environment_here(&self) -> Result<PathBuf> {
        let path = PathBuf::from(&self.environment_path);
        if path.exists() {
            return Ok(path);
        }
        let [repository, variable] = ENVIRONMENT_VARIABLES;
        Err(Error::input(format!("there is no `{}`, which {variable} names", shown(&self.environment_path)))
            .hint(format!("it is seen from the current directory; if it is in another repository, set {repository}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 4] = [
        ("SPACK_RELEASE_ENVIRONMENT_PATH", "envs/release"),
        ("DOWNSTREAM_CI_REPO", "https://h/d.git"),
        ("CI_COMMIT_REF_NAME", "main"),
        ("CI_COMMIT_SHA", "0123456789"),
    ];

    fn without(missing: &str) -> Result<PreCi> {
        let set = |name: &str| ALL.iter().find(|(key, _)| *key == name && *key != missing);
        PreCi::from_variables(|name| set(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn all_variables_are_read() {
        let told = without("").unwrap();
        assert_eq!((told.branch.as_str(), told.environment_repository.as_deref()), ("main", None));
    }

    #[test]
    fn a_missing_variable_is_named() {
        for name in ["SPACK_RELEASE_ENVIRONMENT_PATH", "DOWNSTREAM_CI_REPO", "CI_COMMIT_REF_NAME", "CI_COMMIT_SHA"] {
            assert_eq!(without(name).unwrap_err().message, format!("missing variable: {name}"));
        }
    }

    #[test]
    fn an_environment_that_is_not_here_names_both_variables() {
        let error = without("").unwrap().environment_here().unwrap_err();
        assert!(error.message.contains(ENVIRONMENT_VARIABLES[1]), "{error}");
        assert!(error.hints[0].contains(ENVIRONMENT_VARIABLES[0]), "{:?}", error.hints);
    }

    #[test]
    fn nothing_set_names_all() {
        let error = PreCi::from_variables(|_| None).unwrap_err();
        assert_eq!(error.message.matches(", ").count(), 3, "{error}");
    }
}

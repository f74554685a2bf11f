//! What decides on a pipeline beside the environment: GitLab's and Spack's environment variables, and options.

use crate::environment::attributes::DynamicMapping;
use crate::environment::condition::Context;
use crate::environment::file_url;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Directory that jobs keep their artifacts in, as Spack names it.
pub const ARTIFACTS: &str = "jobs_scratch_dir";

/// For whom binaries are built (`SPACK_PIPELINE_TYPE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineType {
    /// For a branch whose binaries are signed and kept.
    ProtectedBranch,
    /// For a proposed change.
    PullRequest,
    /// None are built: those of another mirror are copied.
    CopyOnly,
}

impl PipelineType {
    /// Reads the value of the variable; what Spack does not know is nothing to it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "spack_protected_branch" | "PROTECTED_BRANCH" => Some(Self::ProtectedBranch),
            "spack_pull_request" | "PULL_REQUEST" => Some(Self::PullRequest),
            "spack_copy_only" | "COPY_ONLY" => Some(Self::CopyOnly),
            _ => None,
        }
    }

    /// Returns the name that jobs are given.
    pub fn name(self) -> &'static str {
        match self {
            Self::ProtectedBranch => "PROTECTED_BRANCH",
            Self::PullRequest => "PULL_REQUEST",
            Self::CopyOnly => "COPY_ONLY",
        }
    }
}

/// Whether binaries have to be signed (`SPACK_REQUIRE_SIGNING`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// They have to be.
    Required,
    /// They need not be.
    #[default]
    Optional,
}

/// Whether a kind of pruning is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl Asked {
    fn from_variable(context: &Context, name: &str, default: Self) -> Self {
        match context.variable(name) {
            None => default,
            Some(value) if value.eq_ignore_ascii_case("true") => Self::Yes,
            Some(_) => Self::No,
        }
    }
}

/// What is known of the specs that are listed as broken (`broken-specs-url`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BrokenList {
    /// The list was not looked at.
    #[default]
    Unread,
    /// The list could not be read, for this reason.
    Unreadable(String),
    /// The hashes on the list.
    Read(BTreeSet<String>),
}

/// How `spack ci` is to generate a pipeline.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The job that generates the pipeline and has the concrete environment among its artifacts (`CI_JOB_NAME`).
    pub generate_job: String,
    /// The pipeline that job is in (`CI_PIPELINE_ID`).
    pub pipeline_id: String,
    /// For whom binaries are built, if that is said.
    pub pipeline_type: Option<PipelineType>,
    /// What the stack is called (`SPACK_CI_STACK_NAME`).
    pub stack: Option<String>,
    /// Whether binaries have to be signed.
    pub signatures: Signatures,
    /// The mirror that built binaries will be copied to (`SPACK_COPY_BUILDCACHE`).
    pub copy_to: Option<String>,
    /// The stamp of builds on CDash (`SPACK_CDASH_BUILD_STAMP`); without it each job makes its own when it runs.
    pub build_stamp: Option<String>,
    /// Whether specs that a mirror has are left out (`SPACK_PRUNE_UP_TO_DATE`).
    pub up_to_date: Asked,
    /// Whether specs that no change touches are left out (`SPACK_PRUNE_UNTOUCHED`).
    pub untouched: Asked,
    /// Version of Spack that jobs use (`SPACK_VERSION`), where it is not the lockfile's.
    pub spack_version: Option<String>,
    /// Commit or tag of Spack that jobs check out (`SPACK_CHECKOUT_VERSION`), where it is not the lockfile's.
    pub checkout_version: Option<String>,
    /// Names of services that are not asked (`SPACK_CI_SKIP_DYNAMIC_MAPPING`), as a regular expression.
    pub skip_dynamic: Option<String>,
    /// The specs that are known not to build.
    pub broken: BrokenList,
    /// Further variables that jobs are to have, with their values.
    pub forwarded: Vec<(String, String)>,
    /// The directory that the program runs in, absolute: relative paths of mirrors are seen from there.
    pub here: PathBuf,
    /// The directory that GitLab runs jobs in (`CI_PROJECT_DIR`), absolute.
    pub project: PathBuf,
    /// The directory of the environment, absolute.
    pub environment: PathBuf,
    /// Where jobs keep their artifacts, seen from the project.
    pub artifacts: PathBuf,
}

impl Default for Settings {
    /// Returns what Spack does where no variable is set.
    fn default() -> Self {
        Self::from_variables(&Context::default(), Path::new("/"), Path::new("/"))
    }
}

impl Settings {
    /// Reads the variables that `spack ci generate` reads; `here` and `environment` are absolute directories: the one
    /// that the program runs in, and the environment's.
    pub fn from_variables(context: &Context, here: &Path, environment: &Path) -> Self {
        let variable = |name| context.variable(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let requires = variable("SPACK_REQUIRE_SIGNING").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Self {
            generate_job: variable("CI_JOB_NAME").unwrap_or_else(|| "job-does-not-exist".to_owned()),
            pipeline_id: variable("CI_PIPELINE_ID").unwrap_or_else(|| "pipeline-does-not-exist".to_owned()),
            pipeline_type: variable("SPACK_PIPELINE_TYPE").as_deref().and_then(PipelineType::from_name),
            stack: context.variable("SPACK_CI_STACK_NAME").map(str::to_owned),
            signatures: if requires { Signatures::Required } else { Signatures::Optional },
            copy_to: variable("SPACK_COPY_BUILDCACHE"),
            build_stamp: variable("SPACK_CDASH_BUILD_STAMP"),
            up_to_date: Asked::from_variable(context, "SPACK_PRUNE_UP_TO_DATE", Asked::Yes),
            untouched: Asked::from_variable(context, "SPACK_PRUNE_UNTOUCHED", Asked::No),
            spack_version: variable("SPACK_VERSION"),
            checkout_version: variable("SPACK_CHECKOUT_VERSION"),
            skip_dynamic: variable("SPACK_CI_SKIP_DYNAMIC_MAPPING"),
            broken: BrokenList::Unread,
            forwarded: Vec::new(),
            project: variable("CI_PROJECT_DIR").map_or_else(|| here.to_owned(), |directory| here.join(directory)),
            here: here.to_owned(),
            environment: environment.to_owned(),
            artifacts: PathBuf::from(ARTIFACTS),
        }
    }

    /// Returns the URL of a mirror as jobs find it from any directory.
    pub fn absolute(&self, url: &str) -> String {
        let is_path = !url.is_empty() && !url.contains("://") && !url.starts_with('$');
        if is_path { file_url(&self.here.join(url)) } else { url.to_owned() }
    }

    /// Tells whether all is built anew, whatever mirrors have and whatever changed.
    pub fn rebuilds_everything(&self) -> bool {
        self.up_to_date == Asked::No && self.untouched == Asked::No
    }

    /// Tells whether a service is not to be asked: one whose name begins as the variable says.
    pub fn skips(&self, service: &DynamicMapping) -> bool {
        let skip = self.skip_dynamic.as_ref().and_then(|text| Regex::new(&format!("^(?:{text})")).ok());
        skip.zip(service.name.as_ref()).is_some_and(|(skip, name)| skip.is_match(name))
    }

    /// Adds variables for the jobs, as far as they are set.
    #[must_use]
    pub fn forwarding(mut self, context: &Context, names: &[String]) -> Self {
        let set = names.iter().filter_map(|name| Some((name.clone(), context.variable(name)?.to_owned())));
        self.forwarded.extend(set);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(assignments: &[&str]) -> Settings {
        let mut context = Context::default();
        for assignment in assignments {
            context.set(&format!("env.{assignment}")).unwrap();
        }
        Settings::from_variables(&context, Path::new("/here"), Path::new("/e"))
    }

    #[test]
    fn only_true_switches_pruning_on() {
        assert_eq!(settings(&[]).up_to_date, Asked::Yes);
        assert_eq!(settings(&["SPACK_PRUNE_UP_TO_DATE=yes"]).up_to_date, Asked::No);
        assert_eq!(settings(&["SPACK_PRUNE_UNTOUCHED=TRUE"]).untouched, Asked::Yes);
    }

    #[test]
    fn a_pipeline_type_is_known_by_two_names_in_one_case() {
        assert_eq!(settings(&["SPACK_PIPELINE_TYPE=COPY_ONLY"]).pipeline_type, Some(PipelineType::CopyOnly));
        assert_eq!(settings(&["SPACK_PIPELINE_TYPE=spack_copy_only"]).pipeline_type, Some(PipelineType::CopyOnly));
        assert_eq!(settings(&["SPACK_PIPELINE_TYPE=copy_only"]).pipeline_type, None);
    }
}

//! CDash: makes the build group and its "Latest" group, and says which builds belong to them.
//!
//! Three requests to `URL/api/v1/buildgroup.php`, as the 2019 generator sent them. No failure here loses the pipeline:
//! the caller reports it as a warning and goes on.

mod client;
mod problem;
mod token;

pub use crate::http::Failure;
pub use client::Patience;
pub use problem::Problem;
pub use token::Token;

use crate::redact::redact;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The build group of a release, and the builds that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildGroup {
    /// The address of CDash, without `/api`.
    pub url: String,
    /// The project as CDash knows it.
    pub project: String,
    /// The name of the group.
    pub name: String,
    /// The site that the builds report as.
    pub site: String,
    /// The builds' names, in the order of the jobs; of equal ones the first counts.
    pub builds: Vec<String>,
}

/// The groups that CDash made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// The id of the daily group.
    pub daily: u64,
    /// The id of the "Latest" group.
    pub latest: u64,
}

#[derive(Serialize)]
struct NewGroup<'a> {
    newbuildgroup: &'a str,
    project: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

#[derive(Serialize)]
struct DynamicList<'a> {
    project: &'a str,
    buildgroupid: u64,
    dynamiclist: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    #[serde(rename = "match")]
    build: &'a str,
    parentgroupid: u64,
    site: &'a str,
}

impl BuildGroup {
    /// Returns the requests that [`populate`](Self::populate) makes, one line each.
    pub fn describe(&self) -> Vec<String> {
        let url = redact(&self.endpoint());
        let shown = |text: &str| format!("\"{}\"", redact(text));
        let (name, latest, project) = (shown(&self.name), shown(&self.latest_name()), shown(&self.project));
        vec![
            format!("POST {url}: make the group {name} of project {project}, type Daily"),
            format!("POST {url}: make the group {latest} of project {project}, type Latest"),
            format!("PUT {url}: put {} builds of site {} into it", self.distinct().count(), shown(&self.site)),
        ]
    }

    /// Makes the groups and fills the list. `sleep` is called between attempts with how long to wait.
    ///
    /// # Errors
    /// Returns the first problem; what was made before it stays, and a second run takes it up, as CDash returns the group
    /// that has the name already.
    pub fn populate(
        &self,
        token: &Token,
        patience: &Patience,
        sleep: &mut dyn FnMut(Duration),
        cancel: &AtomicBool,
    ) -> Result<Groups, Problem> {
        let mut client = client::Client::new(self.endpoint(), token, patience, sleep, cancel);
        let daily = client.create(&NewGroup { newbuildgroup: &self.name, project: &self.project, kind: "Daily" })?;
        let latest_name = self.latest_name();
        let latest =
            client.create(&NewGroup { newbuildgroup: &latest_name, project: &self.project, kind: "Latest" })?;
        let member = |build| Member { build, parentgroupid: daily, site: &self.site };
        let list = DynamicList {
            project: &self.project,
            buildgroupid: latest,
            dynamiclist: self.distinct().map(member).collect(),
        };
        client.fill(&list)?;
        Ok(Groups { daily, latest })
    }

    fn endpoint(&self) -> String {
        format!("{}/api/v1/buildgroup.php", self.url.trim_end_matches('/'))
    }

    fn latest_name(&self) -> String {
        format!("Latest {}", self.name)
    }

    fn distinct(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        self.builds.iter().map(String::as_str).filter(move |build| seen.insert(*build))
    }
}

/// Fails if the flag is set.
fn check(cancel: &AtomicBool) -> Result<(), Problem> {
    if cancel.load(Ordering::SeqCst) { Err(Problem::Cancelled) } else { Ok(()) }
}

//! Small mirrors in both of Spack's layouts, as files on disk or behind a server, and asking them about [`small`].
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "tests may end where they stand")]

use super::common;
use super::http::{Reply, Request, Server};
use super::small;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::Environment;
use spackplan::error::Result;
use spackplan::plan::prune::{Pruning, Reason};
use spackplan::pruning::{self, Means, Mirrors, Patience, Progress, Wanted};
use spackplan::source::Source;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The files of a mirror.
#[derive(Clone, Default)]
pub struct Mirror(pub BTreeMap<String, Vec<u8>>);

/// Returns an index that has binaries of specs.
pub fn index(hashes: &[&str]) -> Vec<u8> {
    let entry = |hash: &&str| format!(r#""{hash}":{{"spec":{{"name":"x","hash":"{hash}"}},"in_buildcache":true}}"#);
    let installs: Vec<String> = hashes.iter().map(entry).collect();
    format!(r#"{{"database":{{"version":"8","installs":{{{}}}}}}}"#, installs.join(",")).into_bytes()
}

pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

impl Mirror {
    /// A mirror of Spack 1.0 and later.
    pub fn third(hashes: &[&str]) -> Self {
        Self::default().with_blob(&index(hashes), "none")
    }

    /// A mirror of Spack before 1.0.
    pub fn second(hashes: &[&str]) -> Self {
        let index = index(hashes);
        let sum = digest(&index).into_bytes();
        Self::default().with("build_cache/index.json", index).with("build_cache/index.json.hash", sum)
    }

    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), bytes.into());
        self
    }

    /// Adds an index of layout 3.
    pub fn with_blob(self, blob: &[u8], compression: &str) -> Self {
        let sum = digest(blob);
        let manifest = format!(
            r#"{{"version":3,"data":[{{"contentLength":{},"mediaType":"application/vnd.spack.db.v8+json","compression":"{compression}","checksumAlgorithm":"sha256","checksum":"{sum}"}}]}}"#,
            blob.len()
        );
        self.with("v3/manifests/index/index.manifest.json", manifest)
            .with(&format!("blobs/sha256/{}/{sum}", &sum[..2]), blob)
    }

    pub fn write(&self, directory: &Path) {
        for (path, bytes) in &self.0 {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Serves the files, with tags that tell whether they have changed.
    pub fn serve(self) -> Server {
        Server::start(move |request| self.reply(request))
    }

    pub fn reply(&self, request: &Request) -> Reply {
        let Some(bytes) = self.0.get(request.target.trim_start_matches('/')) else {
            return Reply::new("404 Not Found", &[], b"");
        };
        let tag = format!("\"{}\"", digest(bytes));
        if request.headers.get("if-none-match") == Some(&tag) {
            return Reply::new("304 Not Modified", &[("ETag", &tag)], b"");
        }
        let body = if request.method == "HEAD" { &[][..] } else { bytes };
        Reply::new("200 OK", &[("ETag", &tag)], body)
    }
}

/// Returns means that a test can wait for.
pub fn means(cache: Option<&Path>) -> Means {
    let patience = Patience {
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(5),
        total: Duration::from_secs(20),
        attempts: 3,
        pause: Duration::ZERO,
        at_once: 4,
    };
    Means { patience, cache: cache.map(Path::to_owned) }
}

/// Returns the environment of [`small`] with mirrors, each `name: …`.
pub fn environment(mirrors: &[String]) -> Environment {
    let text = small::with_rules("- build-job: {tags: [t]}");
    let start = text.find("  mirrors:\n").unwrap();
    let entries: Vec<String> = mirrors.iter().map(|entry| format!("    {entry}")).collect();
    small::parse(&format!("{}  mirrors:\n{}\n", &text[..start], entries.join("\n"))).unwrap()
}

/// Asks the mirrors of an environment.
pub fn ask(environment: &Environment, how: Mirrors, means: &Means) -> Pruning {
    ask_until(environment, how, means, &AtomicBool::new(false), &mut |_| ()).unwrap()
}

/// Asks the mirrors of an environment unless that is cancelled.
pub fn ask_until(
    environment: &Environment,
    how: Mirrors,
    means: &Means,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Pruning> {
    let lockfiles = Lockfiles::of_main(Source::new("/e/spack.lock", small::lockfile()));
    let phases = concretize::concretize(environment, &lockfiles, &common::architecture()).unwrap().phases;
    let wanted = Wanted { mirrors: how, ..Wanted::default() };
    pruning::find_out(&wanted, environment, &phases, &common::context(), means, progress, cancel)
}

/// Returns what was found out about a spec.
pub fn reasons(pruning: &Pruning, hash: &str) -> Vec<Reason> {
    let text = pruning.to_json();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(record["specs"][hash].clone()).unwrap_or_default()
}

/// Returns the reason of a spec that mirrors have.
pub fn up_to_date(mirrors: &[&str]) -> Vec<Reason> {
    vec![Reason::UpToDate(mirrors.iter().map(|mirror| (*mirror).to_owned()).collect())]
}

/// Returns the messages of all findings, with their hints.
pub fn messages(pruning: &Pruning) -> Vec<String> {
    let text = |finding: &spackplan::finding::Finding| {
        assert!(finding.hint.is_some(), "{}", finding.message);
        finding.message.clone()
    };
    pruning.findings.iter().map(text).collect()
}

/// Counts the requests for a path.
pub fn count(server: &Server, path: &str) -> usize {
    server.requests().iter().filter(|request| request.target == path).count()
}

//! A push that also tells CDash: what it is asked, as recorded of Spack, and what its failures cost.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/oracle.rs"]
mod oracle;
#[path = "common/site.rs"]
mod site;

use common::executable;
use http::{Reply, Request, Server};
use serde_json::{Value, json};
use site::{ENVIRONMENT, Site};
use std::fs;
use std::path::PathBuf;

/// Answers as CDash does.
fn cdash(request: &Request) -> Reply {
    let id = if request.method == "POST" && request.json()["type"] == "Daily" { 102 } else { 103 };
    Reply::new("200 OK", &[], json!({ "id": id }).to_string().as_bytes())
}

/// Makes repositories whose environment reports to a server.
fn reporting_to(server: &Server) -> Site {
    let url = format!("http://127.0.0.1:{}/sub", server.port);
    let section = format!("  cdash: {{build-group: Weekly, url: '{url}', project: HPC, site: here}}\n");
    Site::with(&[("release/spack.yaml", &format!("{ENVIRONMENT}{section}"))])
}

fn token_file(site: &Site, mode: u32) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = site.world.root().join("token");
    fs::write(&path, "s3cret-token\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

#[test]
fn cdash_is_told_after_the_push_with_the_token_of_the_variable() {
    let server = Server::start(cdash);
    let mut site = reporting_to(&server);
    site.set("CDASH_AUTH_TOKEN", "s3cret-token");
    let run = site.run(&["--push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let pushed = run.stderr.find("pushed refs/heads/").unwrap();
    assert!(pushed < run.stderr.find("CDash: group `Weekly` has 3 builds").unwrap(), "{}", run.stderr);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.headers["authorization"] == "Bearer s3cret-token"));
    assert!(!run.stderr.contains("s3cret"));
}

#[test]
fn a_failure_of_cdash_is_a_warning_and_the_branch_is_pushed() {
    let server = Server::start(|_| Reply::new("404 Not Found", &[], b""));
    let mut site = reporting_to(&server);
    site.set("CDASH_AUTH_TOKEN", "s3cret-token");
    let run = site.run(&["--push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("warning: CDash answered a POST with status 404"), "{}", run.stderr);
    assert_eq!(site.world.refs().len(), 1);
}

#[test]
fn without_a_token_there_is_a_warning_and_no_request() {
    let server = Server::start(cdash);
    let site = reporting_to(&server);
    let run = site.run(&["--push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("warning: no CDash build group is made: CDASH_AUTH_TOKEN is not set"),
        "{}",
        run.stderr
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_token_file_that_others_can_read_is_warned_of_and_used() {
    let server = Server::start(cdash);
    let site = reporting_to(&server);
    let run = site.run(&["--push", "--cdash-credentials", &token_file(&site, 0o644)]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("everybody on this machine can read the CDash token"), "{}", run.stderr);
    assert!(run.stderr.contains("chmod 600"), "{}", run.stderr);
    assert_eq!(server.requests().len(), 3);
    let run = site.run(&["--push", "--cdash-credentials", &token_file(&site, 0o600)]);
    assert!(!run.stderr.contains("everybody"), "{}", run.stderr);
}

#[test]
fn a_token_file_that_cannot_be_used_stops_the_push_before_it_begins() {
    let server = Server::start(cdash);
    let site = reporting_to(&server);
    let empty = site.world.root().join("empty");
    fs::write(&empty, "\n").unwrap();
    executable(&empty);
    for file in [empty, PathBuf::from("nowhere")] {
        let run = site.run(&["--push", "--cdash-credentials", &file.display().to_string()]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("CDash token"), "{}", run.stderr);
    }
    assert!(site.world.refs().is_empty() && server.requests().is_empty());
}

#[test]
fn the_requests_are_those_that_spack_made() {
    let Some(recorded) = oracle::folder() else { return };
    let recorded = recorded.join("release-jobs");
    let expected = oracle::rows(&recorded.join("cdash-http/ok/requests.jsonl"));
    let case = recorded.join("08-cdash-quoting");
    let server = Server::start(cdash);
    let manifest = fs::read_to_string(case.join("spack.yaml")).unwrap();
    let manifest = manifest.replace("cdash.example.org:8080", &format!("127.0.0.1:{}", server.port));
    let lock = fs::read_to_string(case.join("spack.lock")).unwrap();
    let mut site = Site::with(&[("release/spack.yaml", &manifest), ("release/spack.lock", &lock)]);
    site.set("CDASH_AUTH_TOKEN", "secret-token-123");
    // As in 2019, what decides is the root.
    let run = site.run(&["--push", "--match-on", "root"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let requests = server.requests();
    assert_eq!(requests.len(), expected.len());
    for (request, expected) in requests.iter().zip(&expected) {
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            (text(expected, "method"), text(expected, "path"))
        );
        for header in ["Authorization", "Content-Type"] {
            assert_eq!(request.headers[&header.to_lowercase()], expected["headers"][header]);
        }
        assert_eq!(sorted(request.json()), sorted(expected["json"].clone()));
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Orders the builds, whose order Spack took from a set.
fn sorted(mut body: Value) -> Value {
    if let Some(list) = body.get_mut("dynamiclist").and_then(Value::as_array_mut) {
        list.sort_by_key(|member| member["match"].to_string());
    }
    body
}

//! What mirrors say: read once, asked again only where something changed, and never in the way of a pipeline.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/mirror.rs"]
mod mirror;
#[path = "common/small.rs"]
mod small;

use http::{Reply, Server};
use mirror::{Mirror, ask, ask_until, count, environment, gzip, index, means, messages, reasons, up_to_date};
use spackplan::plan::prune::Reason;
use spackplan::pruning::{Mirrors, Progress};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const MANIFEST: &str = "/v3/manifests/index/index.manifest.json";
/// Where the manifest of `lib` is.
const LIB: &str = "v3/manifests/spec/lib/lib-1.0-llll.spec.manifest.json";

fn at(server: &Server) -> String {
    format!("http://127.0.0.1:{}/m", server.port)
}

/// Serves a mirror below `/m`.
fn serve(mirror: Mirror) -> Server {
    let below = mirror.0.into_iter().map(|(path, bytes)| (format!("m/{path}"), bytes));
    Mirror(below.collect()).serve()
}

#[test]
fn both_layouts_are_read_from_directories() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    Mirror::third(&["llll"]).write(&path.join("new"));
    Mirror::second(&["llll", "aaaa"]).write(&path.join("old"));
    let (new, old) = (path.join("new").display().to_string(), format!("file://{}/old", path.display()));
    let pruning = ask(&environment(&[format!("new: {new}"), format!("old: {old}")]), Mirrors::Indices, &means(None));
    assert_eq!(messages(&pruning), [] as [&str; 0]);
    assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("file://{new}@v3"), &format!("{old}@v2")]));
    assert_eq!(reasons(&pruning, "aaaa"), up_to_date(&[&format!("{old}@v2")]));
    assert_eq!(reasons(&pruning, "gggg"), [Reason::Missing]);
}

#[test]
fn an_index_on_the_web_is_fetched_once_and_then_only_asked_for() {
    let cache = tempfile::tempdir().unwrap();
    let server = serve(Mirror::third(&["llll"]));
    let environment = environment(&[format!("m: {}", at(&server))]);
    for round in 1..=2 {
        let pruning = ask(&environment, Mirrors::Indices, &means(Some(cache.path())));
        assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("{}@v3", at(&server))]), "{round}");
    }
    let blobs = server.requests().iter().filter(|request| request.target.contains("/blobs/")).count();
    assert_eq!((count(&server, &format!("/m{MANIFEST}")), blobs), (2, 1));
    assert!(server.requests().iter().any(|request| request.headers.contains_key("if-none-match")));
}

#[test]
fn the_checksum_beside_an_older_index_tells_that_it_has_not_changed() {
    let cache = tempfile::tempdir().unwrap();
    let server = serve(Mirror::second(&["llll"]));
    let environment = environment(&[format!("m: {}", at(&server))]);
    for _ in 0..2 {
        let pruning = ask(&environment, Mirrors::Indices, &means(Some(cache.path())));
        assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("{}@v2", at(&server))]));
    }
    assert_eq!(count(&server, "/m/build_cache/index.json"), 1);
    assert_eq!(count(&server, "/m/build_cache/index.json.hash"), 1);
}

#[test]
fn a_broken_cache_is_ignored() {
    let cache = tempfile::tempdir().unwrap();
    let server = serve(Mirror::third(&["llll"]));
    let environment = environment(&[format!("m: {}", at(&server))]);
    let round = || ask(&environment, Mirrors::Indices, &means(Some(cache.path())));
    round();
    for entry in fs::read_dir(cache.path()).unwrap() {
        fs::write(entry.unwrap().path(), "{\"version\": 1").unwrap();
    }
    assert_eq!(reasons(&round(), "llll"), up_to_date(&[&format!("{}@v3", at(&server))]));
}

#[test]
fn what_no_index_has_is_looked_for_by_itself() {
    let server = serve(Mirror::third(&[]).with(LIB, "{}"));
    let environment = environment(&[format!("m: {}", at(&server))]);
    let mut news = Vec::new();
    let never = AtomicBool::new(false);
    let pruning =
        ask_until(&environment, Mirrors::IndicesAndSpecs, &means(None), &never, &mut |step| news.push(step)).unwrap();
    assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("{}@v3", at(&server))]));
    assert_eq!(reasons(&pruning, "aaaa"), [Reason::Missing]);
    assert_eq!(news[0], Progress::Index { mirror: "m".to_owned() });
    assert!(news.contains(&Progress::Specs { done: 2, of: 2 }), "the external compiler is not looked for: {news:?}");
    let methods: Vec<_> =
        server.requests().iter().filter(|r| r.target.contains("/spec/")).map(|r| r.method.clone()).collect();
    assert_eq!(methods, ["HEAD", "HEAD"]);
    let pruning = ask(&environment, Mirrors::Indices, &means(None));
    assert_eq!(reasons(&pruning, "llll"), [Reason::Missing]);
}

#[test]
fn specs_of_an_older_layout_are_looked_for_under_their_compiler() {
    let directory = tempfile::tempdir().unwrap();
    let file = "build_cache/linux-centos7-x86_64-gcc-1.0-lib-1.0-llll.spec.json.sig";
    Mirror::second(&[]).with(file, "").write(directory.path());
    let environment = environment(&[format!("m: {}", directory.path().display())]);
    let pruning = ask(&environment, Mirrors::IndicesAndSpecs, &means(None));
    assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("file://{}@v2", directory.path().display())]));
}

#[test]
fn a_mirror_that_hangs_is_given_up_in_time_and_everything_is_built() {
    let hanging = Server::start(|_| Reply::Hang);
    let fine = serve(Mirror::third(&["llll"]));
    let environment = environment(&[format!("slow: {}", at(&hanging)), format!("fine: {}", at(&fine))]);
    let mut means = means(None);
    means.patience.answer = Duration::from_millis(200);
    let start = Instant::now();
    let pruning = ask(&environment, Mirrors::IndicesAndSpecs, &means);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("{}@v3", at(&fine))]), "other mirrors are asked");
    assert_eq!(reasons(&pruning, "aaaa"), [Reason::Missing]);
    let found = messages(&pruning);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`slow`") && found[0].contains("no answer in time"), "{found:?}");
}

#[test]
fn the_time_for_all_mirrors_is_limited() {
    let server = Server::start(|_| Reply::Hang);
    let environment = environment(&[format!("slow: {}", at(&server))]);
    let mut means = means(None);
    means.patience.total = Duration::from_millis(300);
    let start = Instant::now();
    let pruning = ask(&environment, Mirrors::IndicesAndSpecs, &means);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(messages(&pruning).len(), 1);
}

#[test]
fn what_is_no_index_is_named_with_its_mirror() {
    for (mirror, expected) in [
        (Mirror::default().with("build_cache/index.json", "<html>"), "the index is not JSON (line 1, column 1)"),
        (Mirror::default().with("build_cache/index.json", "{}"), "the index is none of Spack's (line 1, column 2)"),
        (Mirror::default().with(&MANIFEST[1..], "{}"), "manifest"),
        (Mirror::default().with_blob(b"{}", "gzip"), "is not compressed as its manifest says"),
        (Mirror::default().with_blob(b"{}", "zstd"), "compressed in a way that is not known"),
        (Mirror::default(), "has no index"),
    ] {
        let server = serve(mirror);
        let pruning = ask(&environment(&[format!("m: {}", at(&server))]), Mirrors::Indices, &means(None));
        let found = messages(&pruning);
        assert!(found.len() == 1 && found[0].contains("`m`") && found[0].contains(expected), "{expected}: {found:?}");
        assert!(pruning.findings[0].place.is_some());
        assert_eq!(reasons(&pruning, "llll"), [Reason::Missing], "it is built");
    }
}

#[test]
fn a_compressed_index_is_taken_apart_and_another_than_its_manifest_names_is_refused() {
    let server = serve(Mirror::default().with_blob(&gzip(&index(&["llll"])), "gzip"));
    let pruning = ask(&environment(&[format!("m: {}", at(&server))]), Mirrors::Indices, &means(None));
    assert_eq!(reasons(&pruning, "llll"), up_to_date(&[&format!("{}@v3", at(&server))]));
    let mut forged = Mirror::third(&["llll"]);
    for (_, bytes) in forged.0.iter_mut().filter(|(path, _)| path.starts_with("blobs/")) {
        *bytes = index(&["llll", "aaaa"]);
    }
    let pruning = ask(&environment(&[format!("m: {}", at(&serve(forged)))]), Mirrors::Indices, &means(None));
    assert!(messages(&pruning)[0].contains("is not the one that its manifest names"));
}

#[test]
fn a_failure_of_the_server_is_tried_again_and_a_refusal_is_not() {
    let failures = AtomicUsize::new(0);
    let mirror = Mirror::third(&["llll"]);
    let server = Server::start(move |request| {
        if failures.fetch_add(1, Ordering::SeqCst) < 2 {
            return Reply::new("503 Service Unavailable", &[], b"");
        }
        mirror.reply(request)
    });
    let entry = format!("m: 'http://127.0.0.1:{}'", server.port);
    let pruning = ask(&environment(&[entry]), Mirrors::Indices, &means(None));
    assert_eq!(messages(&pruning), [] as [&str; 0]);
    assert_eq!(count(&server, MANIFEST), 3);

    let server = Server::start(|_| Reply::new("403 Forbidden", &[], b""));
    let pruning = ask(&environment(&[format!("m: {}", at(&server))]), Mirrors::IndicesAndSpecs, &means(None));
    assert!(messages(&pruning)[0].contains("status 403"), "{:?}", messages(&pruning));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn mirrors_of_sources_are_not_asked_and_buckets_and_registries_are_named() {
    let entries =
        ["a: {url: /nowhere, binary: false}", "b: s3://bucket/x", "c: oci://ghcr.io/x", "d: 'https://u:p@$HOST/'"];
    let pruning = ask(&environment(&entries.map(str::to_owned)), Mirrors::IndicesAndSpecs, &means(None));
    let found = messages(&pruning);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("S3 bucket") && found[1].contains("registry") && found[2].contains("variable"));
    assert!(!found[2].contains("u:p"), "secrets stay out of messages: {found:?}");
    let none = environment(&["a: {url: /nowhere, binary: false}".to_owned()]);
    assert!(messages(&ask(&none, Mirrors::Indices, &means(None)))[0].contains("no mirror that could have binaries"));
}

#[test]
fn asking_can_be_cancelled() {
    let server = Server::start(|_| Reply::Hang);
    let environment = environment(&[format!("slow: {}", at(&server))]);
    let cancel = AtomicBool::new(false);
    let mut means = means(None);
    means.patience.answer = Duration::from_secs(3);
    let outcome =
        ask_until(&environment, Mirrors::Indices, &means, &cancel, &mut |_| cancel.store(true, Ordering::SeqCst));
    assert_eq!(outcome.unwrap_err().message, "cancelled");
}

//! Services that are asked for attributes: what they are asked, what is taken, and that they are never in the way.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/small.rs"]
mod small;

use http::{Reply, Request as Question, Server};
use spackplan::dynamic::{self, Services};
use spackplan::emit::{self, Report};
use spackplan::pruning::Patience;
use spackplan::release::{Release, Request};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Returns an environment with a service between two sections, `more` of which is said in the section of the service.
fn text(server: &Server, more: &str) -> String {
    small::with_rules(&format!(
        "- build-job: {{tags: [high], variables: {{CPU: high}}}}
- dynamic-mapping:
    name: gantry
    endpoint: http://127.0.0.1:{}/allocation
{more}- build-job: {{tags: [low], image: low, variables: {{CPU: low, MEM: low}}}}",
        server.port
    ))
}

fn patience() -> Patience {
    Patience { answer: Duration::from_secs(5), ..Patience::default() }
}

fn ask(text: &str, request: &Request, patience: &Patience) -> (Release, Services) {
    let release = small::planned(small::parse(text).unwrap(), request.clone());
    let mut context = common::context();
    context.set("env.TOKEN=hush").unwrap();
    let never = AtomicBool::new(false);
    let asked = dynamic::ask(&release.plan, &request.settings, &context, patience, &mut |_, _| (), &never).unwrap();
    (release, asked)
}

/// Plans with the answers.
fn planned(text: &str) -> (Release, Vec<spackplan::finding::Finding>) {
    let (release, asked) = ask(text, &Request::default(), &patience());
    let mut environment = release.environment;
    asked.answer(&mut environment);
    (Release::new(environment, release.concretization, Request::default()), asked.findings)
}

fn answers(of_app: &'static str, of_others: &'static str) -> Server {
    Server::start(move |question: &Question| {
        let answer = if question.target.contains("spec=app") { of_app } else { of_others };
        Reply::new("200 OK", &[], answer.as_bytes())
    })
}

fn job(release: &Release, name: &str) -> serde_json::Value {
    let pipeline: serde_json::Value = serde_yaml::from_str(&release.pipeline.to_text()).unwrap();
    pipeline[name].clone()
}

#[test]
fn an_answer_is_merged_where_its_section_stands() {
    let server = answers(r#"{"tags": ["dyn"], "variables": {"CPU": 4, "DYN": "1"}}"#, r#"{"image": "dyn"}"#);
    let (release, findings) = planned(&text(&server, ""));
    assert_eq!(findings, []);
    let app = job(&release, "app@1.0 /aaaa");
    assert_eq!(app["tags"], serde_json::json!(["high", "dyn", "low"]));
    let variables = &app["variables"];
    assert_eq!([&variables["CPU"], &variables["DYN"], &variables["MEM"]], ["high", "1", "low"]);
    assert_eq!((&app["image"], &job(&release, "lib@1.0 /llll")["image"]), (&"low".into(), &"dyn".into()));
    assert!(release.findings.iter().all(|finding| !finding.message.contains("is not asked")));
    let mut why = Vec::new();
    emit::write(Report::Why, &release, None, &mut why).unwrap();
    let why = String::from_utf8(why).unwrap();
    assert!(why.contains("- dyn  (answer of http://127.0.0.1:"), "the source of each value is told: {why}");
}

#[test]
fn a_service_is_asked_about_the_spec_with_the_headers_of_its_section() {
    let server = answers("{}", "{}");
    ask(
        &text(&server, "    header: {Authorization: 'Bearer ${TOKEN}', X-Other: $NOPE}\n"),
        &Request::default(),
        &patience(),
    );
    let mut questions = server.requests();
    questions.sort_by(|a, b| a.target.cmp(&b.target));
    assert_eq!(questions.len(), 2);
    let expected =
        "/allocation?spec=app%401.0%20~pic%2Bshared%20build_system%3Dcmake%20arch%3Dlinux-centos7-x86_64%25gcc%401.0";
    assert_eq!((questions[0].method.as_str(), questions[0].target.as_str()), ("GET", expected));
    assert_eq!([&questions[0].headers["authorization"], &questions[0].headers["x-other"]], ["Bearer hush", "$NOPE"]);
}

#[test]
fn a_service_that_is_named_is_skipped() {
    let server = answers("{}", "{}");
    let mut request = Request::default();
    request.settings.skip_dynamic = Some("gan.*|dead".to_owned());
    let (_, asked) = ask(&text(&server, ""), &request, &patience());
    assert!(asked.findings.is_empty() && server.requests().is_empty());
}

#[test]
fn attributes_that_are_required_and_missing_are_named_and_ignored_ones_left_out() {
    let server = answers(r#"{"tags": ["dyn"], "image": "dyn"}"#, r#"{"variables": {"A": "b"}, "image": "dyn"}"#);
    let (release, findings) =
        planned(&text(&server, "    require: [variables]\n    allow: [tags, image]\n    ignore: [image]\n"));
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].message.contains("does not always answer with `variables`"), "{}", findings[0].message);
    assert_eq!(job(&release, "lib@1.0 /llll")["image"], "low");
    assert_eq!(job(&release, "app@1.0 /aaaa")["tags"], serde_json::json!(["high", "dyn", "low"]));
}

#[test]
fn a_service_that_fails_costs_attributes_and_is_named_once() {
    for (reply, expected) in [
        (Reply::new as fn(&str, &[(&str, &str)], &[u8]) -> Reply, "its answer is not JSON"),
        (|_, _, _| Reply::new("500 Internal Server Error", &[], b"{}"), "status 500"),
        (|_, _, _| Reply::new("302 Found", &[("Location", "http://127.0.0.1:1/")], b""), "status 302"),
        (|_, _, _| Reply::new("200 OK", &[], br#"{"tags": {"no": "list"}}"#), "its answer"),
        (|_, _, _| Reply::Close, "no attributes"),
    ] {
        let server = Server::start(move |_| reply("200 OK", &[], b"<html>"));
        let (release, findings) = planned(&text(&server, ""));
        assert_eq!(findings.len(), 1, "{findings:?}");
        let (message, place) = (&findings[0].message, &findings[0].place);
        assert!(message.contains("2 of 2 jobs") && message.contains(expected), "{expected}: {message}");
        assert!(place.is_some() && findings[0].hint.is_some());
        assert_eq!(job(&release, "app@1.0 /aaaa")["tags"], serde_json::json!(["high", "low"]));
    }
}

#[test]
fn a_service_that_hangs_is_given_up_after_the_time_of_its_section() {
    let server = Server::start(|_| Reply::Hang);
    let start = Instant::now();
    let (_, asked) = ask(&text(&server, "    timeout: 1\n"), &Request::default(), &Patience::default());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert!(asked.findings[0].message.contains("2 of 2 jobs"), "{:?}", asked.findings);
}

#[test]
fn asking_can_be_cancelled() {
    let server = answers("{}", "{}");
    let release = small::release(&text(&server, ""));
    let cancel = AtomicBool::new(false);
    let mut progress = |_: &str, _| cancel.store(true, Ordering::SeqCst);
    let settings = &Request::default().settings;
    let outcome = dynamic::ask(&release.plan, settings, &common::context(), &patience(), &mut progress, &cancel);
    assert_eq!(outcome.unwrap_err().message, "cancelled");
}

#[test]
fn a_header_that_is_none_and_a_timeout_without_a_number_are_refused_with_their_place() {
    let server = answers("{}", "{}");
    for more in ["    header: {'a: b': c}\n", "    header: {a: \"b\\r\\nc: d\"}\n", "    timeout: soon\n"] {
        let error = small::parse(&text(&server, more)).unwrap_err();
        assert!(error.place.is_some(), "{error}");
    }
}

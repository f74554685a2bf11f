//! What CDash is asked, in which order, and what comes of its answers.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/http.rs"]
mod http;

use http::{Reply, Request, Server};
use serde_json::json;
use spackplan::publish::cdash::{BuildGroup, Failure, Groups, Patience, Problem, Token};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

fn group(url: String) -> BuildGroup {
    BuildGroup {
        url,
        project: "HPC Stack/2019 + more".to_owned(),
        name: "Nightly: x86 & \"Power\" #2".to_owned(),
        site: "rack #4: 'blue'".to_owned(),
        builds: ["zlib", "bzip2", "zlib"].map(str::to_owned).to_vec(),
    }
}

/// Populates the group, and returns what came of it and the pauses that were asked for.
fn populate(url: String) -> (Result<Groups, Problem>, Vec<u64>) {
    let mut pauses = Vec::new();
    let patience = Patience { request: Duration::from_millis(500), ..Patience::default() };
    let mut sleep = |pause: Duration| pauses.push(pause.as_secs());
    let token = Token::new("s3cret-token\n").unwrap();
    let outcome = group(url).populate(&token, &patience, &mut sleep, &AtomicBool::new(false));
    (outcome, pauses)
}

fn at(server: &Server) -> String {
    format!("http://127.0.0.1:{}/sub", server.port)
}

/// Answers as CDash does.
fn cdash(request: &Request) -> Reply {
    let id = if request.method == "POST" && request.json()["type"] == "Daily" { 102 } else { 103 };
    Reply::new("200 OK", &[], json!({ "id": id }).to_string().as_bytes())
}

/// Starts a server whose n-th answer is `odd`, the others being CDash's.
fn odd_at(turn: usize, odd: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |request| if count.fetch_add(1, Ordering::SeqCst) == turn { odd() } else { cdash(request) })
}

#[test]
fn three_requests_make_the_groups_and_fill_the_list() {
    let server = Server::start(cdash);
    assert_eq!(populate(at(&server)).0, Ok(Groups { daily: 102, latest: 103 }));
    let requests = server.requests();
    let methods: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(methods, ["POST", "POST", "PUT"]);
    for request in &requests {
        assert_eq!(request.target, "/sub/api/v1/buildgroup.php");
        assert_eq!(request.headers["authorization"], "Bearer s3cret-token");
        assert_eq!(request.headers["content-type"], "application/json");
    }
    let (project, name) = ("HPC Stack/2019 + more", "Nightly: x86 & \"Power\" #2");
    assert_eq!(requests[0].json(), json!({ "newbuildgroup": name, "project": project, "type": "Daily" }));
    let latest = format!("Latest {name}");
    assert_eq!(requests[1].json(), json!({ "newbuildgroup": latest, "project": project, "type": "Latest" }));
    let member = |build| json!({ "match": build, "parentgroupid": 102, "site": "rack #4: 'blue'" });
    let list = json!([member("zlib"), member("bzip2")]);
    assert_eq!(requests[2].json(), json!({ "project": project, "buildgroupid": 103, "dynamiclist": list }));
}

#[test]
fn the_requests_are_described_before_they_are_made() {
    let lines = group("https://user:s3cret@cdash.example/".to_owned()).describe();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("POST https://***@cdash.example/api/v1/buildgroup.php: make the group \"Nightly"));
    assert!(lines[1].contains("\"Latest Nightly") && lines[1].ends_with("type Latest"));
    assert!(lines[2].starts_with("PUT ") && lines[2].contains("2 builds of site"));
}

#[test]
fn created_and_ids_in_quotes_are_taken() {
    let server = Server::start(|_| Reply::new("201 Created", &[], b"{\"id\": \"7\"}"));
    let (outcome, _) = populate(at(&server));
    assert_eq!(outcome, Err(Problem::Status { method: "PUT", status: 201 }), "a PUT must be answered with 200");
    assert_eq!(server.requests()[2].json()["buildgroupid"], 7);
}

#[test]
fn a_failure_of_the_server_is_tried_again_after_a_pause() {
    let server = odd_at(1, || Reply::new("503 Service Unavailable", &[], b""));
    let (outcome, pauses) = populate(at(&server));
    assert!(outcome.is_ok());
    assert_eq!((pauses, server.requests().len()), (vec![1], 4));
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let server = odd_at(0, || Reply::Close);
    assert!(populate(at(&server)).0.is_ok());
}

#[test]
fn a_server_that_stays_broken_is_given_up_after_three_attempts() {
    let server = Server::start(|_| Reply::new("500 Internal Server Error", &[], b""));
    let (outcome, pauses) = populate(at(&server));
    assert_eq!(outcome, Err(Problem::Status { method: "POST", status: 500 }));
    assert_eq!((pauses, server.requests().len()), (vec![1, 2], 3));
}

#[test]
fn a_refused_connection_is_given_up_after_three_attempts() {
    let (outcome, pauses) = populate("http://127.0.0.1:1".to_owned());
    assert!(matches!(outcome, Err(Problem::Http(Failure::Unreachable(_)))), "{outcome:?}");
    assert_eq!(pauses, [1, 2]);
}

#[test]
fn a_server_that_says_nothing_is_a_timeout_and_not_asked_again() {
    let server = Server::start(|_| Reply::Hang);
    let (outcome, pauses) = populate(at(&server));
    assert!(matches!(outcome, Err(Problem::Http(Failure::TimedOut(_)))), "{outcome:?}");
    assert_eq!((pauses.len(), server.requests().len()), (0, 1));
}

#[test]
fn answers_that_are_not_cdashs_are_problems_of_their_own() {
    for (status, body, expected) in [
        ("200 OK", "<html>", Problem::Answer("is not JSON")),
        ("200 OK", "{}", Problem::Answer("has no `id`")),
        ("200 OK", "{\"id\": 0}", Problem::Answer("has an `id` that is no group's")),
        ("200 OK", "{\"id\": -1}", Problem::Answer("has an `id` that is no group's")),
        ("202 Accepted", "{\"id\": 1}", Problem::Status { method: "POST", status: 202 }),
        ("401 Unauthorized", "", Problem::Unauthorized(401)),
        ("403 Forbidden", "", Problem::Unauthorized(403)),
        ("404 Not Found", "", Problem::Status { method: "POST", status: 404 }),
    ] {
        let server = Server::start(move |_| Reply::new(status, &[], body.as_bytes()));
        let (outcome, pauses) = populate(at(&server));
        assert_eq!((outcome, pauses.len(), server.requests().len()), (Err(expected), 0, 1), "{status} {body}");
    }
}

#[test]
fn the_token_does_not_follow_a_redirect() {
    let elsewhere = Server::start(cdash);
    let target = format!("http://user:s3cret@127.0.0.1:{}/", elsewhere.port);
    let server = Server::start(move |_| Reply::new("302 Found", &[("Location", &target)], b""));
    let (outcome, _) = populate(at(&server));
    let expected = format!("http://***@127.0.0.1:{}/", elsewhere.port);
    assert_eq!(outcome, Err(Problem::Redirected(expected)));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn an_answer_without_end_is_cut() {
    let server = Server::start(|_| Reply::new("200 OK", &[], &vec![b' '; 3 << 20]));
    assert_eq!(populate(at(&server)).0, Err(Failure::TooLong.into()));
}

#[test]
fn a_server_without_tls_is_not_asked_again_over_https() {
    // Answers the client's greeting with words that are no TLS.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let (outcome, pauses) = populate(format!("https://127.0.0.1:{port}"));
    assert!(matches!(outcome, Err(Problem::Http(Failure::Tls(_)))), "{outcome:?}");
    assert!(pauses.is_empty());
}

#[test]
fn an_address_that_is_none_is_a_problem_and_no_panic() {
    for url in ["", "nowhere", "http://", "http://[::", "ftp://h/", "http://h\n/"] {
        let (outcome, _) = populate(url.to_owned());
        assert!(outcome.is_err(), "{url:?}");
    }
}

#[test]
fn no_problem_shows_the_token() {
    let server = Server::start(|_| Reply::new("401 Unauthorized", &[], b"s3cret-token"));
    let problem = populate(at(&server)).0.unwrap_err();
    assert!(!format!("{problem} {problem:?} {}", problem.hint()).contains("s3cret"));
}

#[test]
fn a_flag_cancels_before_the_next_request() {
    let server = Server::start(cdash);
    let token = Token::new("t").unwrap();
    let outcome = group(at(&server)).populate(&token, &Patience::default(), &mut |_| (), &AtomicBool::new(true));
    assert_eq!((outcome, server.requests().len()), (Err(Problem::Cancelled), 0));
}

//! The downstream branch over http, served by `git http-backend` behind basic authentication.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/backend.rs"]
mod backend;
#[path = "common/git.rs"]
mod common;
#[path = "common/http.rs"]
mod http;

use backend::{PASSWORD, serve};
use common::{World, access, git, publish, refusal};
use http::{Reply, Server};
use spackplan::publish::downstream::{Access, History, Push};
use spackplan::publish::watch::Limits;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const BRANCH: &str = "refs/heads/multi-ci-main";

fn push_to(world: &World, url: &str, variables: &[(&str, &str)]) -> Push {
    let mut push = common::push(&world.upstream(), url);
    push.access = access(variables);
    push
}

/// Writes a program that answers git's questions, and counts them.
fn askpass(world: &World, password: &str) -> String {
    let path = world.root().join("askpass");
    let count = world.root().join("asked").display().to_string();
    let script =
        format!("#!/bin/sh\necho \"$1\" >> '{count}'\ncase $1 in User*) echo user;; *) echo '{password}';; esac\n");
    fs::write(&path, script).unwrap();
    common::executable(&path);
    path.display().to_string()
}

#[test]
fn a_push_with_the_urls_password_arrives_and_is_shown_nowhere() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let push = push_to(&world, &format!("http://user:{PASSWORD}@127.0.0.1:{}/downstream.git", server.port), &[]);
    let mut told = Vec::new();
    let never = AtomicBool::new(false);
    let prepared = push.prepare(&mut |step| told.push(format!("{step:?}")), &never).unwrap();
    told.extend(prepared.operations().iter().cloned());
    let receipt = prepared.execute(&mut |step| told.push(format!("{step:?}")), &never).unwrap();
    told.push(format!("{receipt:?}"));
    told.push(git(&world.downstream(), &["cat-file", "-p", BRANCH]));
    assert!(told.iter().all(|line| !line.contains(PASSWORD)), "{told:?}");
    assert_eq!(receipt.remote, format!("http://***@127.0.0.1:{}/downstream.git", server.port));
    assert_eq!(world.refs()[BRANCH], receipt.commit.to_string());
    git(&world.downstream(), &["fsck", "--strict"]);
}

#[test]
fn a_second_push_sends_only_what_the_remote_lacks() {
    let world = World::new();
    let numbers: Vec<_> = (0..200_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    world.write("large", &numbers.join("\n"));
    let Some(server) = serve(world.root()) else { return };
    let mut push = push_to(&world, &format!("http://user:{PASSWORD}@127.0.0.1:{}/downstream.git", server.port), &[]);
    let first = publish(&push).unwrap();
    let sent = |server: &Server| server.requests().iter().map(|request| request.body.len()).sum::<usize>();
    let before = sent(&server);
    push.time += 1;
    let second = publish(&push).unwrap();
    assert_eq!((second.tree, second.previous), (first.tree, Some(first.commit)));
    assert!(before > 200_000 && sent(&server) - before < 10_000, "{before} then {}", sent(&server) - before);
}

#[test]
fn askpass_is_asked_in_gits_words() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let program = askpass(&world, PASSWORD);
    for variable in ["GIT_ASKPASS", "SSH_ASKPASS"] {
        let url = format!("http://127.0.0.1:{}/downstream.git", server.port);
        publish(&push_to(&world, &url, &[(variable, &program)])).unwrap();
    }
    let asked = fs::read_to_string(world.root().join("asked")).unwrap();
    let place = format!("127.0.0.1:{}", server.port);
    assert!(
        asked.starts_with(&format!("Username for 'http://{place}': \nPassword for 'http://user@{place}': \n")),
        "{asked}"
    );
}

#[test]
fn refused_credentials_are_not_tried_again_and_not_shown() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let program = askpass(&world, "wr0ng-one");
    let url = format!("http://127.0.0.1:{}/downstream.git", server.port);
    let variables = [("GIT_ASKPASS", program.as_str()), ("CI_JOB_TOKEN", "wr0ng-two"), ("CI_SERVER_HOST", "127.0.0.1")];
    let error = refusal(publish(&push_to(&world, &url, &variables)));
    assert!(error.message.contains("it refused those of GIT_ASKPASS, CI_JOB_TOKEN"), "{error}");
    assert!(error.hints[0].contains("CI_SERVER_HOST"), "{:?}", error.hints);
    let error = refusal(publish(&push_to(&world, &format!("http://user:wr0ng@127.0.0.1:{}/x.git", server.port), &[])));
    assert!(!format!("{error:?}").contains("wr0ng"), "{error:?}");
    assert!(server.requests().len() < 10, "{} requests", server.requests().len());
    assert!(world.refs().is_empty());
}

#[test]
fn the_job_token_goes_to_its_own_server_only() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let url = format!("http://127.0.0.1:{}/downstream.git", server.port);
    let variables = |host| [("CI_JOB_TOKEN", PASSWORD), ("CI_SERVER_HOST", host)];
    refusal(publish(&push_to(&world, &url, &variables("gitlab.example"))));
    assert!(server.requests().iter().all(|request| !request.headers.contains_key("authorization")));
    publish(&push_to(&world, &url, &variables("127.0.0.1"))).unwrap();
}

#[test]
fn the_job_token_does_not_follow_a_redirect_to_another_host() {
    let world = World::new();
    let Some(elsewhere) = serve(world.root()) else { return };
    let target = format!("http://localhost:{}", elsewhere.port);
    let first = Server::start(move |request| {
        Reply::new("302 Found", &[("Location", &format!("{target}{}", request.target))], b"")
    });
    let url = format!("http://127.0.0.1:{}/downstream.git", first.port);
    let variables = [("CI_JOB_TOKEN", PASSWORD), ("CI_SERVER_HOST", "127.0.0.1")];
    refusal(publish(&push_to(&world, &url, &variables)));
    assert!(elsewhere.requests().iter().all(|request| !request.headers.contains_key("authorization")));
}

#[test]
fn credential_helpers_are_asked_by_gits_own_rules() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let helper =
        format!("!f() {{ cat > {}/given; echo username=user; echo password={PASSWORD}; }}; f", world.root().display());
    for (turn, host) in ["localhost", "127.0.0.1"].into_iter().enumerate() {
        let place = format!("{host}:{}", server.port);
        git(&world.upstream(), &["config", &format!("credential.http://{place}.helper"), &helper]);
        let push = push_to(&world, &format!("http://{place}/downstream.git"), &[]);
        publish(&Push { time: push.time + i64::try_from(turn).unwrap(), ..push }).unwrap();
        let given = fs::read_to_string(world.root().join("given")).unwrap();
        assert!(given.contains("protocol=http\n") && given.contains(&format!("host={place}\n")), "{given}");
        assert!(!given.contains("path="), "only where credential.useHttpPath says so: {given}");
    }
}

#[test]
fn a_credential_helper_for_another_host_is_not_asked() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let helper = format!("!echo username=user; echo password={PASSWORD};:");
    git(&world.upstream(), &["config", "credential.http://other.example.helper", &helper]);
    refusal(publish(&push_to(&world, &format!("http://127.0.0.1:{}/downstream.git", server.port), &[])));
    assert!(server.requests().iter().all(|request| !request.headers.contains_key("authorization")));
}

#[test]
fn a_credential_helper_that_says_nothing_can_be_given_up() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    git(&world.upstream(), &["config", "credential.helper", "!exec sleep 60;:"]);
    let mut push = push_to(&world, &format!("http://127.0.0.1:{}/downstream.git", server.port), &[]);
    push.access.limits.idle = Duration::from_millis(300);
    let start = Instant::now();
    assert!(refusal(publish(&push)).message.contains("no answer for 0.3 s"));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_protected_branch_is_refused_in_the_servers_words() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let hook =
        "#!/bin/sh\nprintf 'GitLab: You are not \\033[31mallowed to push to protected branches\\n' >&2\nexit 1\n";
    common::hook(&world.downstream(), "pre-receive", hook);
    let url = format!("http://user:{PASSWORD}@127.0.0.1:{}/downstream.git", server.port);
    let error = refusal(publish(&push_to(&world, &url, &[])));
    let expected = "pre-receive hook declined; GitLab: You are not \\x1b[31mallowed to push to protected branches";
    assert!(error.message.contains(expected), "{error}");
    assert!(error.hints[0].contains("nothing was changed"), "{:?}", error.hints);
    assert!(world.refs().is_empty());
}

#[test]
fn the_lease_holds_over_http() {
    let world = World::new();
    let Some(server) = serve(world.root()) else { return };
    let url = format!("http://user:{PASSWORD}@127.0.0.1:{}/downstream.git", server.port);
    let mut push = push_to(&world, &url, &[]);
    publish(&push).unwrap();
    push.time += 1;
    let prepared = common::prepare(&push).unwrap();
    git(&world.upstream(), &["push", "--quiet", "--force", &world.url(), &format!("HEAD:{BRANCH}")]);
    let theirs = world.refs();
    let error = refusal(prepared.execute(&mut |_| (), &AtomicBool::new(false)));
    assert!(error.message.contains("has changed on the remote"), "{error}");
    let error = refusal(publish(&push));
    assert!(error.message.contains("was not generated by this program"), "{error}");
    assert_eq!(world.refs(), theirs);
}

#[test]
fn a_server_that_says_nothing_is_a_timeout() {
    let world = World::new();
    let server = Server::start(|_| Reply::Hang);
    let mut push = push_to(&world, &format!("http://127.0.0.1:{}/x.git", server.port), &[]);
    push.access =
        Access { limits: Limits { idle: Duration::from_millis(300), ..Limits::default() }, ..Access::default() };
    let error = refusal(publish(&push));
    assert!(error.message.contains("no answer for 0.3 s"), "{error}");
}

#[test]
fn a_server_that_says_nothing_can_be_given_up() {
    let world = World::new();
    let server = Server::start(|_| Reply::Hang);
    let cancel = AtomicBool::new(false);
    let push = push_to(&world, &format!("http://127.0.0.1:{}/x.git", server.port), &[]);
    let error = refusal(push.prepare(&mut |_| cancel.store(true, Ordering::SeqCst), &cancel));
    assert_eq!(error.message, "cancelled");
}

#[test]
fn statuses_and_closed_ports_are_explained() {
    let world = World::new();
    let server = Server::start(|request| match request.target.as_str() {
        target if target.starts_with("/forbidden") => Reply::new("403 Forbidden", &[], b""),
        target if target.starts_with("/missing") => Reply::new("404 Not Found", &[], b""),
        _ => Reply::Close,
    });
    for (path, hint) in [("forbidden", "role"), ("missing", "not there"), ("closed", "reached")] {
        let url = format!("http://127.0.0.1:{}/{path}", server.port);
        let error = refusal(publish(&push_to(&world, &url, &[])));
        assert!(error.hints.iter().any(|text| text.contains(hint)), "{error} {:?}", error.hints);
    }
    let error = refusal(publish(&push_to(&world, "http://127.0.0.1:1/x.git", &[])));
    assert!(error.hints[0].contains("reached"), "{error} {:?}", error.hints);
}

#[test]
fn history_that_the_remote_lacks_is_not_pushed_from_a_shallow_checkout() {
    let world = World::new();
    git(&world.upstream(), &["commit", "--quiet", "--allow-empty", "--message", "second"]);
    git(world.root(), &["clone", "--quiet", "--depth=1", &format!("file://{}", world.upstream().display()), "shallow"]);
    let Some(server) = serve(world.root()) else { return };
    let mut push = push_to(&world, &format!("http://user:{PASSWORD}@127.0.0.1:{}/downstream.git", server.port), &[]);
    push.repository = world.root().join("shallow");
    push.history = History::Parent;
    let error = refusal(publish(&push));
    assert!(error.hints.iter().any(|hint| hint.contains("GIT_DEPTH")), "{error} {:?}", error.hints);
    assert!(world.refs().is_empty());
}

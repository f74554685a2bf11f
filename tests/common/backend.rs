//! `git http-backend` behind basic authentication, for tests that also have `common` and `http`.
#![allow(unreachable_pub, reason = "a module of test binaries")]

use crate::common::{self, git};
use crate::http::{Reply, Request, Server};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

/// What `user` and jobs log in with.
pub const PASSWORD: &str = "pass-w0rd";

/// Serves the repositories below a directory to who logs in as `user` or as a job.
pub fn serve(root: &Path) -> Option<Server> {
    if !common::has("git")
        || !git(root, &["--exec-path"]).lines().any(|path| Path::new(path).join("git-http-backend").is_file())
    {
        println!("skipped: git has no http-backend here");
        return None;
    }
    let root = root.to_owned();
    Some(Server::start(move |request| {
        let expected = ["user", "gitlab-ci-token"].map(|user| STANDARD.encode(format!("{user}:{PASSWORD}")));
        let given = request.headers.get("authorization").and_then(|value| value.strip_prefix("Basic "));
        match given {
            Some(given) if expected.iter().any(|expected| expected == given) => backend(&root, request),
            _ => Reply::new("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"git\"")], b""),
        }
    }))
}

/// Runs `git http-backend` as a web server does.
fn backend(root: &Path, request: &Request) -> Reply {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut command = common::command(root);
    command.args(["-c", "http.receivepack=true", "http-backend"]).env("GIT_HTTP_EXPORT_ALL", "1");
    command.env("GIT_PROJECT_ROOT", root).env("PATH_INFO", path).env("QUERY_STRING", query);
    command.env("REQUEST_METHOD", &request.method).env("REMOTE_USER", "user").env("REMOTE_ADDR", "127.0.0.1");
    command.env("CONTENT_LENGTH", request.body.len().to_string());
    for (header, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ] {
        command.env(variable, request.headers.get(header).map_or("", String::as_str));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let body = request.body.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&body));
    let output = child.wait_with_output().unwrap().stdout;
    let _ = writer.join();
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(output[..end].to_vec()).unwrap();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let headers: String =
        head.lines().filter(|line| !line.starts_with("Status:")).flat_map(|line| [line, "\r\n"]).collect();
    Reply::Answer(format!("HTTP/1.1 {status}\r\n{headers}"), output[end + 4..].to_vec())
}

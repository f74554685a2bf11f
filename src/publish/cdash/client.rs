//! Sends the requests: with time limits, again after failures that pass, and never to where a redirect points.

use super::{DynamicList, NewGroup, Problem, Token, check};
use crate::http::{self, Attempts, Failure};
use crate::redact::redact;
use serde::Serialize;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};

/// Bytes of an answer that are read at most; CDash answers with a few hundred.
const LONGEST_ANSWER: u64 = 1 << 20;

/// How long to wait for CDash, and how often to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a request, from its first byte to the answer's last.
    pub request: Duration,
    /// How often a request is sent at most.
    pub attempts: u32,
    /// Before the second attempt; twice as long before each further one.
    pub pause: Duration,
}

impl Default for Patience {
    /// Ten seconds to connect, thirty for a request, three attempts, one and two seconds between them.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            attempts: 3,
            pause: Duration::from_secs(1),
        }
    }
}

pub(super) struct Client<'a> {
    agent: Agent,
    url: String,
    authorization: String,
    attempts: Attempts,
    sleep: &'a mut dyn FnMut(Duration),
    cancel: &'a AtomicBool,
}

/// An answer's status, and its body.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl<'a> Client<'a> {
    pub(super) fn new(
        url: String,
        token: &Token,
        patience: &Patience,
        sleep: &'a mut dyn FnMut(Duration),
        cancel: &'a AtomicBool,
    ) -> Self {
        let config = http::agent(patience.connect).timeout_global(Some(patience.request));
        let attempts = Attempts { most: patience.attempts, pause: patience.pause };
        Self { agent: config.build().new_agent(), url, authorization: token.header(), attempts, sleep, cancel }
    }

    /// Makes a group and returns its id.
    pub(super) fn create(&mut self, group: &NewGroup<'_>) -> Result<u64, Problem> {
        let answer = self.send("POST", group)?;
        if !matches!(answer.status, 200 | 201) {
            return Err(Problem::Status { method: "POST", status: answer.status });
        }
        let body: serde_json::Value =
            serde_json::from_slice(&answer.body).map_err(|_| Problem::Answer("is not JSON"))?;
        let id = body.get("id").ok_or(Problem::Answer("has no `id`"))?;
        let id = id.as_u64().or_else(|| id.as_str().and_then(|text| text.parse().ok()));
        id.filter(|id| *id != 0).ok_or(Problem::Answer("has an `id` that is no group's"))
    }

    /// Fills the list of a group.
    pub(super) fn fill(&mut self, list: &DynamicList<'_>) -> Result<(), Problem> {
        match self.send("PUT", list)?.status {
            200 => Ok(()),
            status => Err(Problem::Status { method: "PUT", status }),
        }
    }

    fn send(&mut self, method: &'static str, body: &impl Serialize) -> Result<Answer, Problem> {
        let body = serde_json::to_vec(body).map_err(|cause| Failure::Request(cause.to_string()))?;
        let Self { agent, url, authorization, attempts, sleep, cancel } = self;
        check(cancel)?;
        let wait = |pause| {
            sleep(pause);
            check(cancel)
        };
        attempts.run(wait, Problem::is_passing, || send_once(agent, url, authorization, method, &body))
    }
}

fn send_once(
    agent: &Agent,
    url: &str,
    authorization: &str,
    method: &'static str,
    body: &[u8],
) -> Result<Answer, Problem> {
    let request = if method == "PUT" { agent.put(url) } else { agent.post(url) };
    let request = request.header(AUTHORIZATION, authorization).header(CONTENT_TYPE, "application/json");
    let mut response = request.send(body).map_err(Failure::from)?;
    let status = response.status().as_u16();
    match status {
        300..=399 => {
            let place = response.headers().get(LOCATION).and_then(|place| place.to_str().ok());
            return Err(Problem::Redirected(redact(place.unwrap_or("nowhere"))));
        }
        401 | 403 => return Err(Problem::Unauthorized(status)),
        500..=599 => return Err(Problem::Status { method, status }),
        _ => {}
    }
    let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec();
    Ok(Answer { status, body: body.map_err(Failure::from)? })
}

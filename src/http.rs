//! What all HTTP clients here agree on: how requests are sent, what went wrong with one, and when to try again.

use crate::redact::redact;
use std::io::ErrorKind;
use std::time::Duration;
use thiserror::Error;
use ureq::config::ConfigBuilder;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::{Agent, Timeout};

/// Returns what every agent starts from: the authorities that this host trusts, statuses as answers, and no redirects,
/// since what is in the headers is for one server alone.
pub(crate) fn agent(connect: Duration) -> ConfigBuilder<AgentScope> {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .timeout_connect(Some(connect))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .tls_config(tls)
        .user_agent(concat!("spackplan/", env!("CARGO_PKG_VERSION")))
}

/// Why a request got no answer. No text of it has a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The server could not be reached.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// There is no secure connection to it.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// It did not answer in time.
    #[error("no answer in time: {0}")]
    TimedOut(String),
    /// Its answer is longer than anything that makes sense.
    #[error("the answer is too long")]
    TooLong,
    /// The request cannot be made at all.
    #[error("cannot be asked: {0}")]
    Request(String),
}

impl Failure {
    /// Tells whether the same request may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

/// Tells whether a request that was answered with a status may succeed a little later.
pub(crate) fn is_passing(status: u16) -> bool {
    (500..600).contains(&status)
}

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        let text = redact(&error.to_string());
        match error {
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => Self::Tls(text),
            // What the TLS library cannot accept arrives as data that make no sense.
            ureq::Error::Io(cause) if cause.kind() == ErrorKind::InvalidData => Self::Tls(text),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => Self::Unreachable(text),
            ureq::Error::Timeout(_) | ureq::Error::BodyStalled => Self::TimedOut(text),
            ureq::Error::BodyExceedsLimit(_) => Self::TooLong,
            ureq::Error::Http(_) | ureq::Error::BadUri(_) => Self::Request(text),
            _ => Self::Unreachable(text),
        }
    }
}

/// How often to try, and how long to wait in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempts {
    /// How often at most.
    pub most: u32,
    /// Before the second attempt; twice as long before each further one.
    pub pause: Duration,
}

impl Attempts {
    /// Tries until it works, fails for good, or has failed often enough; `wait` may end it with a problem of its own.
    pub(crate) fn run<T, P>(
        self,
        mut wait: impl FnMut(Duration) -> Result<(), P>,
        is_passing: impl Fn(&P) -> bool,
        mut attempt: impl FnMut() -> Result<T, P>,
    ) -> Result<T, P> {
        let mut pause = self.pause;
        for _ in 1..self.most {
            match attempt() {
                Err(problem) if is_passing(&problem) => wait(pause)?,
                outcome => return outcome,
            }
            pause = pause.saturating_mul(2);
        }
        attempt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs attempts that give these outcomes one after another; returns the last outcome and the waits.
    fn tried(outcomes: &[Result<u8, u16>]) -> (Result<u8, u16>, Vec<u64>) {
        let attempts = Attempts { most: 3, pause: Duration::from_secs(1) };
        let (mut next, mut waits) = (outcomes.iter(), Vec::new());
        let wait = |pause: Duration| {
            waits.push(pause.as_secs());
            Ok(())
        };
        let outcome = attempts.run(wait, |status| *status >= 500, || *next.next().unwrap());
        (outcome, waits)
    }

    #[test]
    fn what_passes_is_tried_again_after_pauses_that_double() {
        assert_eq!(tried(&[Ok(1)]), (Ok(1), vec![]));
        assert_eq!(tried(&[Err(503), Ok(1)]), (Ok(1), vec![1]));
        assert_eq!(tried(&[Err(503), Err(502), Err(500)]), (Err(500), vec![1, 2]));
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again() {
        assert_eq!(tried(&[Err(404)]), (Err(404), vec![]));
        assert_eq!(tried(&[Err(503), Err(404)]), (Err(404), vec![1]));
    }

    #[test]
    fn a_wait_that_fails_ends_it() {
        let attempts = Attempts { most: 3, pause: Duration::ZERO };
        assert_eq!(attempts.run(|_| Err("cancelled"), |_| true, || Err::<(), _>("down")), Err("cancelled"));
    }

    #[test]
    fn failures_are_told_apart_and_keep_no_secret() {
        let slow = ureq::Error::Timeout(Timeout::Global);
        assert!(matches!(Failure::from(slow), Failure::TimedOut(_)));
        let far = ureq::Error::Timeout(Timeout::Connect);
        assert!(matches!(Failure::from(far), Failure::Unreachable(_)));
        let certificate = ureq::Error::Io(std::io::Error::new(ErrorKind::InvalidData, "no such authority"));
        assert!(matches!(Failure::from(certificate), Failure::Tls(_)));
        let address = ureq::Error::BadUri("http://u:s3cret@h:x/".to_owned());
        let Failure::Request(text) = Failure::from(address) else { panic!("an address is what is asked for") };
        assert!(!text.contains("s3cret"), "{text}");
    }
}

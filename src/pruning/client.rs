//! Reads files of mirrors: from directories, and over http(s) with time limits and again after failures that pass.

use super::location::Location;
use super::problem::Problem;
use super::{Patience, Progress};
use crate::http::{self, Attempts, Failure};
use crate::publish::watch::Reporter;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::header::{ETAG, IF_NONE_MATCH};

/// Characters that would end a path or make no sense in one.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');
/// Mirrors may stand behind a server that hands out other addresses.
const MOST_REDIRECTS: u32 = 5;

/// What a file holds, or that it is the one that is known already.
#[derive(Debug)]
pub(super) enum Fetched {
    /// It has not changed since it was read under this tag.
    Unchanged,
    /// Its content, and the tag by which to ask again.
    New { bytes: Vec<u8>, tag: Option<String> },
}

/// Reads from one place after another until its time is over.
pub(super) struct Client<'a> {
    agent: Agent,
    patience: &'a Patience,
    until: Instant,
    reporter: &'a Reporter<Progress>,
}

impl<'a> Client<'a> {
    /// Starts the clock.
    pub(super) fn new(patience: &'a Patience, reporter: &'a Reporter<Progress>) -> Self {
        let config = http::agent(patience.connect)
            .timeout_recv_response(Some(patience.answer))
            .max_redirects(MOST_REDIRECTS)
            .max_redirects_will_error(true);
        Self { agent: config.build().new_agent(), patience, until: Instant::now() + patience.total, reporter }
    }

    /// Returns what a file below a location holds, if that is at most `longest` bytes.
    pub(super) fn read(
        &self,
        location: &Location,
        path: &str,
        longest: u64,
        known: Option<&str>,
    ) -> Result<Fetched, Problem> {
        match location {
            Location::Directory(directory) => read_file(&directory.join(path), longest),
            Location::Web(base) => self.again(|left| self.get(&url(base, path), longest, known, left)),
        }
    }

    /// Tells whether there is a file below a location.
    pub(super) fn has(&self, location: &Location, path: &str) -> Result<bool, Problem> {
        match location {
            Location::Directory(directory) => {
                self.time_left()?;
                Ok(directory.join(path).is_file())
            }
            Location::Web(base) => match self.again(|left| self.head(&url(base, path), left)) {
                Ok(()) => Ok(true),
                // Buckets whose listing is not public say so of files that are not there.
                Err(Problem::Missing | Problem::Refused(403)) => Ok(false),
                Err(problem) => Err(problem),
            },
        }
    }

    fn get(&self, url: &str, longest: u64, known: Option<&str>, left: Duration) -> Result<Fetched, Problem> {
        let mut request = self.agent.get(url).config().timeout_global(Some(left)).build();
        if let Some(tag) = known {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let mut response = request.call().map_err(Failure::from)?;
        if known.is_some() && response.status().as_u16() == 304 {
            return Ok(Fetched::Unchanged);
        }
        Problem::of_status(response.status().as_u16())?;
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let bytes = response.body_mut().with_config().limit(longest).read_to_vec();
        Ok(Fetched::New { bytes: bytes.map_err(Failure::from)?, tag })
    }

    fn head(&self, url: &str, left: Duration) -> Result<(), Problem> {
        let request = self.agent.head(url).config().timeout_global(Some(left.min(self.patience.answer))).build();
        let response = request.call().map_err(Failure::from)?;
        Problem::of_status(response.status().as_u16())
    }

    /// Tries until it works, fails for good, or has failed often enough.
    fn again<T>(&self, attempt: impl Fn(Duration) -> Result<T, Problem>) -> Result<T, Problem> {
        let attempts = Attempts { most: self.patience.attempts, pause: self.patience.pause };
        let wait = |pause: Duration| {
            std::thread::sleep(pause.min(self.time_left()?));
            Ok(())
        };
        attempts.run(wait, Problem::is_passing, || attempt(self.time_left()?))
    }

    fn time_left(&self) -> Result<Duration, Problem> {
        if self.reporter.is_stopped() {
            return Err(Problem::Cancelled);
        }
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Problem::OutOfTime) } else { Ok(left) }
    }
}

fn url(base: &str, path: &str) -> String {
    format!("{base}/{}", utf8_percent_encode(path, UNSAFE))
}

fn read_file(path: &Path, longest: u64) -> Result<Fetched, Problem> {
    let failed = |cause: std::io::Error| match cause.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Problem::Missing,
        _ => Problem::File(format!("cannot read `{}`: {cause}", path.display())),
    };
    let about = fs::metadata(path).map_err(failed)?;
    if !about.is_file() {
        // A pipe or a device might never end.
        return Err(Problem::File(format!("`{}` is no regular file", path.display())));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(longest.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > longest {
        return Err(Failure::TooLong.into());
    }
    Ok(Fetched::New { bytes, tag: None })
}

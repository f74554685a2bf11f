//! What Spack prints while it concretizes: how far it is, and its last words.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// How many of the last lines are kept.
const LAST_WORDS: usize = 40;

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What the output so far says.
#[derive(Debug)]
pub(super) struct Output {
    roots: usize,
    done: usize,
    /// The last lines of each channel.
    last: [VecDeque<String>; 2],
    log: Option<(PathBuf, BufWriter<File>)>,
}

impl Output {
    /// Starts without output, of a solve of so many roots; everything is also written to the end of `log`.
    pub(super) fn new(roots: usize, log: Option<(&Path, File)>) -> Self {
        let log = log.map(|(path, file)| (path.to_owned(), BufWriter::new(file)));
        Self { roots, done: 0, last: Default::default(), log }
    }

    /// Takes a line, and tells how many roots are done if it says so.
    pub(super) fn take(&mut self, channel: Channel, line: &str) -> Option<usize> {
        if let Some((_, log)) = &mut self.log {
            // A log that cannot be written is missed only where something fails, and then the last words are there.
            let _ = writeln!(log, "{line}");
        }
        if !line.trim().is_empty() {
            let last = &mut self.last[usize::from(channel == Channel::Err)];
            if last.len() == LAST_WORDS {
                last.pop_front();
            }
            last.push_back(line.to_owned());
        }
        let done = self.done_after(line)?;
        self.done = done;
        Some(done)
    }

    /// Returns how many roots are done after this line: `[ 50%]` since Spack 0.21 where it was asked to be verbose,
    /// `[12/34]`, or a `Concretized SPEC` for each root up to 0.20.
    fn done_after(&self, line: &str) -> Option<usize> {
        let text = line.strip_prefix("==>")?.trim_start();
        if let Some(rest) = text.strip_prefix("Concretized ") {
            let mut words = rest.split_whitespace();
            let counted = words.next().and_then(|word| word.parse::<usize>().ok());
            let is_count = words.next().is_some_and(|word| word.starts_with("spec"));
            return Some(match counted.filter(|_| is_count) {
                Some(_) => self.roots,
                None => (self.done + 1).min(self.roots),
            });
        }
        let inside = text.split_once('[')?.1.split_once(']')?.0.trim();
        let done = match (inside.strip_suffix('%'), inside.split_once('/')) {
            (Some(percent), _) => (percent.trim().parse::<usize>().ok()? * self.roots + 50) / 100,
            (None, Some((done, _))) => done.trim().parse().ok()?,
            (None, None) => return None,
        };
        Some(done.clamp(self.done, self.roots.max(self.done)))
    }

    /// Returns Spack's last words, those on standard error where it had any there, and the file with all of them.
    pub(super) fn finish(mut self) -> (Vec<String>, Option<PathBuf>) {
        let log = self.log.take().and_then(|(path, mut log)| log.flush().is_ok().then_some(path));
        let [out, err] = self.last;
        (if err.is_empty() { out } else { err }.into(), log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(roots: usize, lines: &[&str]) -> Vec<Option<usize>> {
        let mut output = Output::new(roots, None);
        lines.iter().map(|line| output.take(Channel::Out, line)).collect()
    }

    #[test]
    fn shares_of_the_roots_are_counted_as_new_spacks_print_them() {
        let lines =
            ["==> Starting concretization", "==>   44.2s [ 50%] zeaya76 zlib-ng", "==>   45.4s [100%] dscs4u4 x"];
        assert_eq!(done(34, &lines), [None, Some(17), Some(34)]);
        assert_eq!(done(34, &["==> [12/34] zlib", "==> Concretized 34 specs:"]), [Some(12), Some(34)]);
    }

    #[test]
    fn roots_are_counted_one_by_one_as_old_spacks_print_them() {
        let lines = ["==> Concretized zlib", " -   abc  zlib@1.2", "==> Concretized readline@7.0%gcc@5"];
        assert_eq!(done(2, &lines), [Some(1), None, Some(2)]);
    }

    #[test]
    fn nonsense_counts_nothing_and_never_goes_beyond_the_roots_or_back() {
        let lines =
            ["==> [50%] a", "==> [x%]", "==> [7/", "==> [9999999/1]", "==> [1%] b", "[100%] no message of Spack"];
        assert_eq!(done(4, &lines), [Some(2), None, None, Some(4), Some(4), None]);
    }

    #[test]
    fn the_last_words_are_those_on_standard_error_and_not_too_many() {
        let mut output = Output::new(1, None);
        output.take(Channel::Out, "==> Starting concretization");
        for number in 0..100 {
            output.take(Channel::Err, &format!("line {number}"));
        }
        let (words, log) = output.finish();
        assert_eq!((words.len(), words.last().unwrap().as_str(), log), (LAST_WORDS, "line 99", None));
    }
}

//! What was confirmed in the review and is being done: files, then the branch, then CDash.

use super::overlay::Notice;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::publish::cdash::BuildGroup;
use crate::publish::downstream::Receipt;
use crate::tui::effect::{Preview, Sealed};

/// What is being done, and what was done so far.
#[derive(Clone, Debug, Default)]
pub struct Delivering {
    /// What was done, and what was not, a line each.
    lines: Vec<String>,
    /// How many of the lines tell of something that was done.
    done: usize,
    failures: Vec<Error>,
    /// The commit that is still to be pushed.
    branch: Option<Preview>,
    /// The commit that is being pushed.
    pushing: Option<Preview>,
    /// The group that CDash is still to be asked for.
    group: Option<BuildGroup>,
    reach: Reach,
}

/// How far what was confirmed reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reach {
    /// To files on this machine.
    #[default]
    Files,
    /// To a remote or CDash.
    Remote,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum Step {
    /// Pushing.
    Push(Sealed),
    /// Asking CDash.
    Report(BuildGroup),
    /// Nothing: the receipt.
    Receipt(Notice),
}

impl Delivering {
    /// Begins with nothing done.
    pub fn new(branch: Option<Preview>, group: Option<BuildGroup>) -> Self {
        let reach = if branch.is_some() || group.is_some() { Reach::Remote } else { Reach::Files };
        Self { branch, group, reach, ..Self::default() }
    }

    /// Notes what was done.
    pub fn done(&mut self, lines: impl IntoIterator<Item = String>) {
        let before = self.lines.len();
        self.lines.extend(lines);
        self.done += self.lines.len() - before;
    }

    /// Notes what went wrong; what depends on it is not done any more.
    pub fn failed(&mut self, error: Error) {
        self.failures.push(error);
        self.leave_out();
    }

    /// Notes a warning.
    pub fn warn(&mut self, finding: Option<&Finding>) {
        let Some(finding) = finding else { return };
        let hint = finding.hint.iter().map(|hint| format!("  hint: {hint}"));
        self.done(std::iter::once(format!("warning: {}", finding.message)).chain(hint));
    }

    /// Leaves out what has not been begun.
    pub fn leave_out(&mut self) {
        if let Some(preview) = self.branch.take() {
            self.not_pushed(&preview);
        }
        if self.group.take().is_some() {
            self.lines.push("CDash NOT asked".to_owned());
        }
    }

    /// Notes what came of the push.
    pub fn pushed(&mut self, outcome: Result<Receipt>) {
        let preview = self.pushing.take();
        match outcome {
            Ok(receipt) => self.done([receipt.to_string()]),
            Err(error) => {
                if let Some(preview) = &preview {
                    self.not_pushed(preview);
                }
                self.failed(error);
            }
        }
    }

    fn not_pushed(&mut self, preview: &Preview) {
        self.lines.push(format!("{} NOT pushed to {}", preview.reference, preview.remote));
    }

    /// Returns what comes next.
    pub fn advance(&mut self) -> Step {
        match (self.branch.take(), self.group.take()) {
            (Some(preview), group) => {
                let sealed = preview.sealed.clone();
                (self.group, self.pushing) = (group, Some(preview));
                Step::Push(sealed)
            }
            (None, Some(group)) => Step::Report(group),
            (None, None) => Step::Receipt(self.receipt()),
        }
    }

    fn receipt(&mut self) -> Notice {
        let title = match (self.failures.is_empty() && self.done == self.lines.len(), self.done, self.reach) {
            (true, _, Reach::Files) => "Written",
            (true, _, Reach::Remote) => "Published",
            (false, 0, Reach::Files) => "Nothing was written",
            (false, 0, Reach::Remote) => "Nothing was published",
            (false, _, Reach::Files) => "Only a part was written",
            (false, _, Reach::Remote) => "Only a part was done",
        };
        let mut notice = Notice::of_errors(title, &std::mem::take(&mut self.failures));
        notice.lines.splice(0..0, std::mem::take(&mut self.lines));
        notice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview() -> Preview {
        let (reference, remote) = ("refs/heads/multi-ci-main".to_owned(), "https://h/x".to_owned());
        Preview { reference, remote, ..Preview::default() }
    }

    fn group() -> BuildGroup {
        let text = |text: &str| text.to_owned();
        BuildGroup { url: text("u"), project: text("p"), name: text("g"), site: text("s"), builds: Vec::new() }
    }

    fn receipt(delivering: &mut Delivering) -> (String, String) {
        match delivering.advance() {
            Step::Receipt(notice) => (notice.title, notice.lines.join("\n")),
            other => panic!("{other:?} comes next"),
        }
    }

    #[test]
    fn the_branch_comes_after_the_files_and_cdash_last() {
        let mut delivering = Delivering::new(Some(preview()), Some(group()));
        delivering.done(["spack.yaml saved".to_owned()]);
        assert!(matches!(delivering.advance(), Step::Push(_)));
        delivering.done(["pushed".to_owned()]);
        assert!(matches!(delivering.advance(), Step::Report(_)));
        delivering.done(["CDash has it".to_owned()]);
        let expected = "spack.yaml saved\npushed\nCDash has it";
        assert_eq!(receipt(&mut delivering), ("Published".to_owned(), expected.to_owned()));
    }

    #[test]
    fn a_failure_leaves_out_what_follows_and_hides_nothing_that_was_done() {
        let mut delivering = Delivering::new(Some(preview()), Some(group()));
        delivering.done(["spack.yaml saved".to_owned()]);
        assert!(matches!(delivering.advance(), Step::Push(_)));
        delivering.pushed(Err(Error::refused("the remote is gone").hint("look for it")));
        let (title, lines) = receipt(&mut delivering);
        assert_eq!(title, "Only a part was done");
        assert_eq!(
            lines,
            "spack.yaml saved\nrefs/heads/multi-ci-main NOT pushed to https://h/x\nCDash NOT asked\n\
             the remote is gone\n  hint: look for it"
        );
    }

    #[test]
    fn a_failure_at_the_start_does_nothing() {
        let mut delivering = Delivering::new(Some(preview()), None);
        delivering.failed(Error::refused("no"));
        assert_eq!(receipt(&mut delivering).0, "Nothing was published");
        let mut delivering = Delivering::new(None, None);
        delivering.failed(Error::refused("no"));
        assert_eq!(receipt(&mut delivering).0, "Nothing was written");
    }
}

//! Which pruning is asked for: by options, and over them, as in `spack ci generate`, by environment variables.

use super::{Mirrors, Untouched, Wanted};
use crate::environment::Dialect;
use crate::environment::condition::Context;
use crate::finding::{Finding, Rule, Severity};
use crate::pipeline::spack_ci::settings::{Asked, Settings};
use crate::plan::prune::Externals;

/// The variable that says whether specs that a mirror has are left out.
pub const UP_TO_DATE: &str = "SPACK_PRUNE_UP_TO_DATE";
/// The variable that says whether specs that no change touches are left out.
pub const UNTOUCHED: &str = "SPACK_PRUNE_UNTOUCHED";
const DEPTH: &str = "SPACK_PRUNE_UNTOUCHED_DEPENDENT_DEPTH";

/// What the options say of pruning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Whether specs that a mirror has are left out.
    pub up_to_date: Option<Asked>,
    /// Whether specs that no change touches are left out.
    pub untouched: Option<Asked>,
    /// Whether external specs get jobs.
    pub externals: Externals,
    /// How mirrors are asked, where they are.
    pub effort: Effort,
}

/// How mirrors are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// For their indices, and for each spec that those lack.
    #[default]
    IndicesAndSpecs,
    /// For their indices only.
    Indices,
}

impl Choice {
    /// Returns what is to be found out, and what is odd about the variables. They bear on the spack-ci dialect alone.
    ///
    /// Unlike Spack, nobody is asked unless somebody says so: a plan is then the same wherever it is made.
    pub fn wanted(&self, dialect: Dialect, context: &Context) -> (Wanted, Option<Finding>) {
        let variable = |name| context.variable(name).filter(|_| dialect == Dialect::SpackCi);
        let mirrors = match asked(variable(UP_TO_DATE), self.up_to_date) {
            Some(Asked::Yes) if self.effort == Effort::Indices => Mirrors::Indices,
            Some(Asked::Yes) => Mirrors::IndicesAndSpecs,
            Some(Asked::No) | None => Mirrors::NotAsked,
        };
        let (mut depth, mut finding) = (None, None);
        if let Some(text) = variable(DEPTH) {
            match text.trim().parse() {
                Ok(number) => depth = Some(number),
                Err(_) => finding = Some(no_number(text)),
            }
        }
        let untouched = match asked(variable(UNTOUCHED), self.untouched) {
            Some(Asked::Yes) => Untouched::Pruned(depth),
            Some(Asked::No) | None => Untouched::Built,
        };
        (Wanted { mirrors, untouched, externals: self.externals }, finding)
    }

    /// Lets jobs know; where nothing is said, they look at mirrors themselves before they build, as Spack's do.
    #[must_use]
    pub fn tell(&self, settings: Settings, context: &Context) -> Settings {
        let up_to_date = asked(context.variable(UP_TO_DATE), self.up_to_date).unwrap_or(Asked::Yes);
        let untouched = asked(context.variable(UNTOUCHED), self.untouched).unwrap_or(Asked::No);
        Settings { up_to_date, untouched, ..settings }
    }
}

/// Returns what a variable says, else an option.
fn asked(variable: Option<&str>, option: Option<Asked>) -> Option<Asked> {
    match variable {
        Some(text) if text.eq_ignore_ascii_case("true") => Some(Asked::Yes),
        Some(_) => Some(Asked::No),
        None => option,
    }
}

fn no_number(text: &str) -> Finding {
    let message = format!("`{DEPTH}` is no number: `{text}`; dependents of what changed are followed all the way");
    Finding::new(Severity::Warning, Rule::NoEffect, message).hint("set it to a number, or not at all")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(choice: Choice, variables: &[&str]) -> (Wanted, Option<Finding>) {
        let mut context = Context::default();
        for assignment in variables {
            context.set(&format!("env.{assignment}")).unwrap();
        }
        choice.wanted(Dialect::SpackCi, &context)
    }

    #[test]
    fn nobody_is_asked_unless_somebody_says_so() {
        assert!(!wanted(Choice::default(), &[]).0.asks());
        let prune = Choice { up_to_date: Some(Asked::Yes), ..Choice::default() };
        assert_eq!(wanted(prune, &[]).0.mirrors, Mirrors::IndicesAndSpecs);
        assert_eq!(wanted(Choice { effort: Effort::Indices, ..prune }, &[]).0.mirrors, Mirrors::Indices);
        assert_eq!(wanted(Choice::default(), &["SPACK_PRUNE_UP_TO_DATE=True"]).0.mirrors, Mirrors::IndicesAndSpecs);
    }

    #[test]
    fn variables_override_options_and_everything_but_true_is_no() {
        let choice = Choice { up_to_date: Some(Asked::Yes), untouched: Some(Asked::Yes), ..Choice::default() };
        let (answer, _) = wanted(choice, &["SPACK_PRUNE_UP_TO_DATE=1", "SPACK_PRUNE_UNTOUCHED=no"]);
        assert!(!answer.asks());
    }

    #[test]
    fn a_depth_that_is_no_number_is_reported_and_ignored() {
        let on = "SPACK_PRUNE_UNTOUCHED=true";
        let depth = |text: &str| wanted(Choice::default(), &[on, &format!("{DEPTH}={text}")]);
        assert_eq!(depth("-1").0.untouched, Untouched::Pruned(Some(-1)));
        let (answer, finding) = depth("abc");
        assert_eq!(answer.untouched, Untouched::Pruned(None));
        assert!(finding.unwrap().message.contains("`abc`"));
    }

    #[test]
    fn variables_of_spack_ci_say_nothing_of_release_jobs() {
        let mut context = Context::default();
        context.set("env.SPACK_PRUNE_UP_TO_DATE=true").unwrap();
        assert!(!Choice::default().wanted(Dialect::ReleaseJobs, &context).0.asks());
    }
}

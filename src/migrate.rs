//! `--migrate`: `spack.yaml` with `ci:` in place of `gitlab-ci:`, once it is proven that every job keeps its runner.

use super::cli::Cli;
use super::message::Messages;
use super::{EXIT_FINDINGS, context, emit, request};
use clap::Args;
use spackplan::concretize::{self, Lockfiles};
use spackplan::edit::migrate::{Migration, migrate};
use spackplan::emit::counted;
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Dialect, Environment, Inputs, Texts};
use spackplan::error::{Error, Result};
use spackplan::finding::{Finding, Rule, Severity};
use spackplan::plan::Plan;
use spackplan::plan::proof::{Difference, differences};
use spackplan::release::{Release, Request};
use spackplan::yaml;
use std::sync::Arc;

/// What is asked of the rewriting.
#[derive(Debug, Args)]
pub(crate) struct MigrateOptions {
    /// Rewrite `gitlab-ci:` to `ci:` and print the new `spack.yaml` (--output FILE writes it); exit 3 and nothing written if a job would not keep its tags, image, variables and scripts
    #[arg(long, conflicts_with_all = ["emit", "push", "prune_branches", "verify"], help_heading = "Migration")]
    pub(crate) migrate: bool,

    /// Rewrite it even if a job would not keep them; the differences are listed all the same
    #[arg(long, requires = "migrate", help_heading = "Migration")]
    pub(crate) allow_differences: bool,
}

/// Rewrites the manifest, says what is left out and what differs, and prints or writes the new text.
pub(crate) fn run(cli: &Cli) -> Result<u8> {
    let context = context(cli)?;
    let former = environment::load_as(cli.environment(), &context, Some(Dialect::SpackCi))?;
    refuse_included(&former)?;
    let Migration { source, findings } = migrate(&former.source)?;
    let files = Texts::new(former.included.iter().map(|file| Arc::clone(&file.source)));
    let inputs = Inputs { context: &context, files: &files, dialect: Some(Dialect::SpackCi) };
    let rewritten = Environment::read(Arc::clone(&source), inputs)?;
    let lockfiles = Lockfiles::load(&former, cli.environment(), &cli.lock)?;
    let request = request(cli, cli.environment(), &context)?;
    let before = plan(former, &lockfiles, &context, &request)?;
    let now = plan(rewritten, &lockfiles, &context, &request)?;
    Messages::findings(&findings, Severity::Note);
    let lacks = |finding: &&Finding| finding.severity == Severity::Error && finding.rule == Rule::MissingSection;
    Messages::findings(&now.findings.iter().filter(lacks).cloned().collect::<Vec<_>>(), Severity::Error);
    let differences = differences(&before.plan, &now.plan);
    for difference in &differences {
        Messages::say(&format!("difference: {difference}"));
    }
    let is_accepted = |difference: &&Difference| match difference {
        Difference::LeftOutBefore(_) if cli.allow_unassigned => true,
        _ => cli.migrate.allow_differences,
    };
    let refused: Vec<&Difference> = differences.iter().filter(|found| !is_accepted(found)).collect();
    if !refused.is_empty() {
        Messages::say(&refusal(&refused));
        return Ok(EXIT_FINDINGS);
    }
    emit(cli, |out| out.write_all(source.text().as_bytes()))?;
    let mappings: usize = now.plan.rules.submappings().map(|(_, list)| list.mappings.len()).sum();
    if mappings > 1 {
        Messages::say(
            "the mappings are in reverse order: `gitlab-ci` was read from the top, `pipeline-gen` is from the bottom",
        );
    }
    if only_left_out(&differences.iter().collect::<Vec<_>>()) {
        Messages::say(&kept(&before.plan));
    }
    Ok(0)
}

/// Says that nothing is written, and what to do about it.
fn refusal(differences: &[&Difference]) -> String {
    let remedy = if only_left_out(differences) {
        "add a mapping that takes these jobs, or have them built with --allow-unassigned"
    } else {
        "correct them, or take them with --allow-differences"
    };
    format!("{}, nothing written: {remedy}", counted(differences.len(), "difference"))
}

/// Tells whether the jobs that were built are built alike.
fn only_left_out(differences: &[&Difference]) -> bool {
    differences.iter().all(|difference| matches!(difference, Difference::LeftOutBefore(_)))
}

/// Plans an environment for the comparison.
fn plan(environment: Environment, lockfiles: &Lockfiles, context: &Context, request: &Request) -> Result<Release> {
    let concretization = concretize::concretize(&environment, lockfiles, &context.architecture())?;
    Ok(Release::new(environment, concretization, request.clone()))
}

/// Says which jobs of the former plan have kept what they had.
fn kept(plan: &Plan) -> String {
    let assigned = || plan.graph.ids().filter(|id| !plan.assignments.is_unassigned(*id));
    let predicted = assigned().filter(|id| plan.graph.spec(*id).is_predicted()).count();
    let predicted =
        if predicted > 0 { format!(" ({predicted} of them predicted from the catalogue)") } else { String::new() };
    let jobs = counted(assigned().count(), "job");
    format!("proven: {jobs}{predicted} kept the tags, image, variables and scripts that they had")
}

/// Refuses an environment whose section is in part that of an included file, which is not rewritten.
fn refuse_included(environment: &Environment) -> Result<()> {
    for file in &environment.included {
        let tree = yaml::read(&file.source)?;
        if let Some(entry) = tree.as_mapping().and_then(|map| map.get("gitlab-ci")) {
            return Err(Error::input("`gitlab-ci` stands in an included file, which is not rewritten")
                .at(&entry.key)
                .hint("move it into `spack.yaml`, migrate that, and move the new `ci:` back"));
        }
    }
    Ok(())
}

//! The words of the command line that a plan depends on: a pushed commit records them, and `--verify` takes them back.

use super::cli::Cli;
use spackplan::delivery::OPTIONS;
use spackplan::environment::condition::Context;
use spackplan::error::{Error, Result};
use spackplan::pipeline::spack_ci::settings::ARTIFACTS;
use spackplan::publish::trailers::Trailer;
use std::path::Path;

/// The option after which a plan cannot be made again from its inputs.
const ASKED: &str = "--ask-dynamic-mapping";
/// What is taken back; a commit must not choose files or remotes.
const TAKEN_BACK: [&str; 8] = [
    "--context",
    "--match-on",
    "--dialect",
    "--schedule",
    "--artifacts-root",
    "--forward-variable",
    "--allow-unassigned",
    "--no-prune-externals",
];

/// Returns the words of the command line that this plan depends on, with the facts of this host.
pub(crate) fn words(cli: &Cli, context: &Context) -> Vec<String> {
    let mut words = Vec::new();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    for fact in context.facts() {
        option("--context", &fact);
    }
    option("--match-on", cli.match_on.name());
    if let Some(dialect) = cli.dialect {
        option("--dialect", dialect.name());
    }
    if let Some(schedule) = cli.schedule {
        option("--schedule", schedule.name());
    }
    if cli.artifacts_root != Path::new(ARTIFACTS) {
        option("--artifacts-root", &cli.artifacts_root.to_string_lossy());
    }
    for name in &cli.forward_variable {
        option("--forward-variable", name);
    }
    for (is_given, flag) in [(cli.allow_unassigned, "--allow-unassigned"), (cli.ask_dynamic_mapping, ASKED)] {
        if is_given {
            words.push(flag.to_owned());
        }
    }
    words.extend(cli.prune.words(context));
    words
}

/// Returns the words that a commit records.
///
/// # Errors
/// Returns an error if the plan cannot be made again from them, or if they are not those that [`words`] writes.
pub(crate) fn options(trailers: &[Trailer]) -> Result<Vec<String>> {
    let Some(trailer) = trailers.iter().find(|trailer| trailer.key() == OPTIONS) else { return Ok(Vec::new()) };
    let words: Vec<String> = serde_json::from_str(trailer.value())
        .map_err(|cause| Error::input(format!("the commit's `{OPTIONS}` cannot be read: {cause}")))?;
    if words.iter().any(|word| word == ASKED) {
        return Err(Error::refused(
            "the commit was planned with what services answered then, which it does not record",
        )
        .hint("only a plan that was made without --ask-dynamic-mapping can be verified"));
    }
    match words.iter().find(|word| word.starts_with('-') && !TAKEN_BACK.contains(&word.as_str())) {
        Some(word) => Err(Error::input(format!("the commit's `{OPTIONS}` has the option `{word}`"))),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn recorded(options: &[&str]) -> Vec<String> {
        let cli = Cli::try_parse_from(["spackplan"].iter().chain(options)).unwrap();
        words(&cli, &Context::default())
    }

    fn trailer(words: &[String]) -> Trailer {
        Trailer::new(OPTIONS, serde_json::to_string(words).unwrap()).unwrap()
    }

    #[test]
    fn every_word_that_is_recorded_is_taken_back_and_means_the_same() {
        let options = "--match-on root --dialect spack-ci --schedule needs --artifacts-root scratch \
                       --forward-variable CI_NODE --allow-unassigned --no-prune-externals --context env.A=1";
        let options: Vec<&str> = options.split_whitespace().collect();
        let words = recorded(&options);
        for option in TAKEN_BACK {
            assert!(words.iter().any(|word| word == option), "{option} of {words:?}");
        }
        let again = super::options(&[trailer(&words)]).unwrap();
        let again: Vec<&str> = again.iter().map(String::as_str).collect();
        assert_eq!(recorded(&again), words);
    }

    #[test]
    fn no_other_option_is_taken_back() {
        for word in ["--output=/etc/passwd", "--push", "-o", "--pruning"] {
            let error = super::options(&[trailer(&[word.to_owned()])]).unwrap_err();
            assert!(error.message.contains(word), "{error}");
        }
        let error = super::options(&[trailer(&recorded(&["--emit", ASKED]))]).unwrap_err();
        assert!(error.message.contains("services"), "{error}");
    }
}

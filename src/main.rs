//! `spackplan`: reads the command line, plans, prints, and says what went wrong.

mod cli;
mod message;

use clap::{CommandFactory, Parser};
use cli::{Cli, ColorChoice};
use message::Messages;
use similar::TextDiff;
use spackplan::concretize::{self, Lockfiles};
use spackplan::emit::{self, Report};
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Environment, host};
use spackplan::error::{Error, Result};
use spackplan::finding::Severity;
use spackplan::pipeline::spack_ci::settings::{BrokenList, Settings};
use spackplan::plan::prune::{Externals, Pruning};
use spackplan::plan::{Options, Unassigned};
use spackplan::publish::file;
use spackplan::release::{Release, Request};
use spackplan::spec::Spec;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const EXIT_FINDINGS: u8 = 3;
const EXIT_DIFFERS: u8 = 4;
/// After this long a difference is printed as found so far, with larger hunks.
const DIFF_DEADLINE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let messages = Messages::new(wants_color(cli.color));
    match run(&cli, &messages) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            messages.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn run(cli: &Cli, messages: &Messages) -> Result<u8> {
    if let Some(shell) = cli.completions {
        clap_complete::generate(shell, &mut Cli::command(), "spackplan", &mut io::stdout());
        return Ok(0);
    }
    if cli.manual {
        let page = clap_mangen::Man::new(Cli::command());
        return on_stdout(|out| page.render(out)).map(|()| 0);
    }
    let report = match cli.report() {
        Some(report) => report,
        None if io::stdout().is_terminal() => Report::Summary,
        None => {
            return Err(Error::usage("standard output is not a terminal")
                .hint("add --emit, or --emit with one of the reports that --help lists"));
        }
    };
    let constraint = cli.spec.as_deref().map(parse_constraint).transpose()?;
    let release = plan(cli)?;
    if report == Report::Pipeline {
        messages.findings(&release.findings, Severity::Warning);
        if release.has_errors() {
            return Ok(EXIT_FINDINGS);
        }
    }
    let write = |out: &mut dyn Write| emit::write(report, &release, constraint.as_ref(), &mut BufWriter::new(out));
    if cli.check {
        return check(cli.output.as_deref().unwrap_or(Path::new(".gitlab-ci.yml")), write);
    }
    match &cli.output {
        Some(path) => {
            file::replace(path, |out| write(out))?;
            if report == Report::Pipeline {
                write_extras(&release)?;
            }
        }
        None => on_stdout(|out| write(out))?,
    }
    Ok(if release.has_errors() { EXIT_FINDINGS } else { 0 })
}

fn plan(cli: &Cli) -> Result<Release> {
    let mut context = host::facts();
    for assignment in &cli.context {
        context.set(assignment)?;
    }
    let environment = environment::load_as(&cli.environment, &context, cli.dialect.map(Into::into))?;
    let lockfiles = Lockfiles::load(&environment, &cli.environment, &cli.lock)?;
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
    let unassigned = if cli.allow_unassigned { Unassigned::LeaveOut } else { Unassigned::Refuse };
    let externals = if cli.no_prune_externals { Externals::Built } else { Externals::Pruned };
    let request = Request {
        options: Options { match_on: cli.match_on.into(), unassigned },
        pruning: Arc::new(Pruning::of_externals(externals)),
        settings: Settings { broken: broken_specs(&environment), ..settings(cli, &context)? },
    };
    Ok(Release::new(environment, concretization, request))
}

/// Reads what GitLab and Spack say of the pipeline in environment variables.
fn settings(cli: &Cli, context: &Context) -> Result<Settings> {
    let here = std::env::current_dir().map_err(|cause| Error::io("find", Path::new("."), &cause))?;
    let path = here.join(&cli.environment);
    let directory = if path.is_dir() { &path } else { path.parent().unwrap_or(&here) };
    let settings = Settings::from_variables(context, &here, directory);
    Ok(Settings { artifacts: cli.artifacts_root.clone(), ..settings }.forwarding(context, &cli.forward_variable))
}

/// Reads the list of specs that are known not to build, if it is a directory.
fn broken_specs(environment: &Environment) -> BrokenList {
    let url = environment.ci.broken_specs.as_ref().map(|list| list.url.as_str());
    let Some(path) = url.map(|url| url.strip_prefix("file://").unwrap_or(url)).filter(|path| !path.contains("://"))
    else {
        return BrokenList::Unread;
    };
    let names = std::fs::read_dir(path).and_then(|entries| {
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<_>>()
    });
    names.map_or_else(|cause| BrokenList::Unreadable(cause.to_string()), BrokenList::Read)
}

/// Writes the files that jobs need beside the pipeline.
fn write_extras(release: &Release) -> Result<()> {
    for extra in release.pipeline.extras() {
        file::replace(&extra.path, |out| out.write_all(&extra.bytes))?;
    }
    Ok(())
}

fn parse_constraint(text: &str) -> Result<Spec> {
    let refused =
        |cause: spackplan::spec::ParseError| Error::usage(format!("--spec: {cause} (column {})", cause.column()));
    Spec::parse(text).map_err(refused)
}

/// Prints how a report differs from a file, and says so by the exit code.
fn check(path: &Path, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> Result<u8> {
    let mut fresh = Vec::new();
    write(&mut fresh).map_err(|cause| Error::io("render for", path, &cause))?;
    let on_disk = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(cause) => return Err(Error::io("read", path, &cause)),
    };
    if on_disk == fresh {
        return Ok(0);
    }
    let (old, new) = (String::from_utf8_lossy(&on_disk), String::from_utf8_lossy(&fresh));
    let mut config = TextDiff::configure();
    let diff = config.timeout(DIFF_DEADLINE).diff_lines(&*old, &*new);
    let name = path.display().to_string();
    on_stdout(|out| {
        for line in diff.unified_diff().header(&name, "as planned").to_string().lines() {
            writeln!(out, "{}", emit::shown(line))?;
        }
        Ok(())
    })?;
    Ok(EXIT_DIFFERS)
}

/// Writes to standard output; a reader that has gone away is no error.
fn on_stdout(write: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", Path::new("standard output"), &cause))
        }
        _ => Ok(()),
    }
}

fn wants_color(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            io::stderr().is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

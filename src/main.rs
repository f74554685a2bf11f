//! `spackplan`: reads the command line, plans, prints, and says what went wrong.

mod cdash;
mod cli;
mod interactive;
mod message;
mod migrate;
mod prune;
mod push;
mod recorded;
mod services;
mod spack;
mod verify;

use clap::{CommandFactory, Parser};
use cli::{Cli, ColorChoice};
use message::Messages;
use mimalloc::MiMalloc;
use spackplan::concretize::{self, Lockfiles};
use spackplan::emit::{self, Report, difference};
use spackplan::environment::condition::Context;
use spackplan::environment::{self, Environment, host};
use spackplan::error::{Error, Result};
use spackplan::finding::Severity;
use spackplan::pipeline::spack_ci::settings::Settings;
use spackplan::plan::{Options, Unassigned};
use spackplan::pruning;
use spackplan::publish::file;
use spackplan::release::{Release, Request};
use spackplan::scratch;
use spackplan::spec::Spec;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The file that is written and compared with unless another is named.
const PIPELINE: &str = ".gitlab-ci.yml";
const EXIT_FINDINGS: u8 = 3;
const EXIT_DIFFERS: u8 = 4;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let messages = Messages::new(wants_color(cli.color));
    match run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            messages.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn run(cli: &Cli) -> Result<u8> {
    if let Some(shell) = cli.completions {
        clap_complete::generate(shell, &mut Cli::command(), "spackplan", &mut io::stdout());
        return Ok(0);
    }
    if cli.manual {
        let page = clap_mangen::Man::new(Cli::command());
        return on_stdout(|out| page.render(out)).map(|()| 0);
    }
    refuse_writing(cli)?;
    if let Some([remote, branch]) = cli.verify.as_deref() {
        return verify::verify(cli, remote, branch);
    }
    if let Some(remote) = &cli.prune_branches {
        return push::prune(cli, remote);
    }
    if let Some(remote) = &cli.push {
        return push::push(cli, remote);
    }
    if cli.migrate.migrate {
        return migrate::run(cli);
    }
    let Some(report) = cli.report() else { return interactive::run(cli) };
    if cli.spack_options.concretize.is_some() {
        scratch::remove_on_signals()?;
    }
    let constraint = constraint(cli)?;
    let planned = plan(cli, cli.environment())?;
    let release = &planned.release;
    if report == Report::Pipeline {
        Messages::findings(&release.findings, Severity::Warning);
        if release.has_errors() {
            return Ok(EXIT_FINDINGS);
        }
    }
    if !release.has_errors() {
        spack::write_locks(cli, cli.environment(), &planned)?;
    }
    if cli.check {
        let path = cli.output.as_deref().unwrap_or(Path::new(PIPELINE));
        return check(path, |out| emit::write(report, release, constraint.as_ref(), &mut BufWriter::new(out)));
    }
    write_report(cli, release, report, constraint.as_ref())?;
    if cli.cdash_credentials.is_some() {
        let destination = push::destination(cli, "")?;
        cdash::Reporting::new(release, &destination)?.report(&destination);
    }
    Ok(if release.has_errors() { EXIT_FINDINGS } else { 0 })
}

fn context(cli: &Cli) -> Result<Context> {
    given(cli, host::facts())
}

/// Adds what the command line says of a host.
fn given(cli: &Cli, mut context: Context) -> Result<Context> {
    for assignment in &cli.context {
        context.set(assignment)?;
    }
    Ok(context)
}

fn options(cli: &Cli) -> Options {
    let unassigned = if cli.allow_unassigned { Unassigned::LeaveOut } else { Unassigned::Refuse };
    Options { match_on: cli.match_on.into(), unassigned }
}

/// Writes to the file that is named, else to standard output.
fn emit(cli: &Cli, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    match &cli.output {
        Some(path) => file::replace(path, |out| write(out)),
        None => on_stdout(|out| write(out)),
    }
}

/// Writes a report to where it was asked for, and beside a pipeline's file those that jobs need.
fn write_report(cli: &Cli, release: &Release, report: Report, constraint: Option<&Spec>) -> Result<()> {
    emit(cli, |out| emit::write(report, release, constraint, &mut BufWriter::new(out)))?;
    if report == Report::Pipeline && cli.output.is_some() { write_extras(release) } else { Ok(()) }
}

/// Refuses, with --read-only, what else would write a file or send a request without a look at it first.
fn refuse_writing(cli: &Cli) -> Result<()> {
    let is_at_once = cli.emit.is_some() && !cli.check || cli.migrate.migrate;
    let given = [(cli.output.is_some(), "--output"), (cli.cdash_credentials.is_some(), "--cdash-credentials")];
    match given.into_iter().find(|(is_given, _)| *is_given && is_at_once && cli.read_only) {
        Some((_, option)) => Err(Error::usage(format!("--read-only writes and sends nothing, and {option} does"))
            .hint("leave one of the two out")),
        None => Ok(()),
    }
}

/// A release with the lockfiles it was planned from.
struct Planned {
    release: Release,
    lockfiles: Lockfiles,
    context: Context,
}

fn plan(cli: &Cli, path: &Path) -> Result<Planned> {
    let context = context(cli)?;
    let environment = environment::load_as(path, &context, cli.dialect.map(Into::into))?;
    plan_environment(cli, environment, path, context)
}

fn plan_environment(cli: &Cli, environment: Environment, path: &Path, context: Context) -> Result<Planned> {
    let lockfiles = spack::lockfiles(cli, &environment, path, Lockfiles::load(&environment, path, &cli.lock)?)?;
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
    let mut request = request(cli, path, &context)?;
    request.settings.broken = pruning::broken_specs(&environment);
    request.pruning = Arc::new(cli.prune.find_out(&environment, &concretization, &context)?);
    let mut release = Release::new(environment, concretization, request.clone());
    if cli.ask_dynamic_mapping {
        release = services::ask(release, request, &context)?;
    }
    Ok(Planned { release, lockfiles, context })
}

/// Returns how the release is to be planned.
fn request(cli: &Cli, path: &Path, context: &Context) -> Result<Request> {
    Ok(Request {
        options: options(cli),
        pruning: Arc::new(cli.prune.known()?),
        question: cli.prune.question(),
        settings: settings(cli, path, context)?,
        schedule: cli.schedule.map(Into::into).unwrap_or_default(),
    })
}

/// Reads what GitLab and Spack say of the pipeline in environment variables.
fn settings(cli: &Cli, path: &Path, context: &Context) -> Result<Settings> {
    let here = std::env::current_dir().map_err(|cause| Error::io("find", Path::new("."), &cause))?;
    let path = here.join(path);
    let directory = if path.is_dir() { &path } else { path.parent().unwrap_or(&here) };
    let settings = Settings::from_variables(context, &here, directory);
    let settings = cli.prune.choice().tell(settings, context);
    Ok(Settings { artifacts: cli.artifacts_root.clone(), ..settings }.forwarding(context, &cli.forward_variable))
}

/// Writes the pipeline to a file, and the files that its jobs need.
fn write_pipeline(release: &Release, path: &Path) -> Result<()> {
    file::replace(path, |out| release.pipeline.write_to(out))?;
    write_extras(release)
}

/// Writes the files that jobs need beside the pipeline.
fn write_extras(release: &Release) -> Result<()> {
    for extra in release.pipeline.extras() {
        file::replace(&extra.path, |out| out.write_all(&extra.bytes))?;
    }
    Ok(())
}

/// Reads which jobs a report is to speak of.
fn constraint(cli: &Cli) -> Result<Option<Spec>> {
    cli.spec.as_deref().map(parse_constraint).transpose()
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
    let name = path.display().to_string();
    print_difference(&on_disk, &fresh, &name, "as planned")?;
    Ok(EXIT_DIFFERS)
}

/// Prints the unified difference of two texts.
fn print_difference(old: &[u8], new: &[u8], old_name: &str, new_name: &str) -> Result<()> {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let lines = difference::unified(&old, &new, old_name, new_name);
    on_stdout(|out| lines.iter().try_for_each(|line| writeln!(out, "{}", emit::shown(line))))
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

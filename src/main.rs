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
use spackplan::environment::{self, host};
use spackplan::error::{Error, Result};
use spackplan::finding::Severity;
use spackplan::pipeline::check_dialect;
use spackplan::plan::{Options, Unassigned};
use spackplan::publish::file;
use spackplan::release::Release;
use spackplan::spec::Spec;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The file that is written and compared with unless another is named.
const PIPELINE: &str = ".gitlab-ci.yml";
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
    let Some(report) = cli.report() else { return interactive(cli) };
    let constraint = cli.spec.as_deref().map(parse_constraint).transpose()?;
    let release = plan(cli)?;
    if report == Report::Pipeline {
        check_dialect(&release.environment)?;
        messages.findings(&release.findings, Severity::Warning);
        if release.has_errors() {
            return Ok(EXIT_FINDINGS);
        }
    }
    let write = |out: &mut dyn Write| emit::write(report, &release, constraint.as_ref(), &mut BufWriter::new(out));
    if cli.check {
        return check(cli.output.as_deref().unwrap_or(Path::new(PIPELINE)), write);
    }
    match &cli.output {
        Some(path) => file::replace(path, |out| write(out))?,
        None => on_stdout(|out| write(out))?,
    }
    Ok(if release.has_errors() { EXIT_FINDINGS } else { 0 })
}

/// Opens the terminal UI, where there is a terminal.
#[cfg(feature = "tui")]
fn interactive(cli: &Cli) -> Result<u8> {
    use spackplan::tui::{self, Access, Color, Glyphs, Leaving, Mouse, Session, Settings};
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(no_terminal());
    }
    let session = Session {
        manifest: environment::manifest(&cli.environment),
        output: cli.output.clone().unwrap_or_else(|| Path::new(PIPELINE).to_owned()),
        context: context(cli)?,
        dialect: cli.dialect.map(Into::into),
        options: options(cli),
        locks: cli.lock.clone(),
        access: if cli.read_only { Access::ReadOnly } else { Access::ReadWrite },
    };
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings {
        theme: cli.theme.clone(),
        color: if wants_color(cli.color) { Color::On } else { Color::Off },
        glyphs: if cli.ascii { Glyphs::ASCII } else { Glyphs::for_locale(variable) },
        mouse: if cli.mouse { Mouse::Captured } else { Mouse::Free },
    };
    Ok(match tui::run(session, &settings)? {
        Leaving::Quit => 0,
        Leaving::Signal(signal) => 128 + u8::try_from(signal).unwrap_or(0),
    })
}

#[cfg(not(feature = "tui"))]
fn interactive(_: &Cli) -> Result<u8> {
    Err(no_terminal())
}

fn no_terminal() -> Error {
    Error::usage("the terminal UI needs a terminal")
        .hint("add --emit, or --emit with one of the reports that --help lists")
}

fn context(cli: &Cli) -> Result<Context> {
    let mut context = host::facts();
    for assignment in &cli.context {
        context.set(assignment)?;
    }
    Ok(context)
}

fn options(cli: &Cli) -> Options {
    let unassigned = if cli.allow_unassigned { Unassigned::LeaveOut } else { Unassigned::Refuse };
    Options { match_on: cli.match_on.into(), unassigned }
}

fn plan(cli: &Cli) -> Result<Release> {
    let context = context(cli)?;
    let mut environment = environment::load(&cli.environment, &context)?;
    if let Some(dialect) = cli.dialect {
        environment.dialect = dialect.into();
    }
    let lockfiles = Lockfiles::load(&environment, &cli.environment, &cli.lock)?;
    let concretization = concretize::concretize(&environment, &lockfiles, &context.architecture())?;
    Ok(Release::new(environment, concretization, options(cli)))
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

//! Opens the terminal UI with what the command line says.

use crate::cli::Cli;
use spackplan::error::{Error, Result};

/// Opens the terminal UI, where there is a terminal.
#[cfg(feature = "tui")]
pub(crate) fn run(cli: &Cli) -> Result<u8> {
    use super::{PIPELINE, context, push, recorded, request, wants_color};
    use spackplan::delivery::Destination;
    use spackplan::environment;
    use spackplan::pruning::Patience;
    use spackplan::scratch;
    use spackplan::tui::{self, Access, Color, Glyphs, Leaving, Mouse, Session, Settings};
    use std::io::{self, IsTerminal as _};
    use std::path::Path;
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(no_terminal());
    }
    let context = context(cli)?;
    let destination = Destination { options: recorded::words(cli, &context), ..push::destination(cli, "")? };
    let session = Session {
        manifest: environment::manifest(cli.environment()),
        output: cli.output.clone().unwrap_or_else(|| Path::new(PIPELINE).to_owned()),
        request: request(cli, cli.environment(), &context)?,
        context,
        dialect: cli.dialect.map(Into::into),
        locks: cli.lock.clone(),
        access: if cli.read_only { Access::ReadOnly } else { Access::ReadWrite },
        destination,
        spack: cli.spack_options.settings()?,
        services: cli.ask_dynamic_mapping.then(Patience::default),
    };
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings {
        theme: cli.theme.clone(),
        color: if wants_color(cli.color) { Color::On } else { Color::Off },
        glyphs: if cli.ascii { Glyphs::ASCII } else { Glyphs::for_locale(variable) },
        mouse: if cli.mouse { Mouse::Captured } else { Mouse::Free },
    };
    let left = tui::run(session, &settings);
    // A thread that was left to itself may still be at work in one.
    scratch::remove_all();
    Ok(match left? {
        Leaving::Quit => 0,
        Leaving::Signal(signal) => 128 + u8::try_from(signal).unwrap_or(0),
    })
}

#[cfg(not(feature = "tui"))]
pub(crate) fn run(_: &Cli) -> Result<u8> {
    Err(no_terminal())
}

fn no_terminal() -> Error {
    Error::usage("the terminal UI needs a terminal")
        .hint("add --emit, or --emit with one of the reports that --help lists")
}

//! Runs the program on a terminal of its own and looks at its screen; waits for what is to appear, never for time.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A program on a terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts `spackplan` in a directory, with nothing of the user's environment; state and configuration are kept
    /// below `home`.
    pub fn start(directory: &Path, home: &Path, arguments: &[&str]) -> Self {
        let (rows, cols) = (NonZero::new(40).unwrap(), NonZero::new(120).unwrap());
        let pty = native_pty_system()
            .openpty(PtySize { rows: rows.get(), cols: cols.get(), pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_spackplan"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", home);
        command.env("XDG_STATE_HOME", home.join("state"));
        command.env("XDG_CONFIG_HOME", home.join("config"));
        command.cwd(directory);
        command.args(arguments);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keyboard = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keyboard, output, parser: vt100::Parser::new(rows, cols, 0), _master: pty.master }
    }

    /// Presses keys, as bytes.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Waits until a text is on screen.
    pub fn wait_for(&mut self, text: &str) -> &mut Self {
        self.wait_until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until a text has gone from the screen.
    pub fn wait_while(&mut self, text: &str) -> &mut Self {
        self.wait_until(text, |screen| !screen.contents().contains(text))
    }

    /// Waits until something is so; `what` names it where it never is.
    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let end = Instant::now() + DEADLINE;
        while !is_so(self.parser.screen()) {
            assert!(Instant::now() < end, "waited in vain: {what}\n{}", self.parser.screen().contents());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.parser.process(&bytes);
            }
        }
        self
    }

    /// Ends the program as no program can prevent.
    pub fn kill(mut self) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-9", &id]).status().unwrap().success());
        self.child.wait().unwrap();
    }

    /// Waits for the program to end and returns its exit code and the screen it leaves.
    pub fn end(mut self) -> (u32, vt100::Screen) {
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(500)) {
            self.parser.process(&bytes);
        }
        (status.exit_code(), self.parser.screen().clone())
    }
}

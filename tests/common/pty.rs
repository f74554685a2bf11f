//! Runs the program on a terminal of its own and waits for texts on its screen.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail like tests")]

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// The size of the terminal.
const ROWS: NonZero<u16> = NonZero::new(40).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(120).unwrap();
/// How long a text is waited for before the test fails.
const DEADLINE: Duration = Duration::from_mins(1);

/// What the terminal has got so far.
struct Received {
    parser: vt100::Parser,
    ended: bool,
}

/// The program on a terminal of its own.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    received: Arc<(Mutex<Received>, Condvar)>,
    /// How the terminal was set before the program ran.
    settings: String,
}

impl Pty {
    /// Starts the program with arguments in the project's directory; its home is a directory of the test's own.
    pub fn start(arguments: &[&str], home: &Path) -> Self {
        Self::start_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, home)
    }

    /// Starts the program with arguments in a directory; its home is a directory of the test's own.
    pub fn start_in(directory: &Path, arguments: &[&str], home: &Path) -> Self {
        Self::start_with(directory, arguments, home, &[])
    }

    /// Starts the program with further variables.
    pub fn start_with(directory: &Path, arguments: &[&str], home: &Path, variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let settings = settings(&*pair.master);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_spackplan"));
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("XDG_STATE_HOME", home.join("state"));
        command.env("XDG_CONFIG_HOME", home.join(".config"));
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(directory);
        command.args(arguments);
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let received = Received { parser: vt100::Parser::new(ROWS, COLUMNS, 0), ended: false };
        let received = Arc::new((Mutex::new(received), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let shared = Arc::clone(&received);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let count = reader.read(&mut bytes).unwrap_or(0);
                let mut received = shared.0.lock().unwrap();
                received.parser.process(&bytes[..count]);
                received.ended = count == 0;
                shared.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Self { master: pair.master, writer, child, received, settings }
    }

    /// Presses keys, as the bytes that a terminal sends for them.
    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// Waits until a text is on screen and returns the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |received| {
            let contents = received.parser.screen().contents();
            contents.contains(text).then_some(contents)
        })
    }

    /// Waits until a text has gone from the screen.
    pub fn wait_until_gone(&self, text: &str) {
        self.wait(text, |received| (!received.parser.screen().contents().contains(text)).then_some(()));
    }

    fn wait<T>(&self, what: &str, mut found: impl FnMut(&Received) -> Option<T>) -> T {
        let (lock, changed) = &*self.received;
        let end = Instant::now() + DEADLINE;
        let mut received = lock.lock().unwrap();
        loop {
            if let Some(value) = found(&received) {
                return value;
            }
            let left = end.saturating_duration_since(Instant::now());
            let contents = received.parser.screen().contents();
            assert!(!left.is_zero() && !received.ended, "waited in vain for `{what}`; on screen is:\n{contents}");
            received = changed.wait_timeout(received, left).unwrap().0;
        }
    }

    /// Waits until something outside the terminal is so; `what` names it where it never is.
    pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so() {
            assert!(Instant::now() < end, "waited in vain for {what}");
            std::thread::yield_now();
        }
    }

    /// Ends the program as no program can prevent.
    pub fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().expect("a status");
    }

    /// Sends a signal, named as `kill` names it.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("a running program");
        let status = std::process::Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
        assert!(status.expect("kill").success());
    }

    /// Waits until the program has ended and returns how, with all that is on screen then.
    pub fn end(mut self) -> (ExitStatus, String) {
        let (sender, ended) = channel();
        let mut child = self.child;
        std::thread::spawn(move || sender.send(child.wait()));
        let status = ended.recv_timeout(DEADLINE).expect("the program ends").expect("a status");
        // What is written to a closed terminal last is still to be read.
        let _ = self.writer.flush();
        assert_eq!(settings(&*self.master), self.settings, "the terminal is set as before");
        drop(self.writer);
        drop(self.master);
        let (lock, changed) = &*self.received;
        let (received, _) =
            changed.wait_timeout_while(lock.lock().unwrap(), DEADLINE, |received| !received.ended).unwrap();
        let screen = received.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "pasted text is no longer marked");
        (status, screen.contents())
    }
}

/// Returns how the terminal is set, as text to compare.
fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("settings of a terminal"))
}

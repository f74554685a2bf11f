//! Times of the terminal UI on generated environments of 1k, 10k and 100k jobs: from files to the first frame, a frame
//! of each screen, and from a key that edits or moves to the frame that shows it.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "../common/lockfile.rs"]
mod lockfile;
#[path = "../common/tui.rs"]
mod tui;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use spackplan::tui::key::Key;
use spackplan::tui::message::Message;
use spackplan::tui::model::Screen;
use spackplan::tui::{update, view};
use std::hint::black_box;
use tui::{Driver, SIZE};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn driver(jobs: usize) -> Driver {
    let lock = lockfile::generate(jobs, 1);
    Driver::with_lock(&lockfile::environment_of(&lock), Some(&lock))
}

/// Draws onto a terminal that only sends what has changed, as the program does.
struct Drawn {
    ui: Driver,
    terminal: Terminal<TestBackend>,
}

impl Drawn {
    fn new(ui: Driver) -> Self {
        Self { ui, terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("terminal") }
    }

    fn draw(&mut self) {
        let Driver { model, keymap, theme, .. } = &self.ui;
        self.terminal.draw(|frame| view::draw(model, keymap, theme, frame)).expect("frame");
    }

    /// Presses a key and draws; what the worker would do is left out, as the screen does not wait for it.
    fn press(&mut self, key: &str) {
        let message = Message::Key(Key::parse(key).expect("key"));
        black_box(update::update(&mut self.ui.model, &self.ui.keymap, message));
        self.draw();
    }
}

fn first_frame(c: &mut Criterion) {
    let mut group = c.benchmark_group("tui/first-frame");
    group.sample_size(10);
    for jobs in SIZES {
        let ui = driver(jobs);
        let session = (*ui.model.session).clone();
        group.bench_function(BenchmarkId::from_parameter(jobs), |b| {
            b.iter(|| {
                let session = std::sync::Arc::new(session.clone());
                let loaded = spackplan::tui::worker::reload(&session).expect("environment");
                let document = spackplan::tui::model::document::Document::of(&session, loaded);
                let mut model = spackplan::tui::model::Model::new(session, document, ui.model.area);
                black_box(update::start(&mut model));
                let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("terminal");
                terminal.draw(|frame| view::draw(&model, &ui.keymap, &ui.theme, frame)).expect("frame");
            });
        });
    }
    group.finish();
}

fn frame(c: &mut Criterion) {
    let mut group = c.benchmark_group("tui/frame");
    for jobs in SIZES {
        let mut drawn = Drawn::new(driver(jobs));
        for (number, screen) in (1..).zip(Screen::ALL) {
            drawn.press(&number.to_string());
            group.bench_function(BenchmarkId::new(screen.title(), jobs), |b| b.iter(|| drawn.draw()));
        }
    }
    group.finish();
}

fn key_to_frame(c: &mut Criterion) {
    let mut group = c.benchmark_group("tui/key-to-frame");
    group.sample_size(20);
    for jobs in SIZES {
        let mut drawn = Drawn::new(driver(jobs));
        drawn.press("2");
        group.bench_function(BenchmarkId::new("next job", jobs), |b| {
            b.iter(|| {
                drawn.press("j");
                drawn.press("k");
            });
        });
        drawn.press("3");
        group.bench_function(BenchmarkId::new("move a mapping down and up", jobs), |b| {
            b.iter(|| {
                drawn.press("J");
                drawn.press("K");
                // The history would grow with the number of iterations.
                drawn.press("u");
                drawn.press("u");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, first_frame, frame, key_to_frame);
criterion_main!(benches);

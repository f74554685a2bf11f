//! The README shows what the program prints: every `$ spackplan …` in a `console` block is run and compared.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "tests may end where they stand")]

#[cfg(feature = "tui")]
#[path = "common/tui.rs"]
mod tui;

use assert_cmd::Command;

/// Returns the commands of the README with what they are said to print.
fn examples(readme: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line.trim_end() {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => {
                if let Some(command) = line.strip_prefix("$ ") {
                    examples.push((command.to_owned(), String::new()));
                } else {
                    let (_, output) = examples.last_mut().expect("a console block starts with a command");
                    output.push_str(line);
                    output.push('\n');
                }
            }
            _ => {}
        }
    }
    examples
}

/// Splits a command at blanks that are not in single quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let mut words = vec![String::new()];
    for (index, part) in parts {
        if index % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        for (at, piece) in part.split(' ').enumerate() {
            if at > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(piece);
        }
    }
    words
}

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let readme = include_str!("../README.md");
    let mut compared = 0;
    for (command, expected) in examples(readme) {
        let Some(arguments) = command.strip_prefix("spackplan ") else { continue };
        let arguments = words(arguments);
        let mut run = Command::cargo_bin("spackplan").unwrap();
        let output = run.current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1").args(arguments).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        match expected.split_once("…\n") {
            Some((head, tail)) => {
                assert!(printed.starts_with(head), "`{command}` printed:\n{printed}");
                assert!(printed.ends_with(tail), "`{command}` printed:\n{printed}");
            }
            None => assert_eq!(printed, expected, "`{command}`"),
        }
        compared += 1;
    }
    assert!(compared >= 3, "only {compared} commands found");
}

#[test]
fn every_report_and_option_is_described() {
    let readme = include_str!("../README.md");
    let help = Command::cargo_bin("spackplan").unwrap().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let options = help
        .split_whitespace()
        .filter(|word| word.starts_with("--"))
        .filter_map(|word| word.split([',', '`', ']', '[']).next());
    for option in options {
        assert!(readme.contains(option), "README does not mention {option}");
    }
}

/// Holds what the README shows of the terminal UI to what the program draws; with `UPDATE_README` set, writes it.
#[cfg(feature = "tui")]
mod screens {
    use super::tui::{Driver, session};
    use spackplan::tui::command::{Command, SCOPES};
    use std::fmt::Write as _;

    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

    /// Returns the README with the part between two marks replaced.
    fn with(readme: &str, name: &str, part: &str) -> String {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let from = readme.find(&begin).expect("a mark") + begin.len();
        let to = readme.find(&end).expect("a mark");
        format!("{}{part}{}", &readme[..from], &readme[to..])
    }

    fn check(name: &str, part: &str) {
        let readme = std::fs::read_to_string(PATH).unwrap();
        let fresh = with(&readme, name, part);
        if std::env::var_os("UPDATE_README").is_some() {
            std::fs::write(PATH, fresh).unwrap();
        } else {
            assert!(readme == fresh, "{name} differ; UPDATE_README=1 cargo test --test readme -- --test-threads 1");
        }
    }

    fn screen(ui: &Driver) -> String {
        let lines: Vec<String> = ui.screen().lines().map(|line| line.trim_end().to_owned()).collect();
        format!("```text\n{}\n```\n", lines.join("\n").trim_end())
    }

    #[test]
    fn the_screens_are_those_that_are_drawn() {
        let mut ui = Driver::open(session("assets/examples/bootstrap/spack.yaml".into(), ".gitlab-ci.yml".into()))
            .sized(100, 26);
        let mut part = String::from("\nThe runners, with the second mapping moved up:\n\n");
        ui.keys("3 j K");
        part.push_str(&screen(&ui));
        part.push_str("\nThe matrix, each cell with the letter of its runner:\n\n");
        ui.keys("u 1");
        part.push_str(&screen(&ui));
        part.push_str("\nWhat would be written, before it is:\n\n");
        ui.keys("3 j K w");
        part.push_str(&screen(&ui));
        part.push('\n');
        check("screens", &part);
    }

    #[test]
    fn the_key_table_is_that_of_the_keymap() {
        let ui = Driver::example("readline");
        let mut part = String::from("\n| where | keys | what they do |\n| --- | --- | --- |\n");
        for command in Command::ALL {
            let mut keys: Vec<(&str, String)> = Vec::new();
            for (scope, key) in ui.keymap.all_keys(*command) {
                let name = SCOPES.iter().find(|(_, known)| *known == scope).map_or("", |(name, _)| *name);
                match keys.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, list)) => {
                        let _ = write!(list, " `{key}`");
                    }
                    None => keys.push((name, format!("`{key}`"))),
                }
            }
            for (scope, keys) in keys {
                let keys = keys.replace("```", "`` ` ``").replace('|', "\\|");
                let _ = writeln!(part, "| {scope} | {keys} | {} |", command.doc());
            }
        }
        part.push('\n');
        check("keys", &part);
    }
}

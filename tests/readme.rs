//! The README shows what the program prints: every `$ spackplan …` in a `console` block is run and compared.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "tests may end where they stand")]

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

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let readme = include_str!("../README.md");
    let mut compared = 0;
    for (command, expected) in examples(readme) {
        let Some(arguments) = command.strip_prefix("spackplan ") else { continue };
        let arguments: Vec<String> = arguments.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect();
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
    let options =
        help.split_whitespace().filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches([',', '`']));
    for option in options {
        assert!(readme.contains(option), "README does not mention {option}");
    }
}

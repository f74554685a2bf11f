//! Paths of included files: Spack's variables, those of the process, and where relative ones start.

use crate::environment::condition::Context;
use crate::source::Source;
use crate::spec::target::Microarchitecture;
use std::path::{Component, Path, PathBuf};

/// Returns the directory that relative paths in a text start from.
pub(in crate::environment) fn directory_of(source: &Source) -> PathBuf {
    Path::new(source.name()).parent().unwrap_or(Path::new("")).to_owned()
}

/// Returns a path without `.` and, where that is possible without looking at links, without `..`.
pub(in crate::environment) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if out.has_root() => {}
            other => out.push(other),
        }
    }
    out
}

/// Returns how a path is seen from a directory; both are normal, and either both absolute or neither.
pub(super) fn seen_from(path: &Path, directory: &Path) -> PathBuf {
    let shared = path.iter().zip(directory.iter()).take_while(|(a, b)| a == b).count();
    let up = directory.iter().skip(shared).map(|_| Path::new(".."));
    up.chain(path.iter().skip(shared).map(Path::new)).collect()
}

/// Returns how many directories a relative path climbs before it goes down.
pub(super) fn climb(path: &Path) -> usize {
    path.components().take_while(|component| *component == Component::ParentDir).count()
}

/// Returns the name of a variable that a path still has in it.
pub(super) fn unresolved(path: &Path) -> Option<String> {
    let text = path.to_string_lossy().into_owned();
    next_variable(&text).map(|(_, name)| name.to_owned())
}

/// Finds `$NAME` or `${NAME}`: where it starts, and the name.
fn next_variable(text: &str) -> Option<(usize, &str)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let (rest, braced) = rest.strip_prefix('{').map_or((rest, false), |rest| (rest, true));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        (!name.is_empty() && (!braced || rest[end..].starts_with('}'))).then_some((at, name))
    })
}

/// What the variables in paths stand for.
pub(in crate::environment) struct Variables<'a> {
    context: &'a Context,
    environment: String,
}

impl<'a> Variables<'a> {
    pub(in crate::environment) fn new(manifest: &Source, context: &'a Context) -> Self {
        let directory = directory_of(manifest).display().to_string();
        Self { context, environment: if directory.is_empty() { ".".to_owned() } else { directory } }
    }

    /// Returns what is left of a path that begins at the environment's directory, `$env`, as seen from there.
    pub(in crate::environment) fn below_environment(&self, written: &str) -> Option<String> {
        let (0, name) = next_variable(written)? else { return None };
        let braces = if written.starts_with("${") { 2 } else { 0 };
        let rest = &written[1 + braces + name.len()..];
        let begins = name.eq_ignore_ascii_case("env") && (rest.is_empty() || rest.starts_with('/'));
        begins.then(|| self.expand(rest.trim_start_matches('/')))
    }

    /// Returns the environment's directory.
    pub(in crate::environment) fn home(&self) -> &Path {
        Path::new(&self.environment)
    }

    /// Replaces what is known and leaves the rest as it is written.
    pub(in crate::environment) fn expand(&self, written: &str) -> String {
        let mut out = String::with_capacity(written.len());
        let mut rest = written;
        while let Some((at, name)) = next_variable(rest) {
            let braces = if rest[at + 1..].starts_with('{') { 2 } else { 0 };
            let end = at + 1 + braces + name.len();
            out.push_str(&rest[..at]);
            match self.value(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&rest[at..end]),
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
        match out.strip_prefix("~/").and_then(|below| Some((below, self.context.variable("HOME")?))) {
            Some((below, home)) => format!("{home}/{below}"),
            None => out,
        }
    }

    /// Returns the value of a variable of Spack (in any case, as there), else of the process.
    fn value(&self, name: &str) -> Option<String> {
        let architecture = self.context.architecture();
        match name.to_ascii_lowercase().as_str() {
            "env" => return Some(self.environment.clone()),
            "spack" => return self.context.variable("SPACK_ROOT").map(str::to_owned),
            "platform" => return Some(architecture.platform.to_string()),
            "os" | "operating_system" => return Some(architecture.os.to_string()),
            "target" => return Some(architecture.target.to_string()),
            "target_family" => return Some(Microarchitecture::new(&architecture.target).family().to_owned()),
            "arch" | "architecture" => {
                return Some(format!("{}-{}-{}", architecture.platform, architecture.os, architecture.target));
            }
            "user" => return self.context.variable("USER").map(str::to_owned),
            "tempdir" => return Some(self.context.variable("TMPDIR").unwrap_or("/tmp").to_owned()),
            _ => {}
        }
        self.context.variable(name).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> String {
        let mut context = Context::default();
        for fact in ["platform=linux", "os=debian12", "target=zen2", "env.SITE=lab", "env.HOME=/home/me"] {
            context.set(fact).unwrap();
        }
        Variables::new(&Source::new("/e/spack.yaml", ""), &context).expand(text)
    }

    #[test]
    fn known_variables_are_replaced_and_others_are_left() {
        assert_eq!(expand("$env/${SITE}/$platform.yaml"), "/e/lab/linux.yaml");
        assert_eq!(expand("~/x/$ARCH"), "/home/me/x/linux-debian12-zen2");
        assert_eq!(expand("$spack/$nope/${nope}/$"), "$spack/$nope/${nope}/$");
        assert_eq!(unresolved(Path::new("/a/${nope}/b")), Some("nope".to_owned()));
    }

    #[test]
    fn a_path_below_the_environment_is_seen_from_there() {
        let context = Context::default();
        let source = Source::new("e/spack.yaml", "");
        let variables = Variables::new(&source, &context);
        for (written, expected) in [
            ("$env/a", Some("a")),
            ("${ENV}/../b", Some("../b")),
            ("$env", Some("")),
            ("$envy/a", None),
            ("a/$env", None),
        ] {
            assert_eq!(variables.below_environment(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn a_path_is_seen_from_another_directory() {
        for (path, directory, expected) in
            [("e/a", "e", "a"), ("a", "e", "../a"), ("/r/c/a", "/r/x/e", "../../c/a"), ("../a", "", "../a")]
        {
            assert_eq!(seen_from(Path::new(path), Path::new(directory)), Path::new(expected));
        }
        assert_eq!(climb(Path::new("../../a/b")), 2);
    }

    #[test]
    fn a_normal_path_has_no_dots_that_can_be_done_without() {
        for (path, expected) in [("a/./b/../c", "a/c"), ("../../x", "../../x"), ("/a/../../b", "/b"), ("a/b/", "a/b")] {
            assert_eq!(normal(Path::new(path)), Path::new(expected));
        }
    }
}

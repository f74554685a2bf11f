//! The facts of a host that conditions see.

use crate::error::{Error, Result};
use crate::spec::concrete::Architecture;
use std::collections::BTreeMap;

/// What a host is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    facts: BTreeMap<Fact, String>,
    variables: BTreeMap<String, String>,
}

/// A fact that has a name in conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    Platform,
    Os,
    Target,
    Hostname,
}

impl Fact {
    const ALL: [Self; 4] = [Self::Platform, Self::Os, Self::Target, Self::Hostname];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Os => "os",
            Self::Target => "target",
            Self::Hostname => "hostname",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }
}

impl Context {
    /// Sets a fact from `os=centos7`, `platform=…`, `target=…`, `hostname=…`, or a variable from `env.NAME=…`.
    ///
    /// # Errors
    /// Returns a usage error if there is no `=` or no such fact.
    pub fn set(&mut self, assignment: &str) -> Result<()> {
        let Some((name, value)) = assignment.split_once('=') else {
            return Err(unknown(format!("`{assignment}` sets nothing: it has no `=`")));
        };
        if let Some(variable) = name.strip_prefix("env.").filter(|variable| !variable.is_empty()) {
            self.variables.insert(variable.to_owned(), value.to_owned());
        } else if let Some(fact) = Fact::from_name(name) {
            self.facts.insert(fact, value.to_owned());
        } else {
            return Err(unknown(format!("`{name}` is no fact of a host")));
        }
        Ok(())
    }

    /// Returns the architecture; what is not known is called `unknown`.
    pub fn architecture(&self) -> Architecture {
        let known = |fact| self.fact(fact).unwrap_or("unknown").into();
        Architecture { platform: known(Fact::Platform), os: known(Fact::Os), target: known(Fact::Target) }
    }

    /// Returns the facts that are known, without variables, as [`set`](Self::set) takes them.
    pub fn facts(&self) -> impl Iterator<Item = String> {
        self.facts.iter().map(|(fact, value)| format!("{}={value}", fact.name()))
    }

    pub(super) fn fact(&self, fact: Fact) -> Option<&str> {
        self.facts.get(&fact).map(String::as_str)
    }

    /// Returns the value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

fn unknown(message: String) -> Error {
    Error::usage(message).hint("the facts are platform=, os=, target=, hostname= and env.NAME=, as in `os=centos7`")
}

#[cfg(test)]
mod tests {
    use super::Context;

    #[test]
    fn a_later_assignment_replaces_an_earlier_one() {
        let mut context = Context::default();
        context.set("os=centos7").unwrap();
        context.set("os=debian12").unwrap();
        assert_eq!(&*context.architecture().os, "debian12");
        assert_eq!(&*context.architecture().target, "unknown");
    }

    #[test]
    fn an_assignment_of_something_else_is_a_usage_error() {
        for text in ["os", "ox=centos7", "env.=1", "=1", ""] {
            assert_eq!(Context::default().set(text).unwrap_err().kind, crate::error::ErrorKind::Usage, "{text}");
        }
    }
}

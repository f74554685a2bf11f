//! The facts of a host that conditions see.

use crate::error::{Error, Result};
use crate::spec::concrete::Architecture;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a host is, as far as it is known.
///
/// It remembers which variables were asked for, since what was made of it depends on those and on no others; copies
/// remember together.
#[derive(Clone, Debug, Default)]
pub struct Context {
    facts: BTreeMap<Fact, String>,
    variables: BTreeMap<String, String>,
    asked: Arc<Mutex<BTreeSet<String>>>,
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
        let value = self.variables.get(name)?;
        self.asked().insert(name.to_owned());
        Some(value)
    }

    /// Returns the variables that were asked for and are set, in order of their names.
    pub fn asked_variables(&self) -> Vec<(String, String)> {
        let value = |name: &String| Some((name.clone(), self.variables.get(name)?.clone()));
        self.asked().iter().filter_map(value).collect()
    }

    fn asked(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn what_was_asked_for_is_remembered_by_all_copies() {
        let mut context = Context::default();
        for variable in ["env.A=1", "env.B=2"] {
            context.set(variable).unwrap();
        }
        let copy = context.clone();
        assert_eq!((copy.variable("B"), copy.variable("C")), (Some("2"), None));
        assert_eq!(context.asked_variables(), [("B".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn an_assignment_of_something_else_is_a_usage_error() {
        for text in ["os", "ox=centos7", "env.=1", "=1", ""] {
            assert_eq!(Context::default().set(text).unwrap_err().kind, crate::error::ErrorKind::Usage, "{text}");
        }
    }
}

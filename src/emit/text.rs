//! Words of reports.

use crate::plan::prune::Reason;

/// Returns a number with its noun, e.g. `1 job`, `3 jobs`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Says why a spec gets no job, as part of a sentence.
pub fn no_job(reason: &Reason) -> String {
    match reason {
        Reason::External => "it is an external, there already, and not built".to_owned(),
        Reason::UpToDate(mirrors) => format!("it is up to date at {}", mirrors.join(", ")),
        Reason::Untouched => "no changed package bears on it".to_owned(),
        Reason::Missing | Reason::ChangedPackage | Reason::DependencyOfChanged | Reason::DependentOfChanged => {
            "it is left out".to_owned()
        }
    }
}

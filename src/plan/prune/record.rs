//! The reasons as a file, so that a plan can be made again from what mirrors and history said then.

use super::{Externals, Pruning, Reason};
use crate::error::{Error, Result};
use crate::source::Source;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the file's layout.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    /// The reasons by hash.
    specs: BTreeMap<Arc<str>, Vec<Reason>>,
}

impl Pruning {
    /// Writes the reasons as JSON, a spec a line, sorted.
    pub fn to_json(&self) -> String {
        let entries: BTreeMap<&Arc<str>, &Vec<Reason>> = self.by_hash.iter().collect();
        let lines = entries.iter().map(|(hash, reasons)| {
            let text = |value: serde_json::Result<String>| value.unwrap_or_default();
            format!("    {}: {}", text(serde_json::to_string(hash)), text(serde_json::to_string(reasons)))
        });
        let lines: Vec<String> = lines.collect();
        format!("{{\n  \"version\": {VERSION},\n  \"specs\": {{\n{}\n  }}\n}}\n", lines.join(",\n"))
    }

    /// Reads reasons that were written; whether externals get jobs is not among them.
    ///
    /// # Errors
    /// Returns an error with its place if the text is something else.
    pub fn from_json(source: &Arc<Source>, externals: Externals) -> Result<Self> {
        let wrong = |message: String| {
            Error::input(format!("{}: {message}", source.name()))
                .hint("--prune --push records such a file as `pruning.json`")
        };
        let record: Record = serde_json::from_str(source.text()).map_err(|cause| wrong(cause.to_string()))?;
        if record.version != VERSION {
            return Err(wrong(format!("version {} is not known", record.version)));
        }
        Ok(Self { externals, findings: Vec::new(), by_hash: record.specs.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruning() -> Pruning {
        let mut pruning = Pruning::of_externals(Externals::Built);
        pruning.add(&"b".into(), Reason::DependentOfChanged);
        pruning.add(&"b".into(), Reason::Missing);
        pruning.add(&"a".into(), Reason::UpToDate(vec!["https://m@v3".to_owned()]));
        pruning
    }

    #[test]
    fn what_is_written_is_read() {
        let text = pruning().to_json();
        assert_eq!(Pruning::from_json(&Source::new("p", text), Externals::Built).unwrap(), pruning());
        let nothing = Pruning::default();
        assert_eq!(Pruning::from_json(&Source::new("p", nothing.to_json()), Externals::Pruned).unwrap(), nothing);
    }

    #[test]
    fn the_text_has_a_spec_a_line() {
        let expected = r#"{
  "version": 1,
  "specs": {
    "a": [{"up-to-date":["https://m@v3"]}],
    "b": ["dependent-of-changed","missing"]
  }
}
"#;
        assert_eq!(pruning().to_json(), expected);
    }

    #[test]
    fn another_text_is_refused_with_its_place() {
        for text in ["", "{", "[]", r#"{"version": 2, "specs": {}}"#, r#"{"version": 1, "specs": {"a": ["x"]}}"#] {
            let error = Pruning::from_json(&Source::new("p.json", text), Externals::Pruned).unwrap_err();
            assert!(error.message.starts_with("p.json: "), "{error}");
        }
    }
}

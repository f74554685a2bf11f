//! `dynamic-mapping`: the question that a service is asked for a job, and what is taken of its answer.

use super::attributes::DynamicMapping;
use super::job_attributes;
use crate::redact::redact;
use crate::source::Source;
use crate::yaml::{self, Node};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters that stay as they are in a question.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The attributes that a service gives, by the hash of the spec that a job builds.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The distinct answers, each a map of attributes.
    pub attributes: Vec<Node>,
    /// The answer for each spec that was asked about, if there is one.
    by_hash: BTreeMap<Arc<str>, Option<usize>>,
    by_text: BTreeMap<String, usize>,
}

impl Answers {
    /// Takes the answer for a spec; the same text for several specs is one answer.
    pub fn add(&mut self, hash: &Arc<str>, accepted: Accepted) {
        let Accepted { text, attributes, .. } = accepted;
        let index = *self.by_text.entry(text).or_insert(self.attributes.len());
        if index == self.attributes.len() {
            self.attributes.push(attributes);
        }
        self.by_hash.insert(Arc::clone(hash), Some(index));
    }

    /// Notes that there is no answer for a spec.
    pub fn add_none(&mut self, hash: &Arc<str>) {
        self.by_hash.entry(Arc::clone(hash)).or_default();
    }

    /// Tells whether the service was asked about a spec.
    pub fn is_about(&self, hash: &str) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// Returns the answer for a spec, as an index into the distinct ones.
    pub fn of(&self, hash: &str) -> Option<usize> {
        self.by_hash.get(hash).copied().flatten()
    }

    /// Returns how many specs there is an answer for.
    pub fn len(&self) -> usize {
        self.by_hash.values().flatten().count()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is taken of an answer.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The attributes, a map.
    pub attributes: Node,
    /// Attributes that it was to have and has not.
    pub missing: Vec<String>,
    text: String,
}

impl DynamicMapping {
    /// Tells whether another section asks the same service the same, and takes the same of its answers.
    pub fn asks_like(&self, other: &Self) -> bool {
        fn question(section: &DynamicMapping) -> impl PartialEq {
            let DynamicMapping { name, endpoint, header, timeout, allow, require, ignore, answers: _, place: _ } =
                section;
            (name, endpoint, header, timeout, allow, require, ignore)
        }
        question(self) == question(other)
    }

    /// Returns the address of the service as it may be shown.
    pub fn address(&self) -> String {
        redact(&self.endpoint)
    }

    /// Returns the URL that asks for the attributes of a job that builds `spec` (`NAME@VERSION VARIANTS arch=… %…`).
    pub fn question(&self, spec: &str) -> String {
        let base = self.endpoint.split(['?', '#']).next().unwrap_or_default();
        format!("{base}?spec={}", utf8_percent_encode(spec, PLAIN))
    }

    /// Takes of an answer what the section allows: not what it ignores, and where it names some, only those.
    ///
    /// # Errors
    /// Returns what is wrong with the answer in a few words.
    pub fn accept(&self, answer: &[u8]) -> Result<Accepted, String> {
        let answer: Json = serde_json::from_slice(answer).map_err(|cause| format!("is not JSON: {cause}"))?;
        let Json::Object(given) = answer else { return Err("is no map of attributes".to_owned()) };
        let named: Vec<&String> = self.allow.iter().chain(&self.require).collect();
        let taken = |key: &String| {
            !self.ignore.contains(key) && (self.allow.is_empty() && self.require.is_empty() || named.contains(&key))
        };
        let kept: Map<String, Json> = given.into_iter().filter(|(key, _)| taken(key)).collect();
        let missing = self.require.iter().filter(|key| !kept.contains_key(*key)).cloned().collect();
        let text = serde_json::to_string_pretty(&kept).map_err(|cause| cause.to_string())?;
        let source = Source::new(format!("answer of {}", self.address()), text.clone());
        let attributes = yaml::read(&source).map_err(|error| error.message)?;
        job_attributes::check(&attributes, "the answer").map_err(|error| error.message)?;
        Ok(Accepted { attributes, missing, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    fn mapping(allow: &[&str], ignore: &[&str], require: &[&str]) -> DynamicMapping {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        DynamicMapping {
            name: None,
            endpoint: "https://g/allocation?x=1".to_owned(),
            header: Vec::new(),
            timeout: None,
            allow: list(allow),
            require: list(require),
            ignore: list(ignore),
            answers: None,
            place: Place::new(&Source::new("spack.yaml", ""), 0..0),
        }
    }

    fn keys(mapping: &DynamicMapping) -> Vec<String> {
        let accepted =
            mapping.accept(br#"{"tags": ["a"], "variables": {"CPU": 3}, "secret": "\ud83d\ude00"}"#).unwrap();
        accepted.attributes.as_mapping().unwrap().keys().cloned().collect()
    }

    #[test]
    fn a_question_names_the_spec_and_nothing_of_it_is_left_to_chance() {
        let url = mapping(&[], &[], &[]).question("a@1 +b c=d/e arch=x%gcc@12");
        assert_eq!(url, "https://g/allocation?spec=a%401%20%2Bb%20c%3Dd/e%20arch%3Dx%25gcc%4012");
    }

    #[test]
    fn attributes_are_taken_unless_ignored_and_of_named_ones_only_those() {
        assert_eq!(keys(&mapping(&[], &[], &[])), ["secret", "tags", "variables"]);
        assert_eq!(keys(&mapping(&[], &["secret"], &[])), ["tags", "variables"]);
        assert_eq!(keys(&mapping(&["tags"], &[], &["variables"])), ["tags", "variables"]);
        assert_eq!(keys(&mapping(&["secret"], &["secret"], &[])), [] as [&str; 0]);
        let missing = mapping(&[], &[], &["image", "tags"]).accept(b"{\"tags\": []}").unwrap().missing;
        assert_eq!(missing, ["image"]);
    }

    #[test]
    fn what_no_job_could_have_is_refused() {
        let refused = |text: &str| mapping(&[], &[], &[]).accept(text.as_bytes()).unwrap_err();
        assert!(refused("<html>").starts_with("is not JSON"));
        assert_eq!(refused("[1]"), "is no map of attributes");
        assert!(refused(r#"{"tags": {"a": 1}}"#).contains("tags"));
    }

    #[test]
    fn equal_answers_are_one() {
        let mapping = mapping(&[], &[], &[]);
        let mut answers = Answers::default();
        for (hash, text) in [("a", "{\"tags\": [\"x\"]}"), ("b", "{ \"tags\":[\"x\"] }"), ("c", "{}")] {
            answers.add(&hash.into(), mapping.accept(text.as_bytes()).unwrap());
        }
        assert_eq!((answers.attributes.len(), answers.len()), (2, 3));
        assert_eq!(answers.of("a"), answers.of("b"));
        assert_eq!(answers.of("d"), None);
    }
}

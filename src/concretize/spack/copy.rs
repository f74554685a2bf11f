//! The environment that Spack gets to see: what bears on concretization, in words that its version understands.

use super::program::{SpackVersion, Unifying};
use crate::environment::{Dialect, Environment, SpecList};
use crate::error::{Error, Result};
use crate::source::{Place, Source};
use crate::yaml::merge::{bare, entry};
use crate::yaml::{self, Entry, Mapping, Node, Value, Writer};
use std::sync::Arc;

/// What is concretized.
#[derive(Clone, Copy, Debug)]
pub(super) enum Roots<'a> {
    /// The environment's own `specs:`, as they are written.
    Own,
    /// The specs of a bootstrap list, each for itself.
    Listed(&'a SpecList),
}

/// Whether roots are concretized together, as environments say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unify {
    Together,
    Separately,
    WhenPossible,
}

/// Returns the text of a `spack.yaml` with these roots, for a Spack of this version.
///
/// # Errors
/// Returns an error if the environment's text cannot be read.
pub(super) fn manifest(environment: &Environment, roots: Roots<'_>, version: SpackVersion) -> Result<String> {
    let document = yaml::read(&environment.source)?;
    let own = ["spack", "env"].iter().find_map(|name| document.get(name)?.as_mapping());
    let own = own.ok_or_else(|| Error::input("this is no environment: it has no `spack:`").at(&document.place))?;
    let place = &document.place;
    let kept = own.iter().filter(|(key, _)| version.reads(bare(key)));
    let mut sections: Mapping = kept.map(|(key, entry)| (key.clone(), entry.clone())).collect();
    let unify = match roots {
        Roots::Own => unify(own).or_else(|| implied(environment)),
        Roots::Listed(list) => {
            sections.retain(|key, _| !matches!(bare(key), "specs" | "definitions"));
            let texts = list.roots.iter().map(|root| node(Value::String(root.spec.to_string()), place));
            insert(&mut sections, "specs", Value::Sequence(texts.collect()), place);
            Some(Unify::Separately)
        }
    };
    if let Some(unify) = unify {
        set_unify(&mut sections, unify, version, place);
    }
    // Nothing is installed, so that there is nothing to see.
    insert(&mut sections, "view", Value::Bool(false), place);
    let mut writer = Writer::new();
    writer.node_entry(0, "spack", &node(Value::Mapping(sections), place));
    Ok(writer.finish())
}

/// Returns what an environment itself says of concretizing together.
fn unify(own: &Mapping) -> Option<Unify> {
    let word = entry(own, "concretizer").and_then(|entry| {
        let map = entry.node.as_mapping()?;
        yaml::merge::entry(map, "unify")?.node.as_text()
    });
    let word = word.or_else(|| entry(own, "concretization")?.node.as_text());
    match word? {
        "true" | "together" => Some(Unify::Together),
        "false" | "separately" => Some(Unify::Separately),
        "when_possible" => Some(Unify::WhenPossible),
        _ => None,
    }
}

/// Returns what goes without saying: `spack release-jobs` concretized every root for itself, which is no longer the
/// default. Included files are asked by Spack.
fn implied(environment: &Environment) -> Option<Unify> {
    let says = |source: &Arc<Source>| {
        let document = yaml::read(source).ok();
        document.is_some_and(|document| {
            document.as_mapping().is_some_and(|map| map.keys().any(|key| bare(key) == "concretizer"))
        })
    };
    let is_said = environment.included.iter().any(|file| says(&file.source));
    (environment.dialect == Dialect::ReleaseJobs && !is_said).then_some(Unify::Separately)
}

fn set_unify(sections: &mut Mapping, unify: Unify, version: SpackVersion, place: &Place) {
    match version.unifying() {
        Unifying::Concretizer => {
            let value = match unify {
                Unify::Together => Value::Bool(true),
                Unify::Separately => Value::Bool(false),
                Unify::WhenPossible => Value::String("when_possible".to_owned()),
            };
            let key = sections.keys().find(|key| bare(key) == "concretizer").cloned();
            let key = key.unwrap_or_else(|| "concretizer".to_owned());
            let mut settings =
                sections.get(&key).and_then(|entry| entry.node.as_mapping()).cloned().unwrap_or_default();
            settings.retain(|key, _| bare(key) != "unify");
            insert(&mut settings, "unify", value, place);
            insert(sections, &key, Value::Mapping(settings), place);
        }
        Unifying::Concretization => {
            let word = match unify {
                Unify::Together => "together",
                // To unify as far as possible was not known yet.
                Unify::Separately | Unify::WhenPossible => "separately",
            };
            insert(sections, "concretization", Value::String(word.to_owned()), place);
        }
    }
}

fn insert(map: &mut Mapping, key: &str, value: Value, place: &Place) {
    map.insert(key.to_owned(), Entry { key: place.clone(), node: node(value, place) });
}

fn node(value: Value, place: &Place) -> Node {
    Node { value, place: place.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::condition::Context;

    fn copied(text: &str, version: &str) -> String {
        let environment = Environment::parse(Source::new("spack.yaml", text), &Context::default()).unwrap();
        manifest(&environment, Roots::Own, SpackVersion::parse(version).unwrap()).unwrap()
    }

    const RELEASE: &str = "env:
  definitions:
  - pkgs: [zlib@1.10]
  specs:
  - matrix: [[$pkgs], [$compilers, '%gcc@8.10']]
    exclude: ['%gcc@5']
  - zlib
  view: true
  mirrors: {m: s3://m}
  packages: {all: {target: [x86_64]}}
  gitlab-ci: {mappings: [], bootstrap: []}
  cdash: {build-group: g, url: 'https://c', project: p, site: s}
  container: {format: docker}
";

    #[test]
    fn what_plans_is_left_out_and_what_concretizes_stays_as_it_is_written() {
        let release = RELEASE.replace("$compilers, ", "");
        let text = copied(&release, "1.1.0");
        for gone in ["gitlab-ci", "cdash", "container", "env:", "view: true"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        for kept in ["spack:", "zlib@1.10", "%gcc@8.10", "exclude:", "s3://m", "target:", "view: false"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let again = Environment::parse(Source::new("spack.yaml", text), &Context::default()).unwrap();
        let before = Environment::parse(Source::new("spack.yaml", release), &Context::default()).unwrap();
        let roots = |environment: &Environment| {
            environment.specs.roots.iter().map(|root| root.spec.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(roots(&again), roots(&before));
    }

    #[test]
    fn every_version_is_told_in_its_own_words_what_is_concretized_together() {
        let with = |setting: &str| format!("spack:\n  specs: [zlib]\n  {setting}\n  ci: {{pipeline-gen: []}}\n");
        let old = with("concretization: together");
        assert!(copied(&old, "0.17.3").contains("concretization: together"));
        assert!(copied(&old, "1.1.0").contains("unify: true") && !copied(&old, "1.1.0").contains("concretization"));
        let new = with("concretizer: {reuse: false, unify: when_possible}");
        let text = copied(&new, "0.23.1");
        assert!(text.contains("unify: when_possible") && text.contains("reuse: false"), "{text}");
        let text = copied(&new, "0.16.0");
        assert!(text.contains("concretization: separately") && !text.contains("concretizer:"), "{text}");
        let none = with("view: true");
        assert!(!copied(&none, "1.1.0").contains("unify"), "today's default stays Spack's");
        let release = "spack:\n  specs: [zlib]\n  gitlab-ci: {mappings: []}\n";
        assert!(copied(release, "1.1.0").contains("unify: false"), "release-jobs concretized each root for itself");
    }

    #[test]
    fn a_bootstrap_list_is_concretized_spec_by_spec() {
        let text = "spack:
  definitions: [{compilers: ['gcc@8.3.0 os=centos7', 'gcc@8.3.0 os=ubuntu18.04']}]
  specs: [zlib]
  concretizer: {unify: true, reuse: false}
  packages: {all: {target: [x86_64]}}
  gitlab-ci: {bootstrap: [compilers], mappings: []}
";
        let environment = Environment::parse(Source::new("spack.yaml", text), &Context::default()).unwrap();
        let list = &environment.definitions["compilers"];
        let text = manifest(&environment, Roots::Listed(list), SpackVersion::parse("1.1.0").unwrap()).unwrap();
        assert!(text.contains("unify: false") && text.contains("reuse: false") && text.contains("packages:"), "{text}");
        assert!(!text.contains("zlib") && !text.contains("definitions"), "{text}");
        assert_eq!(text.matches("gcc@8.3.0").count(), 2, "{text}");
    }
}

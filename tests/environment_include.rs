//! What an environment includes, and how its own sections are merged over that.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;

use spackplan::environment::attributes::Section;
use spackplan::environment::condition::Context;
use spackplan::environment::{Environment, Inputs, Reach, Texts};
use spackplan::error::Result;
use spackplan::finding::{Finding, Rule, Severity};
use spackplan::source::Source;
use spackplan::yaml::Node;

/// Reads `/e/spack.yaml` with other files.
fn read(manifest: &str, files: &[(&str, &str)]) -> Result<Environment> {
    let mut context = common::context();
    context.set("env.SITE=lab").unwrap();
    let texts = Texts::new(files.iter().map(|(name, text)| Source::new(*name, *text)));
    let manifest = Source::new("/e/spack.yaml", format!("spack:\n{manifest}"));
    Environment::read(manifest, Inputs { context: &context, files: &texts, dialect: None })
}

fn of(environment: &Environment, rule: Rule) -> Vec<&Finding> {
    environment.findings.iter().filter(|finding| finding.rule == rule).collect()
}

/// Returns the tags that the sections for build jobs give, in the order of application, with their places.
fn tags(environment: &Environment) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for section in &environment.rules.sections {
        let Section::Jobs { attributes: Some(attributes), .. } = section else { continue };
        let tags = attributes.get("tags").and_then(Node::as_sequence).unwrap_or_default();
        found.extend(tags.iter().map(|tag| (tag.as_text().unwrap().to_owned(), tag.place.to_string())));
    }
    found.retain(|(_, place)| place.starts_with('/'));
    found
}

const RULES: &str = "  ci: {pipeline-gen: [{build-job: {tags: [own]}}]}\n";

fn section(tag: &str) -> String {
    format!("ci: {{pipeline-gen: [{{build-job: {{tags: [{tag}]}}}}]}}\n")
}

#[test]
fn sections_of_the_manifest_come_first_then_includes_in_their_order() {
    let manifest = format!("  include: [a.yaml, ./sub/b.yaml]\n{RULES}");
    let files = [("/e/a.yaml", section("a")), ("/e/sub/b.yaml", section("b"))];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let environment = read(&manifest, &files).unwrap();
    // Sections are applied from the last one up, so that what comes first wins.
    let found = tags(&environment);
    assert_eq!(found.iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), ["b", "a", "own"]);
    assert_eq!(found[0].1, "/e/sub/b.yaml:1:41");
    assert_eq!(found[2].1, "/e/spack.yaml:3:43");
    assert_eq!(environment.included.len(), 2);
}

#[test]
fn values_are_merged_key_by_key_and_know_their_files() {
    let manifest = "  include: [a.yaml]\n  mirrors: {m: 'https://own'}\n  cdash: {build-group: own}\n";
    let included =
        "mirrors: {m: 'https://other', n: 'https://n'}\ncdash: {url: u, project: p, site: s, build-group: a}\n";
    let environment = read(manifest, &[("/e/a.yaml", included)]).unwrap();
    let mirrors: Vec<_> = environment.mirrors.iter().map(|mirror| (&*mirror.name, &*mirror.push_url)).collect();
    assert_eq!(mirrors, [("m", "https://own"), ("n", "https://n")]);
    assert_eq!(environment.mirrors[1].place.to_string(), "/e/a.yaml:1:31");
    let cdash = environment.cdash.unwrap();
    assert_eq!((&*cdash.build_group, &*cdash.site), ("own", "s"));
}

#[test]
fn the_environments_own_directory_is_found_wherever_it_is_seen_from() {
    for (name, included) in [("e/spack.yaml", "e/a.yaml"), ("spack.yaml", "a.yaml"), ("/e/spack.yaml", "/e/a.yaml")] {
        let texts = Texts::new([Source::new(included, "mirrors: {n: 'https://n'}\n")]);
        let manifest = Source::new(name, format!("spack:\n  include: [$env/a.yaml]\n{RULES}"));
        let inputs = Inputs { context: &common::context(), files: &texts, dialect: None };
        let environment = Environment::read(manifest, inputs).unwrap();
        assert_eq!(environment.mirrors.len(), 1, "{name}");
        let [file] = &environment.included[..] else { panic!("one file is included") };
        assert_eq!((file.path.to_str().unwrap(), file.reach, environment.climb), ("a.yaml", Reach::Along, 0));
    }
}

#[test]
fn a_file_that_is_included_from_a_fixed_place_stays_there_with_what_it_includes() {
    let manifest = format!("  include: [/site/a.yaml, ../b.yaml]\n{RULES}");
    let files = [("/site/a.yaml", "include: [../../c.yaml]\n"), ("/c.yaml", ""), ("/b.yaml", "")];
    let environment = read(&manifest, &files).unwrap();
    let found: Vec<_> = environment.included.iter().map(|file| (file.path.to_str().unwrap(), file.reach)).collect();
    assert_eq!(found, [("/site/a.yaml", Reach::Fixed), ("/c.yaml", Reach::Fixed), ("../b.yaml", Reach::Along)]);
    assert_eq!(environment.climb, 1);
}

#[test]
fn a_doubled_colon_hides_what_is_included() {
    let manifest = format!("  include: [a.yaml]\n  mirrors::\n    m: 'https://own'\n{RULES}");
    let environment = read(&manifest, &[("/e/a.yaml", "mirrors: {n: 'https://n'}\n")]).unwrap();
    assert_eq!(environment.mirrors.len(), 1);
}

#[test]
fn definitions_of_included_files_come_after_those_of_the_manifest() {
    let manifest = "  include: [a.yaml]\n  definitions: [{x: [zlib]}]\n  specs: [$x, $y]\n  ci: {pipeline-gen: []}\n";
    let environment = read(manifest, &[("/e/a.yaml", "definitions:\n- x: [hdf5]\n- y: [$x]\n")]).unwrap();
    let roots: Vec<String> = environment.specs.roots.iter().map(|root| root.spec.to_string()).collect();
    assert_eq!(roots, ["zlib", "hdf5", "zlib", "hdf5"]);
}

#[test]
fn a_directory_gives_a_section_a_file_and_what_it_includes_itself() {
    let manifest = format!("  include: [dir/]\n{RULES}");
    let files = [
        ("/e/dir/ci.yaml", section("dir")),
        ("/e/dir/include.yaml", "include: [../deep.yaml]\n".to_owned()),
        ("/e/dir/packages.yaml", "packages: {all: {}}\n".to_owned()),
        ("/e/deep.yaml", section("deep")),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let found = tags(&read(&manifest, &files).unwrap());
    assert_eq!(found.iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), ["deep", "dir", "own"]);
}

#[test]
fn conditions_and_variables_choose_what_is_included() {
    let manifest = format!(
        "  include:\n  - {{path: '$env/${{SITE}}.yaml', when: 'platform == \"linux\"'}}\n  - {{path: nope.yaml, when: 'os == \"x\"'}}\n{RULES}"
    );
    let lab = section("lab");
    let environment = read(&manifest, &[("/e/lab.yaml", &lab)]).unwrap();
    assert_eq!(tags(&environment)[0].0, "lab");
    assert_eq!(of(&environment, Rule::MissingInclude).len(), 0);
}

#[test]
fn a_missing_file_is_an_error_unless_it_is_optional() {
    let manifest = format!("  include: [nope.yaml, {{path: other.yaml, optional: true}}, $UNSET/x.yaml]\n{RULES}");
    let environment = read(&manifest, &[]).unwrap();
    let missing = of(&environment, Rule::MissingInclude);
    assert_eq!(missing.len(), 2);
    assert!(missing.iter().all(|finding| finding.severity == Severity::Error));
    assert_eq!(missing[0].place.as_ref().unwrap().to_string(), "/e/spack.yaml:2:13");
    assert!(missing[0].message.contains("/e/nope.yaml"));
    assert!(missing[1].hint.as_ref().unwrap().contains("UNSET"));
}

#[test]
fn what_would_have_to_be_fetched_is_reported() {
    let manifest = format!(
        "  include:\n  - https://example.org/packages.yaml\n  - git: git@example.org:x/y\n    branch: main\n    paths: [ci.yaml]\n  specs: [$elsewhere]\n{RULES}"
    );
    let environment = read(&manifest, &[]).unwrap();
    assert_eq!(of(&environment, Rule::MissingInclude).len(), 2);
    assert_eq!(of(&environment, Rule::MissingSection).len(), 1, "the name may be defined there");
}

#[test]
fn files_that_include_one_another_are_refused_with_both_places() {
    let files = [("/e/a.yaml", "include: [b.yaml]\n"), ("/e/b.yaml", "include: [./x/../a.yaml]\n")];
    let error = read("  include: [a.yaml]\n", &files).unwrap_err();
    assert_eq!(error.place.as_ref().unwrap().to_string(), "/e/b.yaml:1:11");
    assert_eq!(error.related[0].0.to_string(), "/e/spack.yaml:2:13");
}

#[test]
fn files_that_double_at_each_step_are_each_read_once() {
    let names: Vec<String> = (0..60).map(|i| format!("/e/{i}.yaml")).collect();
    let texts: Vec<String> = (1..=60).map(|i| format!("include: [{i}.yaml, {i}.yaml]\n")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("/e/60.yaml", ""));
    let environment = read("  include: [0.yaml]\n", &files).unwrap();
    assert_eq!(environment.included.len(), 61);
}

#[test]
fn too_many_files_are_refused() {
    let names: Vec<String> = (0..1001).map(|i| format!("/e/{i}.yaml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let list: Vec<String> = (0..1001).map(|i| format!("{i}.yaml")).collect();
    let error = read(&format!("  include: [{}]\n", list.join(", ")), &files).unwrap_err();
    assert!(error.message.contains("more than 1000 files"));
}

#[test]
fn an_included_environment_is_refused_and_an_unknown_section_reported() {
    let error = read("  include: [a.yaml]\n", &[("/e/a.yaml", "spack:\n  specs: []\n")]).unwrap_err();
    assert_eq!(error.place.unwrap().to_string(), "/e/a.yaml:1:1");
    let environment = read(&format!("  include: [a.yaml]\n{RULES}"), &[("/e/a.yaml", "mirors: {}\n")]).unwrap();
    assert_eq!(of(&environment, Rule::UnknownKey)[0].place.as_ref().unwrap().to_string(), "/e/a.yaml:1:1");
}

#[test]
fn specs_and_sections_without_a_value_are_refused_in_included_files() {
    let specs = read("  include: [a.yaml]\n", &[("/e/a.yaml", "specs: [zlib]\n")]).unwrap_err();
    assert!(specs.message.contains("`specs`") && specs.related.len() == 1, "{specs}");
    for (include, file) in [("a.yaml", "/e/a.yaml"), ("d", "/e/d/ci.yaml")] {
        let empty = read(&format!("  include: [{include}]\n"), &[(file, "ci:\n")]).unwrap_err();
        assert_eq!(empty.place.unwrap().to_string(), format!("{file}:1:1"));
    }
}

#[test]
fn of_two_includes_with_one_name_only_the_first_is_read() {
    let files = [("/e/a.yaml", &*section("a")), ("/e/b.yaml", &section("b"))];
    let entry = |path: &str| format!("{{path: {path}, name: mine}}");
    let environment = read(&format!("  include: [{}, {}]\n", entry("a.yaml"), entry("b.yaml")), &files).unwrap();
    assert_eq!(environment.included.len(), 1);
    let finding = of(&environment, Rule::NoEffect)[0];
    assert!(finding.message.contains("`mine`") && finding.hint.is_some());
}

#[test]
fn a_variable_may_lead_to_another_file() {
    let mut context = Context::default();
    context.set("env.SITE_FILE=/e/b.yaml").unwrap();
    let sources =
        [("/e/a.yaml", section("a")), ("/e/b.yaml", section("b"))].map(|(name, text)| Source::new(name, text));
    let files = Texts::new(sources);
    let include = |name: &str| {
        let text =
            format!("spack:\n  specs: []\n  include: [{{path: a.yaml, path_override_env_var: {name}}}]\n{RULES}");
        let inputs = Inputs { context: &context, files: &files, dialect: None };
        let environment = Environment::read(Source::new("/e/spack.yaml", text), inputs).unwrap();
        assert!(of(&environment, Rule::UnknownKey).is_empty());
        environment.included[0].source.name().to_owned()
    };
    assert_eq!(include("SITE_FILE"), "/e/b.yaml");
    assert_eq!(include("NOT_SET"), "/e/a.yaml");
}

#[test]
fn files_may_include_one_another_a_hundred_levels_deep() {
    let chain = |length: usize| {
        let texts: Vec<(String, String)> = (1..=length)
            .map(|level| {
                let next = if level < length { format!("include: [{}.yaml]\n", level + 1) } else { section("deep") };
                (format!("/e/{level}.yaml"), next)
            })
            .collect();
        let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        read("  include: [1.yaml]\n", &files)
    };
    assert_eq!(chain(100).unwrap().included.len(), 100);
    assert_eq!(chain(101).unwrap_err().place.unwrap().to_string(), "/e/100.yaml:1:11");
}

#[test]
fn a_mark_that_spack_takes_for_a_part_of_the_name_is_reported() {
    let files = [("/e/a.yaml", &*section("a"))];
    let own = "  ci: {pipeline-gen-: [{build-job: {tags: [own]}}]}\n";
    let environment = read(&format!("  include: [a.yaml]\n{own}"), &files).unwrap();
    let names: Vec<String> = tags(&environment).into_iter().map(|(tag, _)| tag).collect();
    let plain: Vec<String> = tags(&read(&format!("  include: [a.yaml]\n{RULES}"), &files).unwrap())
        .into_iter()
        .map(|(tag, _)| tag)
        .collect();
    assert_eq!(names, plain.into_iter().rev().collect::<Vec<_>>());
    assert!(of(&environment, Rule::NoEffect)[0].message.contains("`pipeline-gen-:`"));
}

#[test]
fn a_section_without_a_value_is_refused_but_for_specs_that_are_still_to_come() {
    assert!(read("  specs:\n", &[]).unwrap().specs.roots.is_empty());
    for wrong in ["  include:\n", "  definitions:\n", "  ci: {pipeline-gen: }\n"] {
        let error = read(wrong, &[]).unwrap_err();
        assert!(error.hints[0].contains("`[]`"), "{wrong}");
    }
    let tags = read("  ci: {pipeline-gen: [{build-job: {tags: }}]}\n", &[]).unwrap_err();
    assert_eq!(tags.place.unwrap().line(), 2);
}

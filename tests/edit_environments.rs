//! Edits of environments as people write them: every mapping, match spec, phase and list entry is moved, removed and
//! joined by others, and only the lines change that have to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

mod common;

use spackplan::edit::{Edit, ListName, MappingAt, ValueText, apply};
use spackplan::source::Source;
use spackplan::yaml::{Node, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What came of the edits.
#[derive(Default)]
struct Outcome {
    done: usize,
    refused: BTreeMap<String, usize>,
}

/// How many lines an edit may take away and bring.
#[derive(Clone, Copy)]
enum Lines {
    /// The same lines in another order.
    Same,
    /// Lines come; one may be rewritten.
    Grow,
    /// Lines go; one may be rewritten.
    Shrink,
}

fn manifests(parent: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            manifests(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "yaml") && !path.ends_with("packages.yaml") {
            out.push(path);
        }
    }
}

fn items<'a>(node: Option<&'a Node>, key: &str) -> &'a [Node] {
    node.and_then(|node| node.get(key)).and_then(Node::as_sequence).unwrap_or_default()
}

/// Returns the lists of mappings of an environment, with the section of each.
fn mapping_lists(root: &Node) -> Vec<(usize, &[Node])> {
    if let Some(section) = root.get("gitlab-ci") {
        vec![(0, items(Some(section), "mappings"))]
    } else {
        let sections = items(root.get("ci"), "pipeline-gen").iter().enumerate();
        let lists = sections.filter(|(_, section)| section.get("submapping").is_some());
        lists.map(|(index, section)| (index, items(Some(section), "submapping"))).collect()
    }
}

/// Returns the edits of mappings to try.
fn of_mappings(section: usize, mappings: &[Node]) -> Vec<(Edit, Lines)> {
    let mut edits = Vec::new();
    let at = |index| MappingAt { section, index };
    let (matches, attributes) = (vec!["new@1 %gcc".to_owned()], ValueText("{tags: [t], image: x/b}".into()));
    for index in 0..=mappings.len() {
        let (matches, attributes) = (matches.clone(), attributes.clone());
        edits.push((Edit::AddMapping { at: at(index), matches, attributes }, Lines::Grow));
    }
    for (index, node) in mappings.iter().enumerate() {
        let mapping = at(index);
        edits.push((Edit::DuplicateMapping { mapping }, Lines::Grow));
        edits.push((Edit::RemoveMapping { mapping }, Lines::Shrink));
        let others = (0..mappings.len()).filter(|to| *to != index);
        edits.extend(others.map(|to| (Edit::MoveMapping { mapping, to }, Lines::Same)));
        let count = items(Some(node), "match").len();
        for index in 0..count {
            edits.push((Edit::RemoveMatch { mapping, index }, Lines::Shrink));
            edits.push((Edit::ReplaceMatch { mapping, index, text: "new".into() }, Lines::Grow));
            edits.push((Edit::AddMatch { mapping, at: index, text: "^new".into() }, Lines::Grow));
        }
        edits.push((Edit::AddMatch { mapping, at: count, text: "new +a".into() }, Lines::Grow));
        let path = vec!["variables".to_owned(), "NEW".to_owned()];
        edits.push((Edit::SetAttribute { mapping, path, value: ValueText("'1'".into()) }, Lines::Grow));
        for part in ["runner-attributes", "build-job"] {
            let keys = node.get(part).and_then(Node::as_mapping).into_iter().flat_map(|map| map.keys());
            edits.extend(keys.map(|key| (Edit::RemoveAttribute { mapping, path: vec![key.clone()] }, Lines::Shrink)));
        }
    }
    edits
}

/// Returns the edits of a list of specs to try.
fn of_list(list: &ListName, entries: &[Node]) -> Vec<(Edit, Lines)> {
    let mut edits = vec![(Edit::AddSpec { list: list.clone(), spec: "new +a".into() }, Lines::Grow)];
    for (index, entry) in entries.iter().enumerate() {
        edits.push((Edit::RemoveSpec { list: list.clone(), index }, Lines::Shrink));
        if entry.get("matrix").is_some() {
            let constraint = "new %gcc".to_owned();
            edits.push((Edit::ExcludeCombination { list: list.clone(), index, constraint }, Lines::Grow));
        }
    }
    edits
}

fn edits(root: &Node) -> Vec<(Edit, Lines)> {
    let lists = mapping_lists(root);
    let mut edits: Vec<_> = lists.into_iter().flat_map(|(section, items)| of_mappings(section, items)).collect();
    let sections = items(root.get("ci"), "pipeline-gen").len();
    for section in 0..sections {
        edits.push((Edit::RemoveSection { section }, Lines::Shrink));
        edits.push((Edit::MoveSection { from: section, to: sections - 1 - section }, Lines::Same));
    }
    edits.extend(of_list(&ListName::Specs, items(Some(root), "specs")));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, entry) in items(Some(root), "definitions").iter().filter_map(Node::as_mapping).flatten() {
        let nth = seen.entry(name).or_default();
        if name != "when" && entry.node.as_sequence().is_some() {
            let list = ListName::Definition { name: name.clone(), nth: *nth };
            edits.extend(of_list(&list, entry.node.as_sequence().unwrap()));
        }
        *nth += 1;
    }
    let phases = items(root.get("gitlab-ci"), "bootstrap");
    for phase in 0..phases.len() {
        edits.push((Edit::RemovePhase { phase }, Lines::Shrink));
        edits.push((Edit::SetCompilerAgnostic { phase, compiler_agnostic: true }, Lines::Grow));
        edits.push((Edit::MovePhase { from: phase, to: phases.len() - 1 - phase }, Lines::Same));
    }
    edits
}

/// Counts the lines, blank ones aside, that only one of two texts has.
fn difference(old: &str, new: &str) -> (usize, usize) {
    let mut lines: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let written = |line: &&str| !line.trim().is_empty();
    old.lines().filter(written).for_each(|line| lines.entry(line).or_default().0 += 1);
    new.lines().filter(written).for_each(|line| lines.entry(line).or_default().1 += 1);
    lines.values().fold((0, 0), |(gone, come), (a, b)| (gone + a.saturating_sub(*b), come + b.saturating_sub(*a)))
}

fn try_edit(source: &Arc<Source>, edit: &Edit, lines: Lines, outcome: &mut Outcome) {
    let text = source.text();
    let change = match apply(source, edit) {
        Ok(change) => change,
        Err(error) => {
            *outcome.refused.entry(error.message).or_default() += 1;
            return;
        }
    };
    let new = change.apply_to(text);
    assert_eq!(change.inverse().apply_to(&new), text, "{}: {edit}", source.name());
    let (gone, come) = difference(text, &new);
    // A phase or match list in brackets is one line, or a few, that change as a whole.
    let fits = match lines {
        _ if change.is_empty() => true,
        Lines::Same => (gone == 0 && come == 0) || (gone <= 2 && gone == come),
        Lines::Grow => gone <= 1 && come >= 1,
        Lines::Shrink => come <= 1 && gone >= 1,
    };
    assert!(fits, "{}: {edit}: {gone} lines gone, {come} come:\n{new}", source.name());
    outcome.done += 1;
}

/// Tries every `step`-th edit of each of the files.
fn try_all(paths: &[PathBuf], step: usize) -> Outcome {
    let mut outcome = Outcome::default();
    for (i, path) in paths.iter().enumerate() {
        let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
        let source = Source::new(path.display().to_string(), text);
        let Ok(tree) = read(&source) else { continue };
        let Some(root) = ["spack", "env"].into_iter().find_map(|name| tree.get(name)) else { continue };
        for (edit, lines) in edits(root).into_iter().skip(i % step).step_by(step) {
            try_edit(&source, &edit, lines, &mut outcome);
        }
    }
    outcome
}

#[test]
fn the_examples_can_be_edited_everywhere() {
    let paths: Vec<_> = ["bootstrap", "locked", "readline"].map(|name| common::example(name).join("spack.yaml")).into();
    let outcome = try_all(&paths, 1);
    assert!(outcome.done > 60 && outcome.refused.is_empty(), "{:?}", outcome.refused);
}

#[test]
fn environments_in_the_wild_can_be_edited_nearly_everywhere() {
    let Some(oracle) = common::oracle() else { return };
    let mut paths = Vec::new();
    manifests(&oracle.join("environments"), &mut paths);
    paths.extend(common::cases(&oracle.join("release-jobs")).iter().map(|case| case.join("spack.yaml")));
    let outcome = try_all(&paths, 3);
    let refused: usize = outcome.refused.values().sum();
    println!("{} edits done, {refused} refused: {:#?}", outcome.done, outcome.refused);
    assert!(refused * 20 < outcome.done, "more than one in twenty is refused");
}

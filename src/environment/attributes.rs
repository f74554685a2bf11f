//! Which attributes jobs get: an ordered list of sections, each applied to the jobs it speaks of.
//!
//! One mechanism serves both dialects. `gitlab-ci:mappings` (2019) is its simplest case, a single [`Submapping`]
//! read from the top whose first match wins; `ci:pipeline-gen` is the general one.

use super::dynamic::Answers;
use crate::source::Place;
use crate::spec::Spec;
use crate::yaml::Node;
use std::sync::Arc;
use std::time::Duration;

/// A spec string of a `match` list.
#[derive(Clone, Debug)]
pub struct MatchSpec {
    /// As it is written.
    pub text: String,
    /// The constraint it stands for.
    pub spec: Spec,
    /// Where it is written.
    pub place: Place,
}

/// An entry of `mappings` or `submapping`: the jobs that meet any of `matches` get `attributes`.
#[derive(Clone, Debug)]
pub struct RunnerMapping {
    /// The label key of the early 2019 form (`- spack-cloud-ubuntu:` with no value), if there is one.
    pub label: Option<String>,
    /// The alternatives, in order; any one suffices.
    pub matches: Vec<MatchSpec>,
    /// Attributes to merge into the job; a map.
    pub attributes: Option<Node>,
    /// Attributes to take away first; a map.
    pub removes: Option<Node>,
    /// The whole entry.
    pub place: Place,
}

/// What happens when several mappings match (`match_behavior`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchBehavior {
    /// Only the first in reading order applies.
    First,
    /// All apply, in reading order.
    Merge,
}

/// In which order the mappings are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingOrder {
    /// As written (`gitlab-ci:mappings` up to Spack 0.19).
    TopDown,
    /// From the last entry up (`ci:pipeline-gen:submapping`, Spack 0.20 and later).
    BottomUp,
}

/// A list of mappings of which a job takes one, or all that match.
#[derive(Clone, Debug)]
pub struct Submapping {
    /// The entries as written.
    pub mappings: Vec<RunnerMapping>,
    /// First or all.
    pub behavior: MatchBehavior,
    /// From the top or from the bottom.
    pub order: ReadingOrder,
    /// Tells whether a job that no entry matches is an error (release-jobs) or merely gets nothing (`ci:`).
    pub required: bool,
    /// The whole section.
    pub place: Place,
}

/// The jobs a plain section speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Every job.
    Any,
    /// Jobs that build a spec.
    Build,
    /// The job that copies binaries from one mirror to another.
    Copy,
    /// The job that removes temporary binaries, which Spack no longer writes.
    Cleanup,
    /// The job of a pipeline in which there is nothing to build.
    Noop,
    /// The job that rebuilds the mirror's index.
    Reindex,
    /// The job that signs binaries.
    Signing,
}

impl JobKind {
    /// Tells whether a section for this kind bears on jobs of another kind.
    pub fn includes(self, other: Self) -> bool {
        self == Self::Any || self == other
    }

    /// Returns the word before `-job` in the keys of sections.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Build => "build",
            Self::Copy => "copy",
            Self::Cleanup => "cleanup",
            Self::Noop => "noop",
            Self::Reindex => "reindex",
            Self::Signing => "signing",
        }
    }
}

/// How a section's attributes and those of earlier sections become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Merging {
    /// A later attribute replaces an earlier one, but `variables` are merged name by name and `tags` united (Spack up to
    /// 0.19).
    #[default]
    Replace,
    /// Maps are merged, and the items of a later list come first ([`crate::yaml::merge`], Spack 0.20 and later).
    Prepend,
}

/// A service that is asked for attributes while the pipeline is generated (`dynamic-mapping`).
#[derive(Clone, Debug)]
pub struct DynamicMapping {
    /// Its name, by which it can be skipped.
    pub name: Option<String>,
    /// The URL that is asked.
    pub endpoint: String,
    /// Headers of the request, with variables as they are written; values may be secret.
    pub header: Vec<(String, String)>,
    /// How long to wait for an answer, if that is said.
    pub timeout: Option<Duration>,
    /// The attributes that are taken from its answer; all if there are none here.
    pub allow: Vec<String>,
    /// The attributes it is to answer with.
    pub require: Vec<String>,
    /// The attributes that are not taken from its answer.
    pub ignore: Vec<String>,
    /// What it answered, if it was asked.
    pub answers: Option<Arc<Answers>>,
    /// The whole section.
    pub place: Place,
}

/// One step of the merging.
#[derive(Clone, Debug)]
pub enum Section {
    /// Attributes for a kind of job; `removes` is applied first.
    Jobs {
        /// The jobs it speaks of.
        kind: JobKind,
        /// Attributes to merge; a map.
        attributes: Option<Node>,
        /// Attributes to take away first; a map.
        removes: Option<Node>,
    },
    /// Attributes by spec.
    Submapping(Submapping),
    /// Attributes that a service gives.
    Dynamic(DynamicMapping),
}

impl Section {
    /// Returns where the section is written.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Jobs { attributes, removes, .. } => attributes.as_ref().or(removes.as_ref()).map(|node| &node.place),
            Self::Submapping(list) => Some(&list.place),
            Self::Dynamic(dynamic) => Some(&dynamic.place),
        }
    }
}

/// The sections in the order in which they are applied; a later one wins over an earlier one.
#[derive(Clone, Debug, Default)]
pub struct RunnerRules {
    /// The sections.
    pub sections: Vec<Section>,
    /// How their attributes are merged.
    pub merging: Merging,
}

/// Returns the letter or letters a mapping goes by: `A` to `Z`, then `AA`, …; see [`RunnerRules::number_of`].
pub fn letter(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(number % 26).unwrap_or(0));
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

impl RunnerRules {
    /// Returns the sections with their index in the order in which they are listed, the one of highest precedence first
    /// where they are applied from the last one up.
    pub fn listed(&self) -> impl Iterator<Item = (usize, &Section)> {
        let count = self.sections.len();
        let index = move |at: usize| match self.merging {
            Merging::Replace => at,
            Merging::Prepend => count - 1 - at,
        };
        (0..count).map(index).map(|index| (index, &self.sections[index]))
    }

    /// Returns the number of a mapping, from zero, counted through all submappings as they are listed.
    pub fn number_of(&self, section: usize, mapping: usize) -> usize {
        let before = self.listed().take_while(|(index, _)| *index != section);
        let count = |(_, section): (usize, &Section)| match section {
            Section::Submapping(list) => list.mappings.len(),
            Section::Jobs { .. } | Section::Dynamic(_) => 0,
        };
        before.map(count).sum::<usize>() + mapping
    }

    /// Returns the submappings with their index among the sections.
    pub fn submappings(&self) -> impl Iterator<Item = (usize, &Submapping)> {
        self.sections.iter().enumerate().filter_map(|(i, section)| match section {
            Section::Submapping(list) => Some((i, list)),
            Section::Jobs { .. } | Section::Dynamic(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn mappings_are_lettered_like_columns_of_a_sheet() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letter), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}

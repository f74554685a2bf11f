//! Resolving a root: rounds until nothing changes any more; on a contradiction the package that demands too much is
//! taken in an older version.

use super::CatalogueError;
use super::choose::Chooser;
use super::cycle::order;
use super::demand::{By, Clash};
use super::root::Root;
use super::round::{GivenUp, Round};
use std::sync::Arc;

/// After so many rounds a demand that was made once is kept, so that choices cannot alternate.
const FORGETTING_ROUNDS: usize = 8;
/// The rounds after which a root is given up.
const MOST_ROUNDS: usize = 40;
/// How many versions are given up before a root is.
const MOST_RETREATS: usize = 24;

/// A root, resolved.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    /// Its DAG.
    pub(super) round: Round<'a>,
    /// The packages in it, each after all it depends on.
    pub(super) order: Vec<&'a str>,
}

/// Why a root cannot be predicted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Unpredictable<'a> {
    /// Demands on a package that contradict each other.
    #[error("{0}")]
    Clash(Clash<'a>),
    /// Packages that depend on each other, the first again at the end.
    #[error("packages depend on each other: {}", .0.join(" -> "))]
    Cycle(Vec<&'a str>),
    /// Choices that alternate.
    #[error("its demands lead to no choice that holds")]
    Unsettled,
    /// A spec without the name of a package.
    #[error("it names no package")]
    Anonymous,
    /// A fact that cannot be read.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
}

/// Resolves a root.
pub(super) fn resolve<'a>(chooser: &Chooser<'a>, root: &'a Root) -> Result<Resolved<'a>, Unpredictable<'a>> {
    let mut given_up = GivenUp::new();
    let mut first = None;
    for _ in 0..=MOST_RETREATS {
        let round = settle(chooser, root, &given_up)?;
        let Some(clash) = round.nodes.values().find_map(|chosen| chosen.clash.clone()) else {
            let order = order(&round, &root.name).map_err(Unpredictable::Cycle)?;
            return Ok(Resolved { round, order });
        };
        let retreat = retreat(&round, &clash);
        first.get_or_insert(clash);
        let Some(package) = retreat else { break };
        let version = Arc::clone(&round.nodes[package].spec.version);
        given_up.entry(package).or_default().push(version);
    }
    Err(first.map_or(Unpredictable::Unsettled, Unpredictable::Clash))
}

/// Goes through rounds until one changes nothing.
fn settle<'a>(chooser: &Chooser<'a>, root: &'a Root, given_up: &GivenUp<'a>) -> Result<Round<'a>, Unpredictable<'a>> {
    let mut round = Round::default();
    for number in 0..MOST_ROUNDS {
        let mut next = Round::after(&round, chooser, root, given_up)?;
        if number >= FORGETTING_ROUNDS {
            next.remember(&round);
        }
        if next == round {
            return Ok(round);
        }
        round = next;
    }
    Err(Unpredictable::Unsettled)
}

/// Returns the package behind one of the contradicting demands that has another version to offer.
fn retreat<'a>(round: &Round<'a>, clash: &Clash<'a>) -> Option<&'a str> {
    std::iter::once(&clash.unmet).chain(&clash.met).find_map(|demand| match demand.by {
        By::Package(name) if round.nodes.get(name).is_some_and(|chosen| chosen.allowed > 1) => Some(name),
        _ => None,
    })
}

//! Resolving a root: rounds until nothing changes any more, without going back on a choice.

use super::CatalogueError;
use super::choose::Chooser;
use super::cycle::order;
use super::demand::Clash;
use super::root::Root;
use super::round::Round;

/// After so many rounds a demand that was made once is kept, so that choices cannot alternate.
const FORGETTING_ROUNDS: usize = 8;
/// The rounds after which a root is given up.
const MOST_ROUNDS: usize = 40;

/// A root, resolved.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    /// Its DAG.
    pub(super) round: Round<'a>,
    /// The packages in it, each after all it depends on.
    pub(super) order: Vec<&'a str>,
}

/// Why a root cannot be predicted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unpredictable {
    /// Two demands on a package contradict each other.
    #[error("{} contradicts {} ({})", clash.unmet, clash.met, clash.conflict)]
    Clash {
        /// The demands.
        clash: Clash,
    },
    /// Packages depend on each other.
    #[error("the packages depend on each other: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// Choices that alternate.
    #[error("its demands lead to no choice that holds")]
    Unsettled,
    /// A spec without the name of a package.
    #[error("it names no package")]
    Anonymous,
    /// A fact that cannot be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// Resolves a root.
pub(super) fn resolve<'a>(chooser: &Chooser<'a>, root: &'a Root) -> Result<Resolved<'a>, Unpredictable> {
    let mut round = Round::default();
    for number in 0..MOST_ROUNDS {
        let mut next = Round::after(&round, chooser, root)?;
        if number >= FORGETTING_ROUNDS {
            next.remember(&round);
        }
        if next == round {
            return finish(round, root);
        }
        round = next;
    }
    Err(Unpredictable::Unsettled)
}

fn finish<'a>(round: Round<'a>, root: &'a Root) -> Result<Resolved<'a>, Unpredictable> {
    if let Some(clash) = round.nodes.values().find_map(|chosen| chosen.clash.clone()) {
        return Err(Unpredictable::Clash { clash });
    }
    match order(&round, &root.name) {
        Ok(order) => Ok(Resolved { round, order }),
        Err(cycle) => Err(Unpredictable::Cycle(cycle.into_iter().map(str::to_owned).collect())),
    }
}

//! The packages of a root in the order they can be built in, or the cycle that rules one out.

use super::round::Round;
use rustc_hash::FxHashMap;

/// Whether a package has been walked.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Open,
    Done,
}

/// Returns the packages, each after all it depends on.
///
/// # Errors
/// Returns the packages on a cycle, the first again at the end.
pub(super) fn order<'a>(round: &Round<'a>, root: &'a str) -> Result<Vec<&'a str>, Vec<&'a str>> {
    let targets = |name: &str| -> Vec<&'a str> {
        round.edges.get(name).into_iter().flat_map(|edges| edges.keys().copied()).collect()
    };
    let mut marks: FxHashMap<&str, Mark> = std::iter::once((root, Mark::Open)).collect();
    let mut order = Vec::with_capacity(round.nodes.len());
    let mut path = vec![(root, targets(root).into_iter())];
    while let Some((name, rest)) = path.last_mut() {
        let name = *name;
        let Some(target) = rest.next() else {
            marks.insert(name, Mark::Done);
            order.push(name);
            path.pop();
            continue;
        };
        match marks.get(target) {
            Some(Mark::Done) => {}
            Some(Mark::Open) => {
                let on_cycle = path.iter().map(|(name, _)| *name).skip_while(|name| *name != target);
                return Err(on_cycle.chain([target]).collect());
            }
            None => {
                marks.insert(target, Mark::Open);
                path.push((target, targets(target).into_iter()));
            }
        }
    }
    Ok(order)
}

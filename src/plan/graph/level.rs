//! Levels of a DAG: the length of the longest path from a node to a leaf, which is the earliest stage it can run in.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// A graph that has no levels: groups of nodes each of which leads back to itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cyclic(pub(super) Vec<Vec<usize>>);

/// Returns the level of every node, given what each depends on (no duplicates).
///
/// # Errors
/// Returns the strongly connected components of more than one node, and nodes that depend on themselves.
pub(super) fn levels(dependencies: &[Vec<u32>]) -> Result<Vec<usize>, Cyclic> {
    let mut unmet: Vec<usize> = dependencies.iter().map(Vec::len).collect();
    let dependents = invert(dependencies);
    let mut levels = vec![0; dependencies.len()];
    let mut ready: Vec<usize> = (0..dependencies.len()).filter(|&node| unmet[node] == 0).collect();
    let mut done = 0;
    while let Some(node) = ready.pop() {
        done += 1;
        for &dependent in dependents.of(node) {
            let dependent = dependent as usize;
            levels[dependent] = levels[dependent].max(levels[node] + 1);
            unmet[dependent] -= 1;
            if unmet[dependent] == 0 {
                ready.push(dependent);
            }
        }
    }
    if done == dependencies.len() { Ok(levels) } else { Err(cycles(dependencies, &unmet)) }
}

struct Dependents {
    items: Vec<u32>,
    offsets: Vec<usize>,
}

impl Dependents {
    fn of(&self, node: usize) -> &[u32] {
        &self.items[self.offsets[node]..self.offsets[node + 1]]
    }
}

/// Turns the edges round by a counting sort.
fn invert(dependencies: &[Vec<u32>]) -> Dependents {
    let mut offsets = vec![0; dependencies.len() + 1];
    for &dependency in dependencies.iter().flatten() {
        offsets[dependency as usize + 1] += 1;
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    let mut next = offsets.clone();
    let mut items = vec![0; dependencies.iter().map(Vec::len).sum()];
    for (node, list) in (0u32..).zip(dependencies) {
        for &dependency in list {
            items[next[dependency as usize]] = node;
            next[dependency as usize] += 1;
        }
    }
    Dependents { items, offsets }
}

fn cycles(dependencies: &[Vec<u32>], unmet: &[usize]) -> Cyclic {
    let mut graph = DiGraph::<usize, ()>::new();
    let mut indices = vec![None; dependencies.len()];
    for (node, _) in unmet.iter().enumerate().filter(|(_, count)| **count > 0) {
        indices[node] = Some(graph.add_node(node));
    }
    let edge = |from: usize, to: u32| Some((indices[from]?, indices[to as usize]?));
    let edges: Vec<(NodeIndex, NodeIndex)> = dependencies
        .iter()
        .enumerate()
        .flat_map(|(from, list)| list.iter().filter_map(move |&to| edge(from, to)))
        .collect();
    graph.extend_with_edges(edges);
    let on_cycle = |group: &Vec<NodeIndex>| group.len() > 1 || graph.contains_edge(group[0], group[0]);
    let mut groups: Vec<Vec<usize>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(on_cycle)
        .map(|group| {
            let mut nodes: Vec<_> = group.into_iter().map(|index| graph[index]).collect();
            nodes.sort_unstable();
            nodes
        })
        .collect();
    groups.sort();
    Cyclic(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_longest_path_to_a_leaf() {
        let dependencies = [vec![1, 2], vec![2], vec![], vec![0]];
        assert_eq!(levels(&dependencies), Ok(vec![2, 1, 0, 3]));
    }

    #[test]
    fn cycles_are_named_and_what_leads_to_them_is_not() {
        let dependencies = [vec![1], vec![2], vec![1], vec![3]];
        assert_eq!(levels(&dependencies), Err(Cyclic(vec![vec![1, 2], vec![3]])));
    }

    #[test]
    fn a_chain_of_100_000_does_not_overflow_the_stack() {
        let chain: Vec<Vec<u32>> = (0..100_000).map(|i| if i == 0 { vec![99_999] } else { vec![i - 1] }).collect();
        let Err(Cyclic(groups)) = levels(&chain) else { panic!("a ring has no levels") };
        assert_eq!(groups[0].len(), 100_000);
    }
}

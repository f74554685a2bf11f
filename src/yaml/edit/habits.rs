//! How the author of a text writes: indentation, quotes, and which lists stand on one line.

use super::layout::{Block, Layout, Pair, Shape};
use super::scan::start_of_line;
use granit_parser::{ScalarStyle, StructureStyle};
use rustc_hash::FxHashMap;

/// The quotes around strings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Only where needed, single ones then.
    #[default]
    None,
    /// Only where needed, double ones then.
    DoubleIfAny,
    /// Always single ones.
    Single,
    /// Always double ones.
    Double,
}

impl Quotes {
    /// Tells which quotes the scalars of these styles have in common.
    pub(super) fn of(styles: impl Iterator<Item = ScalarStyle>) -> Self {
        let (mut plain, mut single, mut double) = (0, 0, 0);
        for style in styles {
            match style {
                ScalarStyle::SingleQuoted => single += 1,
                ScalarStyle::DoubleQuoted => double += 1,
                _ => plain += 1,
            }
        }
        match (plain, single, double) {
            (0, 0, 1..) => Self::Double,
            (0, 1.., 0) => Self::Single,
            (_, 0, 1..) => Self::DoubleIfAny,
            _ => Self::None,
        }
    }

    /// Returns the same quotes, where they are needed.
    pub(super) fn if_needed(self) -> Self {
        match self {
            Self::Double | Self::DoubleIfAny => Self::DoubleIfAny,
            Self::None | Self::Single => Self::None,
        }
    }
}

/// The way that the values of a key are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    pub(super) quotes: Quotes,
    /// The style of a list or map.
    pub(super) style: Option<StructureStyle>,
}

/// The habits of a text; where it shows none, two blanks a level and short lists on one line.
#[derive(Debug)]
pub(super) struct Habits<'a> {
    /// From a key to the dashes of the list below it.
    pub(super) list: usize,
    /// From a key to the keys of the map below it.
    pub(super) map: usize,
    /// From a dash to what stands behind it.
    pub(super) dash: usize,
    keys: FxHashMap<&'a str, Habit>,
}

impl<'a> Habits<'a> {
    /// Learns the habits of a text.
    pub(super) fn of(text: &'a str, layout: &Layout) -> Self {
        let mut counts = Counts { text, list: [0; 9], map: [0; 9], dash: [0; 9], keys: FxHashMap::default() };
        counts.see(&layout.root);
        let most = |counts: [usize; 9]| {
            let most = counts.iter().max().copied().filter(|most| *most > 0);
            most.and_then(|most| counts.iter().position(|count| *count == most)).unwrap_or(2)
        };
        let (list, map, dash) = (most(counts.list), most(counts.map), most(counts.dash));
        Self { list, map: map.max(1), dash: dash.max(2), keys: counts.keys }
    }

    /// Returns how the first value of `key` is written.
    pub(super) fn of_key(&self, key: &str) -> Option<Habit> {
        self.keys.get(key).copied()
    }
}

/// How often each distance occurs.
struct Counts<'a> {
    text: &'a str,
    list: [usize; 9],
    map: [usize; 9],
    dash: [usize; 9],
    keys: FxHashMap<&'a str, Habit>,
}

impl Counts<'_> {
    fn see(&mut self, block: &Block) {
        match &block.shape {
            Shape::List(style, items) => {
                for item in items {
                    let shares_line = start_of_line(self.text, item.value.start) <= item.start;
                    if *style == StructureStyle::Block && item.value.start > item.start && shares_line {
                        count(&mut self.dash, item.value.start - item.start);
                    }
                    self.see(&item.value);
                }
            }
            Shape::Map(_, pairs) => {
                for pair in pairs {
                    self.see_pair(pair);
                    self.see(&pair.value);
                }
            }
            Shape::Nothing | Shape::Scalar(_) | Shape::Alias(_) => {}
        }
    }

    fn see_pair(&mut self, pair: &Pair) {
        if pair.value.is_block_collection() && pair.key.start == pair.start {
            let column = |at: usize| at - start_of_line(self.text, at);
            let distance = column(first_start(&pair.value)).saturating_sub(column(pair.start));
            match &pair.value.shape {
                Shape::List(..) => count(&mut self.list, distance),
                _ => count(&mut self.map, distance),
            }
        }
        let habit = match &pair.value.shape {
            Shape::Scalar(style) => Habit { quotes: Quotes::of(std::iter::once(*style)), style: None },
            Shape::List(style, items) => {
                Habit { quotes: Quotes::of(scalar_styles(items.iter().map(|i| &i.value))), style: Some(*style) }
            }
            Shape::Map(style, pairs) => {
                Habit { quotes: Quotes::of(scalar_styles(pairs.iter().map(|p| &p.value))), style: Some(*style) }
            }
            Shape::Nothing | Shape::Alias(_) => return,
        };
        let key = &self.text[pair.key.content..pair.key.end];
        let has_shown = !matches!(&pair.value.shape, Shape::List(_, items) if items.is_empty());
        if has_shown {
            self.keys.entry(key.trim_matches(['"', '\''])).or_insert(habit);
        }
    }
}

/// Returns the styles of those values that are scalars.
pub(super) fn scalar_styles<'b>(blocks: impl Iterator<Item = &'b Block>) -> impl Iterator<Item = ScalarStyle> {
    blocks.filter_map(|block| match block.shape {
        Shape::Scalar(style) => Some(style),
        _ => None,
    })
}

/// Returns where the first item or entry begins.
pub(super) fn first_start(block: &Block) -> usize {
    match &block.shape {
        Shape::List(_, items) => items.first().map_or(block.content, |item| item.start),
        Shape::Map(_, pairs) => pairs.first().map_or(block.content, |pair| pair.start),
        _ => block.content,
    }
}

fn count(counts: &mut [usize; 9], distance: usize) {
    counts[distance.min(8)] += 1;
}

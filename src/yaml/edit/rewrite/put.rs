//! Writes another value where one stands.

use super::Rewriter;
use crate::error::Result;
use crate::yaml::edit::arrange::Arrangement;
use crate::yaml::edit::habits::{Quotes, first_start};
use crate::yaml::edit::layout::{Block, PairKind, Shape};
use crate::yaml::edit::path::Introducer;
use crate::yaml::edit::pieces::Pieces;
use crate::yaml::edit::proof::same;
use crate::yaml::edit::scan::{end_of_line, start_of_line};
use crate::yaml::edit::splice::Splice;
use crate::yaml::{Node, Value};
use granit_parser::{ScalarStyle, StructureStyle};
use std::ops::Range;

impl Rewriter<'_> {
    /// Puts another value in place of the target.
    pub(super) fn replace(&self, new: &Node) -> Result<Vec<Splice>> {
        let block = self.target.block;
        let lists = (self.target.node.as_sequence(), new.as_sequence());
        if let (Shape::List(..), (Some(old), Some(items))) = (&block.shape, lists)
            && !old.is_empty()
            && !items.is_empty()
        {
            return self.realign(old, items);
        }
        self.put(new)
    }

    /// Makes a list hold `new` and keeps what stays the same at both of its ends.
    fn realign(&self, old: &[Node], new: &[Node]) -> Result<Vec<Splice>> {
        let Some(mut arrangement) = self.arrangement()? else { return Ok(Vec::new()) };
        let pairs = |(a, b): &(&Node, &Node)| same(&a.value, &b.value);
        let head = old.iter().zip(new).take_while(pairs).count();
        let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(pairs).count();
        let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
        let both = gone.len().min(come.len());
        for (i, item) in come.iter().take(both).enumerate().filter(|(i, item)| !same(&gone[*i].value, &item.value)) {
            arrangement.replace(head + i, &self.item(item));
        }
        let gap = arrangement.gap();
        for (i, item) in come.iter().enumerate().skip(both) {
            arrangement.put(head + i, Arrangement::piece(self.item(item)), gap.clone());
        }
        for _ in both..gone.len() {
            arrangement.take(head + both);
        }
        Ok(arrangement.splices())
    }

    /// Writes `new` where the target stands, without regard to what it has in common with it.
    pub(super) fn put(&self, new: &Node) -> Result<Vec<Splice>> {
        let block = self.target.block;
        let quotes = self.quotes();
        let keeps_flow = matches!(&block.shape, Shape::List(StructureStyle::Flow, i) if !i.is_empty())
            || matches!(&block.shape, Shape::Map(StructureStyle::Flow, p) if !p.is_empty());
        let is_text = matches!(new.value, Value::String(_));
        // Lines of text would take in a comment below them.
        let below = self.text[end_of_line(self.text, block.end)..].trim_start();
        let wants_line = (keeps_flow && !is_text) || (is_text && below.starts_with('#'));
        let rendered = if self.target.in_flow || wants_line {
            format!(" {}", self.renderer.inline(&new.value, quotes))
        } else {
            self.rendered(new, quotes)
        };
        let (head, rest) = rendered.split_at(rendered.find(['\n', '\r']).unwrap_or(rendered.len()));
        Ok(match &block.shape {
            Shape::List(StructureStyle::Block, _) | Shape::Map(StructureStyle::Block, _) => {
                return self.put_for_lines(head, rest);
            }
            Shape::Nothing => {
                let is_bare_key = matches!(self.target.introducer, Introducer::Key(_, PairKind::KeyOnly));
                let head = if is_bare_key { format!(":{head}") } else { head.to_owned() };
                self.spread(block.end..block.end, head, rest)
            }
            Shape::Scalar(_) | Shape::Alias(_) | Shape::List(..) | Shape::Map(..) => {
                let is_tagged = self.text[block.start..block.content].contains('!');
                let start = if is_tagged { block.start } else { block.content };
                if head.trim().is_empty() {
                    self.spread(self.introduced().min(start)..block.end, String::new(), rest)
                } else {
                    self.spread(start..block.end, head.trim_start().to_owned(), rest)
                }
            }
        })
    }

    /// Returns what stands behind the target's dash or key to give it the value `new`.
    fn rendered(&self, new: &Node, quotes: Quotes) -> String {
        let column = self.column(self.target.start);
        match self.target.introducer {
            Introducer::Key(key, _) => self.renderer.value(column, Some(key), new, quotes),
            Introducer::Item(_) => {
                let item = self.renderer.item(column, self.renderer.habits.dash, new, quotes);
                item.strip_prefix('-').unwrap_or(&item).to_owned()
            }
            Introducer::None => {
                let lines = self.renderer.lines(0, self.renderer.habits.dash, &new.value, quotes);
                lines.unwrap_or_else(|| self.renderer.inline(&new.value, quotes))
            }
        }
    }

    /// Replaces `range` by `head`, and puts the lines `rest` behind the end of its line.
    fn spread(&self, range: Range<usize>, head: String, rest: &str) -> Vec<Splice> {
        let line_end = end_of_line(self.text, range.end);
        let mut splices = vec![Splice { range, text: head }];
        if !rest.is_empty() {
            splices.push(Splice { range: line_end..line_end, text: rest.to_owned() });
        }
        splices
    }

    /// Replaces a list or map of lines.
    fn put_for_lines(&self, head: &str, rest: &str) -> Result<Vec<Splice>> {
        let block = self.target.block;
        let (introduced, first) = (self.introduced(), first_start(block));
        let end = match Pieces::cut(self.text, block) {
            Ok(Some(pieces)) => pieces.range.end,
            Ok(None) => block.end,
            Err(uncut) => return Err(self.refusal(uncut.1, uncut.0)),
        };
        if self.is_root() || start_of_line(self.text, first) < introduced {
            let text = format!("{}{rest}", head.trim_start());
            let end = if rest.is_empty() { block.end } else { end };
            return Ok(vec![Splice { range: first..end, text }]);
        }
        let line_end = end_of_line(self.text, introduced).min(end);
        Ok(vec![
            Splice { range: introduced..introduced, text: head.to_owned() },
            Splice { range: line_end..end, text: rest.to_owned() },
        ])
    }

    /// Returns the quotes for a value in place of the target.
    fn quotes(&self) -> Quotes {
        let own = match self.target.block.shape {
            Shape::Scalar(ScalarStyle::SingleQuoted) => Quotes::Single,
            Shape::Scalar(ScalarStyle::DoubleQuoted) => Quotes::Double,
            _ => Quotes::None,
        };
        match self.target.introducer {
            _ if own != Quotes::None => own,
            Introducer::Item(Block { shape: Shape::List(_, items), .. }) => {
                self.quotes_of(items.iter().map(|item| &item.value)).if_needed()
            }
            Introducer::Key(key, _) => match self.renderer.habits.of_key(key) {
                Some(habit) if matches!(self.target.block.shape, Shape::Scalar(_)) => habit.quotes.if_needed(),
                Some(habit) => habit.quotes,
                None => own,
            },
            _ => own,
        }
    }
}

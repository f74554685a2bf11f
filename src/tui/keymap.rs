//! Which key does what where: the preset of `assets/keymap.yaml`, overlaid by the user's own file.

use super::command::{Command, SCOPES, Scope};
use super::key::Key;
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::{self, Entry, Node, Value};
use indexmap::IndexMap;
use std::sync::Arc;

const PRESET: &str = include_str!("../../assets/keymap.yaml");

/// Takes a key away from the preset.
const UNBOUND: &str = "none";

/// The keys of every scope, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keymap {
    scopes: IndexMap<Scope, IndexMap<Key, Command>>,
}

impl Keymap {
    /// Returns the preset with the user's keymap laid over it.
    ///
    /// # Errors
    /// Returns an error with its place for scopes, keys and commands that do not exist, and if nothing quits any more.
    pub fn load(overlay: Option<&Arc<Source>>) -> Result<Self> {
        let mut keymap = Self::default();
        keymap.overlay(&Source::new("keymap.yaml", PRESET))?;
        if let Some(source) = overlay {
            keymap.overlay(source)?;
            keymap.check(source)?;
        }
        Ok(keymap)
    }

    fn overlay(&mut self, source: &Arc<Source>) -> Result<()> {
        let document = yaml::read(source)?;
        let scopes = match &document.value {
            Value::Mapping(scopes) => scopes,
            Value::Null => return Ok(()),
            _ => return Err(wrong(&document, "a map from scopes to keys")),
        };
        for (name, Entry { key: place, node }) in scopes {
            let Some((_, scope)) = SCOPES.iter().find(|(known, _)| known == name) else {
                let known: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
                let error = Error::input(format!("there is no scope `{name}`")).at(place);
                return Err(error.hint(format!("the scopes are: {}", known.join(", "))));
            };
            let Some(keys) = node.as_mapping() else { return Err(wrong(node, "a map from keys to commands")) };
            let mut met: Vec<(Key, &str)> = Vec::new();
            for (text, Entry { key: place, node }) in keys {
                let key = Key::parse(text).ok_or_else(|| {
                    let error = Error::input(format!("there is no key `{text}`")).at(place);
                    error.hint("keys are written like `j`, `G`, `ctrl-r`, `shift-tab`, `alt-up`, `f1`, `space`")
                })?;
                if let Some((_, other)) = met.iter().find(|(known, _)| *known == key) {
                    return Err(Error::input(format!("`{text}` and `{other}` are the same key")).at(place));
                }
                met.push((key, text));
                self.bind(*scope, key, node)?;
            }
        }
        Ok(())
    }

    fn bind(&mut self, scope: Scope, key: Key, node: &Node) -> Result<()> {
        let Some(name) = node.as_text() else { return Err(wrong(node, "the name of a command")) };
        let keys = self.scopes.entry(scope).or_default();
        if name == UNBOUND {
            keys.shift_remove(&key);
            return Ok(());
        }
        let Some(command) = Command::from_name(name) else {
            let error = Error::input(format!("there is no command `{name}`")).at(&node.place);
            return Err(error.hint("the palette (`?`) lists the commands by name"));
        };
        keys.insert(key, command);
        Ok(())
    }

    /// Refuses keymaps that one could not get out of.
    fn check(&self, source: &Arc<Source>) -> Result<()> {
        let needed = [(Scope::Global, Command::Quit), (Scope::Input, Command::Cancel), (Scope::Confirm, Command::No)];
        match needed.into_iter().find(|(scope, command)| self.keys(*scope, *command).next().is_none()) {
            None => Ok(()),
            Some((scope, command)) => {
                let message =
                    format!("`{}` leaves no key for `{}` in `{}`", source.name(), command.name(), scope.name());
                Err(Error::input(message).hint("bind a key to it"))
            }
        }
    }

    /// Returns the command of a key, asking `scopes` in order.
    pub fn command(&self, scopes: &[Scope], key: Key) -> Option<Command> {
        scopes.iter().find_map(|scope| self.scopes.get(scope)?.get(&key).copied())
    }

    /// Returns the keys of a command in a scope, in the order of the file.
    pub fn keys(&self, scope: Scope, command: Command) -> impl Iterator<Item = Key> {
        let keys = self.scopes.get(&scope).into_iter().flatten();
        keys.filter(move |(_, bound)| **bound == command).map(|(key, _)| *key)
    }

    /// Returns the first key that runs a command while `scopes` are in force, if none of its keys is shadowed.
    pub fn key_for(&self, scopes: &[Scope], command: Command) -> Option<Key> {
        let candidates = scopes.iter().flat_map(|scope| self.keys(*scope, command));
        candidates.into_iter().find(|key| self.command(scopes, *key) == Some(command))
    }

    /// Returns all keys of a command with their scopes.
    pub fn all_keys(&self, command: Command) -> Vec<(Scope, Key)> {
        SCOPES.iter().flat_map(|(_, scope)| self.keys(*scope, command).map(|key| (*scope, key))).collect()
    }
}

fn wrong(node: &Node, wanted: &str) -> Error {
    Error::input(format!("this should be {wanted}, but is {}", node.kind())).at(&node.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlaid(text: &str) -> Result<Keymap> {
        Keymap::load(Some(&Source::new("mine.yaml", text)))
    }

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    #[test]
    fn every_command_has_a_key_in_the_preset() {
        let keymap = Keymap::load(None).unwrap();
        for command in Command::ALL {
            assert!(!keymap.all_keys(*command).is_empty(), "{} has no key", command.name());
        }
    }

    #[test]
    fn the_innermost_scope_decides() {
        let keymap = Keymap::load(None).unwrap();
        let scopes = [Scope::Review, Scope::Global];
        assert_eq!(keymap.command(&scopes, key("y")), Some(Command::Confirm));
        assert_eq!(keymap.command(&scopes[1..], key("y")), Some(Command::Copy));
    }

    #[test]
    fn an_overlay_adds_moves_and_removes_keys() {
        let keymap = overlaid("global: {Q: quit, q: none}\nrunners: {t: add-mapping}\n").unwrap();
        assert_eq!(keymap.command(&[Scope::Global], key("q")), None);
        assert_eq!(keymap.command(&[Scope::Global], key("Q")), Some(Command::Quit));
        assert_eq!(keymap.command(&[Scope::Runners], key("t")), Some(Command::AddMapping));
    }

    #[test]
    fn mistakes_are_refused_with_their_place() {
        for (text, place) in [
            ("globl: {}", "mine.yaml:1:1"),
            ("global:\n  hyper-q: quit", "mine.yaml:2:3"),
            ("global:\n  x: qiut", "mine.yaml:2:6"),
            ("global:\n  x: quit\n  x: undo", "mine.yaml:3:3"),
            ("global:\n  ctrl-alt-x: quit\n  alt-ctrl-x: undo", "mine.yaml:3:3"),
            ("global: 3", "mine.yaml:1:9"),
        ] {
            let error = overlaid(text).unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
    }

    #[test]
    fn a_keymap_without_a_way_out_is_refused() {
        let error = overlaid("global: {q: none, ctrl-c: none}").unwrap_err();
        assert!(error.message.contains("quit"), "{error}");
    }
}

//! Places that only so many may hold at once, and the line of those who wait for one, across processes.
//!
//! Owns: who is ahead of whom, and that a place or a turn ends with its holder. Whoever asks does so again and again; there
//! is no message. Leaves to `build`: what a place is for, how long one waits, and what is said.

use std::path::PathBuf;

use super::Store;
use super::digest::Digest;
use super::error::Error;
use super::lock::{Claim, Locks};
use crate::clock::{Timestamp, new_id};

/// Places of one kind, and their line.
#[derive(Debug, Clone)]
pub struct Line {
    places: Locks,
    turns: Locks,
}

/// A place, given back when this is dropped or its process dies.
#[derive(Debug)]
pub struct Place {
    _claim: Claim,
}

/// A turn in the line, given up when this is dropped or its process dies.
#[derive(Debug)]
pub struct Turn {
    line: Line,
    name: String,
    _claim: Claim,
}

impl Store {
    /// The line for places called `kind`, such as `builds` or `project/NAME`.
    pub fn line(&self, kind: &str) -> Result<Line, Error> {
        let root: PathBuf = self.path().join("lines").join(Digest::of(kind.as_bytes()).short());
        Ok(Line { places: Locks::at(root.join("places"))?, turns: Locks::at(root.join("turns"))? })
    }
}

impl Line {
    /// Takes one of `limit` places for `who`; none when all are held.
    pub fn take(&self, limit: u32, who: &str) -> Result<Option<Place>, Error> {
        for number in 0..limit {
            if let Some(claim) = self.places.claim(&number.to_string())? {
                claim.note(who)?;
                return Ok(Some(Place { _claim: claim }));
            }
        }
        Ok(None)
    }

    /// Who holds a place, as each said.
    pub fn holders(&self) -> Result<Vec<String>, Error> {
        held(&self.places, &self.places.names()?)
    }

    /// Joins the end of the line.
    pub fn join(&self, at: Timestamp, who: &str) -> Result<Turn, Error> {
        let name = format!("{:020}-{}", at.as_millisecond().max(0), new_id());
        // Nobody else has this name.
        let claim = self.turns.claim(&name)?.ok_or_else(|| {
            Error::io("lock", &self.turns.path(&name), std::io::ErrorKind::AlreadyExists.into())
        })?;
        claim.note(who)?;
        Ok(Turn { line: self.clone(), name, _claim: claim })
    }
}

impl Turn {
    /// Who is ahead, the next first.
    pub fn ahead(&self) -> Result<Vec<String>, Error> {
        let mut names = self.line.turns.names()?;
        names.retain(|name| *name < self.name);
        held(&self.line.turns, &names)
    }
}

/// What the living holders of these names noted.
fn held(locks: &Locks, names: &[String]) -> Result<Vec<String>, Error> {
    let mut held = Vec::new();
    for name in names {
        if locks.is_claimed(name)? {
            held.push(locks.noted(name));
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Paths;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn only_so_many_hold_a_place_and_the_others_stand_in_line() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
        let line = store.line("builds").unwrap();
        let first = line.take(2, "first").unwrap().unwrap();
        let second = line.take(2, "second").unwrap().unwrap();
        assert!(line.take(2, "third").unwrap().is_none());
        assert_eq!(line.holders().unwrap(), ["first", "second"]);
        // Somebody who allows fewer sees the same places.
        assert!(line.take(1, "third").unwrap().is_none());
        assert!(store.line("project/web").unwrap().take(1, "other").unwrap().is_some());

        let third = line.join(at(10), "third").unwrap();
        let fourth = line.join(at(11), "fourth").unwrap();
        assert_eq!(third.ahead().unwrap(), Vec::<String>::new());
        assert_eq!(fourth.ahead().unwrap(), ["third"]);
        drop(first);
        let place = line.take(2, "third").unwrap().unwrap();
        drop(third);
        assert_eq!(fourth.ahead().unwrap(), Vec::<String>::new());
        assert_eq!(line.holders().unwrap(), ["third", "second"]);
        drop((second, place));
        assert_eq!(line.holders().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_a_dead_holder_left_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
        let line = store.line("builds").unwrap();
        std::fs::write(line.places.path("0"), "a dead one").unwrap();
        std::fs::write(line.turns.path("00000000000000000001-x"), "a dead one").unwrap();
        let turn = line.join(at(1), "next").unwrap();
        assert_eq!(turn.ahead().unwrap(), Vec::<String>::new());
        let _place = line.take(1, "next").unwrap().unwrap();
        assert_eq!(line.holders().unwrap(), ["next"]);
    }
}

//! One problem of the configuration, as data: the key, its place, the problem and the remedy.
//!
//! Made when the sources are read and when they become a plan. The command line shows the sentence,
//! `check` shows the parts. No value that may be a secret is kept.

use std::fmt;
use std::path::PathBuf;

use crate::told::{Tell, Told, tells};

/// A problem of one key, or of a whole source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `section.key`, or a section; empty for a whole source.
    pub key: String,
    /// The source, if the problem was found while reading it.
    pub place: Option<Box<ValuePlace>>,
    /// The problem and the remedy.
    pub told: Told,
    lead: Lead,
}

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuePlace {
    /// A file, and the line if it is known.
    File(PathBuf, Option<usize>),
    /// An environment variable.
    Variable(String),
    /// Another source, by its name: the command line, a default.
    Named(String),
}

impl fmt::Display for ValuePlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, None) => write!(out, "`{}`", path.display()),
            Self::File(path, Some(line)) => write!(out, "`{}`, line {line}", path.display()),
            Self::Variable(name) => write!(out, "the environment variable `{name}`"),
            Self::Named(name) => out.write_str(name),
        }
    }
}

/// The beginning of the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lead {
    /// The key, and the place if that is known.
    Key,
    /// The key under its other names.
    Named(&'static str),
    /// Nothing: the problem is a whole sentence.
    Nothing,
    /// Nothing: the sentence says that the key is not set.
    Missing,
}

impl Problem {
    /// The problem of an invalid value: `` `key`: what: advice ``.
    #[must_use]
    pub fn new(key: impl Into<String>, what: impl fmt::Display, advice: impl fmt::Display) -> Self {
        Self::told(key, Told::new(what, ": ", advice))
    }

    /// The problem of a value that an error refuses.
    #[must_use]
    pub fn told(key: impl Into<String>, error: impl Tell) -> Self {
        Self { key: key.into(), place: None, told: error.told(), lead: Lead::Key }
    }

    /// The problem of a key that must be set.
    #[must_use]
    pub fn missing(key: &str, advice: &str) -> Self {
        let what = format!("`{key}` is not set");
        Self { lead: Lead::Missing, ..Self::new(key, what, format!("name {advice}")) }
    }

    /// Returns the problem as a sentence that names the key itself.
    #[must_use]
    pub fn as_sentence(self) -> Self {
        Self { lead: Lead::Nothing, ..self }
    }

    /// Returns the problem with the key under other names.
    #[must_use]
    pub fn named(self, names: &'static str) -> Self {
        Self { lead: Lead::Named(names), ..self }
    }

    /// Returns the problem with the source of the value.
    #[must_use]
    pub fn in_place(self, place: ValuePlace) -> Self {
        Self { place: Some(Box::new(place)), ..self }
    }

    /// Returns whether the key must be set and is not.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.lead == Lead::Missing
    }
}

impl Tell for Problem {
    fn told(&self) -> Told {
        let Self { key, told, .. } = self;
        match (&self.lead, &self.place) {
            (Lead::Key, Some(place)) => told.clone().after(format_args!("`{key}` in {place}: ")),
            (Lead::Key, None) => told.clone().after(format_args!("`{key}`: ")),
            (Lead::Named(names), _) => told.clone().after(format_args!("{names}: ")),
            (Lead::Nothing | Lead::Missing, _) => told.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Tell::told(self).fmt(out)
    }
}

/// All problems of a part of the configuration; shown as the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Keeps the problems, and returns the valid value.
    pub fn sort<T, E: Into<Self>>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.extend(error.into().0)).ok()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

tells!(Problems {
    Self(problems) => problems.first().map_or_else(|| Told::only(""), Tell::told)
});

impl std::error::Error for Problems {}

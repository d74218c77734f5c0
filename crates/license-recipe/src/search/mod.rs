//! The search for a formula: which recipe makes the keys that are known?
//!
//! All recipes of a space ([`Depth`]) are tried on one key with plain digests, without the recipe
//! language; a candidate is written as a recipe, read by [`Recipe::parse`] and evaluated for every
//! key. Only recipes that the language itself reproduces are reported. Pure: no I/O and no clock;
//! it uses all cores.

mod depth;
mod field;
mod form;
mod needle;
mod order;
mod outcome;
mod reading;
mod space;
mod text;

use std::cmp::Reverse;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{Fact, Recipe, Spellings};
use crate::{Fit, Sample};
use field::Field;
use needle::Needles;
use reading::Reading;
use space::{LikelyRecipe, Space};

pub use depth::Depth;
pub use field::{LeftOut, MOST_FIELDS};
pub use outcome::{FoundRecipe, SearchOutcome};
pub use reading::SHORTEST;

/// A chance below which a formula that fits is no accident.
const ACCIDENT: f64 = 1e-4;

/// In how many places of a digest a short key may stand, on average.
const PLACES: f64 = 48.0;

/// How many orders of values are tried before a formula that was found ends the search. It is a
/// fixed number, so that the result is the same on any machine.
const BATCH: usize = 32;

/// A search, before it is run.
pub struct Search {
    samples: Vec<Sample>,
    fields: Vec<Field>,
    left_out: Vec<(Fact, LeftOut)>,
    depth: Depth,
    exhaustive: bool,
    keys: Vec<SampleKey>,
    sizes: Vec<u64>,
}

/// The key of one sample.
struct SampleKey {
    readings: Vec<Reading>,
    needles: Needles,
}

impl SampleKey {
    fn new(sample: &Sample, number: usize, fields: &[Field], depth: Depth) -> Self {
        let readings = Reading::all(sample.key(), fields, number);
        let needles = Needles::new(&readings, depth.backwards());
        Self { readings, needles }
    }
}

/// Why no search is possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No key at all.
    #[error(
        "there is no key to search with: give at least one row of e-mail, package group and key"
    )]
    NoKey,
    /// A key that any formula could make.
    #[error(
        "line {line}: a key of fewer than {SHORTEST} characters fits too many formulas: use a longer one"
    )]
    Short {
        /// The line the key stands in.
        line: usize,
    },
    /// A key that no digest makes.
    #[error(
        "line {line}: the key can be no digest, not even a part of one: look for the formula in the \
         plugin's source"
    )]
    NoDigest {
        /// The line the key stands in.
        line: usize,
    },
}

impl Search {
    /// Prepares a search for the formula of the keys of `samples`. `texts` are further texts that
    /// may be part of the formula. With `exhaustive` it goes on after it has found a formula.
    pub fn new(
        mut samples: Vec<Sample>,
        texts: &[String],
        depth: Depth,
        exhaustive: bool,
    ) -> Result<Self, SearchError> {
        // The one of which most is known is searched with, and of these the longest key. Those that
        // are no digests come last: the formula found by others is tried on them.
        samples.sort_by_cached_key(|sample| {
            let known = Fact::ALL.iter().filter(|fact| sample.knows(**fact)).count();
            let is_digest = !SampleKey::new(sample, 0, &[], depth).needles.is_empty();
            Reverse((is_digest, known, sample.key().len()))
        });
        let (fields, left_out) = field::fields(&samples, texts);
        let numbered = samples.iter().enumerate();
        let keys: Vec<_> = numbered
            .map(|(number, sample)| SampleKey::new(sample, number, &fields, depth))
            .collect();
        let (Some(first), Some(key)) = (samples.first(), keys.first()) else {
            return Err(SearchError::NoKey);
        };
        let line = first.line;
        if first.key().chars().count() < SHORTEST {
            return Err(SearchError::Short { line });
        }
        if key.needles.is_empty() {
            return Err(SearchError::NoDigest { line });
        }
        let mut search =
            Self { samples, fields, left_out, depth, exhaustive, keys, sizes: Vec::new() };
        let sizes = search.spaces().next().map(|space| space.sizes());
        search.sizes = sizes.unwrap_or_default();
        Ok(search)
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.samples.len()
    }

    /// Returns whether no e-mail holds a capital: then the samples do not show whether a formula
    /// lowers them.
    #[must_use]
    pub fn emails_are_lower(&self) -> bool {
        let has_capital = |sample: &Sample| sample.email.bytes().any(|b| b.is_ascii_uppercase());
        !self.samples.iter().any(has_capital)
    }

    /// The values and texts that formulas are made of, as a recipe spells them.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.source(field::Case::AsIs)).collect()
    }

    /// The values that formulas are not made of, and why.
    #[must_use]
    pub fn left_out(&self) -> &[(Fact, LeftOut)] {
        &self.left_out
    }

    /// How many formulas the space holds that such a key can come from.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.sizes.iter().sum()
    }

    /// How many of them fit by accident, for a space of this size: an estimate.
    #[must_use]
    pub fn accidents(&self) -> f64 {
        self.accidents_for(|_| true)
    }

    /// How many of them join so many values, from one value on. Such formulas take about the same
    /// time each.
    #[must_use]
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Tries some of the formulas that join so many values, on all cores, without looking for the
    /// key; gives how many. The time it takes tells how long the others will.
    #[must_use]
    pub fn try_some(&self, joined: usize) -> u64 {
        let Some(space) = self.spaces().next() else { return 0 };
        let orders = space.orders(joined);
        let cores = rayon::current_num_threads();
        let step = (orders.len() / cores).max(1);
        let some: Vec<_> = orders.iter().skip(step / 2).step_by(step).take(cores).collect();
        some.par_iter().map(|order| space.try_order(order, &mut |_| ())).sum()
    }

    /// Searches. `watch` is called again and again with how many more formulas were tried.
    #[must_use]
    pub fn run(&self, watch: &(dyn Fn(u64) + Sync)) -> SearchOutcome {
        let mut outcome = SearchOutcome::default();
        for (number, space) in self.spaces().enumerate() {
            self.run_space(number, &space, watch, &mut outcome);
            if outcome.best().is_some() {
                break;
            }
        }
        outcome.finish();
        outcome
    }

    fn run_space(
        &self,
        number: usize,
        space: &Space<'_>,
        watch: &(dyn Fn(u64) + Sync),
        outcome: &mut SearchOutcome,
    ) {
        let convincing = self.accidents() < ACCIDENT;
        outcome.spaces += 1;
        for joined in 1..=self.most_joined() {
            let orders = space.orders(joined);
            for batch in orders.chunks(BATCH) {
                let found = batch.par_iter().map(|order| {
                    let mut found = SearchOutcome::default();
                    found.tried = space.try_order(order, &mut |candidate| {
                        self.look_at(number, &candidate, &mut found);
                    });
                    watch(found.tried);
                    found
                });
                *outcome = std::mem::take(outcome)
                    .and(found.reduce(SearchOutcome::default, SearchOutcome::and));
                if convincing && !self.exhaustive && outcome.fits_all() {
                    outcome.stopped_early = true;
                    return;
                }
            }
        }
    }

    /// Writes a candidate down as recipes and tries them on every key.
    fn look_at(&self, number: usize, candidate: &LikelyRecipe<'_>, found: &mut SearchOutcome) {
        let (Some(sample), Some(key)) = (self.samples.get(number), self.keys.get(number)) else {
            return;
        };
        let source = candidate.source();
        let spellings = Spellings::default();
        let Ok(recipe) = Recipe::parse(&source, &spellings) else { return };
        let Ok(text) = recipe.evaluate(&sample.facts()) else { return };
        let Ok(text) = String::from_utf8(text) else { return };
        for reading in &key.readings {
            for source in reading.sources(&source, &text, self.depth.backwards()) {
                let Ok(recipe) = Recipe::parse(&source, &spellings) else { continue };
                let fits: Vec<_> =
                    self.samples.iter().map(|sample| (sample.line, sample.fit(&recipe))).collect();
                if fits.iter().any(|(_, fit)| *fit == Fit::Same) {
                    found.add(FoundRecipe::new(source, candidate.parts(), fits));
                }
            }
        }
    }

    /// The spaces to search, one for each of the first two keys: one of them may be wrong.
    fn spaces(&self) -> impl Iterator<Item = Space<'_>> {
        let keys = self.keys.iter().enumerate().take(2).filter(|(_, key)| !key.needles.is_empty());
        keys.map(|(number, key)| Space::new(&self.fields, self.depth, number, &key.needles))
    }

    fn most_joined(&self) -> usize {
        space::most_joined(&self.fields, self.depth)
    }

    /// The accidents when the key of some lines must fit.
    fn accidents_for(&self, line: impl Fn(usize) -> bool) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let mut accidents = self.size() as f64 * PLACES;
        for (sample, key) in self.samples.iter().zip(&self.keys) {
            if line(sample.line) && !key.needles.is_empty() {
                accidents *= key.readings.iter().map(Reading::accident).sum::<f64>();
            }
        }
        accidents
    }

    /// Whether a formula fits the keys of these lines by accident, as far as can be told.
    #[must_use]
    pub fn may_be_accident(&self, formula: &FoundRecipe) -> bool {
        self.accidents_for(|line| formula.fitting().any(|fitting| fitting == line)) >= ACCIDENT
    }
}

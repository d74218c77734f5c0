//! What a search found.

use std::cmp::{Ordering, Reverse};

use super::Fit;

/// The most formulas that are kept.
const KEPT: usize = 500;

/// A recipe that makes some of the keys.
#[derive(Debug, Clone)]
pub struct FoundRecipe {
    /// The recipe.
    pub recipe: String,
    parts: usize,
    fits: Vec<(usize, Fit)>,
}

/// What a search found, and how much it tried.
#[derive(Debug, Default)]
pub struct SearchOutcome {
    /// The formulas that make most keys, simplest first; at most a few hundred.
    pub formulas: Vec<FoundRecipe>,
    /// Formulas that make as many keys, but were not kept.
    pub dropped: u64,
    /// How many formulas were tried.
    pub tried: u64,
    /// The keys that were searched with, one after the other.
    pub spaces: u64,
    /// The rest of the space was not searched, since a formula was found.
    pub stopped_early: bool,
    /// What the formulas that were dropped have in common with those kept.
    standing: Option<Coverage>,
}

/// Whether a formula makes every key it can be tried on, and how many it makes.
type Coverage = (bool, usize);

impl FoundRecipe {
    pub(super) fn new(recipe: String, parts: usize, mut fits: Vec<(usize, Fit)>) -> Self {
        fits.sort_by_key(|(line, _)| *line);
        Self { recipe, parts, fits }
    }

    /// What it makes of each line, in their order.
    #[must_use]
    pub fn fits(&self) -> &[(usize, Fit)] {
        &self.fits
    }

    /// The lines whose key it makes.
    pub fn fitting(&self) -> impl Iterator<Item = usize> {
        self.fits.iter().filter(|(_, fit)| *fit == Fit::Same).map(|(line, _)| *line)
    }

    /// Whether it makes every key it can be tried on.
    #[must_use]
    pub fn fits_all(&self) -> bool {
        self.fits.iter().all(|(_, fit)| matches!(fit, Fit::Same | Fit::Unknown(_)))
    }

    fn standing(&self) -> Coverage {
        (self.fits_all(), self.fitting().count())
    }

    /// Best first: most keys, fewest values, shortest.
    fn rank(&self) -> (Reverse<Coverage>, usize, usize, &str) {
        (Reverse(self.standing()), self.parts, self.recipe.len(), &self.recipe)
    }
}

impl SearchOutcome {
    /// The best formula.
    #[must_use]
    pub fn best(&self) -> Option<&FoundRecipe> {
        self.formulas.first()
    }

    /// Whether the best formula makes every key.
    #[must_use]
    pub fn fits_all(&self) -> bool {
        self.best().is_some_and(FoundRecipe::fits_all)
    }

    pub(super) fn add(&mut self, formula: FoundRecipe) {
        self.formulas.push(formula);
        if self.formulas.len() > 2 * KEPT {
            self.finish();
        }
    }

    /// Both together.
    pub(super) fn and(mut self, mut other: Self) -> Self {
        self.finish();
        other.finish();
        self.dropped = match self.standing.cmp(&other.standing) {
            Ordering::Less => other.dropped,
            Ordering::Equal => self.dropped + other.dropped,
            Ordering::Greater => self.dropped,
        };
        self.standing = self.standing.max(other.standing);
        self.formulas.append(&mut other.formulas);
        self.tried += other.tried;
        self.spaces += other.spaces;
        self.stopped_early |= other.stopped_early;
        self.finish();
        self
    }

    /// Keeps those that make most keys, each once.
    pub(super) fn finish(&mut self) {
        self.formulas.sort_by(|a, b| a.rank().cmp(&b.rank()));
        self.formulas.dedup_by(|a, b| a.recipe == b.recipe);
        let standing = self.best().map(FoundRecipe::standing);
        if standing > self.standing {
            self.dropped = 0;
            self.standing = standing;
        }
        self.formulas.retain(|formula| Some(formula.standing()) == standing);
        self.dropped += self.formulas.len().saturating_sub(KEPT) as u64;
        self.formulas.truncate(KEPT);
    }
}

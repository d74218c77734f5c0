//! Issues license keys and checks them.
//!
//! Built once from the configuration; used by the key services ([`KeyRing::issue`]), by `validate`,
//! `verify` and `download` ([`KeyRing::accepts`]) and at start ([`KeyRing::check`],
//! [`KeyRing::guessable`]). It does not decide who is authorised, and reads no clock.

use std::borrow::Cow;
use std::fmt;

use license_recipe::{Facts, LetterCase, Recipe, same, trimmed};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use subtle::Choice;

use super::accepted_as::{AcceptedAs, RecipeOf, SeedOf};
use super::key::{GroupSeed, KeyError, LicenseKey, Person, derive};
use super::known_keys::KnownKeys;
use crate::told::tells;

/// An old seed of a package group whose keys still count.
#[derive(Clone)]
pub struct AcceptedHash {
    /// The id of the package group.
    pub group: String,
    /// The old seed.
    pub hash: SecretString,
    /// The Unix time, in seconds, from which on it no longer counts; `None` for never.
    pub until: Option<i64>,
}

impl AcceptedHash {
    fn is_valid(&self, group: &GroupSeed<'_>, now: i64) -> bool {
        self.group == group.id && self.until.is_none_or(|until| now < until)
    }
}

impl fmt::Debug for AcceptedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedHash")
            .field("group", &self.group)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// How a key came to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// It counts as it is.
    Exactly,
    /// By hand.
    InAnyCase,
}

impl Typed {
    /// The key as a recipe that writes these letters would have written it.
    fn read(self, given: &[u8], case: LetterCase) -> Cow<'_, [u8]> {
        match (self, case) {
            (Self::InAnyCase, LetterCase::Lower) => given.to_ascii_lowercase().into(),
            (Self::InAnyCase, LetterCase::Upper) => given.to_ascii_uppercase().into(),
            _ => given.into(),
        }
    }
}

/// A recipe and seed that make keys anyone can compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guessable {
    /// The recipe.
    pub recipe: RecipeOf,
    /// The seed it was judged with.
    pub seed: SeedOf,
}

/// A recipe that cannot serve a package group, for any user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CheckError {
    /// The recipe.
    pub recipe: RecipeOf,
    /// The id of the package group.
    pub group: String,
    /// The seed it was tried with.
    pub seed: SeedOf,
    /// The error that every user would get.
    pub error: KeyError,
}

tells!(CheckError {
    Self { recipe, group, seed, error } => error
        .told()
        .after(format_args!("{recipe}, for package group `{group}` with {seed}: "))
});

/// Everything that makes or proves a license key. `Debug` shows no seed, key or secret.
///
/// The rules are in `docs/recipes.md`, "Accepted keys".
#[derive(Clone)]
pub struct KeyRing {
    recipe: Recipe,
    secret: SecretSlice<u8>,
    accepted_recipes: Vec<Recipe>,
    accepted_hashes: Vec<AcceptedHash>,
    accepted_keys: KnownKeys,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("recipe", &self.recipe)
            .field("accepted_recipes", &self.accepted_recipes)
            .field("accepted_hashes", &self.accepted_hashes)
            .field("accepted_keys", &self.accepted_keys)
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    /// A ring that issues and accepts by one recipe. `secret` is Joomla's `$secret`.
    #[must_use]
    pub fn new(recipe: Recipe, secret: &[u8]) -> Self {
        Self {
            recipe,
            secret: secret.to_vec().into(),
            accepted_recipes: Vec::new(),
            accepted_hashes: Vec::new(),
            accepted_keys: KnownKeys::default(),
        }
    }

    /// Accepts keys of these recipes as well, with every seed.
    #[must_use]
    pub fn with_accepted_recipes(mut self, recipes: Vec<Recipe>) -> Self {
        self.accepted_recipes = recipes;
        self
    }

    /// Accepts keys made with these old seeds as well, by every recipe.
    #[must_use]
    pub fn with_accepted_hashes(mut self, hashes: Vec<AcceptedHash>) -> Self {
        self.accepted_hashes = hashes;
        self
    }

    /// Accepts these single keys as well.
    #[must_use]
    pub fn with_accepted_keys(mut self, keys: KnownKeys) -> Self {
        self.accepted_keys = keys;
        self
    }

    /// The key of this person for this group.
    pub fn issue(
        &self,
        person: &Person<'_>,
        group: &GroupSeed<'_>,
    ) -> Result<LicenseKey, KeyError> {
        if self.is_unservable(group) {
            return Err(KeyError::Guessable { group: group.id.to_owned() });
        }
        let facts = facts(person, group, group.hash, self.secret.expose_secret());
        derive(&self.recipe, &facts)
    }

    /// Returns whether `given` is a key of this person for this group at `now` (Unix time in
    /// seconds).
    ///
    /// Every alternative is computed and compared in constant time, whichever matches, so the time
    /// reveals nothing about the key. Blanks around the key are ignored; an empty key never
    /// matches; an alternative that fails for this person leaves the others as they are.
    #[must_use]
    pub fn accepts(
        &self,
        given: &[u8],
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
    ) -> bool {
        self.accepts_telling(given, person, group, now, |_, _| {})
    }

    /// The same, and tells `each` alternative and whether it matched.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "a question is a key, an account, a package group and a time"
    )]
    pub fn accepts_telling(
        &self,
        given: &[u8],
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
        mut each: impl FnMut(AcceptedAs, Choice),
    ) -> bool {
        let mut matches = Choice::from(0);
        self.compare(trimmed(given), Typed::Exactly, person, group, now, |accepted_as, same| {
            matches |= same;
            each(accepted_as, same);
        });
        matches.into()
    }

    /// The first alternative that accepts the key; `None` for a key that [`KeyRing::accepts`] refuses.
    ///
    /// Every alternative is compared, in constant time each; only which one matched first shows.
    #[must_use]
    pub fn accepted_as(
        &self,
        given: &[u8],
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
    ) -> Option<AcceptedAs> {
        let mut found = None;
        let _ = self.accepts_telling(given, person, group, now, |accepted_as, same| {
            found = found.or_else(|| bool::from(same).then_some(accepted_as));
        });
        found
    }

    /// As [`KeyRing::accepts`], for a key that was typed by hand into a field of Joomla: if a
    /// recipe writes letters of only one case, the other case is accepted too. No two keys become
    /// equal by that.
    #[must_use]
    pub fn accepts_typed(
        &self,
        given: &[u8],
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
    ) -> bool {
        let mut matches = Choice::from(0);
        self.compare(trimmed(given), Typed::InAnyCase, person, group, now, |_, same| {
            matches |= same;
        });
        matches.into()
    }

    /// Compares a key with every alternative, and passes each result to `each`.
    #[expect(
        clippy::too_many_arguments,
        reason = "a question is a key and how it was typed, an account, a package group and a time"
    )]
    pub(super) fn compare(
        &self,
        given: &[u8],
        typed: Typed,
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
        mut each: impl FnMut(AcceptedAs, Choice),
    ) {
        for (recipe_of, recipe) in self.recipes() {
            let given = &*typed.read(given, recipe.letter_case());
            for (seed, hash) in self.seeds(group, now) {
                let facts = facts(person, group, hash, self.secret.expose_secret());
                // An empty value stands in for a failed or refused one: it cannot match below.
                let expected = recipe.evaluate(&facts).unwrap_or_default();
                let served = recipe_of != RecipeOf::Issuing || !self.is_unservable(group);
                let same = same(given, &expected) & Choice::from(u8::from(served));
                each(AcceptedAs::Made { recipe: recipe_of, seed }, same);
            }
        }
        for key in self.accepted_keys.of(person.email, group.id) {
            each(AcceptedAs::Known, same(given, key));
        }
    }

    /// The recipe and seed combinations that make keys anyone can compute for this group at `now`.
    #[must_use]
    pub fn guessable(&self, group: &GroupSeed<'_>, now: i64) -> Vec<Guessable> {
        let secret_empty = self.secret.expose_secret().is_empty();
        let mut found = Vec::new();
        for (recipe_of, recipe) in self.recipes() {
            for (seed, hash) in self.seeds(group, now) {
                if recipe.is_guessable(hash.is_empty(), secret_empty) {
                    found.push(Guessable { recipe: recipe_of, seed });
                }
            }
        }
        found
    }

    /// Whether the group must be treated as unknown: the default recipe would read neither a hash
    /// nor a secret. Another recipe of that kind is the operator's choice and is served.
    #[must_use]
    pub fn is_unservable(&self, group: &GroupSeed<'_>) -> bool {
        let secret_empty = self.secret.expose_secret().is_empty();
        self.recipe.is_default() && self.recipe.is_guessable(group.hash.is_empty(), secret_empty)
    }

    /// Returns the problems of the recipes for this group that affect every user; called at start.
    ///
    /// Each recipe is judged with the longest legal user and tried on made-up ones; it is reported
    /// when it can exceed the limits, or fails or is empty for all of those. Only the issuing
    /// recipe must give text: a client can send any bytes, but an answer cannot.
    #[must_use]
    pub fn check(&self, group: &GroupSeed<'_>, now: i64) -> Vec<CheckError> {
        let mut problems = Vec::new();
        for (recipe_of, recipe) in self.recipes() {
            for (seed, hash) in self.seeds(group, now) {
                if let Err(error) = self.try_out(recipe_of, recipe, group, hash) {
                    let group = group.id.to_owned();
                    problems.push(CheckError { recipe: recipe_of, group, seed, error });
                }
            }
        }
        problems
    }

    fn try_out(
        &self,
        recipe_of: RecipeOf,
        recipe: &Recipe,
        group: &GroupSeed<'_>,
        hash: &str,
    ) -> Result<(), KeyError> {
        let secret = self.secret.expose_secret();
        recipe.check(&facts(&SAMPLES[0], group, hash, secret))?;
        let outcomes = SAMPLES.map(|person| derive(recipe, &facts(&person, group, hash, secret)));
        let fatal = |outcome: &Result<LicenseKey, KeyError>| match outcome {
            Err(KeyError::NotText) => recipe_of == RecipeOf::Issuing,
            _ => false,
        };
        if outcomes.iter().any(fatal) {
            return Err(KeyError::NotText);
        }
        let works = |outcome: &Result<LicenseKey, KeyError>| {
            matches!(outcome, Ok(_) | Err(KeyError::NotText))
        };
        if outcomes.iter().any(works) {
            return Ok(());
        }
        outcomes.into_iter().find_map(Result::err).map_or(Ok(()), Err)
    }

    fn recipes(&self) -> impl Iterator<Item = (RecipeOf, &Recipe)> {
        let accepted = (1..).map(RecipeOf::Accepted).zip(&self.accepted_recipes);
        std::iter::once((RecipeOf::Issuing, &self.recipe)).chain(accepted)
    }

    fn seeds<'a>(
        &'a self,
        group: &'a GroupSeed<'_>,
        now: i64,
    ) -> impl Iterator<Item = (SeedOf, &'a str)> {
        let accepted = (1..)
            .zip(&self.accepted_hashes)
            .filter(move |(_, accepted)| accepted.is_valid(group, now))
            .map(|(entry, accepted)| (SeedOf::Accepted(entry), accepted.hash.expose_secret()));
        std::iter::once((SeedOf::Current, group.hash)).chain(accepted)
    }
}

/// Made-up users to try a recipe on. Some are all digits, for recipes that want numbers.
const SAMPLES: [Person<'static>; 6] = [
    sample(62, "Alice Example", "alice", "alice@example.com"),
    sample(1001, "Bob O'Neil", "bob.oneil", "Bob+tag@example.org"),
    sample(7, "Carol", "carol_1", "carol@mail.example.net"),
    sample(123_456, "Dave Long Name Example", "dave", "d@example.com"),
    sample(42, "1234567", "1234567", "1234567"),
    sample(990, "8901234", "8901234", "8901234"),
];

const fn sample(
    user_id: i64,
    name: &'static str,
    username: &'static str,
    email: &'static str,
) -> Person<'static> {
    Person { user_id, name, username, email }
}

fn facts<'a>(
    person: &Person<'a>,
    group: &GroupSeed<'a>,
    hash: &'a str,
    secret: &'a [u8],
) -> Facts<'a> {
    Facts {
        email: person.email,
        username: person.username,
        name: person.name,
        user_id: person.user_id,
        group: group.id,
        group_name: group.name,
        hash,
        secret,
    }
}

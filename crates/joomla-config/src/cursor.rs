//! A place among the words of a file.

use super::error::Refusal;
use super::token::{Kind, Token};

/// Where a reader stands.
pub(super) struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// The place of the word number `at`.
    pub(super) fn new(tokens: &'t [Token], at: usize) -> Self {
        Self { tokens, at }
    }

    /// The word at this place; nothing at the end of the file.
    pub(super) fn kind(&self) -> Option<&'t Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The line of this place, or the last line of the file.
    pub(super) fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or_else(|| self.tokens.last());
        token.map_or(1, |token| token.line)
    }

    /// Goes on by a word.
    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    /// Whether the operator or bracket `symbol` is here.
    pub(super) fn is(&self, symbol: &str) -> bool {
        self.kind().is_some_and(|kind| kind.is(symbol))
    }

    /// Whether the keyword `word` is here.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind().is_some_and(|kind| kind.is_word(word))
    }

    /// Goes on when `symbol` is here, and tells whether it was.
    pub(super) fn skip(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    /// Goes on when the keyword `word` is here, and tells whether it was.
    pub(super) fn skip_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Goes on behind `symbol`, which must be here.
    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.skip(symbol) { Ok(()) } else { Err(self.refuse()) }
    }

    /// This place, to come back to it.
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a place that [`Cursor::mark`] told.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Goes on to the next word that `stop` wants and that is not within brackets, or to the
    /// bracket that closes what surrounds this place. `stop` gets the word before, too.
    pub(super) fn skip_until(&mut self, stop: impl Fn(&Kind, Option<&Kind>) -> bool) {
        let mut open = 0_usize;
        let mut before = None;
        while let Some(kind) = self.kind() {
            if open == 0 && stop(kind, before) {
                return;
            }
            match kind {
                Kind::Symbol("(" | "[" | "{" | "#[") => open += 1,
                Kind::Symbol(")" | "]" | "}") if open == 0 => return,
                Kind::Symbol(")" | "]" | "}") => open -= 1,
                _ => {}
            }
            before = Some(kind);
            self.advance();
        }
    }

    /// Goes on behind the bracket that closes the one at this place.
    pub(super) fn skip_brackets(&mut self) -> Result<(), Refusal> {
        let line = self.line();
        self.advance();
        self.skip_until(|_, _| false);
        match self.kind() {
            Some(_) => self.advance(),
            None => return Err(Refusal::new(line, "a bracket that is never closed")),
        }
        Ok(())
    }

    /// What to say when the word at this place is none that belongs here.
    pub(super) fn refuse(&self) -> Refusal {
        match self.kind() {
            Some(kind) => Refusal::new(self.line(), kind.to_string()),
            None => Refusal::new(self.line(), "the end of the file"),
        }
    }
}

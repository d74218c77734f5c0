//! A place among tokens.

use super::token::{Place, Refusal, Token, TokenKind};

/// The place of a reader.
#[derive(Debug)]
pub struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
    end: Place,
}

impl<'t> Cursor<'t> {
    /// The place of the word number `at`; `end` is the place that messages name behind the last.
    #[must_use]
    pub fn new(tokens: &'t [Token], at: usize, end: Place) -> Self {
        Self { tokens, at, end }
    }

    /// Returns the word at this place; `None` at the end of the file.
    #[must_use]
    pub fn kind(&self) -> Option<&'t TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The start of the word at this place, or the end.
    #[must_use]
    pub fn place(&self) -> Place {
        self.tokens.get(self.at).map_or(self.end, |token| token.start)
    }

    /// The line of this place.
    #[must_use]
    pub fn line(&self) -> usize {
        self.place().line
    }

    /// Goes on by a word.
    pub fn advance(&mut self) {
        self.at += 1;
    }

    /// Goes behind the last word.
    pub fn to_end(&mut self) {
        self.at = self.tokens.len();
    }

    /// Whether the operator or bracket `symbol` is here.
    #[must_use]
    pub fn is(&self, symbol: &str) -> bool {
        self.kind().is_some_and(|kind| kind.is(symbol))
    }

    /// Whether the keyword `word` is here.
    #[must_use]
    pub fn is_word(&self, word: &str) -> bool {
        self.kind().is_some_and(|kind| kind.is_word(word))
    }

    /// Goes on when `symbol` is here, and tells whether it was.
    pub fn skip(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    /// Goes on behind `first` and `second` when both follow, and tells whether they do.
    pub fn skip_both(&mut self, first: &str, second: &str) -> bool {
        let next = self.tokens.get(self.at + 1);
        let found = self.is(first) && next.is_some_and(|token| token.kind.is(second));
        self.at += 2 * usize::from(found);
        found
    }

    /// Goes on when the keyword `word` is here, and tells whether it was.
    pub fn skip_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Goes on behind `symbol`, which must be here.
    pub fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.skip(symbol) { Ok(()) } else { Err(self.refuse()) }
    }

    /// This place, to come back to it.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a place that [`Cursor::mark`] told.
    pub fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Goes on to the next word for which `stop` holds and that is not within brackets, or to the
    /// bracket that closes the one around this place. `stop` gets the word before, too.
    pub fn skip_until(&mut self, stop: impl Fn(&TokenKind, Option<&TokenKind>) -> bool) {
        let mut open = 0_usize;
        let mut before = None;
        while let Some(kind) = self.kind() {
            if open == 0 && stop(kind, before) {
                return;
            }
            match kind {
                TokenKind::Symbol("(" | "[" | "{" | "#[") => open += 1,
                TokenKind::Symbol(")" | "]" | "}") if open == 0 => return,
                TokenKind::Symbol(")" | "]" | "}") => open -= 1,
                _ => {}
            }
            before = Some(kind);
            self.advance();
        }
    }

    /// Goes on behind the bracket that closes the one at this place.
    pub fn skip_brackets(&mut self) -> Result<(), Refusal> {
        let line = self.line();
        self.advance();
        self.skip_until(|_, _| false);
        match self.kind() {
            Some(_) => self.advance(),
            None => return Err(Refusal::new(line, "a bracket that is never closed")),
        }
        Ok(())
    }

    /// Refuses the word at this place.
    #[must_use]
    pub fn refuse(&self) -> Refusal {
        Refusal::unexpected(self.line(), self.kind())
    }
}

//! An expression as it is written. Built by `parser`.

use super::token::{Place, TokenKind};

/// A part of an expression.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its first word.
    pub place: Place,
    /// Its kind.
    pub kind: NodeKind,
}

/// The kind of a part.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// One word: a literal, a variable, or a name that stands for a constant. A sign before a
    /// number belongs to it.
    Word(TokenKind),
    /// `Class::NAME`, or `Class::name` in front of a bracket.
    Static {
        /// The class as written.
        class: String,
        /// The name behind `::`.
        name: String,
        /// Whether a bracket follows.
        is_called: bool,
    },
    /// `function(…)`.
    Call {
        /// The function as written.
        function: String,
        /// Its arguments.
        arguments: Vec<Node>,
    },
    /// `(…)`.
    Brackets(Box<Node>),
    /// `a . b . c`.
    Joined(Vec<Node>),
    /// `a ? b : c`, or the short `a ?: b ?: c` of two and more parts.
    Choice {
        /// The place of the first `?`.
        question: Place,
        /// Whether the middle is left out.
        is_short: bool,
        /// The part before `?`, and those between and behind the signs.
        parts: Vec<Node>,
    },
    /// `[…]` or `array(…)`.
    Array(Vec<Member>),
    /// The source is invalid from here on, and the text behind this node is not read. A caller that
    /// walks a tree in the order of the source meets faults in that order.
    Broken {
        /// The part before, which may have faults of its own.
        before: Option<Box<Node>>,
        /// The problem.
        trouble: Trouble,
    },
}

/// A member of an array.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its key, if one is written.
    pub key: Option<Node>,
    /// Its value.
    pub value: Node,
}

/// Why the source makes no sense.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Another word is needed.
    Expected {
        /// The words that may stand here, for people.
        wanted: &'static str,
        /// The word that does; `None` at the end of the source.
        found: Option<TokenKind>,
    },
    /// Brackets are nested too deeply.
    TooDeep,
    /// `?` behind a choice, which PHP refuses.
    ChoicesInRow,
}

//! PHP source: its words, and the expressions among them, up to `.`, `?:`, arrays and calls.
//!
//! - [`Lexer`] cuts a file into [`Token`]s; [`quoted`] and [`numeral`] read one literal each, for
//!   languages that have words of their own between PHP's.
//! - [`Cursor`] goes through tokens, and [`parse`] reads an expression at one.
//!
//! No expression is evaluated, and no name has a meaning here: a caller decides which forms of a
//! [`Node`] it accepts.

mod cursor;
mod heredoc;
mod lexer;
mod names;
mod node;
pub mod numeral;
mod parser;
pub mod quoted;
mod token;

pub use cursor::Cursor;
pub use lexer::{Lexer, name_length};
pub use names::{continues_name, starts_name};
pub use node::{Member, Node, NodeKind, Trouble};
pub use parser::{ExpressionRules, parse};
pub use token::{Place, Refusal, TemplatePart, Token, TokenKind};

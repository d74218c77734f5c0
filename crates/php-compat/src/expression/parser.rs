//! Reads an expression: operands, `.`, `? :`, brackets, arrays and calls.
//!
//! It stops in front of the first word that does not belong to one, such as an operator of
//! arithmetic: the caller decides which words may follow.

use super::cursor::Cursor;
use super::node::{Member, Node, NodeKind, Trouble};
use super::token::{Place, TokenKind};

/// The rules for an expression.
#[derive(Debug, Clone, Copy)]
pub struct ExpressionRules {
    /// How deeply brackets may be nested.
    pub max_depth: usize,
    /// Whether an array may have members with a key and members without.
    pub mixed_arrays: bool,
}

/// Reads the expression at the cursor.
///
/// A fault becomes a [`NodeKind::Broken`] in its place in the tree, and the cursor goes to the end.
/// The recursion is bounded by [`ExpressionRules::max_depth`].
pub fn parse(cursor: &mut Cursor<'_>, rules: ExpressionRules) -> Node {
    Parser { cursor, rules }.expression(0)
}

struct Parser<'c, 't> {
    cursor: &'c mut Cursor<'t>,
    rules: ExpressionRules,
}

impl Parser<'_, '_> {
    /// Reads operands joined by `.`, or a choice between such; `depth` brackets are open.
    fn expression(&mut self, depth: usize) -> Node {
        let place = self.cursor.place();
        let condition = self.joined(depth);
        let question = self.cursor.place();
        if !self.cursor.skip("?") {
            return condition;
        }
        let is_short = self.cursor.skip(":");
        let mut parts = vec![condition];
        if is_short {
            parts.push(self.joined(depth));
            while self.cursor.skip_both("?", ":") {
                parts.push(self.joined(depth));
            }
        } else {
            parts.push(self.deeper(depth, question, Self::expression));
            let end = if self.cursor.skip(":") {
                self.joined(depth)
            } else {
                self.expected(None, "`.` or `:`")
            };
            parts.push(end);
        }
        let choice = Node { place, kind: NodeKind::Choice { question, is_short, parts } };
        // Readers disagree on the grouping in a row of these.
        if self.cursor.is("?") {
            return self.broken(self.cursor.place(), Some(choice), Trouble::ChoicesInRow);
        }
        choice
    }

    fn joined(&mut self, depth: usize) -> Node {
        let place = self.cursor.place();
        let first = self.operand(depth);
        if !self.cursor.is(".") {
            return first;
        }
        let mut parts = vec![first];
        while self.cursor.skip(".") {
            parts.push(self.operand(depth));
        }
        Node { place, kind: NodeKind::Joined(parts) }
    }

    fn operand(&mut self, depth: usize) -> Node {
        let place = self.cursor.place();
        let kind = match self.cursor.kind() {
            Some(TokenKind::Symbol("(")) => {
                self.cursor.advance();
                return self.deeper(depth, place, |parser, depth| parser.brackets(place, depth));
            }
            Some(TokenKind::Symbol("[")) => {
                self.cursor.advance();
                return self.deeper(depth, place, |parser, depth| parser.array(place, "]", depth));
            }
            Some(TokenKind::Symbol(sign @ ("-" | "+"))) => {
                self.cursor.advance();
                match (self.cursor.kind(), *sign) {
                    (Some(TokenKind::Int(number)), "-") => TokenKind::Int(number.saturating_neg()),
                    (Some(TokenKind::Float(number)), "-") => TokenKind::Float(-number),
                    (Some(kind @ (TokenKind::Int(_) | TokenKind::Float(_))), _) => kind.clone(),
                    _ => return self.expected(None, "a number behind `-`"),
                }
            }
            Some(TokenKind::Name(name)) => {
                self.cursor.advance();
                return self.named(place, name.clone(), depth);
            }
            None | Some(TokenKind::Symbol(_) | TokenKind::Unknown) => {
                return self.expected(None, "a name, text, number or function");
            }
            Some(kind) => kind.clone(),
        };
        self.cursor.advance();
        Node { place, kind: NodeKind::Word(kind) }
    }

    fn brackets(&mut self, place: Place, depth: usize) -> Node {
        let inner = self.expression(depth);
        if self.cursor.skip(")") {
            Node { place, kind: NodeKind::Brackets(Box::new(inner)) }
        } else {
            self.expected(Some(inner), "`.` or `)`")
        }
    }

    fn array(&mut self, place: Place, close: &'static str, depth: usize) -> Node {
        let members = self.members(close, None, depth);
        Node { place, kind: NodeKind::Array(members) }
    }

    /// Reads the part after a name: none, `(…)` or `::…`.
    fn named(&mut self, place: Place, name: String, depth: usize) -> Node {
        let kind = if self.cursor.skip("(") {
            if name.eq_ignore_ascii_case("array") {
                return self.deeper(depth, place, |parser, depth| parser.array(place, ")", depth));
            }
            let arguments = if depth < self.rules.max_depth {
                let members = self.members(")", Some(false), depth + 1);
                members.into_iter().map(|member| member.value).collect()
            } else {
                vec![self.broken(place, None, Trouble::TooDeep)]
            };
            NodeKind::Call { function: name, arguments }
        } else if self.cursor.skip("::") {
            let Some(TokenKind::Name(member)) = self.cursor.kind() else {
                return self.expected(None, "a name");
            };
            self.cursor.advance();
            let is_called = self.cursor.is("(");
            NodeKind::Static { class: name, name: member.clone(), is_called }
        } else {
            NodeKind::Word(TokenKind::Name(name))
        };
        Node { place, kind }
    }

    /// Reads members up to and with `close`; a last comma may stand before it. `keys` tells whether
    /// each has a key, or leaves it open.
    fn members(&mut self, close: &'static str, keys: Option<bool>, depth: usize) -> Vec<Member> {
        let mut members = Vec::new();
        let mut keys = keys;
        while !self.cursor.skip(close) {
            let first = self.expression(depth);
            let member = if keys != Some(false) && self.cursor.skip("=>") {
                Member { key: Some(first), value: self.expression(depth) }
            } else if keys == Some(true) {
                let value = self.expected(None, "`=>`, as behind the first key");
                Member { key: Some(first), value }
            } else {
                Member { key: None, value: first }
            };
            if !self.rules.mixed_arrays {
                keys = Some(member.key.is_some());
            }
            members.push(member);
            if !self.cursor.skip(",") && !self.cursor.is(close) {
                let wanted = if close == ")" { "`.`, `,` or `)`" } else { "`.`, `,` or `]`" };
                members.push(Member { key: None, value: self.expected(None, wanted) });
                break;
            }
        }
        members
    }

    /// Reads by `read` within one more bracket, which stands at `place`.
    fn deeper(
        &mut self,
        depth: usize,
        place: Place,
        read: impl FnOnce(&mut Self, usize) -> Node,
    ) -> Node {
        if depth < self.rules.max_depth {
            read(self, depth + 1)
        } else {
            self.broken(place, None, Trouble::TooDeep)
        }
    }

    /// Refuses the word at the cursor.
    fn expected(&mut self, before: Option<Node>, wanted: &'static str) -> Node {
        let found = self.cursor.kind().cloned();
        self.broken(self.cursor.place(), before, Trouble::Expected { wanted, found })
    }

    fn broken(&mut self, place: Place, before: Option<Node>, trouble: Trouble) -> Node {
        self.cursor.to_end();
        Node { place, kind: NodeKind::Broken { before: before.map(Box::new), trouble } }
    }
}

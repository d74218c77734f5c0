//! Words and expressions of PHP source: how they are read, and how faults are reported.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use php_compat::expression::{
    Cursor, ExpressionRules, Lexer, Node, NodeKind, Place, Refusal, TemplatePart, Token, TokenKind,
    Trouble, parse,
};
use proptest::prelude::*;

const RULES: ExpressionRules = ExpressionRules { max_depth: 4, mixed_arrays: true };

fn tokens(code: &str) -> Result<Vec<Token>, Refusal> {
    Lexer::new(format!("<?php {code}").as_bytes()).collect()
}

/// An expression with a bracket around each part; then the word that follows it.
fn read(code: &str, rules: ExpressionRules) -> String {
    let tokens = tokens(code).unwrap();
    let mut cursor = Cursor::new(&tokens, 0, Place { offset: 6 + code.len(), line: 1 });
    let node = parse(&mut cursor, rules);
    let rest = cursor.kind().map(|kind| format!(" then {kind}")).unwrap_or_default();
    shown(&node) + &rest
}

fn shown(node: &Node) -> String {
    let list = |nodes: &[Node]| nodes.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &node.kind {
        NodeKind::Word(word) => value(word),
        NodeKind::Static { class, name, is_called } => format!("{class}::{name} {is_called}"),
        NodeKind::Call { function, arguments } => format!("{function}({})", list(arguments)),
        NodeKind::Brackets(inner) => format!("({})", shown(inner)),
        NodeKind::Joined(parts) => format!("[. {}]", list(parts)),
        NodeKind::Choice { is_short: true, parts, .. } => format!("[?: {}]", list(parts)),
        NodeKind::Choice { parts, .. } => format!("[? {}]", list(parts)),
        NodeKind::Array(members) => {
            let key = |key: &Option<Node>| key.as_ref().map(|key| shown(key) + "=>");
            let member = members
                .iter()
                .map(|member| key(&member.key).unwrap_or_default() + &shown(&member.value));
            format!("{{{}}}", member.collect::<Vec<_>>().join(" "))
        }
        NodeKind::Broken { before, trouble } => {
            let before = before.iter().map(|before| shown(before) + " ").collect::<String>();
            // Behind the `<?php ` that each source begins with.
            let at = node.place.offset - 6;
            format!("{before}!{at} {}", told(trouble))
        }
    }
}

fn value(word: &TokenKind) -> String {
    let text = |text: &[u8]| format!("'{}'", text.escape_ascii());
    match word {
        TokenKind::Text(bytes) => text(bytes),
        TokenKind::Int(number) => number.to_string(),
        TokenKind::Float(number) => format!("{number:?}"),
        TokenKind::Template(pieces) => {
            let piece = |piece: &TemplatePart| match piece {
                TemplatePart::Text(bytes) => text(bytes),
                TemplatePart::Variable(name) => format!("${name}"),
            };
            pieces.iter().map(piece).collect()
        }
        other => other.to_string(),
    }
}

fn told(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Expected { wanted, found: None } => format!("{wanted}, not the end"),
        Trouble::Expected { wanted, found: Some(found) } => format!("{wanted}, not {found}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn expressions_become_trees() {
    for (code, tree) in [
        (r"'it\'s\n' . 'b'", r"[. 'it\'s\\n' 'b']"),
        (r#""\x41\u{e9}\q""#, r"'A\xc3\xa9\\q'"),
        ("<<<'A'\n  a\n  A . 1", "[. 'a' 1]"),
        ("-5 . +1.5 . 0x1F . 017 . 1_000", "[. -5 1.5 31 15 1000]"),
        ("9223372036854775808", "9.223372036854776e18"),
        ("$a . NULL . \\A\\B", "[. the variable `$a` `NULL` `\\A\\B`]"),
        ("self::C . A::f(1)", "[. self::C false A::f true] then `(`"),
        ("f(1, g('a',), [])", "f(1 g('a') {})"),
        ("(('a'))", "(('a'))"),
        ("array(1, 'k' => [2],)", "{1 'k'=>{2}}"),
        ("$a ? $b ? 1 : 2 : 3", "[? the variable `$a` [? the variable `$b` 1 2] 3]"),
        ("1 ?: 2 . 3 ?: 4", "[?: 1 [. 2 3] 4]"),
        ("1 + 2", "1 then `+`"),
        ("\"a $b-{$c[\"x\"]}\"", "'a '$b'-'$''"),
        ("`ls`", "a command in backticks"),
    ] {
        assert_eq!(read(code, RULES), tree, "{code}");
    }
}

#[test]
fn faults_stand_in_their_place() {
    for (code, tree) in [
        ("", "!0 a name, text, number or function, not the end"),
        (
            "f('a' . )",
            "f([. 'a' !8 a name, text, number or function, not `)`] \
             !9 `.`, `,` or `)`, not the end)",
        ),
        ("('a' 'b')", "'a' !5 `.` or `)`, not a text in this place"),
        ("'a' ? 1", "[? 'a' 1 !7 `.` or `:`, not the end]"),
        ("1 ?: 2 ? 3 : 4", "[?: 1 2] !7 ChoicesInRow"),
        ("- 'a'", "!2 a number behind `-`, not a text in this place"),
    ] {
        assert_eq!(read(code, RULES), tree, "{code}");
    }
    let deepest = |code: &str| read(code, RULES).contains("!4 TooDeep");
    assert!(deepest("((((('a')))))") && !deepest("(((('a'))))"));
    let uniform = ExpressionRules { mixed_arrays: false, ..RULES };
    assert!(read("['a' => 1, 2]", uniform).contains("!12 `=>`, as behind the first key, not `]`"));
    assert!(read("[1, 2 => 3]", uniform).contains("!6 `.`, `,` or `]`, not `=>`"));
}

#[test]
fn files_are_cut_into_words() {
    let words = |source: &[u8]| {
        let words: Result<Vec<_>, Refusal> = Lexer::new(source).collect();
        words.map(|words| {
            let word = |token: &Token| format!("{}:{}", token.start.line, token.kind);
            words.iter().map(word).collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(
        words(b"text <?php # c ?> <?= $a /* \n */ ?->b\r\r\nC ?>").unwrap(),
        "1:`?>` 1:the variable `$a` 2:`?->` 2:`b` 4:`C` 4:`?>`"
    );
    assert_eq!(words(b"<?php a; __halt_compiler(); '").unwrap(), "1:`a` 1:`;`");
    for (source, line, construct) in [
        ("<?php\n'a", 2, "a text that never ends"),
        ("<?php\n\n/*", 3, "a comment that never ends"),
        ("<?php <<<A\n", 1, "a heredoc that never ends"),
        ("<?php <<<A\n a\n  A", 1, "the indentation of a heredoc"),
        ("<?php \"\n\\u{110000}\"", 2, "a `\\u{}` that is no code point"),
        ("<?php 08", 1, "a number that PHP does not know"),
        ("<?php \"{$a\"", 1, "a text that never ends"),
    ] {
        assert_eq!(words(source.as_bytes()), Err(Refusal::new(line, construct)), "{source}");
    }
}

proptest! {
    /// Whatever the bytes are, words come in their order and have a line of the source.
    #[test]
    fn any_bytes_are_cut_or_refused(
        source in "(<\\?php|\\?>|['\"`$\\\\{}()\\[\\].,;?:=<>-]|A|\n|\r|/\\*|\\*/|#|<<<|0x|08|\\PC){0,60}"
    ) {
        let source = format!("<?php {source}");
        let lines = source.matches(['\n', '\r']).count() + 1;
        let mut end = 0;
        let mut tokens = Vec::new();
        for token in Lexer::new(source.as_bytes()) {
            let token = match token {
                Ok(token) => token,
                Err(refusal) => {
                    prop_assert!((1..=lines).contains(&refusal.line));
                    break;
                }
            };
            prop_assert!(end <= token.start.offset && token.start.offset < token.end);
            prop_assert!((1..=lines).contains(&token.start.line));
            end = token.end;
            tokens.push(token);
        }
        prop_assert!(end <= source.len());
        let mut cursor = Cursor::new(&tokens, 0, Place { offset: end, line: lines });
        let node = parse(&mut cursor, RULES);
        prop_assert!(node.place.offset <= source.len());
    }
}

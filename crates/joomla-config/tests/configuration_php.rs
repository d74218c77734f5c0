//! The `configuration.php` reader against PHP's own reading of the same files.
//!
//! `vectors/configuration/` are files as sites have them; `vectors/configuration_extra.jsonl` holds
//! one source per line with the fields PHP 8.2 reads from it (`php`, pairs of name and value, null
//! if PHP refuses the file) and those this reader refuses (`refused`: names, or "file").
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::path::Path;

use joomla_config::{ClassError, FieldError, JConfig, PhpKey, PhpValue};
use proptest::prelude::*;
use serde_json::{Value, json};

/// PHP's `__DIR__` in the recordings.
const DIRECTORY: &str = "/srv/joomla";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$((
            include_bytes!(concat!("vectors/configuration/", $name, ".php")).as_slice(),
            include_str!(concat!("vectors/configuration/", $name, ".json")),
        )),*]
    };
}

fn parse(source: &[u8]) -> Result<JConfig, ClassError> {
    JConfig::parse(source, Path::new(DIRECTORY))
}

#[test]
fn recorded_files() {
    let files = files!(
        "01_j5_written",
        "02_j3_written",
        "03_double_quotes_and_escapes",
        "04_var_and_comments",
        "05_types",
        "06_crlf_bom",
        "10_typed_and_modifiers",
        "13_duplicate_property",
        "14_short_array_trailing_comma",
    );
    for (source, companion) in files {
        let companion: Value = serde_json::from_str(companion).unwrap();
        let file = parse(source).unwrap();
        assert_eq!(values(&file, &[]), companion["values"], "{}", companion["file"]);
    }
}

#[test]
fn recorded_expressions() {
    let [(source, companion)] = files!("08_expressions");
    let mut expected = serde_json::from_str::<Value>(companion).unwrap()["values"].take();
    let file = parse(source).unwrap();
    for (field, construct) in [("num", "`*`"), ("cls", "`>`"), ("tern", "`?`")] {
        let message = file.get(field).unwrap_err().to_string();
        assert!(message.ends_with(&format!("needs PHP to be run ({construct})")), "{message}");
        expected.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(values(&file, &["num", "cls", "tern"]), expected);
}

#[test]
fn recorded_constructor() {
    let [(source, _)] = files!("11_constructor");
    let error = parse(source).unwrap_err();
    assert!(matches!(error, ClassError::Dynamic { line: 5, .. }), "{error:?}");
    assert!(error.to_string().contains("a constructor"), "{error}");
}

#[test]
fn sources_recorded_with_php() {
    for line in include_str!("vectors/configuration_extra.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = &case["case"];
        let file = parse(case["source"].as_str().unwrap().as_bytes());
        if case["refused"] == "file" {
            assert!(file.is_err(), "{name}");
            continue;
        }
        let file = file.unwrap_or_else(|error| panic!("{name}: {error}"));
        let refused: Vec<&str> = case["refused"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        for field in &refused {
            let error = file.get(field).unwrap_err();
            assert!(matches!(error, FieldError::NotLiteral { .. }), "{name}: {error}");
        }
        let Some(recorded) = case["php"].as_array() else {
            assert!(!refused.is_empty(), "{name}: PHP refuses it");
            continue;
        };
        let names: Vec<&str> = file.names().collect();
        let expected: Vec<&str> = recorded.iter().filter_map(|pair| pair[0].as_str()).collect();
        assert_eq!(names, expected, "{name}");
        for pair in recorded {
            let field = pair[0].as_str().unwrap();
            if !refused.contains(&field) {
                assert_eq!(value(&file, field), pair[1], "{name}: {field}");
            }
        }
    }
}

#[test]
fn typed_readers_convert_as_php() {
    let source = br#"<?php class JConfig {
        public $text = 'a'; public $digits = '25'; public $yes = true; public $no = false;
        public $number = 587; public $float = 1.5; public $nothing = null; public $zero = '0';
        public $list = array(1); public $none = array(); public $latin = "\xe9"; public $huge = 1e30;
        private $secret = 'x'; public $spaces = ' 12 '; public $zeros = '00';
    }"#;
    let file = parse(source).unwrap();
    let text = |name| file.text(name).unwrap();
    assert_eq!(text("text").as_deref(), Some("a"));
    assert_eq!(text("yes").as_deref(), Some("1"));
    assert_eq!(text("no").as_deref(), Some(""));
    assert_eq!(text("number").as_deref(), Some("587"));
    assert_eq!(text("float").as_deref(), Some("1.5"));
    assert_eq!(text("nothing"), None);
    assert_eq!(text("secret"), None);
    assert_eq!(text("absent"), None);
    let int = |name| file.int(name).unwrap();
    assert_eq!(int("digits"), Some(25));
    assert_eq!(int("spaces"), Some(12));
    assert_eq!(int("text"), Some(0));
    assert_eq!(int("yes"), Some(1));
    assert_eq!(int("float"), Some(1));
    assert_eq!(int("nothing"), None);
    let flags = ["text", "yes", "number", "float", "list", "zeros"];
    assert!(flags.iter().all(|name| file.flag(name).unwrap()));
    let flags = ["no", "nothing", "zero", "none", "absent", "secret"];
    assert!(!flags.iter().any(|name| file.flag(name).unwrap()));
    for error in [file.text("list"), file.text("latin")] {
        let error = error.unwrap_err();
        assert!(matches!(error, FieldError::WrongKind { .. }), "{error}");
    }
    assert!(file.int("list").is_err());
    assert!(file.int("huge").is_err());
    assert_eq!(file.line("text"), Some(2));
    assert_eq!(file.line("secret"), None);
}

#[test]
fn messages_tell_the_line_and_no_value() {
    let source = b"<?php\nclass JConfig {\n public $password = 'hush' . getenv('HUSH');\n}";
    let file = parse(source).unwrap();
    assert_eq!(
        file.text("password").unwrap_err().to_string(),
        "line 3: the value of `$password` needs PHP to be run (a call of `getenv()`)"
    );
    let file = parse(b"<?php class JConfig { public $password = 'hush'; public $p = ['hush']; }");
    let shown = format!("{:?}", file.unwrap());
    assert!(shown.contains("password") && !shown.contains("hush"), "{shown}");
}

#[test]
fn hostile_files_are_refused_and_not_followed() {
    let deep = |open: &str, close: &str| {
        let value = open.repeat(50_000) + "1" + &close.repeat(50_000);
        format!("<?php class JConfig {{ public $a = {value}; public $b = 1; }}")
    };
    for source in [deep("(", ")"), deep("[", "]"), deep("-", ""), deep("- ", "")] {
        let file = parse(source.as_bytes()).unwrap();
        assert!(file.get("a").is_err());
        assert_eq!(file.int("b").unwrap(), Some(1));
    }
    let long = parse(deep("1 . ", " . 1").as_bytes()).unwrap().text("a").unwrap();
    assert_eq!(long.map(|text| text.len()), Some(100_001));

    let mut doubling = String::new();
    for step in 1..32 {
        let last = step - 1;
        write!(doubling, "const C{step} = self::C{last} . self::C{last};").unwrap();
    }
    let source = format!(
        "<?php class JConfig {{ const C0 = 'xxxxxxxx'; {doubling} public $a = self::C31; }}"
    );
    assert!(parse(source.as_bytes()).unwrap().get("a").is_err());
    let texts = format!("<?php {}", "\"{$a[".repeat(10_000));
    assert!(parse(texts.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(source in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut file = b"<?php class JConfig { public $a = ".to_vec();
        file.extend(&source);
        read_all(&file);
        read_all(&source);
    }

    #[test]
    fn any_words_are_read_or_refused(words in proptest::collection::vec(word(), 0..40)) {
        read_all(format!("<?php class JConfig {{ {} }}", words.concat()).as_bytes());
        read_all(format!("<?php class JConfig {{ public $a = {}; }}", words.concat()).as_bytes());
    }

    #[test]
    fn single_quoted_texts_come_back(text in "\\PC*", before in "[a-z'\\\\]{0,3}") {
        let text = before + &text;
        let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
        let source = format!("<?php class JConfig {{ public $a = '{quoted}'; }}");
        let file = parse(source.as_bytes()).unwrap();
        prop_assert_eq!(file.text("a").unwrap(), Some(text));
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "public ",
        "static ",
        "$a",
        "$b",
        "=",
        ";",
        ",",
        "'x'",
        "\"y\"",
        "\"{$z}\"",
        "<<<A\n",
        "\nA",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "array(",
        "=>",
        ".",
        "+",
        "-",
        "*",
        "/",
        "%",
        "1",
        "1.5",
        "0x",
        "08",
        "self::C",
        "const C",
        "C",
        "#[",
        "#",
        "//",
        "/*",
        "*/",
        "\n",
        "?>",
        "<?php ",
        "function f",
        "use T;",
        "?",
        "int ",
        "`",
        "\\",
        "'",
        "\"",
        "$",
        " ",
    ])
}

/// Reads a file and each of its fields; only a panic fails.
fn read_all(source: &[u8]) {
    if let Ok(file) = parse(source) {
        for name in file.names() {
            let shown = file.get(name).map_err(|error| error.to_string());
            assert!(file.line(name).is_some(), "{name}: {shown:?}");
        }
    }
}

/// All fields but `without`, in the form PHP's `json_encode` gives them.
fn values(file: &JConfig, without: &[&str]) -> Value {
    let names = file.names().filter(|name| !without.contains(name));
    let field = |name: &str| (name.to_owned(), value(file, name));
    Value::Object(names.map(field).collect())
}

fn value(file: &JConfig, name: &str) -> Value {
    match file.get(name) {
        Ok(value) => json(value.unwrap()),
        Err(error) => panic!("{error}"),
    }
}

fn json(value: &PhpValue) -> Value {
    match value {
        PhpValue::Null => Value::Null,
        PhpValue::Bool(value) => json!(value),
        PhpValue::Int(value) => json!(value),
        PhpValue::Float(value) if value.is_infinite() => {
            json!({ "float": if *value > 0.0 { "INF" } else { "-INF" } })
        }
        PhpValue::Float(value) => json!(value),
        PhpValue::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => json!(text),
            Err(_) => json!({ "hex": hex(text) }),
        },
        PhpValue::Array(members) => {
            let mut keys = members.iter().map(|(key, _)| key).zip(0..);
            if keys.all(|(key, place)| *key == PhpKey::Int(place)) {
                return members.iter().map(|(_, value)| json(value)).collect();
            }
            let members = members.iter().map(|(key, value)| (text(key), json(value)));
            Value::Object(members.collect())
        }
    }
}

fn text(key: &PhpKey) -> String {
    match key {
        PhpKey::Int(number) => number.to_string(),
        PhpKey::Text(text) => String::from_utf8(text.clone()).unwrap(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

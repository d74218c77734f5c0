//! The forms of a text: digests, digests of digests, and how they are written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::digest::{Algorithm, Digested};

use super::depth::Depth;
use super::needle::Needles;

/// The form of a text, and its notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextForm {
    maker: Maker,
    encoding: Encoding,
}

/// The form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    /// The text itself.
    Plain,
    /// Its digest.
    One(Algorithm),
    /// Joomla's `getHash`.
    GetHash,
    /// A digest of its digest: of the digits, or of the bytes.
    Chain { inner: Algorithm, outer: Algorithm, raw: bool },
    /// The same digest, three times.
    Thrice(Algorithm),
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Hexadecimal digits.
    Hex,
    /// Those of a number, without leading zeros.
    Dechex,
    /// A decimal number.
    Decimal,
    /// Base64 of the bytes.
    Base64,
    /// Base64 of the hexadecimal digits.
    Base64OfHex,
}

/// Everything that is made of a text, in an order that makes no digest twice.
pub(super) struct Plan {
    steps: Vec<FormStep>,
    size: u64,
}

struct FormStep {
    start: Maker,
    encodings: Vec<Encoding>,
    then: Vec<(Form2, Vec<Encoding>)>,
}

#[derive(Clone, Copy)]
struct Form2 {
    maker: Maker,
    outer: Algorithm,
}

impl Plan {
    /// All forms that a key can be read out of.
    pub(super) fn all(depth: Depth, needles: &Needles, secret: bool) -> Self {
        let chained = depth.chained();
        let mut steps = vec![FormStep::new(Maker::Plain, needles)];
        for &algorithm in depth.digests() {
            let mut step = FormStep::new(Maker::One(algorithm), needles);
            if chained.contains(&algorithm) {
                for &outer in chained {
                    step.then(Maker::Chain { inner: algorithm, outer, raw: false }, outer, needles);
                    if depth.raw_chains() {
                        let maker = Maker::Chain { inner: algorithm, outer, raw: true };
                        step.then(maker, outer, needles);
                    }
                }
            }
            if depth.thrice().contains(&algorithm) {
                step.then(Maker::Thrice(algorithm), algorithm, needles);
            }
            steps.push(step);
        }
        if secret {
            steps.push(FormStep::new(Maker::GetHash, needles));
        }
        Self::of(steps)
    }

    /// Plain digests only.
    pub(super) fn single(depth: Depth, needles: &Needles) -> Self {
        let step = |&algorithm: &Algorithm| FormStep::new(Maker::One(algorithm), needles);
        Self::of(depth.digests().iter().map(step).collect())
    }

    fn of(mut steps: Vec<FormStep>) -> Self {
        steps.retain(|step| step.size() > 0);
        let size = steps.iter().map(FormStep::size).sum();
        Self { steps, size }
    }

    /// How many forms.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Calls `hit` with each form of the text that the key may be read out of; gives how many forms
    /// were made. `secret` is for Joomla's `getHash`.
    pub(super) fn try_on(
        &self,
        text: &[u8],
        secret: &[u8],
        needles: &Needles,
        hit: &mut dyn FnMut(TextForm),
    ) -> u64 {
        let mut tried = 0;
        for step in &self.steps {
            let first = match step.start {
                Maker::One(algorithm) => algorithm.digest(text),
                Maker::GetHash => Algorithm::Md5.digest(&[secret, text].concat()),
                Maker::Plain | Maker::Chain { .. } | Maker::Thrice(_) => {
                    tried += try_encodings(step.start, &step.encodings, text, needles, hit);
                    continue;
                }
            };
            tried += try_encodings(step.start, &step.encodings, first.as_bytes(), needles, hit);
            for (form, encodings) in &step.then {
                let second = form.digest(&first);
                tried += try_encodings(form.maker, encodings, second.as_bytes(), needles, hit);
            }
        }
        tried
    }
}

impl FormStep {
    fn new(start: Maker, needles: &Needles) -> Self {
        let encodings = match start {
            Maker::Plain => possible(None, false, needles),
            Maker::One(algorithm) => {
                possible(Some(algorithm.length()), is_number(algorithm), needles)
            }
            _ => possible(Some(Algorithm::Md5.length()), false, needles),
        };
        Self { start, encodings, then: Vec::new() }
    }

    fn then(&mut self, maker: Maker, outer: Algorithm, needles: &Needles) {
        let encodings = possible(Some(outer.length()), is_number(outer), needles);
        if !encodings.is_empty() {
            self.then.push((Form2 { maker, outer }, encodings));
        }
    }

    fn size(&self) -> u64 {
        let all = self.then.iter().map(|(_, encodings)| encodings).chain([&self.encodings]);
        all.map(|encodings| encodings.len() as u64).sum()
    }
}

impl Form2 {
    fn digest(self, first: &Digested) -> Digested {
        if let Maker::Chain { raw: true, .. } = self.maker {
            return self.outer.digest(first.as_bytes());
        }
        let second = digest_of_hex(self.outer, first);
        if let Maker::Thrice(_) = self.maker { digest_of_hex(self.outer, &second) } else { second }
    }
}

impl TextForm {
    /// How a recipe makes it of a text.
    pub(super) fn source(self, text: &str) -> String {
        let hex = || match self.maker {
            Maker::Plain => format!("bin2hex({text})"),
            Maker::One(algorithm) => hex_source(algorithm, text),
            Maker::GetHash => format!("getHash({text})"),
            Maker::Chain { inner, outer, raw: false } => {
                hex_source(outer, &hex_source(inner, text))
            }
            Maker::Chain { inner, outer, raw: true } => hex_source(outer, &raw_source(inner, text)),
            Maker::Thrice(algorithm) => {
                hex_source(algorithm, &hex_source(algorithm, &hex_source(algorithm, text)))
            }
        };
        let raw = || match self.maker {
            Maker::Plain => text.to_owned(),
            Maker::One(algorithm) => raw_source(algorithm, text),
            Maker::Chain { inner, outer, raw: false } => {
                raw_source(outer, &hex_source(inner, text))
            }
            Maker::Chain { inner, outer, raw: true } => raw_source(outer, &raw_source(inner, text)),
            Maker::Thrice(algorithm) => {
                raw_source(algorithm, &hex_source(algorithm, &hex_source(algorithm, text)))
            }
            Maker::GetHash => raw_source(Algorithm::Md5, &format!("$secret . {text}")),
        };
        let number = || match self.maker {
            Maker::Chain { inner, raw: false, .. } => format!("crc32({})", hex_source(inner, text)),
            Maker::Chain { inner, raw: true, .. } => format!("crc32({})", raw_source(inner, text)),
            _ => format!("crc32({text})"),
        };
        self.encoding.written(hex, raw, number)
    }
}

impl Encoding {
    /// Those a keyed digest may be read out of.
    pub(super) fn of_keyed(algorithm: Algorithm, needles: &Needles) -> Vec<Self> {
        possible(Some(algorithm.length()), false, needles)
    }

    /// How a recipe makes a keyed digest in it.
    pub(super) fn keyed_source(self, algorithm: Algorithm, text: &str, key: &str) -> String {
        let call = |end: &str| format!("hash_hmac('{}', {text}, {key}{end})", algorithm.name());
        self.written(|| call(""), || call(", true"), String::new)
    }

    /// Whether the key may be read out of these bytes in this encoding.
    pub(super) fn may_hold(self, raw: &[u8], needles: &Needles) -> bool {
        match self {
            Self::Hex | Self::Dechex => needles.in_hex(raw),
            Self::Decimal => needles.is_number(raw),
            Self::Base64 => in_base64(raw, needles),
            Self::Base64OfHex => {
                let mut hex = Vec::with_capacity(raw.len() * 2);
                write_hex(raw, &mut hex);
                in_base64(&hex, needles)
            }
        }
    }

    fn written(
        self,
        hex: impl Fn() -> String,
        raw: impl Fn() -> String,
        number: impl Fn() -> String,
    ) -> String {
        match self {
            Self::Hex => hex(),
            Self::Dechex => format!("dechex({})", number()),
            Self::Decimal => number(),
            Self::Base64 => format!("base64_encode({})", raw()),
            Self::Base64OfHex => format!("base64_encode({})", hex()),
        }
    }
}

/// `md5(…)`, `hash('sha256', …)`.
pub(super) fn hex_source(algorithm: Algorithm, text: &str) -> String {
    match algorithm {
        Algorithm::Md5 | Algorithm::Sha1 => format!("{}({text})", algorithm.name()),
        _ => format!("hash('{}', {text})", algorithm.name()),
    }
}

fn raw_source(algorithm: Algorithm, text: &str) -> String {
    match algorithm {
        Algorithm::Md5 | Algorithm::Sha1 => format!("{}({text}, true)", algorithm.name()),
        _ => format!("hash('{}', {text}, true)", algorithm.name()),
    }
}

/// Appends the hexadecimal digits of bytes.
pub(super) fn write_hex(raw: &[u8], out: &mut Vec<u8>) {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    out.extend(raw.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
}

fn digest_of_hex(algorithm: Algorithm, digest: &Digested) -> Digested {
    let mut digits = [0u8; 128];
    let raw = digest.as_bytes();
    let encoded = base16ct::lower::encode(raw, &mut digits).unwrap_or_default();
    algorithm.digest(encoded)
}

fn in_base64(raw: &[u8], needles: &Needles) -> bool {
    needles.in_text(STANDARD.encode(raw).as_bytes())
}

fn try_encodings(
    maker: Maker,
    encodings: &[Encoding],
    raw: &[u8],
    needles: &Needles,
    hit: &mut dyn FnMut(TextForm),
) -> u64 {
    for &encoding in encodings {
        if encoding.may_hold(raw, needles) {
            hit(TextForm { maker, encoding });
        }
    }
    encodings.len() as u64
}

/// `crc32` gives a number.
fn is_number(algorithm: Algorithm) -> bool {
    algorithm == Algorithm::Crc32b
}

/// The encodings of so many bytes (`None`: any number) that are long enough for the key.
fn possible(length: Option<usize>, number: bool, needles: &Needles) -> Vec<Encoding> {
    let length = length.unwrap_or(usize::MAX / 8);
    let base64 = |length: usize| length.div_ceil(3) * 4;
    let mut possible = Vec::new();
    if needles.shortest_hex().is_some_and(|shortest| shortest <= length * 2) {
        possible.push(Encoding::Hex);
        if number {
            possible.push(Encoding::Dechex);
        }
    }
    if number && needles.has_number() {
        possible.push(Encoding::Decimal);
    }
    if needles.shortest_text().is_some_and(|shortest| shortest <= base64(length)) {
        possible.push(Encoding::Base64);
    }
    if needles.shortest_text().is_some_and(|shortest| shortest <= base64(length * 2)) {
        possible.push(Encoding::Base64OfHex);
    }
    possible
}

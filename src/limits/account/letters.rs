//! Characters that a collation compares as ASCII letters and digits, or ignores, beyond Unicode's
//! decompositions and letter case.
//!
//! Read from the weights that MariaDB 10.11 gives to all characters in `utf8mb4_unicode_ci`,
//! `utf8mb4_general_ci`, `utf8mb4_unicode_520_ci` and `utf8mb4_uca1400_ai_ci`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Returns the equal ASCII text of the character, in lower case.
pub(super) fn ascii(letter: char) -> Option<Cow<'static, str>> {
    static KNOWN: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
        let pairs = LETTERS.iter();
        pairs.flat_map(|(text, letters)| letters.chars().map(|letter| (letter, *text))).collect()
    });
    if letter.is_ascii() {
        return None;
    }
    let text = KNOWN.get(&letter).copied();
    text.map(Cow::Borrowed).or_else(|| digit(letter).map(|digit| Cow::Owned(digit.to_string())))
}

/// Returns the digit; the ten digits of each script are consecutive.
fn digit(letter: char) -> Option<u32> {
    let nth = |zero: &char| u32::from(letter).checked_sub(u32::from(*zero));
    ZEROS.iter().filter_map(nth).find(|digit| *digit < 10)
}

const ZEROS: [char; 35] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}',
    '\u{BE6}', '\u{C66}', '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}',
    '\u{1040}', '\u{1090}', '\u{17E0}', '\u{1810}', '\u{1946}', '\u{19D0}', '\u{1A80}', '\u{1A90}',
    '\u{1B50}', '\u{1BB0}', '\u{1C40}', '\u{1C50}', '\u{A620}', '\u{A8D0}', '\u{A900}', '\u{A9D0}',
    '\u{A9F0}', '\u{AA50}', '\u{ABF0}',
];

const LETTERS: &[(&str, &str)] = &[
    ("", "\u{640}\u{7FA}\u{824}\u{828}\u{1CF2}\u{1CF3}\u{FE73}\u{1D173}\u{E0001}"),
    ("0", "\u{C78}\u{F33}\u{17F0}\u{24FF}\u{3007}"),
    (
        "1",
        "\u{9F4}\u{C79}\u{C7C}\u{F2A}\u{1369}\u{17F1}\u{19DA}\u{24F5}\u{2776}\u{2780}\u{278A}\u{3021}",
    ),
    ("10", "\u{24FE}\u{277F}\u{2789}\u{2793}\u{3248}"),
    ("11", "\u{24EB}"),
    ("12", "\u{24EC}"),
    ("13", "\u{24ED}"),
    ("14", "\u{24EE}"),
    ("15", "\u{24EF}"),
    ("16", "\u{24F0}"),
    ("17", "\u{24F1}"),
    ("18", "\u{24F2}"),
    ("19", "\u{24F3}"),
    ("2", "\u{9F5}\u{C7A}\u{C7D}\u{F2B}\u{136A}\u{17F2}\u{24F6}\u{2777}\u{2781}\u{278B}\u{3022}"),
    ("20", "\u{24F4}\u{3249}"),
    ("3", "\u{9F6}\u{C7B}\u{C7E}\u{F2C}\u{136B}\u{17F3}\u{24F7}\u{2778}\u{2782}\u{278C}\u{3023}"),
    ("30", "\u{324A}"),
    ("4", "\u{9F7}\u{F2D}\u{136C}\u{17F4}\u{24F8}\u{2779}\u{2783}\u{278D}\u{3024}"),
    ("40", "\u{324B}"),
    ("5", "\u{F2E}\u{136D}\u{17F5}\u{24F9}\u{277A}\u{2784}\u{278E}\u{3025}"),
    ("50", "\u{324C}"),
    ("6", "\u{F2F}\u{136E}\u{17F6}\u{2185}\u{24FA}\u{277B}\u{2785}\u{278F}\u{3026}"),
    ("60", "\u{324D}"),
    ("7", "\u{F30}\u{136F}\u{17F7}\u{24FB}\u{277C}\u{2786}\u{2790}\u{3027}"),
    ("70", "\u{324E}"),
    ("8", "\u{F31}\u{1370}\u{17F8}\u{24FC}\u{277D}\u{2787}\u{2791}\u{3028}"),
    ("80", "\u{324F}"),
    ("9", "\u{F32}\u{1371}\u{17F9}\u{24FD}\u{277E}\u{2788}\u{2792}\u{3029}"),
    ("a", "\u{363}\u{1DD3}\u{1DF2}ꞛꟁ"),
    ("a/s", "\u{214D}"),
    ("aa", "ꜳ"),
    ("ae", "æ\u{1DD4}"),
    ("ao", "\u{1DD5}ꜵ"),
    ("au", "ꜷ"),
    ("av", "\u{1DD6}ꜹꜻ"),
    ("ay", "ꜽ"),
    ("b", "\u{1DE8}"),
    ("c", "\u{368}\u{1DD7}"),
    ("d", "ðđ\u{369}\u{1DD8}\u{1DD9}ꝺ"),
    ("db", "ȸ"),
    ("dz", "ʣ"),
    ("e", "\u{364}"),
    ("f", "\u{1DEB}ꝼ"),
    ("g", "\u{1ACC}ᵹ\u{1DDA}ꞡ"),
    ("h", "ħ\u{36A}"),
    ("i", "ı\u{365}"),
    ("k", "\u{1DDC}ꞣ"),
    ("l", "ł\u{1DDD}"),
    ("ll", "ỻ"),
    ("ls", "ʪ"),
    ("lz", "ʫ"),
    ("m", "\u{36B}"),
    ("n", "\u{1DE0}ꞥ"),
    ("o", "ø\u{366}\u{1DED}\u{1DF3}ꞝ"),
    ("oe", "œ"),
    ("oo", "ꝏ"),
    ("p", "\u{1DEE}"),
    ("qp", "ȹ"),
    ("r", "\u{36C}\u{1ACD}\u{1DCA}\u{1DE3}ꝛꞃꞧ"),
    ("s", "ß\u{1DE4}\u{1DE5}ꞅꞩꟙ"),
    ("t", "\u{36D}\u{1ACE}ꞇ"),
    ("th", "ᵺ"),
    ("ts", "ƾʦ"),
    ("tz", "ꜩ"),
    ("u", "\u{367}\u{1DF0}\u{1DF4}ꞟ"),
    ("v", "\u{36E}"),
    ("vy", "ꝡ"),
    ("w", "\u{1ABF}\u{1DF1}ꟃ"),
    ("x", "\u{36F}"),
    ("z", "\u{1DE6}"),
    ("zw", "ƍ"),
];

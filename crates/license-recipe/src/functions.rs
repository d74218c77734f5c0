//! The functions of the recipe language: their names and parameters.
//!
//! Used by `parser` (to find a function), `arguments` (to judge a call), `call` and `bounds`. The
//! functions themselves are in `call`.

/// A function of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Md5,
    Sha1,
    Crc32,
    Hash,
    HashHmac,
    Base64Encode,
    Bin2hex,
    Dechex,
    Strtolower,
    Strtoupper,
    Ucfirst,
    Trim,
    Ltrim,
    Rtrim,
    Strrev,
    Substr,
    StrReplace,
    StrPad,
    Strlen,
    Intval,
    ChunkSplit,
    StrSplit,
    Strtr,
    Sprintf,
    Vsprintf,
    MbStrtolower,
    MbStrtoupper,
    Wordwrap,
    PregReplace,
    Implode,
    GetHash,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// A string; numbers and booleans are written as one.
    Text,
    /// An integer; strings must be one as a whole.
    Int,
    /// A boolean; anything but a list can be one.
    Bool,
    /// A string, integer or boolean, left as it is.
    Scalar,
    /// A string or a list of strings.
    TextOrList,
    /// A list of strings.
    List,
    /// A list of values, left as they are.
    Values,
    /// A string, or pairs of strings.
    TextOrPairs,
}

/// The name of a function and its parameters.
pub(super) struct Signature {
    /// As PHP's manual spells it; recipes may use any case.
    pub(super) name: &'static str,
    pub(super) builtin: Builtin,
    pub(super) parameters: &'static [Parameter],
    /// How many of them must be given.
    pub(super) required: usize,
    /// Whether the last parameter may be given again and again.
    pub(super) repeats: bool,
}

impl Builtin {
    /// The function with this name, in any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        // PHP's other name for it.
        if name.eq_ignore_ascii_case("join") {
            return Some(Self::Implode);
        }
        SIGNATURES
            .iter()
            .find(|signature| signature.name.eq_ignore_ascii_case(name))
            .map(|signature| signature.builtin)
    }

    /// Whether it gives a list, which only a function can take.
    pub(super) fn gives_list(self) -> bool {
        self == Self::StrSplit
    }

    /// Returns the name of the function.
    pub(super) fn name(self) -> &'static str {
        self.signature().map_or("", |signature| signature.name)
    }

    /// Name and parameters; every function has its line in [`SIGNATURES`].
    pub(super) fn signature(self) -> Option<&'static Signature> {
        SIGNATURES.iter().find(|signature| signature.builtin == self)
    }
}

const fn takes(
    name: &'static str,
    builtin: Builtin,
    parameters: &'static [Parameter],
    required: usize,
) -> Signature {
    Signature { name, builtin, parameters, required, repeats: false }
}

use Parameter::{Bool, Int, List, Scalar, Text, TextOrList, TextOrPairs, Values};

/// Every function.
pub(super) const SIGNATURES: [Signature; 31] = [
    takes("md5", Builtin::Md5, &[Text, Bool], 1),
    takes("sha1", Builtin::Sha1, &[Text, Bool], 1),
    takes("crc32", Builtin::Crc32, &[Text], 1),
    takes("hash", Builtin::Hash, &[Text, Text, Bool], 2),
    takes("hash_hmac", Builtin::HashHmac, &[Text, Text, Text, Bool], 3),
    takes("base64_encode", Builtin::Base64Encode, &[Text], 1),
    takes("bin2hex", Builtin::Bin2hex, &[Text], 1),
    takes("dechex", Builtin::Dechex, &[Int], 1),
    takes("strtolower", Builtin::Strtolower, &[Text], 1),
    takes("strtoupper", Builtin::Strtoupper, &[Text], 1),
    takes("ucfirst", Builtin::Ucfirst, &[Text], 1),
    takes("trim", Builtin::Trim, &[Text, Text], 1),
    takes("ltrim", Builtin::Ltrim, &[Text, Text], 1),
    takes("rtrim", Builtin::Rtrim, &[Text, Text], 1),
    takes("strrev", Builtin::Strrev, &[Text], 1),
    takes("substr", Builtin::Substr, &[Text, Int, Int], 2),
    takes("str_replace", Builtin::StrReplace, &[TextOrList, TextOrList, Text], 3),
    takes("str_pad", Builtin::StrPad, &[Text, Int, Text, Int], 2),
    takes("strlen", Builtin::Strlen, &[Text], 1),
    takes("intval", Builtin::Intval, &[Scalar, Int], 1),
    takes("chunk_split", Builtin::ChunkSplit, &[Text, Int, Text], 1),
    takes("str_split", Builtin::StrSplit, &[Text, Int], 1),
    takes("strtr", Builtin::Strtr, &[Text, TextOrPairs, Text], 2),
    Signature {
        name: "sprintf",
        builtin: Builtin::Sprintf,
        parameters: &[Text, Scalar],
        required: 1,
        repeats: true,
    },
    takes("vsprintf", Builtin::Vsprintf, &[Text, Values], 2),
    takes("mb_strtolower", Builtin::MbStrtolower, &[Text, Text], 1),
    takes("mb_strtoupper", Builtin::MbStrtoupper, &[Text, Text], 1),
    takes("wordwrap", Builtin::Wordwrap, &[Text, Int, Text, Bool], 1),
    takes("preg_replace", Builtin::PregReplace, &[Text, Text, Text], 3),
    takes("implode", Builtin::Implode, &[TextOrList, List], 1),
    takes("getHash", Builtin::GetHash, &[Text], 1),
];

//! JSON as PHP's `json_encode` writes it with its default flags, byte for byte.
//!
//! It knows texts and flat objects of texts only. Must not import: `query`.

/// An object of text fields, written in the order in which they were added.
///
/// ```
/// # use php_compat::json::Object;
/// let answer = Object::new().text("status", "ok").text("key", "a/b").finish();
/// assert_eq!(answer, br#"{"status":"ok","key":"a\/b"}"#);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Object {
    fields: Vec<u8>,
}

impl Object {
    /// An object without fields, `{}`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the field `name` with the text `value`.
    pub fn text(mut self, name: &str, value: &str) -> Self {
        if !self.fields.is_empty() {
            self.fields.push(b',');
        }
        string(&mut self.fields, name);
        self.fields.push(b':');
        string(&mut self.fields, value);
        self
    }

    /// The bytes of the object: one line, no blanks, no final newline.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.fields.len() + 2);
        out.push(b'{');
        out.extend(self.fields);
        out.push(b'}');
        out
    }
}

/// Appends `text` as a JSON string with its quotes.
///
/// `/` is escaped; everything beyond ASCII becomes `\uXXXX` in lower-case hexadecimal, with
/// surrogate pairs above U+FFFF; 0x7F and `' < > &` stay as they are.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend(br#"\""#),
            '\\' => out.extend(br"\\"),
            '/' => out.extend(br"\/"),
            '\u{8}' => out.extend(br"\b"),
            '\u{c}' => out.extend(br"\f"),
            '\n' => out.extend(br"\n"),
            '\r' => out.extend(br"\r"),
            '\t' => out.extend(br"\t"),
            ' '..='\u{7f}' => out.push(character as u8),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend(format!("\\u{unit:04x}").into_bytes());
                }
            }
        }
    }
    out.push(b'"');
}

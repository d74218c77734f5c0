//! The bytes of PHP's names.

/// Whether a name can start with this byte.
#[must_use]
pub fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a name can go on with this byte.
#[must_use]
pub fn continues_name(byte: u8) -> bool {
    starts_name(byte) || byte.is_ascii_digit()
}

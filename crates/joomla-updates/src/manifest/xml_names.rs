//! The names and blanks of XML.

/// Can an element be called that? Of the characters beyond ASCII all are taken.
pub(super) fn is_name(name: &str) -> bool {
    let may_begin =
        |byte: u8| byte.is_ascii_alphabetic() || b"_:".contains(&byte) || !byte.is_ascii();
    let may_follow = |byte: u8| may_begin(byte) || byte.is_ascii_digit() || b"-.".contains(&byte);
    name.bytes().next().is_some_and(may_begin) && name.bytes().all(may_follow)
}

/// Is it one of XML's blanks?
pub(super) fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

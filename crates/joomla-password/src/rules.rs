//! The Joomla version whose order of recognition applies.

/// The Joomla version whose order of recognition applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Joomla 3: phpass `$P$`, Argon2, bcrypt, `{SHA256}`, MD5.
    Joomla3,
    /// Joomla 4, 5 and 6: phpass `$P$` and `$H$`, Argon2, bcrypt, every other kind of
    /// PHP's crypt, MD5.
    Joomla4,
}

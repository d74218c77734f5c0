//! The error codes of the release module, with their texts and real HTTP status.
//!
//! One table for everything that shows codes: answers, the README, the tests. Only `REL_ENS` is
//! documented by the original; the rest follow its naming habit, which is why the operator can
//! rename them. See `docs/release.md`, "Codes".

/// An error code as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// `REL_ENS`, `REQ_MNF` …
    pub name: &'static str,
    /// The description that goes with it.
    pub text: &'static str,
    /// The HTTP status it has if `http_status` sends real ones.
    pub status: u16,
}

impl ErrorCode {
    /// A row of a code table.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str, status: u16) -> Self {
        Self { name, text, status }
    }
}

/// `id` is missing, and would name a package group.
pub const GROUP_NOT_SPECIFIED: ErrorCode =
    ErrorCode::new("REL_GNS", "Package group not specified", 400);
/// `id` is missing, and would name a package.
pub const PACKAGE_NOT_SPECIFIED: ErrorCode =
    ErrorCode::new("REL_PNS", "Package not specified", 400);
/// No such package group; also a package whose package group does not exist.
pub const GROUP_NOT_FOUND: ErrorCode = ErrorCode::new("REL_GNF", "Package group not found", 404);
/// No such package.
pub const PACKAGE_NOT_FOUND: ErrorCode = ErrorCode::new("REL_PNF", "Package not found", 404);
/// `email` is absent.
pub const EMAIL_NOT_SPECIFIED: ErrorCode = ErrorCode::new("REL_ENS", "Email not specified", 401);
/// `key` is absent.
pub const KEY_NOT_SPECIFIED: ErrorCode = ErrorCode::new("REL_KNS", "Key not specified", 401);
/// `username` is absent.
pub const USERNAME_NOT_SPECIFIED: ErrorCode =
    ErrorCode::new("REL_UNS", "Username not specified", 401);
/// `password` is absent.
pub const PASSWORD_NOT_SPECIFIED: ErrorCode =
    ErrorCode::new("REL_PWS", "Password not specified", 401);
/// Unknown user or wrong password: one answer for both.
pub const LOGIN_FAILED: ErrorCode = ErrorCode::new("REL_LIF", "Login failed", 401);
/// No user has this e-mail.
pub const USER_NOT_FOUND: ErrorCode = ErrorCode::new("REL_UNF", "User not found", 403);
/// The user is blocked or waits for activation.
pub const USER_NOT_ENABLED: ErrorCode = ErrorCode::new("REL_UNE", "User not enabled", 403);
/// The user is in none of the package group's user groups.
pub const NOT_AUTHORISED: ErrorCode = ErrorCode::new("REL_ANA", "Access not authorized", 403);
/// The key is not the user's.
pub const KEY_NOT_VALID: ErrorCode = ErrorCode::new("REL_KNV", "Key not valid", 403);
/// The package is known, its file cannot be served.
pub const FILE_NOT_FOUND: ErrorCode = ErrorCode::new("REL_FNF", "File not found", 404);
/// The mail server did not accept the mail.
pub const MAIL_FAILED: ErrorCode = ErrorCode::new("REL_ESM", "Error sending email", 503);
/// A limit of the bridge.
pub const LIMIT_EXCEEDED: ErrorCode = ErrorCode::new("REL_RLE", "Request limit exceeded", 429);
/// Database or storage failed.
pub const GENERIC_ERROR: ErrorCode = ErrorCode::new("REL_RGE", "Release generic error", 503);

/// Codes for a client that guesses: counted for its address.
pub const FAILURES: &[ErrorCode] =
    &[LOGIN_FAILED, USER_NOT_FOUND, USER_NOT_ENABLED, NOT_AUTHORISED, KEY_NOT_VALID];

/// All codes of the module, in the order of the checks.
pub const ALL: &[ErrorCode] = &[
    GROUP_NOT_SPECIFIED,
    PACKAGE_NOT_SPECIFIED,
    GROUP_NOT_FOUND,
    PACKAGE_NOT_FOUND,
    EMAIL_NOT_SPECIFIED,
    KEY_NOT_SPECIFIED,
    USERNAME_NOT_SPECIFIED,
    PASSWORD_NOT_SPECIFIED,
    LOGIN_FAILED,
    USER_NOT_FOUND,
    USER_NOT_ENABLED,
    NOT_AUTHORISED,
    KEY_NOT_VALID,
    FILE_NOT_FOUND,
    MAIL_FAILED,
    LIMIT_EXCEEDED,
    GENERIC_ERROR,
];

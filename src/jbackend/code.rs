//! The error codes of the jBackend core; `docs/protocol.md`, "Core codes".

use crate::methods::{ErrorCode, code as methods};

/// The bare end-point, or `module` absent.
pub const MODULE_NOT_SPECIFIED: ErrorCode = ErrorCode::new("REQ_MNS", "Module not specified", 400);
/// A module that is not there, or not on this end-point.
pub const MODULE_NOT_FOUND: ErrorCode = ErrorCode::new("REQ_MNF", "Module not found", 404);
/// `action` absent.
pub const ACTION_NOT_SPECIFIED: ErrorCode = ErrorCode::new("REQ_ANS", "Action not specified", 400);
/// An action and resource the module does not have.
pub const REQUEST_UNKNOWN: ErrorCode = ErrorCode::new("REQ_RUN", "Request unknown", 404);
/// A key end-point without `api_key`.
pub const API_KEY_REQUIRED: ErrorCode = ErrorCode::new("REQ_AKR", "API key required", 401);
/// An API key that is empty, unknown or not published.
pub const API_KEY_INVALID: ErrorCode = ErrorCode::new("REQ_AKI", "API key invalid", 401);
/// An API key whose expiration date has come.
pub const API_KEY_EXPIRED: ErrorCode = ErrorCode::new("REQ_AKE", "API key expired", 401);
/// An API key whose requests of today are used up.
pub const API_KEY_LIMIT_EXCEEDED: ErrorCode =
    ErrorCode::new("REQ_AKL", "API key limit exceeded", 429);
/// A key end-point and the check itself failed.
pub const API_KEY_ERROR: ErrorCode = ErrorCode::new("REQ_AKG", "API key generic error", 503);
/// A user end-point and the session cannot be read.
pub const CANNOT_AUTHENTICATE: ErrorCode =
    ErrorCode::new("REQ_UCA", "Unable to check authentication", 503);
/// A user end-point and a guest.
pub const AUTHENTICATION_REQUIRED: ErrorCode =
    ErrorCode::new("REQ_AUR", "Authentication required", 401);

/// Codes for a client that guesses API keys: counted for its address. A known key whose requests of
/// today are used up does not count.
pub const GUESSES: &[ErrorCode] = &[API_KEY_INVALID, API_KEY_EXPIRED];

/// Codes for requests that are the client's fault. If each leaves a row in jBackend's log, they are
/// counted for the address.
pub const BOGUS: &[ErrorCode] = &[
    MODULE_NOT_SPECIFIED,
    MODULE_NOT_FOUND,
    ACTION_NOT_SPECIFIED,
    REQUEST_UNKNOWN,
    API_KEY_REQUIRED,
    API_KEY_LIMIT_EXCEEDED,
    AUTHENTICATION_REQUIRED,
    methods::GROUP_NOT_SPECIFIED,
    methods::PACKAGE_NOT_SPECIFIED,
    methods::GROUP_NOT_FOUND,
    methods::PACKAGE_NOT_FOUND,
    methods::EMAIL_NOT_SPECIFIED,
    methods::KEY_NOT_SPECIFIED,
    methods::USERNAME_NOT_SPECIFIED,
    methods::PASSWORD_NOT_SPECIFIED,
];

/// All codes of the core.
pub const ALL: &[ErrorCode] = &[
    MODULE_NOT_SPECIFIED,
    MODULE_NOT_FOUND,
    ACTION_NOT_SPECIFIED,
    REQUEST_UNKNOWN,
    API_KEY_REQUIRED,
    API_KEY_INVALID,
    API_KEY_EXPIRED,
    API_KEY_LIMIT_EXCEEDED,
    API_KEY_ERROR,
    CANNOT_AUTHENTICATE,
    AUTHENTICATION_REQUIRED,
];

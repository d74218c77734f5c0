//! The error codes of the jBackend core; `docs/protocol.md`, "Core codes".

use crate::methods::Code;

/// The bare end-point, or `module` absent.
pub const MODULE_NOT_SPECIFIED: Code = Code::new("REQ_MNS", "Module not specified", 400);
/// A module that is not there, or not on this end-point.
pub const MODULE_NOT_FOUND: Code = Code::new("REQ_MNF", "Module not found", 404);
/// `action` absent.
pub const ACTION_NOT_SPECIFIED: Code = Code::new("REQ_ANS", "Action not specified", 400);
/// An action and resource the module does not have.
pub const REQUEST_UNKNOWN: Code = Code::new("REQ_RUN", "Request unknown", 404);
/// A key end-point without `api_key`.
pub const API_KEY_REQUIRED: Code = Code::new("REQ_AKR", "API key required", 401);
/// An API key that is empty, unknown or not published.
pub const API_KEY_INVALID: Code = Code::new("REQ_AKI", "API key invalid", 401);
/// An API key whose expiration date has come.
pub const API_KEY_EXPIRED: Code = Code::new("REQ_AKE", "API key expired", 401);
/// An API key whose requests of today are used up.
pub const API_KEY_LIMIT_EXCEEDED: Code = Code::new("REQ_AKL", "API key limit exceeded", 429);
/// A key end-point and the check itself failed.
pub const API_KEY_ERROR: Code = Code::new("REQ_AKG", "API key generic error", 503);
/// A user end-point and the session cannot be read.
pub const CANNOT_AUTHENTICATE: Code = Code::new("REQ_UCA", "Unable to check authentication", 503);
/// A user end-point and a guest.
pub const AUTHENTICATION_REQUIRED: Code = Code::new("REQ_AUR", "Authentication required", 401);

/// All codes of the core.
pub const ALL: &[Code] = &[
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

//! Answers requests that are not read to their end. The connection closes after the answer.
//!
//! Called by `handle`.

use http::StatusCode;
use http::header::{CONNECTION, HeaderValue};

use crate::http::body::BodyError;
use crate::http::reply;
use crate::http::response::Response;

/// Refuses a request of an address that has too many requests under way.
pub(super) fn too_many() -> Response {
    closing(reply::plain(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many requests from your address at once: try again.\n",
    ))
}

/// Refuses a request because of its body. The rest of the body is not read: the connection closes.
pub(super) fn turned_away(error: BodyError) -> Response {
    closing(match error {
        BodyError::TooLarge => {
            reply::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too large.\n")
        }
        BodyError::TooSlow => {
            reply::plain(StatusCode::REQUEST_TIMEOUT, "The request's body did not arrive.\n")
        }
        BodyError::Broken => {
            reply::plain(StatusCode::BAD_REQUEST, "The request's body is not valid.\n")
        }
        BodyError::Busy => {
            reply::plain(StatusCode::SERVICE_UNAVAILABLE, "The server is busy: try again.\n")
        }
    })
}

/// Closes the connection after the answer: the bytes that follow are not a request.
pub(super) fn closing(mut reply: Response) -> Response {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

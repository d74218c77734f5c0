//! Answers to requests that are not read to their end: the connection closes behind them.
//!
//! Called by `route`.

use warp::http::StatusCode;
use warp::http::header::{CONNECTION, HeaderValue};
use warp::reply::Response;

use super::body::BodyError;
use super::reply;

/// The answer to an address that has too many requests under way.
pub(super) fn too_many() -> Response {
    closing(reply::plain(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many requests from your address at once: try again.\n",
    ))
}

/// The rest of such a body is not waited for: the connection closes.
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

/// What follows on the connection is no request.
pub(super) fn closing(mut reply: Response) -> Response {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

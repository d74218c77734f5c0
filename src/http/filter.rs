//! The one filter of the service. It accepts every request and never rejects one.
//!
//! Made by `service`, served by [`super::accept`].

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::current::Current;
use super::head::Head;
use super::reply;

/// Makes the filter: each request goes to the front in force.
#[must_use]
pub fn routes(current: Arc<Current>) -> BoxedFilter<(Response,)> {
    warp::ext::get::<Arc<Head>>()
        .and(warp::body::stream())
        .then(move |head: Arc<Head>, body| {
            let front = current.front();
            async move {
                match front {
                    Some(front) => front.handle(head, body).await,
                    None => reply::plain(StatusCode::SERVICE_UNAVAILABLE, "The server stops.\n"),
                }
            }
        })
        .boxed()
}

//! Answers the operator's own programs, on a separate address: `/healthz` (the process is alive),
//! `/readyz` (it can answer) and `/metrics`.
//!
//! It never listens on the address of the clients. It must not show data of a client, or a secret.

pub mod ready;

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use self::ready::{Readiness, ReadyReport};
use super::current::Current;
use super::metrics::{CONTENT_TYPE as METRICS_TEXT, Metrics};
use super::reply;

/// The parts that the admin listener answers from.
pub struct Admin {
    /// The front in force.
    pub current: Arc<Current>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Tells if the service can answer.
    pub readiness: Arc<Readiness>,
}

/// Makes the filter: it accepts every request and never rejects one.
#[must_use]
pub fn routes(admin: Arc<Admin>) -> BoxedFilter<(Response,)> {
    warp::method()
        .and(warp::path::full())
        .then(move |verb: Method, path: warp::path::FullPath| {
            let admin = Arc::clone(&admin);
            async move { admin.answer(&verb, path.as_str()).await }
        })
        .boxed()
}

impl Admin {
    async fn answer(&self, verb: &Method, path: &str) -> Response {
        if !matches!(path, "/healthz" | "/readyz" | "/metrics") {
            let text = "Only /healthz, /readyz and /metrics are here.\n";
            return reply::plain(StatusCode::NOT_FOUND, text);
        }
        if !matches!(*verb, Method::GET | Method::HEAD) {
            let mut reply = reply::plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return reply;
        }
        let mut reply = match path {
            "/healthz" => reply::plain(StatusCode::OK, "ok\n"),
            "/readyz" => self.ready().await,
            _ => self.metrics().await,
        };
        reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        reply
    }

    async fn ready(&self) -> Response {
        let report = self.report().await;
        let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let Ok(text) = serde_json::to_string_pretty(&*report) else { return failed() };
        typed(status, text + "\n", "application/json")
    }

    async fn metrics(&self) -> Response {
        let report = self.report().await;
        if let Some(front) = self.current.front() {
            self.metrics.look_at(&front, &report);
        }
        let Ok(text) = self.metrics.text() else { return failed() };
        typed(StatusCode::OK, text, METRICS_TEXT)
    }

    async fn report(&self) -> Arc<ReadyReport> {
        match self.current.front() {
            Some(front) => self.readiness.report(&front).await,
            None => Arc::new(ReadyReport::of_the_end()),
        }
    }
}

fn typed(status: StatusCode, text: String, kind: &'static str) -> Response {
    let mut reply = Response::new(text.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

fn failed() -> Response {
    reply::plain(StatusCode::INTERNAL_SERVER_ERROR, "The text could not be written.\n")
}

//! Answers the operator's own programs, on a separate address: `/healthz` (the process is alive),
//! `/readyz` (it can answer) and `/metrics`.
//!
//! It never listens on the address of the clients. It must not show data of a client, or a secret.

pub mod health;
pub mod metrics;
pub mod ready;

use std::sync::Arc;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};

use self::health::Health;
use self::metrics::state::StateGauges;
use self::metrics::{CONTENT_TYPE as METRICS_TEXT, Metrics};
use self::ready::{Readiness, ReadyReport};
use crate::http::body::RawBody;
use crate::http::filter::Answers;
use crate::http::head::Head;
use crate::http::reply;
use crate::http::response::Response;

/// The parts that the admin listener answers from.
pub struct Admin {
    /// Reads the state of the service; `None` once it has answered its last request.
    pub health: Box<dyn Fn() -> Option<Health> + Send + Sync>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Tells if the service can answer.
    pub readiness: Arc<Readiness>,
}

impl Answers for Admin {
    async fn answer(&self, head: Arc<Head>, _body: RawBody) -> Response {
        let (verb, path) = (&head.verb, head.path.as_str());
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
}

impl Admin {
    async fn ready(&self) -> Response {
        let report = self.report().await;
        let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let Ok(text) = serde_json::to_string_pretty(&*report) else { return failed() };
        typed(status, text + "\n", "application/json")
    }

    async fn metrics(&self) -> Response {
        let report = self.report().await;
        let state = StateGauges { report, health: (self.health)() };
        let Ok(text) = self.metrics.text(state) else { return failed() };
        typed(StatusCode::OK, text, METRICS_TEXT)
    }

    async fn report(&self) -> Arc<ReadyReport> {
        match (self.health)() {
            Some(health) => self.readiness.report(&health, &self.metrics.tasks).await,
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

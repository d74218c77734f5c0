//! The one filter of the service, and the only place that names warp.
//!
//! `service` makes it of the front, and of the admin listener's answers; each connection serves it.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use warp::filters::BoxedFilter;
use warp::reply::Response as WarpResponse;
use warp::{Filter, Reply};

use super::body::{RawBody, raw};
use super::head::Head;
use super::response::{AnswerBody, Response};

/// Answers every request.
pub trait Answers: Send + Sync + 'static {
    /// Answers a request. The body is read as far as the answer needs it.
    fn answer(&self, head: Arc<Head>, body: RawBody) -> impl Future<Output = Response> + Send;
}

/// A filter that takes every request and never rejects.
#[derive(Clone)]
pub struct Routes(BoxedFilter<(WarpResponse,)>);

impl Routes {
    /// Makes the filter.
    #[must_use]
    pub fn new(answers: Arc<impl Answers>) -> Self {
        let filter = warp::ext::get::<Arc<Head>>().and(warp::body::stream()).then(
            move |head: Arc<Head>, body| {
                let answers = Arc::clone(&answers);
                async move { of_warp(answers.answer(head, raw(body)).await) }
            },
        );
        Self(filter.boxed())
    }

    /// Answers a request whose head is taken out already.
    pub(super) fn answer(
        &self,
        head: Arc<Head>,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Result<WarpResponse, Infallible>> + Send + use<> {
        request.extensions_mut().insert(head);
        TowerToHyperService::new(warp::service(self.0.clone())).call(request)
    }
}

fn of_warp(response: Response) -> WarpResponse {
    let (head, body) = response.into_parts();
    let body = match body {
        AnswerBody::Whole(bytes) => bytes.into(),
        AnswerBody::Stream(stream) => warp::reply::stream(stream).into_response().into_body(),
    };
    WarpResponse::from_parts(head, body)
}

//! Sends a request to the site, and the answer back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, Method, Request};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Error, ResponseFuture};
use tokio::time::sleep_until;

use super::answer::{self, Failure};
use super::idle::{Activity, SiteBody, Upload};
use super::request::{self, NotForwarded};
use super::shadow::Watch;
use super::{Fallback, target};
use crate::http::body::RawBody;
use crate::http::head::Head;
use crate::http::peer::Proxies;
use crate::http::response::{AnswerBody, Response};
use crate::site::Settings;

impl Fallback {
    /// Makes the request for the site, without its body.
    ///
    /// # Errors
    /// A request that must not go to the site.
    pub(super) async fn prepare(
        &self,
        head: &Head,
        proxies: &Proxies,
        settings: Arc<Settings>,
    ) -> Result<Parts, NotForwarded> {
        let path = target::to_send(&head.path).ok_or(NotForwarded::Target)?;
        if let Some(files) = &self.options.package_files
            && files.hold(settings, &head.path).await
        {
            return Err(NotForwarded::PackageFile);
        }
        let authority = &self.options.upstream.authority;
        let default_host = self.options.default_host.as_deref().unwrap_or(authority);
        let headers = request::headers(head, proxies, &self.id, default_host)?;
        let (mark, query) = head.query.as_ref().map_or(("", ""), |query| ("?", query.as_str()));
        let mut request = Request::builder()
            .method(head.verb.clone())
            .uri(format!("http://{authority}{path}{mark}{query}"))
            .body(())
            .map_err(|_| NotForwarded::Target)?;
        *request.headers_mut() = headers;
        Ok(request.into_parts().0)
    }

    /// Sends the request and passes the answer on as it comes.
    pub(super) async fn send(
        &self,
        request: Parts,
        body: RawBody,
        watch: Option<Watch>,
    ) -> Response {
        let activity = Activity::new(self.options.idle_timeout);
        match self.answered(request, body, &activity).await {
            Err(failure) => failure.page(),
            Ok(response) => {
                let (head, body) = response.into_parts();
                let tee = watch.and_then(|watch| watch.sees(head.status, &head.headers));
                let body = SiteBody::new(body, activity, tee);
                let mut reply = Response::new(AnswerBody::stream(body));
                *reply.status_mut() = head.status;
                *reply.headers_mut() =
                    answer::headers(&head.headers, self.options.pass_offload_headers);
                reply
            }
        }
    }

    async fn answered(
        &self,
        request: Parts,
        body: RawBody,
        activity: &Arc<Activity>,
    ) -> Result<http::Response<Incoming>, Failure> {
        let result = if has_body(&request.headers) {
            let body = StreamBody::new(Upload { body, activity: Arc::clone(activity) });
            self.once(
                self.single.request(Request::from_parts(request, body.boxed_unsync())),
                activity,
            )
            .await
        } else if matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let again = request.clone();
            let first = self.pooled.request(Request::from_parts(request, nothing()));
            match self.once(first, activity).await {
                // The site may have closed the kept connection at this moment.
                Err(NoSiteAnswer::Broken(error)) if !error.is_connect() => {
                    tracing::debug!(%error, "a kept connection broke: the request is sent again");
                    let second = self.single.request(Request::from_parts(again, nothing()));
                    self.once(second, activity).await
                }
                other => other,
            }
        } else {
            self.once(self.single.request(Request::from_parts(request, nothing())), activity).await
        };
        result.map_err(|unanswered| self.failure(unanswered, activity))
    }

    /// Waits for the head of the answer as long as bytes move in either direction.
    async fn once(
        &self,
        sending: ResponseFuture,
        activity: &Activity,
    ) -> Result<http::Response<Incoming>, NoSiteAnswer> {
        let mut sending = std::pin::pin!(sending);
        loop {
            let deadline = activity.deadline();
            tokio::select! {
                answer = &mut sending => {
                    let answer = answer.map_err(NoSiteAnswer::Broken)?;
                    if self.down.swap(false, Ordering::Relaxed) {
                        tracing::info!("the site answers again");
                    }
                    return Ok(answer);
                }
                () = sleep_until(deadline) => {
                    if activity.deadline() <= deadline {
                        return Err(NoSiteAnswer::Silent);
                    }
                }
            }
        }
    }

    /// Finds the reason of a failure. Logs one of the site's, once until the site answers again.
    fn failure(&self, unanswered: NoSiteAnswer, activity: &Activity) -> Failure {
        if activity.client_broke_off() {
            return Failure::ClientBroken;
        }
        let failure = match &unanswered {
            NoSiteAnswer::Silent if activity.client_is_awaited() => return Failure::ClientSilent,
            NoSiteAnswer::Silent => Failure::Silent,
            NoSiteAnswer::Broken(_) => Failure::Unreachable,
        };
        if !self.down.swap(true, Ordering::Relaxed) {
            let upstream = &self.options.upstream.authority;
            match unanswered {
                NoSiteAnswer::Silent => {
                    tracing::error!(upstream, "the site does not answer in time");
                }
                NoSiteAnswer::Broken(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    let cause = cause.unwrap_or_default();
                    tracing::error!(upstream, %error, cause, "the site cannot be reached");
                }
            }
        }
        failure
    }
}

/// Why an attempt has no answer.
enum NoSiteAnswer {
    /// No byte moved for too long.
    Silent,
    /// The connection could not be made, or broke.
    Broken(Error),
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

fn nothing() -> UnsyncBoxBody<Bytes, io::Error> {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

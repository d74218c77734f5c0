//! Bodies under way in both directions, and the time limit without a moving byte.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use hyper::body::{Body, Frame, Incoming};
use tokio::time::{Instant, Sleep, sleep_until};

use super::shadow::tee::Tee;
use crate::http::body::RawBody;

/// The time of the last byte, in either direction.
pub(super) struct Activity {
    started: Instant,
    last: AtomicU64,
    limit: Duration,
    client_is_awaited: AtomicBool,
    client_broke_off: AtomicBool,
}

impl Activity {
    pub(super) fn new(limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            last: AtomicU64::new(0),
            limit,
            client_is_awaited: AtomicBool::new(false),
            client_broke_off: AtomicBool::new(false),
        })
    }

    /// Returns the time at which the silence is too long, unless a byte moves until then.
    pub(super) fn deadline(&self) -> Instant {
        self.started + Duration::from_millis(self.last.load(Ordering::Relaxed)) + self.limit
    }

    /// Does the bridge wait for the client's bytes?
    pub(super) fn client_is_awaited(&self) -> bool {
        self.client_is_awaited.load(Ordering::Relaxed)
    }

    /// Did the client's body end early?
    pub(super) fn client_broke_off(&self) -> bool {
        self.client_broke_off.load(Ordering::Relaxed)
    }

    fn moved(&self) {
        let since = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(since, Ordering::Relaxed);
    }
}

/// The client's body on its way to the site.
pub(super) struct Upload {
    pub(super) body: RawBody,
    pub(super) activity: Arc<Activity>,
}

impl Stream for Upload {
    type Item = Result<Frame<Bytes>, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = self.body.as_mut().poll_next(context);
        self.activity.client_is_awaited.store(chunk.is_pending(), Ordering::Relaxed);
        let chunk = ready!(chunk);
        self.activity.moved();
        Poll::Ready(chunk.map(|chunk| {
            chunk.map(Frame::data).map_err(|_| {
                self.activity.client_broke_off.store(true, Ordering::Relaxed);
                io::Error::other("the client's body ended early")
            })
        }))
    }
}

/// The site's body on its way to the client. An error cuts the connection, so that no client takes
/// a part for the whole.
pub(super) struct SiteBody {
    body: Incoming,
    activity: Arc<Activity>,
    timer: Pin<Box<Sleep>>,
    tee: Option<Tee>,
    handed_over: bool,
}

impl SiteBody {
    pub(super) fn new(body: Incoming, activity: Arc<Activity>, tee: Option<Tee>) -> Self {
        let timer = Box::pin(sleep_until(activity.deadline()));
        Self { body, activity, timer, tee, handed_over: true }
    }

    fn finish(&mut self) {
        if let Some(tee) = self.tee.take() {
            tee.finish();
        }
    }
}

impl Stream for SiteBody {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Only now has the client read the last bytes: a slow client must not count as silence of
        // the site.
        if std::mem::take(&mut self.handed_over) {
            self.activity.moved();
        }
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(None) => {
                    self.finish();
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => {
                    tracing::warn!(%error, "the site's answer broke off: the client is cut off");
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    self.activity.moved();
                    // Trailers after the body are dropped: few clients read them.
                    let Ok(bytes) = frame.into_data() else { continue };
                    if let Some(tee) = &mut self.tee {
                        tee.push(&bytes);
                    }
                    // After the last byte of a known length the stream is not polled for its end.
                    if self.body.is_end_stream() {
                        self.finish();
                    }
                    self.handed_over = true;
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Poll::Pending => {}
            }
            let deadline = self.activity.deadline();
            if self.timer.deadline() < deadline {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(context));
            if Instant::now() >= self.activity.deadline() {
                tracing::warn!("the site fell silent in its answer: the client is cut off");
                return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
            }
        }
    }
}

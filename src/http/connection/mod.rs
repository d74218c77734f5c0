//! Serves a connection: heads have a deadline, clients that stop reading are dropped, and a stop
//! waits for the answer under way.
//!
//! [`super::listener`] accepts it; each request goes through `filter`. [`shares`] counts the
//! connections of an address, `places` all of them. Must not import: `listener`, `front`.

pub(super) mod places;
mod sending;
pub mod shares;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::header::TRANSFER_ENCODING;
use http::{Request, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

use self::places::{ConnectionPlace, ConnectionPlaces, UnderWay};
use self::sending::Sending;
use self::shares::{AddressShare, Shares};
use super::access_log;
use super::filter::Routes;
use super::head::Head;
use super::peer::Peer;
use super::reply;
use crate::limits::ClientAddress;
use crate::supervise::{Task, Tasks};

/// Limits of the connections.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at the same time, at most.
    pub connections: usize,
    /// Time for the head of a request.
    pub header_timeout: Duration,
    /// Time without progress in sending an answer, after which the client is dropped.
    pub write_timeout: Duration,
    /// Time that running answers have at a stop of the service.
    pub shutdown_deadline: Duration,
}

/// The accounting of connections by client.
#[derive(Clone)]
pub struct Guests {
    /// How many connections each address holds.
    pub shares: Arc<Shares>,
    /// Finds the address that a peer's connection counts for; `None` if it counts for no address.
    pub holder: Arc<dyn Fn(Peer) -> Option<ClientAddress> + Send + Sync>,
}

/// Bytes of an answer that hyper buffers for one connection. It is also the longest head of a
/// request.
const BUFFER: usize = 64 * 1024;

/// Time in which a connected client may still send a request after a stop. The request may be on
/// its way already, and closing the connection would lose it. Its answer closes the connection.
const LINGER: Duration = Duration::from_secs(1);

/// The values that all connections share.
pub(super) struct ConnectionContext {
    pub(super) routes: Routes,
    pub(super) limits: Limits,
    pub(super) guests: Guests,
    pub(super) places: ConnectionPlaces,
    pub(super) served: watch::Receiver<()>,
    /// `true` once the service stops: from then on each answer closes its connection.
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) tasks: Tasks,
}

impl ConnectionContext {
    pub(super) fn spawn<S>(&self, stream: S, peer: Peer, place: ConnectionPlace)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_timeout));
        let place = Arc::new(place);
        let stream = Sending { stream: Box::pin(stream), place: Arc::clone(&place) };
        let routes = self.routes.clone();
        let stopped = self.stopped.clone();
        let busy = Arc::clone(&place);
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            busy.begin();
            let under_way = UnderWay(Arc::clone(&busy));
            if request.uri().path_and_query().is_none() {
                // For `CONNECT host:80` and the like: warp panics if the target has no path.
                *request.uri_mut() = Uri::from_static("/");
            }
            let head = Arc::new(Head::take(&mut request, peer));
            // Close the connection after a request with `Transfer-Encoding`: a proxy in front of
            // the bridge may have gone by a `Content-Length` that hyper drops, and count the bytes
            // that follow as part of the request (RFC 9112, 6.1).
            let is_last = head.headers.contains_key(TRANSFER_ENCODING);
            let answer = routes.answer(head, request);
            let stopped = stopped.clone();
            async move {
                let mut answer = answer.await?;
                if is_last || *stopped.borrow() {
                    reply::close_after(&mut answer);
                }
                let share = answer.extensions_mut().remove::<Arc<AddressShare>>();
                Ok::<_, Infallible>(access_log::follow(answer, (under_way, share)))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            // A client may close its sending side after the request and still wait for the answer.
            .half_close(true)
            .max_buf_size(BUFFER)
            .max_header_size(BUFFER)
            .serve_connection(TokioIo::new(stream), service);
        let (mut served, stopped) = (self.served.clone(), self.stopped.clone());
        let linger = LINGER.min(self.limits.shutdown_deadline / 2);
        let tasks = self.tasks.clone();
        let serving = async move {
            tokio::select! {
                ended = until_idle(connection, stopped, linger) => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                _ = served.changed() => {}
                () = place.has_to_go() => {}
            }
        };
        tokio::spawn(async move { drop(tasks.once(Task::Connection, serving).await) });
    }
}

/// Serves a connection to its end. At a stop that is the end of the running answer.
async fn until_idle<C: GracefulConnection>(
    connection: C,
    mut stopped: watch::Receiver<bool>,
    linger: Duration,
) -> Result<(), C::Error> {
    let mut connection = std::pin::pin!(connection);
    let lingered = async {
        // `serve` holds the sender until all connections are closed.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        sleep(linger).await;
    };
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = lingered => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

//! The accept loop. It puts the filter behind the limits that warp's own server lacks.
//!
//! Connections are counted, the head of a request has a deadline, and a client that stops reading
//! is dropped. A stop waits for running answers, up to a deadline.

use std::convert::Infallible;
use std::future::Future;
use std::io;
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
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use super::access_log;
use super::counts::Connections;
use super::filter::Routes;
use super::head::Head;
use super::listen::{Listener, Stream};
use super::peer::Peer;
use super::places::{ConnectionPlace, ConnectionPlaces, UnderWay};
use super::reply;
use super::sending::Sending;
use super::shares::{AddressShare, Shares};
use crate::limits::ClientAddress;
use crate::supervise::{Rounds, Task, Tasks};

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

/// Serves until `stop` is done, then lets running answers finish within the deadline.
///
/// At the stop, clients that wait in the queues of the sockets are still accepted. A client that
/// comes later is refused, or waits for another process that listens on the same socket.
#[expect(
    clippy::too_many_arguments,
    reason = "sockets, and everything that their connections share"
)]
pub async fn serve(
    listeners: Vec<Listener>,
    routes: Routes,
    limits: Limits,
    guests: Guests,
    count: Connections,
    tasks: &Tasks,
    stop: impl Future<Output = ()>,
) {
    let places = ConnectionPlaces::new(limits.connections, Arc::clone(&guests.shares), count);
    // Each connection ends when this channel is dropped, so that none outlives the deadline.
    let (_cut_off, served) = watch::channel(());
    let (stopping, stopped) = watch::channel(false);
    let mut loops = JoinSet::new();
    for listener in listeners {
        let house = ConnectionContext {
            routes: routes.clone(),
            limits,
            guests: guests.clone(),
            places: places.clone(),
            served: served.clone(),
            stopped: stopped.clone(),
            tasks: tasks.clone(),
        };
        loops.spawn(house.accept(listener));
    }
    drop((served, stopped));
    stop.await;
    stopping.send_replace(true);
    // Each loop closes its socket once the queue is empty, and each connection ends by itself. They
    // hold the receivers of this channel.
    if timeout(limits.shutdown_deadline, stopping.closed()).await.is_err() {
        tracing::warn!("answers still running at the end of `shutdown_deadline` are cut off");
    }
    loops.shutdown().await;
}

/// The values that all connections share.
struct ConnectionContext {
    routes: Routes,
    limits: Limits,
    guests: Guests,
    places: ConnectionPlaces,
    served: watch::Receiver<()>,
    /// `true` once the service stops: from then on each answer closes its connection.
    stopped: watch::Receiver<bool>,
    tasks: Tasks,
}

impl ConnectionContext {
    async fn accept(self, listener: Listener) {
        // The socket outlives a panic of the loop, so clients in its queue are not cut off.
        let accept = |rounds| self.accept_until_stopped(&listener, rounds);
        self.tasks.clone().keep(Task::Listener, accept).await;
        self.empty_queue(listener).await;
    }

    async fn accept_until_stopped(&self, listener: &Listener, rounds: Rounds) {
        let mut stopped = self.stopped.clone();
        loop {
            rounds.begin();
            let accepted = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.take_in(stream, peer).await,
                Err(error) => rest_after(&error).await,
            }
        }
    }

    /// Accepts the clients that wait in the queue: they are connected already, and closing the
    /// socket would cut them off. The number has a bound, as clients may come without end.
    async fn empty_queue(&self, listener: Listener) {
        for _ in 0..LONGEST_QUEUE {
            match timeout(QUEUE_IS_EMPTY, listener.accept()).await {
                Ok(Ok((stream, peer))) => self.take_in(stream, peer).await,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        // Clients that came meanwhile may be in the system's queue without the runtime having seen
        // them.
        for (stream, peer) in listener.close(LONGEST_QUEUE) {
            self.take_in(stream, peer).await;
        }
    }

    /// Takes the place after the accept: an idle socket must not hold one. One accepted client of
    /// each socket may wait for a place; the rest stay in the system's queue. A client whose
    /// address has used up its share is refused at once, so that the others need not wait behind
    /// it.
    async fn take_in(&self, stream: Stream, peer: Peer) {
        let Some(place) = self.places.take((self.guests.holder)(peer)).await else {
            stream.turn_away(reply::TOO_MANY);
            return;
        };
        match stream {
            Stream::Tcp(stream) => self.spawn(stream, peer, place),
            Stream::Unix(stream) => self.spawn(stream, peer, place),
        }
    }

    fn spawn<S>(&self, stream: S, peer: Peer, place: ConnectionPlace)
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

/// Clients that may wait in the queue of one socket: the backlog that tokio sets.
const LONGEST_QUEUE: usize = 1024;

/// Long enough for the runtime to see the clients in a queue, and short for clients that wait.
const QUEUE_IS_EMPTY: Duration = Duration::from_millis(20);

/// Rests after an error, unless the client has only gone away. If file descriptors have run out,
/// the loop would otherwise spin until one is free.
async fn rest_after(error: &io::Error) {
    let gone = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !gone.contains(&error.kind()) {
        tracing::error!(%error, "a connection could not be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}

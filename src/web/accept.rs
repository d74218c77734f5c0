//! The accept loop: warp's filters behind the limits warp's own server lacks.
//!
//! Connections are counted, heads have a deadline, clients that stop reading are dropped, and a
//! stop waits for running answers, but not for ever.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use warp::filters::BoxedFilter;
use warp::http::{Request, Uri};
use warp::reply::Response;

use super::access_log;
use super::framing::Framing;
use super::listen::{Listener, Stream};
use super::peer::Peer;
use super::reply;

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Time for the head of a request.
    pub header_timeout: Duration,
    /// Time a client may stop reading.
    pub write_timeout: Duration,
    /// Time for running answers when the bridge stops.
    pub shutdown_deadline: Duration,
}

/// Bytes of an answer hyper may hold for one connection, and the longest head.
const BUFFER: usize = 64 * 1024;

/// Serves until `stop` is done, then lets running answers finish within the deadline.
pub async fn serve(
    listeners: Vec<Listener>,
    routes: BoxedFilter<(Response,)>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = Arc::new(GracefulShutdown::new());
    // Connections end with this value, so that none outlives the deadline.
    let (_cut_off, served) = watch::channel(());
    let mut loops = JoinSet::new();
    for listener in listeners {
        let house = House {
            routes: routes.clone(),
            limits,
            room: Arc::clone(&room),
            graceful: Arc::clone(&graceful),
            served: served.clone(),
        };
        loops.spawn(house.accept(listener));
    }
    stop.await;
    // Dropping the loops closes the sockets: new clients are refused while old ones finish.
    loops.shutdown().await;
    let Some(graceful) = Arc::into_inner(graceful) else { return };
    if tokio::time::timeout(limits.shutdown_deadline, graceful.shutdown()).await.is_err() {
        tracing::warn!("answers still running at the end of `shutdown_deadline` are cut off");
    }
}

/// What all connections share.
struct House {
    routes: BoxedFilter<(Response,)>,
    limits: Limits,
    room: Arc<Semaphore>,
    graceful: Arc<GracefulShutdown>,
    served: watch::Receiver<()>,
}

impl House {
    async fn accept(self, listener: Listener) {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    rest_after(&error).await;
                    continue;
                }
            };
            // Only a connection that is there takes room, or idle sockets would take it from the
            // others. One waits for each socket; the rest stay in the system's queues.
            let Ok(permit) = Arc::clone(&self.room).acquire_owned().await else { return };
            match stream {
                Stream::Tcp(stream) => self.spawn(stream, peer, permit),
                Stream::Unix(stream) => self.spawn(stream, peer, permit),
            }
        }
    }

    fn spawn<S>(&self, stream: S, peer: Peer, permit: OwnedSemaphorePermit)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_timeout));
        let stream = Framing::new(Box::pin(stream));
        let contradictory = stream.contradictory();
        let filters = TowerToHyperService::new(warp::service(self.routes.clone()));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            if request.uri().path_and_query().is_none() {
                // `CONNECT host:80` and the like: warp panics where there is no path.
                *request.uri_mut() = Uri::from_static("/");
            }
            let is_clear = !contradictory.load(Ordering::Relaxed);
            let answer = is_clear.then(|| hyper::service::Service::call(&filters, request));
            async move {
                match answer {
                    Some(answer) => answer.await.map(access_log::follow),
                    None => Ok(access_log::follow(reply::two_lengths())),
                }
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            // A client may close its side once it has asked, and still wait for the answer.
            .half_close(true)
            .max_buf_size(BUFFER)
            .max_header_size(BUFFER)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watcher().watch(connection);
        let mut served = self.served.clone();
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                _ = served.changed() => {}
            }
            drop(permit);
        });
    }
}

/// A client that has gone already is no reason to wait; out of file descriptors is: without a rest
/// the loop would spin until one is free.
async fn rest_after(error: &io::Error) {
    let gone = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !gone.contains(&error.kind()) {
        tracing::error!(%error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

//! The accept loop: takes clients in from the sockets, and gives each its connection. At a stop it
//! empties the queues, and waits for running answers up to a deadline.
//!
//! Called by `service`. Must not import: `front`.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Listener, Stream};
use crate::http::connection::places::ConnectionPlaces;
use crate::http::connection::{ConnectionContext, Guests, Limits};
use crate::http::counts::Connections;
use crate::http::filter::Routes;
use crate::http::peer::Peer;
use crate::http::reply;
use crate::supervise::{Rounds, Task, Tasks};

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

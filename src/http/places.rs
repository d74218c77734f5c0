//! Places for connections: how many an address may have, and which connection gives way when there
//! are none left.
//!
//! Held by [`super::accept`] for each connection. A connection rests while no request is under way
//! on it, also while the head of one drips in: the one that has rested longest gives way first. A
//! connection with a request under way never does.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::metrics::Connections;
use super::shares::{AddressShare, Shares};
use crate::limits::ClientAddress;

/// How long a connection may rest before it gives way: its request may be on its way.
const GRACE: Duration = Duration::from_millis(250);

/// All places.
#[derive(Clone)]
pub(super) struct ConnectionPlaces(Arc<PlaceBook>);

struct PlaceBook {
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
    count: Connections,
    seats: Mutex<Seats>,
    /// Some connection may give way that could not before, or will not after all.
    changed: Notify,
}

#[derive(Default)]
struct Seats {
    /// Grows with each connection, and each time that one comes to rest.
    moment: u64,
    taken: HashMap<u64, Seat>,
    /// Those that rest, in the order in which they give way: proxies' last, as their connections
    /// are for many, then by how long they have rested.
    resting: BTreeMap<Rest, Resting>,
}

type Rest = (bool, u64);

/// A connection that rests, and since when.
struct Resting {
    id: u64,
    since: Instant,
}

struct Seat {
    share: Option<AddressShare>,
    /// Counts for nobody: a proxy's.
    is_exempt: bool,
    standing: ConnectionStanding,
    leave: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ConnectionStanding {
    Resting(Rest),
    Busy,
    /// Asked to give way.
    Leaving,
}

impl ConnectionPlaces {
    pub(super) fn new(places: usize, shares: Arc<Shares>, count: Connections) -> Self {
        count.limit.set(i64::try_from(places).unwrap_or(i64::MAX));
        let room = Arc::new(Semaphore::new(places));
        Self(Arc::new(PlaceBook {
            room,
            shares,
            count,
            seats: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Waits for a place for a connection of that address, `None` for a proxy's. Gives none where
    /// requests are under way on all connections the address may have.
    pub(super) async fn take(&self, holder: Option<ClientAddress>) -> Option<ConnectionPlace> {
        let house = &self.0;
        let share = match holder {
            None => None,
            Some(address) => Some(house.share(address).or_else(|| {
                house.count.refused.inc();
                None
            })?),
        };
        let permit = loop {
            let mut changed = pin!(house.changed.notified());
            // What changes from here on is not missed.
            changed.as_mut().enable();
            if let Ok(permit) = Arc::clone(&house.room).try_acquire_owned() {
                break permit;
            }
            drop(house.show_out(GRACE, |_| true));
            tokio::select! {
                biased;
                permit = Arc::clone(&house.room).acquire_owned() => break permit.ok()?,
                () = changed => {}
                () = sleep(GRACE) => {}
            }
        };
        Some(house.seat(share, permit))
    }
}

impl PlaceBook {
    /// One of the address's share, if need be that of its connection that has rested longest.
    fn share(&self, address: ClientAddress) -> Option<AddressShare> {
        let is_of_address =
            |seat: &Seat| seat.share.as_ref().is_some_and(|share| share.address() == address);
        self.shares.take(address).or_else(|| self.show_out(Duration::ZERO, is_of_address))
    }

    /// Asks the one of these that has rested longest, and at least so long, to give way; returns its
    /// share.
    fn show_out(&self, rested: Duration, is_meant: impl Fn(&Seat) -> bool) -> Option<AddressShare> {
        let mut seats = self.seats();
        let Seats { taken, resting, .. } = &mut *seats;
        let meant = |one: &Resting| {
            one.since.elapsed() >= rested && taken.get(&one.id).is_some_and(&is_meant)
        };
        let (rest, id) =
            resting.iter().find(|(_, one)| meant(one)).map(|(rest, one)| (*rest, one.id))?;
        resting.remove(&rest);
        let seat = taken.get_mut(&id)?;
        seat.standing = ConnectionStanding::Leaving;
        seat.leave.notify_one();
        self.count.displaced.inc();
        seat.share.take()
    }

    fn seat(
        self: &Arc<Self>,
        share: Option<AddressShare>,
        permit: OwnedSemaphorePermit,
    ) -> ConnectionPlace {
        let leave = Arc::new(Notify::new());
        let mut seats = self.seats();
        let id = seats.next_moment();
        let is_exempt = share.is_none();
        let rest = (is_exempt, id);
        let standing = ConnectionStanding::Resting(rest);
        seats.taken.insert(id, Seat { share, is_exempt, standing, leave: Arc::clone(&leave) });
        seats.resting.insert(rest, Resting { id, since: Instant::now() });
        drop(seats);
        self.count.accepted.inc();
        self.count.open.inc();
        ConnectionPlace {
            house: Arc::clone(self),
            id,
            leave,
            answered: AtomicBool::new(false),
            _permit: permit,
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn next_moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }
}

/// The place of a connection, until it is dropped.
pub(super) struct ConnectionPlace {
    house: Arc<PlaceBook>,
    id: u64,
    leave: Arc<Notify>,
    /// The last byte of an answer is on its way out.
    answered: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl ConnectionPlace {
    /// A request has come: the connection stays.
    pub(super) fn begin(&self) {
        self.answered.store(false, Ordering::Relaxed);
        let mut seats = self.house.seats();
        let Seats { taken, resting, .. } = &mut *seats;
        let Some(seat) = taken.get_mut(&self.id) else { return };
        let before = std::mem::replace(&mut seat.standing, ConnectionStanding::Busy);
        if let ConnectionStanding::Resting(rest) = before {
            resting.remove(&rest);
        }
        drop(seats);
        if before == ConnectionStanding::Leaving {
            // Another one has to give way.
            self.house.changed.notify_waiters();
        }
    }

    /// The answer's last byte was handed over, and may wait to be sent.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// All that was handed over is sent: after an answer the connection rests.
    pub(super) fn sent(&self) {
        if !self.answered.load(Ordering::Relaxed) || !self.answered.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut seats = self.house.seats();
        let since = seats.next_moment();
        let Seats { taken, resting, .. } = &mut *seats;
        let Some(seat) = taken.get_mut(&self.id) else { return };
        if seat.standing == ConnectionStanding::Busy {
            let rest = (seat.is_exempt, since);
            seat.standing = ConnectionStanding::Resting(rest);
            resting.insert(rest, Resting { id: self.id, since: Instant::now() });
            drop(seats);
            self.house.changed.notify_waiters();
        }
    }

    /// Ends when the connection has to give way, and no request has come meanwhile.
    pub(super) async fn has_to_go(&self) {
        loop {
            self.leave.notified().await;
            let seats = self.house.seats();
            let seat = seats.taken.get(&self.id);
            if seat.is_none_or(|seat| seat.standing == ConnectionStanding::Leaving) {
                return;
            }
        }
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.house.count.open.dec();
        let mut seats = self.house.seats();
        let seat = seats.taken.remove(&self.id);
        if let Some(Seat { standing: ConnectionStanding::Resting(rest), .. }) = &seat {
            seats.resting.remove(rest);
        }
        drop(seats);
    }
}

/// The answer under way on a connection: dropped with its last byte.
pub(super) struct UnderWay(pub(super) Arc<ConnectionPlace>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.answered();
    }
}

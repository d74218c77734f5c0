//! Places for connections: how many an address may hold, and which connection has to close if all
//! are taken.
//!
//! [`super`] holds one for each connection. A connection rests while no request is under
//! way on it, also while the head of one is still coming in. The connection that has rested longest
//! has to close first. A connection with a request under way never has to.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::shares::{AddressShare, Shares};
use crate::http::counts::Connections;
use crate::limits::ClientAddress;

/// How long a connection may rest before it may be closed: its request may be on its way.
const GRACE: Duration = Duration::from_millis(250);

/// All places.
#[derive(Clone)]
pub(in crate::http) struct ConnectionPlaces(Arc<PlaceBook>);

struct PlaceBook {
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
    count: Connections,
    seats: Mutex<Seats>,
    /// Wakes the waiting clients: a connection began to rest, or one that was to close got a
    /// request.
    changed: Notify,
}

#[derive(Default)]
struct Seats {
    /// Grows with each connection, and each time that one comes to rest.
    moment: u64,
    taken: HashMap<u64, Seat>,
    /// The resting connections, in the order in which they have to close. Proxies' come last, as
    /// they carry many clients; then the order is by the length of the rest.
    resting: BTreeMap<Rest, Resting>,
}

type Rest = (bool, u64);

/// A connection that rests, with the start of its rest.
struct Resting {
    id: u64,
    since: Instant,
}

struct Seat {
    share: Option<AddressShare>,
    /// It counts for no address: it is a proxy's.
    is_exempt: bool,
    standing: ConnectionStanding,
    leave: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ConnectionStanding {
    Resting(Rest),
    Busy,
    /// It has been told to close.
    Leaving,
}

impl ConnectionPlaces {
    pub(in crate::http) fn new(places: usize, shares: Arc<Shares>, count: Connections) -> Self {
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

    /// Waits for a place for a connection of that address (`None` for a proxy). Returns `None` if
    /// requests are under way on all connections that the address may have.
    pub(in crate::http) async fn take(
        &self,
        holder: Option<ClientAddress>,
    ) -> Option<ConnectionPlace> {
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
            // From here on no change is missed.
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
    /// Takes one of the address's share. If all are taken, the address's connection that has rested
    /// longest has to close.
    fn share(&self, address: ClientAddress) -> Option<AddressShare> {
        let is_of_address =
            |seat: &Seat| seat.share.as_ref().is_some_and(|share| share.address() == address);
        self.shares.take(address).or_else(|| self.show_out(Duration::ZERO, is_of_address))
    }

    /// Tells the longest resting of the meant connections to close, if it has rested at least that
    /// long, and returns its share.
    fn show_out(&self, rested: Duration, is_meant: impl Fn(&Seat) -> bool) -> Option<AddressShare> {
        let mut seats = self.seats.lock();
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
        let mut seats = self.seats.lock();
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
}

impl Seats {
    fn next_moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }
}

/// The place of a connection; free again when it is dropped.
pub(in crate::http) struct ConnectionPlace {
    house: Arc<PlaceBook>,
    id: u64,
    leave: Arc<Notify>,
    /// The last byte of an answer has been handed over.
    answered: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl ConnectionPlace {
    /// Marks that a request has come: the connection stays.
    pub(super) fn begin(&self) {
        self.answered.store(false, Ordering::Relaxed);
        let mut seats = self.house.seats.lock();
        let Seats { taken, resting, .. } = &mut *seats;
        let Some(seat) = taken.get_mut(&self.id) else { return };
        let before = std::mem::replace(&mut seat.standing, ConnectionStanding::Busy);
        if let ConnectionStanding::Resting(rest) = before {
            resting.remove(&rest);
        }
        drop(seats);
        if before == ConnectionStanding::Leaving {
            // Another connection has to close instead.
            self.house.changed.notify_waiters();
        }
    }

    /// Marks that the answer's last byte has been handed over; it may still wait to be sent.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Marks that all bytes handed over are sent. After an answer the connection rests.
    pub(super) fn sent(&self) {
        if !self.answered.load(Ordering::Relaxed) || !self.answered.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut seats = self.house.seats.lock();
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

    /// Waits until the connection has to close and no request has come meanwhile.
    pub(super) async fn has_to_go(&self) {
        loop {
            self.leave.notified().await;
            let seats = self.house.seats.lock();
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
        let mut seats = self.house.seats.lock();
        let seat = seats.taken.remove(&self.id);
        if let Some(Seat { standing: ConnectionStanding::Resting(rest), .. }) = &seat {
            seats.resting.remove(rest);
        }
        drop(seats);
    }
}

/// The answer under way on a connection; dropped with its last byte.
pub(super) struct UnderWay(pub(super) Arc<ConnectionPlace>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.answered();
    }
}

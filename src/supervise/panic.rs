//! Records the source place of a panic, caught or not. Its text may hold anything, even a password:
//! it is never shown.
//!
//! Called by all code that catches panics; independent of tasks.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The source place of a panic, if it is known.
#[derive(Debug)]
pub struct Panic {
    /// File and line in the source.
    pub place: String,
}

impl Panic {
    /// Panics again in the task that waits for the result.
    pub fn go_on(self) -> ! {
        panic::resume_unwind(Box::new(self))
    }
}

/// Runs something on the blocking pool for a task, whose panic it becomes.
///
/// # Errors
/// Fails if the service is shutting down.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    match tokio::task::spawn_blocking(|| caught_now(work)).await? {
        Ok(done) => Ok(done),
        Err(panic) => panic.go_on(),
    }
}

/// Stops the printing of panic texts: panics outside all tasks get a log line that names only the
/// place.
pub fn keep_panics_quiet() {
    QUIET.store(true, Ordering::Relaxed);
    install();
}

static QUIET: AtomicBool = AtomicBool::new(false);
/// Panics outside all that catch them.
pub(super) static UNCAUGHT: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// How many that catch panics are on this thread's stack.
    static CATCHERS: Cell<u32> = const { Cell::new(0) };
    /// The place of the last panic.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Hears of every panic from now on.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |panic| met(panic, &former)));
    });
}

fn met(panic: &PanicHookInfo<'_>, former: &dyn Fn(&PanicHookInfo<'_>)) {
    let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
    if CATCHERS.try_with(Cell::get).unwrap_or(0) > 0 {
        PLACE.with(|last| *last.borrow_mut() = place);
    } else {
        UNCAUGHT.fetch_add(1, Ordering::Relaxed);
        if QUIET.load(Ordering::Relaxed) {
            let at = place.unwrap_or_default();
            tracing::error!(at, "a fault of this program was met: please report it with this line");
        } else {
            former(panic);
        }
    }
}

/// Runs a future to its end or its panic.
pub(super) async fn caught<F: Future>(future: F) -> Result<F::Output, Panic> {
    let mut future = pin!(future);
    poll_fn(move |context| match caught_now(|| future.as_mut().poll(context)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}

/// Runs to the end or to a panic.
pub(super) fn caught_now<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    CATCHERS.with(|catchers| catchers.set(catchers.get() + 1));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CATCHERS.with(|catchers| catchers.set(catchers.get() - 1));
    outcome.map_err(|thrown| {
        if let Ok(panic) = thrown.downcast::<Panic>() {
            return *panic;
        }
        let place = PLACE.with(|last| last.borrow_mut().take());
        Panic { place: place.unwrap_or_else(|| "an unknown place".into()) }
    })
}

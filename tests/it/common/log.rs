//! The bridge's log lines on a test's own thread.
//!
//! There is one subscriber for the whole process, which gives every line to the thread that logged
//! it. Subscribers that come and go on several threads would switch each other's lines off.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::EnvFilter;

thread_local! {
    static PAGE: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Keeps the log lines of this thread, as long as it lives. The test's runtime must be a
/// current-thread one.
pub(crate) struct Log {
    /// Whether the page is dropped with it.
    is_own: bool,
}

impl Log {
    /// Begins with an empty page.
    pub(crate) fn keep() -> Self {
        subscribe();
        PAGE.set(Some(Vec::new()));
        Self { is_own: true }
    }

    /// Reads a page that the thread keeps already, or begins one.
    pub(crate) fn read_along() -> Self {
        let is_kept = PAGE.with_borrow(Option::is_some);
        if is_kept { Self { is_own: false } } else { Self::keep() }
    }

    /// Returns all lines so far.
    #[expect(clippy::unused_self, reason = "only who keeps a log can read it")]
    pub(crate) fn text(&self) -> String {
        PAGE.with_borrow(|page| String::from_utf8(page.clone().unwrap_or_default()).unwrap())
    }

    /// Counts the lines that hold all of these.
    pub(crate) fn count(&self, parts: &[&str]) -> usize {
        let text = self.text();
        text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if self.is_own {
            PAGE.set(None);
        }
    }
}

/// Makes sure that the process has its subscriber. Call it before setting another one for a thread:
/// if the process's one came later, it would switch the thread's lines off.
pub(crate) fn subscribe() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter(EnvFilter::new("jbackend_bridge=debug"))
            .with_writer(|| Pen)
            .init();
    });
}

struct Pen;

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        PAGE.with_borrow_mut(|page| {
            if let Some(page) = page {
                page.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Writes the log of a service on a thread of its own: requests do not wait for a disk, or for a
//! program that reads the log slowly.
//!
//! Made by `logging`. Lines are collected for a moment and written together. If the reader is
//! stuck, they are kept up to [`MOST_WAITING`]; lines beyond that are lost and counted.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use memchr::memchr_iter;
use parking_lot::{Condvar, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that may wait to be written; as many may be on their way.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// The first line of a batch waits so long for others. A thread that is woken for each line costs
/// more than the line.
const BATCH: Duration = Duration::from_millis(5);

/// Bytes of a batch's room that are kept for the next one.
const KEPT: usize = 64 * 1024;

/// Before the thread goes on after a panic.
const REST: Duration = Duration::from_millis(100);

/// How long a shutdown waits until the last lines are read.
const LAST_LINES: Duration = Duration::from_secs(2);

/// The end at which lines are handed in.
pub(super) struct LogWriter(Arc<QueuedLines>);

/// The thread; when it is dropped, it writes the waiting lines.
pub(super) struct LogThread(Arc<QueuedLines>);

struct QueuedLines {
    waiting: Mutex<Waiting>,
    /// Something waits, or no more will come.
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    lost: u64,
    /// The thread sleeps until it is told of news.
    sleeps: bool,
    /// The thread writes the waiting lines and ends.
    ended: bool,
    /// The thread has ended: later lines are written at once.
    done: bool,
}

/// Starts the thread. `told` makes a line out of a number of lines that are lost.
///
/// # Errors
/// The system has none left.
pub(super) fn start(
    out: impl Write + Send + 'static,
    told: fn(u64) -> String,
) -> io::Result<(LogWriter, LogThread)> {
    let lines = Arc::new(QueuedLines { waiting: Mutex::default(), news: Condvar::new() });
    let for_thread = Arc::clone(&lines);
    thread::Builder::new().name("log".into()).spawn(move || {
        let mut out = out;
        // A line that cannot be written must not be the last one.
        while catch_unwind(AssertUnwindSafe(|| for_thread.write(&mut out, told))).is_err() {
            thread::sleep(REST);
        }
    })?;
    Ok((LogWriter(Arc::clone(&lines)), LogThread(lines)))
}

impl QueuedLines {
    /// Runs the thread. Ignores write errors: a broken log must not stop the service.
    fn write(&self, out: &mut impl Write, told: fn(u64) -> String) {
        let mut batch = Vec::new();
        let mut lost = 0;
        loop {
            let (ended, more) = self.next(&mut batch);
            lost += more;
            if lost > 0 {
                batch.extend_from_slice(told(lost).as_bytes());
                batch.push(b'\n');
            }
            lost = match unwritten(out, &batch) {
                0 => 0,
                // The line that tells of the others is the last one.
                lines if lost > 0 => lost + lines - 1,
                lines => lines,
            };
            if ended && self.is_done() {
                return;
            }
            batch.clear();
            batch.shrink_to(KEPT);
            thread::sleep(BATCH);
        }
    }

    /// Ends the queue if no line has come meanwhile; returns whether it did. From then on no line is
    /// accepted.
    fn is_done(&self) -> bool {
        let mut waiting = self.waiting.lock();
        waiting.done = waiting.lines.is_empty();
        self.news.notify_all();
        waiting.done
    }

    /// Waits for lines and takes them; whether these are the last, and how many were lost.
    fn next(&self, batch: &mut Vec<u8>) -> (bool, u64) {
        let mut waiting = self.waiting.lock();
        while waiting.lines.is_empty() && !waiting.ended {
            waiting.sleeps = true;
            self.news.wait(&mut waiting);
        }
        waiting.sleeps = false;
        std::mem::swap(batch, &mut waiting.lines);
        (waiting.ended, std::mem::take(&mut waiting.lost))
    }
}

/// Writes lines as far as that goes; says how many are left.
fn unwritten(out: &mut impl Write, mut lines: &[u8]) -> u64 {
    while !lines.is_empty() {
        match out.write(lines) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
            Ok(written) => lines = lines.get(written..).unwrap_or_default(),
        }
    }
    let _ = out.flush();
    memchr_iter(b'\n', lines).count() as u64
}

impl Write for &LogWriter {
    /// Takes a whole line, as the log hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.0.waiting.lock();
        if waiting.done {
            // Release the lock first: the reader may be stuck, and other threads need the lock.
            drop(waiting);
            return io::stderr().write(line);
        }
        if waiting.lines.len() + line.len() > MOST_WAITING {
            waiting.lost += 1;
        } else {
            waiting.lines.extend_from_slice(line);
        }
        if std::mem::take(&mut waiting.sleeps) {
            self.0.news.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = &'w Self;

    fn make_writer(&'w self) -> &'w Self {
        self
    }
}

impl Drop for LogThread {
    fn drop(&mut self) {
        let QueuedLines { news, .. } = &*self.0;
        let mut waiting = self.0.waiting.lock();
        waiting.ended = true;
        news.notify_all();
        news.wait_while_for(&mut waiting, |waiting| !waiting.done, LAST_LINES);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test is meant to stop there")]

    use std::io::{self, Write as _};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use tracing_subscriber::fmt::MakeWriter as _;

    use super::{MOST_WAITING, start};

    /// A reader that accepts nothing until the test allows it.
    struct Stuck(Receiver<()>, Sender<Vec<u8>>);

    impl io::Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn told(lost: u64) -> String {
        format!("{lost} were lost")
    }

    #[test]
    fn what_a_stuck_reader_has_lost_is_told() {
        let (let_go, wait) = channel();
        let (sink, read) = channel();
        let (writer, thread) = start(Stuck(wait, sink), told).unwrap();
        let line = format!("{}\n", "x".repeat(1023));
        // The thread may already hold one batch, and no more.
        let taken = 2 * MOST_WAITING / line.len();
        for _ in 0..taken + 100 {
            writer.make_writer().write_all(line.as_bytes()).unwrap();
        }
        drop(let_go);
        drop(thread);
        let text = String::from_utf8(read.try_iter().flatten().collect()).unwrap();
        let (told, kept): (Vec<&str>, _) = text.lines().partition(|line| line.contains("lost"));
        let lost: usize =
            told.iter().filter_map(|line| line.split(' ').next()?.parse::<usize>().ok()).sum();
        assert!(lost >= 100, "{told:?}");
        assert_eq!(kept.len() + lost, taken + 100);
    }

    #[test]
    fn the_last_lines_are_written() {
        let (sink, read) = channel();
        let (writer, thread) = start(Stuck(channel().1, sink), told).unwrap();
        writer.make_writer().write_all(b"the last\n").unwrap();
        drop(thread);
        assert_eq!(read.try_iter().flatten().collect::<Vec<u8>>(), b"the last\n");
    }

    /// A disk that is full now and then.
    struct Full(Receiver<bool>, Sender<Vec<u8>>);

    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.recv() == Ok(false) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.1.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_full_disk_has_lost_is_told() {
        let (room, wait) = channel();
        let (sink, read) = channel();
        let (writer, thread) = start(Full(wait, sink), told).unwrap();
        for there_is_room in [false, false, true] {
            writer.make_writer().write_all(b"one\ntwo\n").unwrap();
            room.send(there_is_room).unwrap();
            // The next line comes after this one was tried.
            while !writer.0.waiting.lock().sleeps {
                std::thread::yield_now();
            }
        }
        drop(room);
        drop(thread);
        let text = String::from_utf8(read.try_iter().flatten().collect()).unwrap();
        assert_eq!(text, "one\ntwo\n4 were lost\n");
    }
}

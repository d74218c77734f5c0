//! The program's use of system resources, read from outside, in `/proc`.

use std::fs;
use std::path::Path;

use super::{Service, eventually};

/// Further files that may be open: a pool may hold one more connection.
const SLACK: usize = 6;

/// Counts the open files, connections included.
pub(crate) fn open_files(service: &Service) -> usize {
    fs::read_dir(format!("/proc/{}/fd", service.id())).unwrap().count()
}

/// Counts the open files in a folder, deleted ones included.
pub(super) fn open_below(service: &Service, folder: &Path) -> usize {
    let folder = folder.canonicalize().unwrap();
    let files = fs::read_dir(format!("/proc/{}/fd", service.id())).unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    targets.filter(|target| target.starts_with(&folder)).count()
}

/// Reads the resident memory, in KiB.
pub(super) fn memory(service: &Service) -> u64 {
    status(service, "VmRSS:")
}

/// Reads the peak of the resident memory, in KiB.
pub(super) fn most_memory(service: &Service) -> u64 {
    status(service, "VmHWM:")
}

fn status(service: &Service, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Counts the connections that a process still holds, by the port of either side.
fn held(is_wanted: impl Fn(&str, &str) -> bool) -> usize {
    const LISTENS: &str = "0A";
    let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    // A closed connection that waits for the other side belongs to no process.
    rows.filter(|row| row[9] != "0" && row[3] != LISTENS && is_wanted(row[1], row[2])).count()
}

/// Counts the connections to a server that the program has not closed.
pub(super) fn connections_to(port: u16) -> usize {
    let port = format!(":{port:04X}");
    held(|_, remote| remote.ends_with(&port))
}

/// Counts the connections of clients that the program has not closed.
pub(super) fn connections_of_clients(service: &Service) -> usize {
    let port: u16 = service.client.address.rsplit(':').next().unwrap().parse().unwrap();
    let port = format!(":{port:04X}");
    held(|local, _| local.ends_with(&port))
}

/// Waits until the program holds no resources for clients.
pub(super) async fn at_rest(service: &Service, files: usize) {
    eventually("the end of all connections", async || connections_of_clients(service) == 0).await;
    for gauge in ["download_memory_bytes", "mails_waiting", "connections"] {
        let name = format!("jbackend_bridge_{gauge}");
        eventually(gauge, async || service.metric(&name).await == Some(0.0)).await;
    }
    eventually("no more files than before", async || open_files(service) <= files + SLACK).await;
}

//! Memory: at rest, and with a thousand clients that hardly read. And how soon the first answer
//! comes.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use testkit::fixture::Schema;

use crate::client::{get, send};
use crate::pairs::Median;
use crate::report::{Report, Target};
use crate::site::{Site, database_server};

const CLIENTS: usize = 1000;
/// Every client reads so much of its answer, again and again.
const SIP: usize = 16 * 1024;
const ROUNDS_OF_SIPS: usize = 20;

/// Measures the program after its start and one answer, without load.
pub(crate) async fn at_rest(starts: usize, report: &mut Report) {
    let site = Site::on_sqlite();
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        let begun = Instant::now();
        let bridge = site.serve("");
        assert!(get(&bridge, "/packages").contains("REQ_MNS"));
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        sizes.push(bridge.resident("VmRSS"));
    }
    let starts = format!("{starts} starts on SQLite");
    report.add("start to first answer", Median::of(times), " ms", Target::AtMost(100.0), &starts);
    report.add("memory at rest, SQLite", Median::of(sizes), " MiB", Target::AtMost(25.0), &starts);
    let server = database_server();
    let database = server.database(Schema::Joomla5).await;
    let site = Site::on(&server, &database);
    let bridge = site.serve("");
    let target = "/packages/post/release/validate/group?email=nobody@example.test&key=x";
    assert!(get(&bridge, target).contains("REL_UNF"));
    let held = Median::of([bridge.resident("VmRSS")]);
    let told = "after one answer from the database";
    report.add("memory at rest, MariaDB", held, " MiB", Target::AtMost(25.0), told);
}

/// A thousand downloads of 200 MB, none of which comes to its end.
pub(crate) fn slow_downloads(report: &mut Report) {
    let site = Site::on_sqlite();
    site.write_package("200m", 200_000_000);
    let bridge = site.serve("");
    let mut clients: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| {
            let mut stream = TcpStream::connect(&bridge.address).unwrap();
            stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
            send(&mut stream, "/packages/get/release/download/200m");
            stream
        })
        .collect();
    let mut sip = vec![0; SIP];
    for round in 0..ROUNDS_OF_SIPS {
        for client in &mut clients {
            client.read_exact(&mut sip).unwrap();
            if round == 0 {
                assert!(sip.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&sip));
            }
        }
    }
    let told = format!(
        "the most at any moment, every client {} KiB on its way; {:.0} MiB at the end",
        SIP * ROUNDS_OF_SIPS / 1024,
        bridge.resident("VmRSS")
    );
    let most = Median::of([bridge.resident("VmHWM")]);
    report.add(
        "memory with 1,000 slow downloads of 200 MB",
        most,
        " MiB",
        Target::AtMost(150.0),
        told,
    );
}

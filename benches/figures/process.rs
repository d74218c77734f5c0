//! A server under measurement: a process of its own, whose processor time and memory the kernel
//! reports. It must not know the server's work.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server, ended when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// `host:port`.
    pub(crate) address: String,
}

impl Process {
    /// Starts the command and waits until the address answers. Its output is discarded, but
    /// written: the lines of a log are made, as in operation.
    pub(crate) fn start(command: &mut Command, address: String) -> Self {
        let nowhere = || fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(nowhere())
            .stderr(nowhere())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        while TcpStream::connect(&address).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("{command:?} ended at once: {status}");
            }
            assert!(begun.elapsed() < START_LIMIT, "{command:?} does not answer");
            sleep(Duration::from_millis(1));
        }
        Self { child, address }
    }

    /// Seconds of processor time used so far, by it and by its workers.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.family().iter().map(|pid| cpu_seconds(*pid)).sum()
    }

    /// Memory it holds, in MiB: `VmRSS`, or the most it ever held, `VmHWM`.
    pub(crate) fn resident(&self, field: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        let kib: f64 = line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap();
        kib / 1024.0
    }

    fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = children.unwrap_or_default();
        let workers = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        workers.chain([own]).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // nginx's workers end with their master only when it is asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < START_LIMIT {
            sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns an address without a listener.
pub(crate) fn free_address() -> String {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string()
}

fn cpu_seconds(pid: u32) -> f64 {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0.0 };
    // The name in brackets may hold blanks; user and system time are the 14th and 15th field.
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 =
        rest.split(' ').skip(11).take(2).map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / ticks_per_second()
}

fn ticks_per_second() -> f64 {
    static TICKS: OnceLock<f64> = OnceLock::new();
    *TICKS.get_or_init(|| {
        let output = Command::new("getconf").arg("CLK_TCK").output().expect("getconf");
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    })
}

//! Thousands of connections that send nothing, or half a head: other clients are answered, the slow
//! ones are closed, and their cost has a bound.

use std::fs;
use std::process::Command;

use tempfile::TempDir;
use testkit::client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Program, eventually, within};

/// Silent connections, if the system allows this process so many files.
const MANY: usize = 2000;
/// Bytes of a head that never ends.
const HALF_A_HEAD: usize = 8 * 1024;
/// Memory that one of them may cost, in KiB: the head, and hyper's growing buffer for it.
const EACH: usize = 64;

/// Starts the sample site, with room for all of them and two seconds for a head.
fn program() -> Program {
    let folder = TempDir::new().unwrap();
    jbackend_bridge::service::demo::make(folder.path()).unwrap();
    let root = folder.path().display();
    let configuration = format!(
        "endpoints = [{{ path = \"packages\", access = \"free\" }}]\n\
         [server]\nlisten = \"127.0.0.1:0\"\nheader_timeout = 2\nmax_connections = 4000\n\
         [database]\nurl = \"sqlite:{root}/site.db\"\nprefix = \"jos_\"\n\
         [license]\nrecipe = \"default\"\n\
         [release]\nfolder = \"{root}/files\"\ngroups = [\"redj_enterprise;9,12;HASH123KEY456\"]\n\
         packages = [\"redj_com_190;/public/joomla/redj/ReDJ1.9.0Community_J3.zip\"]\n\
         [mail]\ntransport = \"file\"\noutbox = \"{root}/mails\"\nfrom = \"a@b.test\"\n"
    );
    let file = folder.path().join("bridge.toml");
    fs::write(&file, configuration).unwrap();
    // The program may open as many files as the system allows, whatever the limit of the tests'
    // shell.
    let mut command = Command::new("sh");
    let script = "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" serve --config \"$1\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_jbackend-bridge")]).arg(file);
    Program::start(command, folder, "listening on")
}

/// Returns how many connections this process can hold besides those of other tests.
fn affordable() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: usize = line.split_whitespace().nth(3).unwrap().parse().unwrap_or(usize::MAX);
    MANY.min(soft.saturating_sub(512).max(soft / 4))
}

/// Reads the memory of the program, in KiB.
fn memory(program: &Program) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn files(program: &Program) -> usize {
    fs::read_dir(format!("/proc/{}/fd", program.child.id())).unwrap().count()
}

#[tokio::test]
async fn thousands_of_silent_connections_cost_little_and_are_closed() {
    let program = program();
    let client = Client::new(&program.said("listening on "));
    let target = "/packages/post/release/validate/redj_enterprise?email=a@b.test&key=x";
    let answered = async || {
        let reply = within("an answer", client.send("GET", target, &[], b"")).await;
        assert_eq!(reply.code(), "REL_UNF");
    };
    answered().await;
    let (memory_before, files_before) = (memory(&program), files(&program));

    let many = affordable();
    assert!(many >= 200, "only {many} connections");
    let half = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: {}", "a".repeat(HALF_A_HEAD));
    let mut silent: Vec<TcpStream> = Vec::new();
    for number in 0..many {
        let mut stream = within("a connection", client.connect()).await;
        if number % 2 == 0 {
            stream.write_all(half.as_bytes()).await.unwrap();
        }
        silent.push(stream);
        if number % 100 == 99 {
            answered().await;
        }
    }
    answered().await;
    let cost = memory(&program).saturating_sub(memory_before);
    assert!(cost < many * EACH, "{cost} KiB for {many} connections");

    // The program closes each one, with the status 408 or without an answer.
    for stream in &mut silent {
        let mut said = Vec::new();
        let _ = within("the end of a connection", stream.read_to_end(&mut said)).await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    eventually("all files are closed", || files(&program) <= files_before + 8).await;
    answered().await;
}

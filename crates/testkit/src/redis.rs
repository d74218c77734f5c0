//! A private Redis or Valkey server.

use std::fmt::Debug;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use redis::{Client, Connection};

use crate::private_server::{PrivateServer, program};

/// A running server.
pub struct Redis {
    server: PrivateServer,
    /// Its TCP port on 127.0.0.1.
    pub port: u16,
    /// The password of the account `default`; empty if there is none.
    password: &'static str,
}

impl Redis {
    /// Starts a server that gives all clients on this machine all rights.
    pub fn start() -> Self {
        Self::launch("", &[])
    }

    /// Starts a server whose account `default` has a password, with further options.
    pub fn with_password(password: &'static str, options: &[&str]) -> Self {
        Self::launch(password, &[&["--requirepass", password], options].concat())
    }

    fn launch(password: &'static str, options: &[&str]) -> Self {
        let server = PrivateServer::new("redis");
        let mut command = Command::new(program(&["redis-server", "valkey-server"]));
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &server.port().to_string()])
            .arg("--unixsocket")
            .arg(server.directory().join("socket"))
            .arg("--dir")
            .arg(server.directory())
            .args(options);
        let redis = Self { port: server.port(), server, password };
        redis.server.run(&command, |_| redis.answers());
        redis
    }

    /// Returns the path of its unix socket.
    pub fn socket(&self) -> PathBuf {
        self.server.directory().join("socket")
    }

    /// Returns the URL for the account `default`, by TCP.
    pub fn url<T: FromStr<Err: Debug>>(&self) -> T {
        self.text().parse().expect("a URL")
    }

    fn text(&self) -> String {
        let login =
            if self.password.is_empty() { String::new() } else { format!(":{}@", self.encoded()) };
        format!("redis://{login}127.0.0.1:{}", self.port)
    }

    fn encoded(&self) -> String {
        self.password.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        self.server.kill();
    }

    /// Starts the server again, on the same port and without its data.
    pub fn start_again(&self) {
        self.server.start(|_| self.answers());
    }

    /// Stops the process and closes nothing: its connections hang.
    pub fn hang(&self) {
        self.server.hang();
    }

    /// Lets the process continue.
    pub fn go_on(&self) {
        self.server.go_on();
    }

    /// Opens a connection with all rights.
    pub fn admin(&self) -> Connection {
        Client::open(self.text()).expect("a URL").get_connection().expect("it runs")
    }

    fn answers(&self) -> bool {
        let client = Client::open(self.text()).expect("a URL");
        client
            .get_connection()
            .is_ok_and(|mut connection| redis::cmd("PING").query::<String>(&mut connection).is_ok())
    }
}

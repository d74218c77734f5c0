//! A mail server for tests: it accepts and keeps mails, or misbehaves as a script says.
//!
//! It speaks enough SMTP for one client at a time per connection, with AUTH and TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The sink's behaviour in place of the usual reply.
#[derive(Clone, Copy)]
pub enum Reaction {
    /// Sends this (without CRLF) and continues.
    Reply(&'static str),
    /// Never answers again, and keeps the connection open.
    Silence,
    /// Closes the connection.
    Drop,
    /// Sends this (without CRLF) a byte at a time, with a pause before each.
    Drip(&'static str, Duration),
    /// Sends bytes as long as the client reads, and never ends the line.
    Endless,
}

/// The sink's behaviour; the default accepts every mail, in plain text and without a login.
#[derive(Clone, Default)]
pub struct Script {
    /// Reactions by step: `CONNECT`, `EHLO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `LINE`
    /// (the first line of the message), `.` (its end) and `QUIT`.
    pub on: Vec<(&'static str, Reaction)>,
    /// Extensions to offer, as `AUTH PLAIN`; `STARTTLS` is offered when there is `tls`.
    pub offers: Vec<&'static str>,
    /// The user name and password that it requires before `MAIL`.
    pub login: Option<(&'static str, &'static str)>,
    /// The encryption.
    pub tls: Option<TlsAcceptor>,
    /// Whether connections are encrypted from the start.
    pub implicit: bool,
    /// The only name in `EHLO` that it does not refuse with 501.
    pub refuses_all_but: Option<&'static str>,
    /// Bytes sent in plain text together with the reply to `STARTTLS`.
    pub injected: &'static str,
}

/// One mail the sink has accepted.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The text after `MAIL FROM:`, with its parameters.
    pub from: String,
    /// The texts after `RCPT TO:`.
    pub to: Vec<String>,
    /// The message, dots unstuffed, lines ending with CRLF.
    pub data: String,
    /// Was it sent over TLS?
    pub encrypted: bool,
}

/// A running sink on a free port of the loopback.
pub struct SmtpSink {
    /// Its own address, for clients.
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
    mails: Arc<Mutex<Vec<Received>>>,
    commands: Arc<Mutex<Vec<String>>>,
}

impl SmtpSink {
    /// Starts a sink that accepts every mail.
    pub async fn start() -> Self {
        Self::scripted(Script::default()).await
    }

    /// Starts a sink that follows a script.
    pub async fn scripted(script: Script) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    /// Starts a sink on a listener that exists already.
    pub fn on(listener: TcpListener, script: Script) -> Self {
        let sink = Self {
            address: listener.local_addr().unwrap(),
            script: Arc::new(Mutex::new(script)),
            mails: Arc::default(),
            commands: Arc::default(),
        };
        let (mails, commands) = (Arc::clone(&sink.mails), Arc::clone(&sink.commands));
        let script = Arc::clone(&sink.script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = Talk {
                    script: script.lock().unwrap().clone(),
                    mails: Arc::clone(&mails),
                    commands: Arc::clone(&commands),
                    mail: Received::default(),
                };
                tokio::spawn(talk.run(Box::new(stream)));
            }
        });
        sink
    }

    /// Follows another script on later connections.
    pub fn follow(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// Returns the mails accepted so far.
    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().unwrap().clone()
    }

    /// Returns the first words of all commands so far, `CONNECT` for each connection.
    pub fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
type Connection = BufReader<Box<dyn Stream>>;

/// One connection.
struct Talk {
    script: Script,
    mails: Arc<Mutex<Vec<Received>>>,
    commands: Arc<Mutex<Vec<String>>>,
    mail: Received,
}

impl Talk {
    async fn run(mut self, stream: Box<dyn Stream>) -> io::Result<()> {
        let mut connection = BufReader::new(stream);
        if self.script.implicit {
            connection = self.encrypt(connection).await?;
        }
        self.reply(&mut connection, "CONNECT", "220 sink ESMTP").await?;
        loop {
            let line = read_line(&mut connection).await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let is_refused =
                        self.script.refuses_all_but.is_some_and(|name| !line.ends_with(name));
                    let offers =
                        if is_refused { "501 no such host".to_owned() } else { self.offers() };
                    self.reply(&mut connection, "EHLO", &offers).await?;
                }
                "STARTTLS" => {
                    let ready = format!("220 go ahead\r\n{}", self.script.injected);
                    self.reply(&mut connection, "STARTTLS", ready.trim_end()).await?;
                    if self.script.on.iter().any(|(at, _)| *at == "STARTTLS") {
                        continue;
                    }
                    connection = self.encrypt(connection).await?;
                }
                "AUTH" => self.log_in(&mut connection, &line).await?,
                "MAIL" => {
                    let ok =
                        if self.script.login.is_some() { "530 log in first" } else { "250 ok" };
                    self.mail.from = line["MAIL FROM:".len()..].to_owned();
                    self.reply(&mut connection, "MAIL", ok).await?;
                }
                "RCPT" => {
                    self.mail.to.push(line["RCPT TO:".len()..].to_owned());
                    self.reply(&mut connection, "RCPT", "250 ok").await?;
                }
                "DATA" => {
                    self.reply(&mut connection, "DATA", "354 go on").await?;
                    self.mail.data = self.message(&mut connection).await?;
                    let is_scripted = self.script.on.iter().any(|(at, _)| *at == ".");
                    if !is_scripted {
                        // Keep it before the client gets the reply.
                        self.mails.lock().unwrap().push(self.mail.clone());
                    }
                    self.reply(&mut connection, ".", "250 taken").await?;
                }
                "QUIT" => {
                    self.reply(&mut connection, "QUIT", "221 bye").await?;
                    return Ok(());
                }
                _ => {
                    self.reply(&mut connection, &verb, "502 unknown").await?;
                }
            }
        }
    }

    /// Reacts to a step as scripted, or else sends `usual`.
    async fn reply(&self, connection: &mut Connection, step: &str, usual: &str) -> io::Result<()> {
        self.commands.lock().unwrap().push(step.to_owned());
        let scripted = self.script.on.iter().find(|(at, _)| *at == step);
        let text = match scripted {
            None => usual,
            Some((_, Reaction::Reply(text))) => text,
            Some((_, Reaction::Silence)) => std::future::pending().await,
            Some((_, Reaction::Drop)) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some((_, Reaction::Drip(text, pause))) => {
                for byte in format!("{text}\r\n").bytes() {
                    tokio::time::sleep(*pause).await;
                    connection.write_all(&[byte]).await?;
                    connection.flush().await?;
                }
                return Ok(());
            }
            Some((_, Reaction::Endless)) => loop {
                connection.write_all(&[b'2'; 16 * 1024]).await?;
            },
        };
        connection.write_all(format!("{text}\r\n").as_bytes()).await?;
        connection.flush().await
    }

    /// Reads the message, or reacts to its first line as scripted.
    async fn message(&self, connection: &mut Connection) -> io::Result<String> {
        let at = "LINE";
        if self.script.on.iter().any(|(step, _)| *step == at) {
            connection.read_u8().await?;
            self.reply(connection, at, "").await?;
        }
        read_message(connection).await
    }

    fn offers(&self) -> String {
        let mut lines = vec!["sink"];
        lines.extend(&self.script.offers);
        if self.script.tls.is_some() && !self.mail.encrypted {
            lines.push("STARTTLS");
        }
        let last = lines.pop().unwrap();
        let more = lines.iter().map(|line| ["250-", line, "\r\n"].concat());
        more.chain([format!("250 {last}")]).collect()
    }

    async fn encrypt(&mut self, connection: Connection) -> io::Result<Connection> {
        let acceptor = self.script.tls.clone().ok_or(io::ErrorKind::Unsupported)?;
        self.mail.encrypted = true;
        Ok(BufReader::new(Box::new(acceptor.accept(connection.into_inner()).await?)))
    }

    /// Logs in by CRAM-MD5.
    async fn challenge(&mut self, connection: &mut Connection) -> io::Result<()> {
        const CHALLENGE: &str = "<1896.697170952@sink.example>";
        let question = format!("334 {}", STANDARD.encode(CHALLENGE));
        self.reply(connection, "CHALLENGE", &question).await?;
        let given = STANDARD.decode(read_line(connection).await?).unwrap_or_default();
        let given = String::from_utf8(given).unwrap_or_default();
        let wanted = self
            .script
            .login
            .map(|(user, password)| format!("{user} {}", digest(password, CHALLENGE)));
        if wanted.is_some_and(|wanted| wanted == given) {
            self.script.login = None;
            self.reply(connection, "AUTH", "235 welcome").await
        } else {
            self.reply(connection, "AUTH", "535 wrong password").await
        }
    }

    async fn log_in(&mut self, connection: &mut Connection, line: &str) -> io::Result<()> {
        let decode = |text: &str| {
            String::from_utf8(STANDARD.decode(text.trim()).unwrap_or_default()).unwrap_or_default()
        };
        if line == "AUTH CRAM-MD5" {
            return self.challenge(connection).await;
        }
        let given = if let Some(initial) = line.strip_prefix("AUTH PLAIN ") {
            decode(initial).trim_start_matches('\0').replacen('\0', " ", 1)
        } else {
            let mut answers = vec![];
            for question in ["Username:", "Password:"] {
                let question = format!("334 {}", STANDARD.encode(question));
                self.reply(connection, "CHALLENGE", &question).await?;
                answers.push(decode(&read_line(connection).await?));
            }
            answers.join(" ")
        };
        let wanted = self.script.login.map(|(user, password)| format!("{user} {password}"));
        if wanted.is_some_and(|wanted| wanted == given) {
            self.script.login = None;
            self.reply(connection, "AUTH", "235 welcome").await?;
        } else {
            self.reply(connection, "AUTH", "535 wrong password").await?;
        }
        Ok(())
    }
}

/// Computes the digest of RFC 2195.
fn digest(password: &str, challenge: &str) -> String {
    let mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).unwrap();
    base16ct::lower::encode_string(&mac.chain_update(challenge).finalize().into_bytes())
}

async fn read_line(connection: &mut Connection) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads up to the line with only a dot. Panics on faults that no client should send: bare CR or
/// LF, too long lines.
async fn read_message(connection: &mut Connection) -> io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = line.strip_suffix("\r\n").expect("every line ends with CRLF");
        assert!(!text.contains('\r'), "bare CR in {text:?}");
        assert!(text.len() <= 998, "line of {} bytes", text.len());
        if text == "." {
            return Ok(message);
        }
        message.push_str(text.strip_prefix('.').unwrap_or(text));
        message.push_str("\r\n");
    }
}

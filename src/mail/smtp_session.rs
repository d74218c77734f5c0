//! One talk with one mail server: connect, encrypt, log in, hand over one message.
//!
//! Called by [`super::smtp`], which owns the time limits. The steps are taken one by one, so that
//! an error can say which one the server refused, and so that a server that vanishes after it has
//! accepted the message does not turn the success into an error.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use md5::Md5;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;

use super::error::Step;
use super::message::one_line;
use super::smtp::SmtpLogin;
use super::smtp_lines::{Heard, LineByLine};
use super::{MailError, SmtpHost};

/// How long a server may take over its good-bye, when everything is done.
const GOODBYE: Duration = Duration::from_millis(500);

/// A mail server and how to talk to it.
pub(super) enum Server {
    /// Never encrypted.
    Plain(SmtpHost),
    /// Encrypted after `STARTTLS` where it is offered.
    Offered(SmtpHost, TlsParameters),
    /// Encrypted after `STARTTLS`.
    StartTls(SmtpHost, TlsParameters),
    /// Encrypted from the start.
    Implicit(SmtpHost, TlsParameters),
}

impl Server {
    /// `host:port`, for messages.
    pub(super) fn name(&self) -> String {
        self.host().to_string()
    }

    fn host(&self) -> &SmtpHost {
        match self {
            Self::Plain(host)
            | Self::Offered(host, _)
            | Self::StartTls(host, _)
            | Self::Implicit(host, _) => host,
        }
    }
}

/// The names to greet with.
pub(super) struct Names {
    /// The operator has chosen the first: it is the only one.
    pub(super) is_chosen: bool,
    /// The usual one.
    pub(super) first: ClientId,
    /// For a server that refuses the first.
    pub(super) second: Option<ClientId>,
}

/// A connection that is encrypted and logged in as the settings ask, ready for a message.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    server: String,
}

impl Session {
    pub(super) async fn open(
        server: &Server,
        names: &Names,
        login: Option<&SmtpLogin>,
        heard: &Heard,
    ) -> Result<Self, MailError> {
        let mut helo = &names.first;
        let mut connection = connect(server, helo, heard).await;
        // A name that a server does not believe is refused for good.
        if let Err(MailError::Refused { step: Step::Greeting, code: 500..=599, .. }) = connection
            && let Some(second) = &names.second
        {
            helo = second;
            connection = connect(server, helo, heard).await;
        }
        let mut session = Self { connection: connection?, server: server.name() };
        match server {
            Server::StartTls(_, tls) => session.encrypt(tls, helo).await?,
            Server::Offered(_, tls) if session.connection.can_starttls() => {
                session.encrypt(tls, helo).await?;
            }
            _ => {}
        }
        if let Some(login) = login {
            session.log_in(login, helo).await?;
        }
        Ok(session)
    }

    /// Hands the message over; `Ok` when the server has taken the responsibility for it.
    pub(super) async fn deliver(&mut self, message: &Message) -> Result<(), MailError> {
        let envelope = message.envelope();
        let bytes = message.formatted();
        let options = self.mail_options(bytes.is_ascii())?;
        let from = Mail::new(envelope.from().cloned(), options);
        let reply = self.connection.command(from).await;
        self.expect(Severity::PositiveCompletion, Step::From, reply)?;
        for to in envelope.to() {
            let reply = self.connection.command(Rcpt::new(to.clone(), vec![])).await;
            self.expect(Severity::PositiveCompletion, Step::Recipient, reply)?;
        }
        let reply = self.connection.command(Data).await;
        self.expect(Severity::PositiveIntermediate, Step::Message, reply)?;
        let reply = self.connection.message(&bytes).await;
        self.expect(Severity::PositiveCompletion, Step::Message, reply)
    }

    /// Takes leave; what the server says to it does not matter any more.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(GOODBYE, self.connection.quit()).await;
    }

    async fn encrypt(&mut self, tls: &TlsParameters, helo: &ClientId) -> Result<(), MailError> {
        if !self.connection.can_starttls() {
            return Err(MailError::NoStartTls { server: self.server.clone() });
        }
        let upgraded = self.connection.starttls(tls.clone(), helo).await;
        upgraded.map_err(|error| match io_reason(&error) {
            Some((_, reason)) => MailError::Tls { server: self.server.clone(), reason },
            None => self.failure(Step::StartTls, &error),
        })
    }

    async fn log_in(&mut self, login: &SmtpLogin, helo: &ClientId) -> Result<(), MailError> {
        if self.connection.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
            return self.log_in_by_challenge(login, helo).await;
        }
        let password = login.password.expose_secret().to_owned();
        let credentials = Credentials::new(login.user.clone(), password);
        let reply = self.connection.auth(DEFAULT_MECHANISMS, &credentials).await;
        self.expect(Severity::PositiveCompletion, Step::Login, reply)
    }

    /// CRAM-MD5 (RFC 2195), where a server has nothing else. The library does not know it, so the
    /// server is asked once more what it offers.
    async fn log_in_by_challenge(
        &mut self,
        login: &SmtpLogin,
        helo: &ClientId,
    ) -> Result<(), MailError> {
        let offered = self.connection.command(Ehlo::new(helo.clone())).await;
        let offered = offered.map_err(|error| self.failure(Step::Greeting, &error))?;
        let has_challenge = offered.message().any(|line| {
            let mut words = line.split([' ', '=']);
            words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
                && words.any(|word| word.eq_ignore_ascii_case("CRAM-MD5"))
        });
        if !has_challenge {
            return Err(MailError::NoAuth { server: self.server.clone() });
        }
        let asked = self.connection.command("AUTH CRAM-MD5\r\n").await;
        let asked = asked.map_err(|error| self.failure(Step::Login, &error))?;
        let challenge = asked.first_word().and_then(|word| STANDARD.decode(word).ok());
        let (true, Some(challenge)) = (asked.has_code(334), challenge) else {
            return self.expect(Severity::PositiveCompletion, Step::Login, Ok(asked));
        };
        let broken = || MailError::Broken { server: self.server.clone(), step: Step::Login };
        let password = login.password.expose_secret().as_bytes();
        let mac = Hmac::<Md5>::new_from_slice(password).map_err(|_| broken())?;
        let digest = mac.chain_update(challenge).finalize().into_bytes();
        let digest = base16ct::lower::encode_string(&digest);
        let answer = STANDARD.encode(format!("{} {digest}", login.user));
        let reply = self.connection.command(format!("{answer}\r\n")).await;
        self.expect(Severity::PositiveCompletion, Step::Login, reply)
    }

    /// Only an address beyond ASCII makes the message so: bodies and names are always encoded.
    fn mail_options(&self, is_ascii: bool) -> Result<Vec<MailParameter>, MailError> {
        if is_ascii {
            return Ok(vec![]);
        }
        let info = self.connection.server_info();
        let has = |extension| info.supports_feature(extension);
        if has(Extension::SmtpUtfEight) && has(Extension::EightBitMime) {
            let eight_bit = MailParameter::Body(MailBodyParameter::EightBitMime);
            Ok(vec![MailParameter::SmtpUtfEight, eight_bit])
        } else {
            Err(MailError::NoUtf8 { server: self.server.clone() })
        }
    }

    fn expect(
        &self,
        wanted: Severity,
        step: Step,
        reply: Result<Response, SmtpError>,
    ) -> Result<(), MailError> {
        let reply = reply.map_err(|error| self.failure(step, &error))?;
        let code = reply.code();
        if code.severity == wanted {
            Ok(())
        } else {
            Err(MailError::Refused { server: self.server.clone(), step, code: code.into() })
        }
    }

    fn failure(&self, step: Step, error: &SmtpError) -> MailError {
        failure(&self.server, step, error)
    }
}

/// Connects and exchanges greetings, encrypted already for [`Server::Implicit`].
async fn connect(
    server: &Server,
    helo: &ClientId,
    heard: &Heard,
) -> Result<AsyncSmtpConnection, MailError> {
    let SmtpHost { host, port, .. } = server.host();
    let address = (host.as_str(), *port);
    if let Server::Implicit(_, tls) = server {
        let tls = Some(tls.clone());
        let connected = AsyncSmtpConnection::connect_tokio1(address, None, helo, tls, None).await;
        return connected.map_err(|error| match io_reason(&error) {
            // The greeting of a server that begins in plain text.
            Some((_, reason)) if reason.contains("InvalidContentType") => {
                MailError::PlainThere { server: server.name() }
            }
            Some((kind, reason)) if is_handshake(kind) => {
                MailError::Tls { server: server.name(), reason }
            }
            Some((_, reason)) => MailError::Connect { server: server.name(), reason },
            None => failure(&server.name(), Step::Greeting, &error),
        });
    }
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| MailError::Connect { server: server.name(), reason: error.to_string() })?;
    AsyncSmtpConnection::connect_with_transport(Box::new(LineByLine::new(stream, heard)), helo)
        .await
        .map_err(|error| failure(&server.name(), Step::Greeting, &error))
}

/// Keeps the reply code and nothing else of what the server wrote.
fn failure(server: &str, step: Step, error: &SmtpError) -> MailError {
    let server = server.to_owned();
    match error.status() {
        Some(code) => MailError::Refused { server, step, code: code.into() },
        None => MailError::Broken { server, step },
    }
}

/// Failures that come after the TCP connection stands.
fn is_handshake(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, InvalidData, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionReset | InvalidData | UnexpectedEof)
}

/// The I/O error below an SMTP error, in one line of at most 200 characters: a certificate's names
/// are the server's words.
fn io_reason(error: &SmtpError) -> Option<(io::ErrorKind, String)> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let reason = one_line(&error.to_string()).chars().take(200).collect();
            return Some((error.kind(), reason));
        }
        source = error.source();
    }
    None
}

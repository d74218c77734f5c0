//! One talk with one mail server: connect, encrypt, log in, hand over one message.
//!
//! Called by [`super::smtp`], which owns the time limits. The steps are taken one by one, so that
//! an error can say which one the server refused, and so that a server that vanishes after it has
//! accepted the message does not turn the success into an error.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use md5::Md5;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;

use super::error::SmtpStep;
use super::message::one_line;
use super::smtp_lines::{Heard, Lent, LineByLine};
use super::smtp_login::SmtpLogin;
use super::{MailError, SmtpHost};
use crate::tls::Client;

/// How long a server may take over its good-bye, when everything is done.
const GOODBYE: Duration = Duration::from_millis(500);

/// A mail server and how to talk to it.
pub(super) enum SmtpServer {
    /// Never encrypted.
    Plain(SmtpHost),
    /// Encrypted after `STARTTLS` if it is offered.
    Offered(SmtpHost, Client),
    /// Encrypted after `STARTTLS`.
    StartTls(SmtpHost, Client),
    /// Encrypted from the start.
    Implicit(SmtpHost, Client),
}

impl SmtpServer {
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
pub(super) struct GreetingNames {
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
    /// The stream of an unencrypted connection, on which TLS can be started.
    plain: Option<Lent<TcpStream>>,
    server: String,
}

impl Session {
    pub(super) async fn open(
        server: &SmtpServer,
        names: &GreetingNames,
        login: Option<&SmtpLogin>,
        heard: &Heard,
    ) -> Result<Self, MailError> {
        let mut helo = &names.first;
        let mut connection = connect(server, helo, heard).await;
        // A name that a server does not believe is refused for good.
        if let Err(MailError::Refused { step: SmtpStep::Greeting, code: 500..=599, .. }) =
            connection
            && let Some(second) = &names.second
        {
            helo = second;
            connection = connect(server, helo, heard).await;
        }
        let (connection, plain) = connection?;
        let mut session = Self { connection, plain, server: server.name() };
        match server {
            SmtpServer::StartTls(host, tls) => session.encrypt(host, tls, helo).await?,
            SmtpServer::Offered(host, tls) if session.connection.can_starttls() => {
                session.encrypt(host, tls, helo).await?;
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
        self.expect(Severity::PositiveCompletion, SmtpStep::From, reply)?;
        for to in envelope.to() {
            let reply = self.connection.command(Rcpt::new(to.clone(), vec![])).await;
            self.expect(Severity::PositiveCompletion, SmtpStep::Recipient, reply)?;
        }
        let reply = self.connection.command(Data).await;
        self.expect(Severity::PositiveIntermediate, SmtpStep::Message, reply)?;
        let reply = self.connection.message(&bytes).await;
        self.expect(Severity::PositiveCompletion, SmtpStep::Message, reply)
    }

    /// Sends QUIT; the server's reply is ignored.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(GOODBYE, self.connection.quit()).await;
    }

    async fn encrypt(
        &mut self,
        host: &SmtpHost,
        tls: &Client,
        helo: &ClientId,
    ) -> Result<(), MailError> {
        if !self.connection.can_starttls() {
            return Err(MailError::NoStartTls { server: self.server.clone() });
        }
        let reply = self.connection.command(Starttls).await;
        self.expect(Severity::PositiveCompletion, SmtpStep::StartTls, reply)?;
        let failed = |error: io::Error| MailError::Tls {
            server: self.server.clone(),
            reason: reason(&error),
        };
        let plain = self.plain.take().ok_or_else(|| io::ErrorKind::NotConnected.into());
        let plain = plain.and_then(|plain| plain.take_back()).map_err(failed)?;
        let stream = tls.connect(&host.host, plain).await.map_err(failed)?;
        self.connection = greet(LineByLine::greeted(stream), helo, &self.server).await?;
        Ok(())
    }

    async fn log_in(&mut self, login: &SmtpLogin, helo: &ClientId) -> Result<(), MailError> {
        if self.connection.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
            return self.log_in_by_challenge(login, helo).await;
        }
        let password = login.password.expose_secret().to_owned();
        let credentials = Credentials::new(login.user.clone(), password);
        let reply = self.connection.auth(DEFAULT_MECHANISMS, &credentials).await;
        self.expect(Severity::PositiveCompletion, SmtpStep::Login, reply)
    }

    /// Logs in by CRAM-MD5 (RFC 2195), if a server offers no other method. The library does not
    /// support it, so the server's offers are read once more.
    async fn log_in_by_challenge(
        &mut self,
        login: &SmtpLogin,
        helo: &ClientId,
    ) -> Result<(), MailError> {
        let offered = self.connection.command(Ehlo::new(helo.clone())).await;
        let offered = offered.map_err(|error| self.failure(SmtpStep::Greeting, &error))?;
        let has_challenge = offered.message().any(|line| {
            let mut words = line.split([' ', '=']);
            words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
                && words.any(|word| word.eq_ignore_ascii_case("CRAM-MD5"))
        });
        if !has_challenge {
            return Err(MailError::NoAuth { server: self.server.clone() });
        }
        let asked = self.connection.command("AUTH CRAM-MD5\r\n").await;
        let asked = asked.map_err(|error| self.failure(SmtpStep::Login, &error))?;
        let challenge = asked.first_word().and_then(|word| STANDARD.decode(word).ok());
        let (true, Some(challenge)) = (asked.has_code(334), challenge) else {
            return self.expect(Severity::PositiveCompletion, SmtpStep::Login, Ok(asked));
        };
        let broken = || MailError::Broken { server: self.server.clone(), step: SmtpStep::Login };
        let password = login.password.expose_secret().as_bytes();
        let mac = Hmac::<Md5>::new_from_slice(password).map_err(|_| broken())?;
        let digest = mac.chain_update(challenge).finalize().into_bytes();
        let digest = base16ct::lower::encode_string(&digest);
        let answer = STANDARD.encode(format!("{} {digest}", login.user));
        let reply = self.connection.command(format!("{answer}\r\n")).await;
        self.expect(Severity::PositiveCompletion, SmtpStep::Login, reply)
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
        step: SmtpStep,
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

    fn failure(&self, step: SmtpStep, error: &SmtpError) -> MailError {
        failure(&self.server, step, error)
    }
}

/// Connects and exchanges greetings, encrypted already for [`SmtpServer::Implicit`].
async fn connect(
    server: &SmtpServer,
    helo: &ClientId,
    heard: &Heard,
) -> Result<(AsyncSmtpConnection, Option<Lent<TcpStream>>), MailError> {
    let SmtpHost { host, port, .. } = server.host();
    let stream = TcpStream::connect((host.as_str(), *port))
        .await
        .map_err(|error| MailError::Connect { server: server.name(), reason: error.to_string() })?;
    if let SmtpServer::Implicit(_, tls) = server {
        let stream = tls.connect(host, stream).await.map_err(|error| match reason(&error) {
            // The greeting of a server that begins in plain text.
            reason if reason.contains("InvalidContentType") => {
                MailError::PlainThere { server: server.name() }
            }
            reason => MailError::Tls { server: server.name(), reason },
        })?;
        let lines = LineByLine::new(stream, &Heard::default());
        return Ok((greet(lines, helo, &server.name()).await?, None));
    }
    let (lent, plain) = Lent::new(LineByLine::new(stream, heard));
    Ok((greet(lent, helo, &server.name()).await?, Some(plain)))
}

/// Exchanges greetings.
async fn greet(
    stream: impl AsyncTokioStream + 'static,
    helo: &ClientId,
    server: &str,
) -> Result<AsyncSmtpConnection, MailError> {
    AsyncSmtpConnection::connect_with_transport(Box::new(stream), helo)
        .await
        .map_err(|error| failure(server, SmtpStep::Greeting, &error))
}

/// Keeps only the reply code of the server's text.
fn failure(server: &str, step: SmtpStep, error: &SmtpError) -> MailError {
    let server = server.to_owned();
    match error.status() {
        Some(code) => MailError::Refused { server, step, code: code.into() },
        None => MailError::Broken { server, step },
    }
}

/// An error of the connection, in one line of at most 200 characters: a certificate's names are the
/// server's words.
fn reason(error: &io::Error) -> String {
    one_line(&error.to_string()).chars().take(200).collect()
}

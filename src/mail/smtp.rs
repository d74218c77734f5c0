//! Mail by SMTP: the settings, the list of servers and the time limit round everything.
//!
//! Put together by the application and used through [`Mailer`]. A mail takes a new connection;
//! keys are asked for too seldom to keep one open. `smtp_session` does the talking.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::extension::ClientId;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::smtp_lines::Heard;
use super::smtp_login::SmtpLogin;
use super::smtp_session::{GreetingNames, Session, SmtpServer};
use super::{
    Mail, MailCheck, MailError, Mailer, Reached, Reaching, Security, Sender, Sending, SmtpHost,
};
use crate::named_file::{self, CERTIFICATES};
use crate::tls::{Authorities, Client, Trust};

/// Connections at the same time, so that a flood of requests is no flood of connections; further
/// mails wait within their time limit.
const CONNECTIONS: usize = 8;

/// How mail leaves by SMTP.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The servers, in the order they are tried ([`super::parse_hosts`]).
    pub hosts: Vec<SmtpHost>,
    /// The login, when `smtpauth` is on.
    pub login: Option<SmtpLogin>,
    /// The name this service greets with; the machine's own name when not given.
    pub helo: Option<String>,
    /// A PEM file with certificate authorities to trust besides the public ones, or with the
    /// certificates of servers themselves.
    pub ca_file: Option<PathBuf>,
    /// The limit for the whole exchange, from the first connection to the last reply.
    pub timeout: Duration,
}

/// Sends mail by SMTP.
pub struct SmtpMailer {
    servers: Vec<SmtpServer>,
    login: Option<SmtpLogin>,
    names: GreetingNames,
    timeout: Duration,
    sender: Sender,
    connections: Semaphore,
}

impl SmtpMailer {
    /// Checks the settings; connects to nothing.
    ///
    /// Fails when there is no host, when the HELO name cannot be sent, or when the certificate
    /// file holds no certificate.
    pub fn new(settings: SmtpSettings, sender: Sender) -> Result<Self, MailError> {
        let SmtpSettings { hosts, login, helo, ca_file, timeout } = settings;
        let extra = ca_file.as_deref().map(read_ca_file).transpose()?;
        let trust = extra.map_or(Trust::Public, Trust::PublicAnd);
        let servers =
            hosts.into_iter().map(|host| server(host, &trust)).collect::<Result<Vec<_>, _>>()?;
        if servers.is_empty() {
            return Err(MailError::NoHost);
        }
        Ok(Self {
            servers,
            login,
            names: GreetingNames {
                is_chosen: helo.is_some(),
                first: client_id(helo)?,
                second: None,
            },
            timeout,
            sender,
            connections: Semaphore::new(CONNECTIONS),
        })
    }

    /// Greets with this host if a server refuses the machine's own name and no name was chosen.
    #[must_use]
    pub fn known_as(mut self, host: Option<String>) -> Self {
        if !self.names.is_chosen {
            self.names.second = host.and_then(|host| client_id(Some(host)).ok());
        }
        self
    }

    /// The mail client library limits the TCP connection only, so the limits are set here.
    async fn deliver(&self, message: &Message) -> Result<(), MailError> {
        let deadline = Instant::now() + self.timeout;
        let timed_out =
            |server: String| MailError::Timeout { server, limit: self.timeout, is_mute: false };
        let first = self.servers.first().map(SmtpServer::name).unwrap_or_default();
        let Ok(_place) = timeout_at(deadline, self.connections.acquire()).await else {
            return Err(timed_out(first));
        };
        let (mut session, server) = self.connect(deadline).await?;
        match timeout_at(deadline, session.deliver(message)).await {
            Ok(outcome) => {
                let _ = timeout_at(deadline, session.close()).await;
                outcome
            }
            Err(_) => Err(timed_out(server.name())),
        }
    }

    /// Connects, encrypts and logs in as for a mail, and takes leave.
    async fn greet(&self, server: &SmtpServer) -> Result<(), MailError> {
        self.open(server, self.timeout).await?.close().await;
        Ok(())
    }

    /// Opens a session within this time.
    async fn open(&self, server: &SmtpServer, share: Duration) -> Result<Session, MailError> {
        let heard = Heard::default();
        let opening = Session::open(server, &self.names, self.login.as_ref(), &heard);
        timeout(share, opening).await.unwrap_or_else(|_| {
            Err(MailError::Timeout {
                server: server.name(),
                limit: self.timeout,
                is_mute: heard.nothing(),
            })
        })
    }

    /// The first server that can be used. Each gets an equal share of the time that is left, so
    /// that a silent one leaves some for the next.
    ///
    /// There is no change of server once the message is on its way: it could arrive twice.
    async fn connect(&self, deadline: Instant) -> Result<(Session, &SmtpServer), MailError> {
        let mut failure = None;
        for (server, left) in self.servers.iter().zip((1..=self.servers.len()).rev()) {
            if let Some(error) = failure.take() {
                tracing::warn!("trying the next mail server: {error}");
            }
            let share = deadline.saturating_duration_since(Instant::now())
                / u32::try_from(left).unwrap_or(u32::MAX);
            failure = Some(match self.open(server, share).await {
                Ok(session) => return Ok((session, server)),
                Err(error) => error,
            });
        }
        Err(failure.unwrap_or(MailError::NoHost))
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move { self.deliver(&self.sender.compose(mail)?).await })
    }
}

impl MailCheck for SmtpMailer {
    fn reach(&self) -> Reaching<'_> {
        Box::pin(async move {
            let mut reached = Vec::new();
            for server in &self.servers {
                let place = format!("mail server `{}`", server.name());
                reached.push(Reached { place, outcome: self.greet(server).await });
            }
            reached
        })
    }
}

/// Makes the server of the client library. If TLS is used, the certificate and its name are
/// checked.
fn server(host: SmtpHost, trust: &Trust) -> Result<SmtpServer, MailError> {
    let tls = || {
        Client::new(trust, None)
            .map_err(|error| MailError::Tls { server: host.to_string(), reason: error.to_string() })
    };
    Ok(match host.security {
        Security::Plain => SmtpServer::Plain(host),
        Security::None => {
            let tls = tls()?;
            SmtpServer::Offered(host, tls)
        }
        Security::StartTls => {
            let tls = tls()?;
            SmtpServer::StartTls(host, tls)
        }
        Security::Implicit => {
            let tls = tls()?;
            SmtpServer::Implicit(host, tls)
        }
    })
}

/// Says whether the file can be used.
pub fn check_ca_file(path: &Path) -> Result<(), MailError> {
    read_ca_file(path).map(drop)
}

/// Says whether a mail server can be greeted with the name.
pub fn check_helo(name: &str) -> Result<(), MailError> {
    client_id(Some(name.to_owned())).map(drop)
}

fn read_ca_file(path: &Path) -> Result<Authorities, MailError> {
    let unusable = |reason: String| MailError::CaFile { path: path.to_owned(), reason };
    let pem = named_file::read(path, CERTIFICATES).map_err(|error| unusable(error.to_string()))?;
    Authorities::parse(&pem).map_err(|error| unusable(error.to_string()))
}

/// The HELO name goes into a command line as it is.
fn client_id(helo: Option<String>) -> Result<ClientId, MailError> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    let fallback = || ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
    match helo {
        Some(name) if is_name(&name) => Ok(ClientId::Domain(name)),
        Some(_) => Err(MailError::BadHelo),
        None => Ok(match ClientId::default() {
            ClientId::Domain(name) if !is_name(&name) => fallback(),
            name => name,
        }),
    }
}

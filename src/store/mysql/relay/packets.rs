//! The few packets of the MySQL protocol that [`super`] has to understand.
//!
//! A packet is three bytes of length, one of a number that counts them within an exchange, and the
//! rest. The login needs only small ones.

use std::fmt;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// In place of a server's error: it cannot be reached. Servers use no numbers of clients.
pub(in super::super) const NO_SERVER: u16 = 2003;
/// The same: there is no TLS with it.
pub(in super::super) const NO_TLS: u16 = 2026;

/// Bytes of a packet of the login at most; a name and a password need less.
const LONGEST: usize = 64 * 1024;

/// Bytes before the rest.
const HEADER: usize = 4;
/// Position of the number among them.
const NUMBER: usize = 3;
/// Bytes of the rest that a request for TLS shares with the answer to a greeting: capabilities,
/// largest packet, character set, and room.
const REQUEST: usize = 32;
/// Among the lower capabilities: TLS.
const SSL: u16 = 0x0800;

/// The first byte of the rest: the server is content.
const OK: u8 = 0x00;
/// The same: it is not.
const ERR: u8 = 0xff;
/// The version of the protocol that greetings begin with.
const VERSION: u8 = 10;

/// A packet, header included.
pub(super) struct Packet(Vec<u8>);

/// The first packet of a server.
pub(super) enum Greeting {
    /// A greeting, and TLS can be had.
    WithTls,
    /// A greeting.
    WithoutTls,
    /// An error, or no word of this protocol.
    Other,
}

impl Packet {
    /// # Errors
    /// The stream's; `InvalidData`: it is longer than any of a login.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header).await?;
        let [low, middle, high, _] = header;
        let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        if length > LONGEST {
            let told = "it does not speak the MySQL protocol as expected";
            return Err(io::Error::new(io::ErrorKind::InvalidData, told));
        }
        let mut packet = header.to_vec();
        packet.resize(HEADER + length, 0);
        from.read_exact(packet.get_mut(HEADER..).unwrap_or_default()).await?;
        Ok(Self(packet))
    }

    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        to.write_all(&self.0).await?;
        to.flush().await
    }

    fn of(number: u8, rest: &[u8]) -> Self {
        let [low, middle, high, ..] = rest.len().to_le_bytes();
        let mut packet = vec![low, middle, high, number];
        packet.extend_from_slice(rest);
        Self(packet)
    }

    fn rest(&self) -> &[u8] {
        self.0.get(HEADER..).unwrap_or_default()
    }

    /// Taken for a greeting of the server.
    pub(super) fn greets(&self) -> Greeting {
        let Some((&VERSION, rest)) = self.rest().split_first() else { return Greeting::Other };
        // The server's version ends with a zero. Then: the connection's id, a part of the salt and a
        // zero, the lower capabilities.
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        match rest.get(end + 1 + 4 + 8 + 1..end + 1 + 4 + 8 + 1 + 2) {
            Some(&[low, high]) if u16::from_le_bytes([low, high]) & SSL != 0 => Greeting::WithTls,
            Some(_) => Greeting::WithoutTls,
            None => Greeting::Other,
        }
    }

    /// Marks the driver's answer to a greeting as one of TLS; the packet that comes before it.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn ask_for_tls(&mut self) -> io::Result<Self> {
        if let Some([low, high]) = self.0.get_mut(HEADER..HEADER + 2) {
            let marked = u16::from_le_bytes([*low, *high]) | SSL;
            [*low, *high] = marked.to_le_bytes();
        }
        let common = self.rest().get(..REQUEST);
        let common = common.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Self::of(self.number(), common))
    }

    /// Whether the login is over, for better or worse, after this packet of the server.
    pub(super) fn ends_login(&self) -> bool {
        matches!(self.rest().first(), Some(&(OK | ERR)))
    }

    fn number(&self) -> u8 {
        self.0.get(NUMBER).copied().unwrap_or_default()
    }

    /// As the server counts.
    pub(super) fn number_further(&mut self) {
        if let Some(number) = self.0.get_mut(NUMBER) {
            *number = number.wrapping_add(1);
        }
    }

    /// As the driver counts.
    pub(super) fn number_back(&mut self) {
        if let Some(number) = self.0.get_mut(NUMBER) {
            *number = number.wrapping_sub(1);
        }
    }
}

/// Words for the driver, as if they were the server's.
pub(super) struct RelayFailure {
    code: u16,
    reason: String,
}

impl RelayFailure {
    pub(super) fn new(code: u16, reason: &impl fmt::Display) -> Self {
        Self { code, reason: reason.to_string() }
    }

    /// A server that has not greeted has no states of errors yet.
    pub(super) async fn instead_of_greeting<T>(
        self,
        driver: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<Option<T>> {
        self.tell(0, "", driver).await
    }

    /// After the driver's answer to the greeting.
    pub(super) async fn instead_of_login<T>(
        self,
        driver: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<Option<T>> {
        self.tell(2, "#HY000", driver).await
    }

    async fn tell<T>(
        self,
        number: u8,
        state: &str,
        driver: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<Option<T>> {
        let mut rest = vec![ERR];
        rest.extend(self.code.to_le_bytes());
        rest.extend(state.bytes());
        rest.extend(self.reason.bytes().take(1000));
        Packet::of(number, &rest).write(driver).await?;
        Ok(None)
    }
}

//! Reads the validity and key of a certificate that is trusted as itself.
//!
//! Used by [`super::verifier`]. The library reads only version 3, so the two facts needed of every
//! certificate, its validity and its key, are read here.

use std::time::Duration;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode, Reader, SliceReader, Tag, TagNumber};
use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};

/// A certificate of any version.
#[derive(Debug)]
pub(super) struct Certificate {
    der: CertificateDer<'static>,
    /// Whole, as TLS takes a raw key.
    pub(super) key: SubjectPublicKeyInfoDer<'static>,
    not_before: Duration,
    not_after: Duration,
}

impl Certificate {
    pub(super) fn parse(certificate: &CertificateDer<'static>) -> Result<Self, der::Error> {
        let mut reader = SliceReader::new(certificate)?;
        let ((not_before, not_after), key) = reader.sequence(|whole| {
            let signed = whole.sequence(|signed| {
                let is_version =
                    |tag| tag == Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
                if is_version(Tag::peek(signed)?) {
                    signed.tlv_bytes()?;
                }
                // The serial number, the algorithm and the issuer.
                for _ in 0..3 {
                    signed.tlv_bytes()?;
                }
                let validity = signed.sequence(validity)?;
                // The subject.
                signed.tlv_bytes()?;
                let key = signed.tlv_bytes()?.to_vec();
                skip(signed)?;
                Ok::<_, der::Error>((validity, key))
            })?;
            skip(whole)?;
            Ok::<_, der::Error>(signed)
        })?;
        Ok(Self { der: certificate.clone(), key: key.into(), not_before, not_after })
    }

    /// Is it the one the server shows?
    pub(super) fn is(&self, shown: &CertificateDer<'_>) -> bool {
        self.der.as_ref() == shown.as_ref()
    }

    /// # Errors
    /// It is not valid yet, or no more.
    pub(super) fn is_in_time(&self, time: UnixTime) -> Result<(), CertificateError> {
        let unix = |moment: Duration| UnixTime::since_unix_epoch(moment);
        if time.as_secs() < self.not_before.as_secs() {
            let not_before = unix(self.not_before);
            return Err(CertificateError::NotValidYetContext { time, not_before });
        }
        if time.as_secs() > self.not_after.as_secs() {
            let not_after = unix(self.not_after);
            return Err(CertificateError::ExpiredContext { time, not_after });
        }
        Ok(())
    }
}

fn validity<'a>(reader: &mut impl Reader<'a>) -> Result<(Duration, Duration), der::Error> {
    Ok((time(reader)?, time(reader)?))
}

fn time<'a>(reader: &mut impl Reader<'a>) -> Result<Duration, der::Error> {
    Ok(match Tag::peek(reader)? {
        Tag::UtcTime => UtcTime::decode(reader)?.to_unix_duration(),
        _ => GeneralizedTime::decode(reader)?.to_unix_duration(),
    })
}

fn skip<'a>(reader: &mut impl Reader<'a>) -> Result<(), der::Error> {
    while !reader.is_finished() {
        reader.tlv_bytes()?;
    }
    Ok(())
}

//! The check of a server's certificate, in both versions of TLS.

use std::fs;
use std::io;

use jbackend_bridge::tls::{Authorities, Client, Trust};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use testkit::tls::{recorded, vector};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

/// Certificates for the key `own.key`: of version 1, and of version 3 without basic constraints,
/// with CA:TRUE and with CA:FALSE. Only the last one has a name, `localhost`.
const OWN: [&str; 5] =
    ["own_v1.pem", "own_v3.pem", "own_v3_ca.pem", "own_v3_leaf.pem", "own_named.pem"];

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

fn authorities(name: &str) -> Authorities {
    Authorities::parse(&fs::read(vector(name)).unwrap()).unwrap()
}

/// Shakes hands with a server that has a certificate and a key, and checks that each side reads the
/// other.
async fn shake(
    trust: &Trust,
    (certificate, key): (&str, &str),
    version: &'static SupportedProtocolVersion,
) -> io::Result<()> {
    let acceptor = recorded(certificate, key, &[version]);
    let (near, far) = duplex(64 * 1024);
    let server = async {
        let mut stream = acceptor.accept(far).await?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        Ok::<_, io::Error>(stream)
    };
    let client = async {
        let client = Client::new(trust, None).unwrap();
        let mut stream = client.connect("localhost", near).await?;
        stream.read_exact(&mut [0]).await
    };
    let (_, heard) = tokio::join!(server, client);
    heard.map(drop)
}

/// Returns the reason why the handshake failed, for both versions.
async fn refusal(trust: &Trust, pair: (&str, &str)) -> String {
    let mut told = Vec::new();
    for version in VERSIONS {
        told.push(shake(trust, pair, version).await.expect_err("a refusal").to_string());
    }
    // Cut off the times of this run.
    let words: Vec<_> = told.iter().map(|words| words.split(": verification").next()).collect();
    assert_eq!(words[0], words[1]);
    words[0].unwrap().to_owned()
}

async fn is_believed(trust: &Trust, pair: (&str, &str)) {
    for version in VERSIONS {
        let outcome = shake(trust, pair, version).await;
        assert!(outcome.is_ok(), "{pair:?} {version:?} {trust:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn without_a_check_any_certificate_is_taken() {
    for certificate in
        OWN.into_iter().chain(["own_expired.pem", "own_other_name.pem", "v1_server.pem"])
    {
        is_believed(&Trust::Anything, (certificate, "own.key")).await;
    }
    is_believed(&Trust::Anything, ("own_v1_rsa.pem", "own_rsa.key")).await;
    // Not even the key needs to belong to the certificate: an attacker's own certificate would
    // pass, too.
    is_believed(&Trust::Anything, ("own_v1.pem", "server.key")).await;
}

#[tokio::test]
async fn a_certificate_that_is_named_is_trusted_as_itself() {
    for certificate in OWN {
        let own = authorities(certificate);
        is_believed(&Trust::Only(own.clone()), (certificate, "own.key")).await;
        is_believed(&Trust::PublicAnd(own), (certificate, "own.key")).await;
    }
    // This one is also signed by an authority; the next one has another kind of key.
    is_believed(&Trust::Only(authorities("v1_server.pem")), ("v1_server.pem", "own.key")).await;
    let rsa = Trust::Only(authorities("own_v1_rsa.pem"));
    is_believed(&rsa, ("own_v1_rsa.pem", "own_rsa.key")).await;
}

#[tokio::test]
async fn an_authority_may_be_of_version_1() {
    let trust = Trust::Only(authorities("v1_ca.pem"));
    is_believed(&trust, ("v1_ca_v3_server.pem", "own.key")).await;
    insta::assert_snapshot!(refusal(&trust, ("v1_server.pem", "own.key")).await, @"the server's certificate is X.509 version 1, which is believed only where the file of CA certificates holds the very same");
}

#[tokio::test]
async fn what_is_not_named_is_refused() {
    let own = Trust::Only(authorities("own_v1.pem"));
    insta::assert_snapshot!(refusal(&own, ("own_v3_ca.pem", "own.key")).await, @"the server's certificate is an authority's (CA:TRUE), which is believed only where the file of CA certificates holds the very same");
    insta::assert_snapshot!(refusal(&own, ("own_v1_rsa.pem", "own_rsa.key")).await, @"the server's certificate is X.509 version 1, which is believed only where the file of CA certificates holds the very same");
    insta::assert_snapshot!(refusal(&own, ("server.pem", "server.key")).await, @"invalid peer certificate: UnknownIssuer");
    for certificate in OWN {
        refusal(&Trust::Public, (certificate, "own.key")).await;
    }
    // A server shows the certificate, which is not secret, but does not have its key.
    for certificate in OWN {
        let own = Trust::Only(authorities(certificate));
        let told = refusal(&own, (certificate, "server.key")).await;
        assert_eq!(told, "invalid peer certificate: BadSignature", "{certificate}");
    }
}

#[tokio::test]
async fn time_and_names_count_for_what_is_named_too() {
    let trust = |certificate| Trust::Only(authorities(certificate));
    let (expired, other) = ("own_expired.pem", "own_other_name.pem");
    insta::assert_snapshot!(refusal(&trust(expired), (expired, "own.key")).await, @"invalid peer certificate: certificate expired");
    insta::assert_snapshot!(refusal(&trust(other), (other, "own.key")).await, @r#"invalid peer certificate: certificate not valid for name "localhost"; certificate is only valid for DnsName("other.example")"#);
}

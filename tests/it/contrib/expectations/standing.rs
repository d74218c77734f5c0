//! The places of the bridge: at a socket, in front of the site, in the shadow of PHP; and its
//! absence.

use std::fmt::Write as _;

use jbackend_bridge::config::values::Listen;
use testkit::client::{self, Client};
use testkit::fixture::Schema;
use testkit::web_server::{self, PHP, WebServer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use super::{Kind, QUERY};
use crate::common::site::{ALICE_KEY, PAID_FILE, Site};
use crate::contrib::snippet::Snippet;
use crate::fallback::upstream::Upstream;

/// Tests the unix socket of the snippets' comments.
pub(in crate::contrib) async fn unix_socket(kind: Kind) {
    let site = web_server::Site::new();
    let socket = site.folder().join("bridge.sock");
    let (before, after) = match kind {
        Kind::Nginx => ("", ":"),
        Kind::Apache => ("http://", "|http://localhost"),
    };
    let snippet = kind.end_point();
    assert!(snippet.text().contains(&format!("unix:/run/jbackend-bridge.sock{after}")));
    let address = format!("unix:{}{after}", socket.display());
    let snippet = snippet.replace(&format!("{before}127.0.0.1:8080"), &address);
    let web = kind.start(site, &snippet);
    comes_and_goes(&web, &Listen::Unix(socket)).await;
}

/// After an absence of the bridge, the web server sends requests to it again at once.
pub(in crate::contrib) async fn restarts(kind: Kind) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let web = kind.start(web_server::Site::new(), &kind.end_point().bridge_at(&address));
    comes_and_goes(&web, &Listen::Tcp(address)).await;
}

async fn comes_and_goes(web: &WebServer, listen: &Listen) {
    let client = Client::new(&web.address);
    for _ in 0..2 {
        for target in ["/packages", QUERY] {
            let status = client.send("GET", target, &[], b"").await.status;
            assert!([502, 503].contains(&status), "nobody is there: {status}");
        }
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.server.listen = listen.clone();
        // The web server's workers may be any user here; on real sites they are in the socket's
        // group.
        site.config.server.socket_mode = "666".into();
        let server = site.serve().await;
        for target in ["/packages", QUERY] {
            let reply = client.send("GET", target, &[], b"").await;
            assert_eq!(reply.code(), "REQ_MNS", "{target}");
        }
        server.stopped().await;
    }
}

/// Tests `whole-site.conf`: the bridge stands between the web server and the site, by either kind
/// of address.
pub(in crate::contrib) async fn whole_site(kind: Kind) {
    let php = kind.start(web_server::Site::new(), &Snippet::empty());
    for by_socket in [false, true] {
        let front = web_server::Site::new();
        let socket = front.folder().join("bridge.sock");
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.fallback.upstream = Some(format!("http://{}", php.address).parse().unwrap());
        if by_socket {
            site.config.server.listen = Listen::Unix(socket.clone());
            site.config.server.socket_mode = "666".into();
        }
        let server = site.serve().await;
        let snippet = match (by_socket, kind) {
            (false, _) => kind.whole_site().bridge_at(&server.client.address),
            // The comments write it like this.
            (true, Kind::Nginx) => {
                kind.whole_site().bridge_at(&format!("unix:{}", socket.display()))
            }
            (true, Kind::Apache) => {
                let address = format!("unix:{}|http://localhost", socket.display());
                kind.whole_site().replace("http://127.0.0.1:8080", &address)
            }
        };
        let web = match kind {
            Kind::Nginx => front.empty_nginx(&snippet),
            Kind::Apache => front.apache(&snippet),
        };
        everything_is_answered(&Client::new(&web.address)).await;
    }
}

/// Tests `whole-site.conf` as the outermost hop: a visitor's forwarding headers do not reach PHP, a
/// trusted hop's do.
pub(in crate::contrib) async fn claims_about_the_way(kind: Kind) {
    let php = Upstream::start().await;
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.fallback.upstream = Some(format!("http://{}", php.address).parse().unwrap());
    let server = site.serve().await;
    let (any, hop) = match kind {
        Kind::Nginx => (r"192\.0\.2\.1", r"127\.0\.0\.2"),
        Kind::Apache => ("192.0.2.1", "127.0.0.2"),
    };
    let snippet = kind.whole_site().bridge_at(&server.client.address).replace(any, hop);
    let front = web_server::Site::new();
    let web = match kind {
        Kind::Nginx => front.empty_nginx(&snippet),
        Kind::Apache => front.apache(&snippet),
    };
    let told = [("X-Forwarded-Host", "h.test"), ("X-Real-IP", "192.0.2.7"), ("Forwarded", "for=h")];
    // PHP reads these as `X-Forwarded-For` and others.
    let spelt =
        ["X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-For", "X_Forwarded_Host", "X_Real_IP"];
    for (from, is_believed) in [("127.0.0.1", false), ("127.0.0.2", true)] {
        let mut request = "GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".to_owned();
        for (name, value) in told.into_iter().chain(spelt.map(|name| (name, "192.0.2.66"))) {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(web.address.parse().unwrap()).await.unwrap();
        stream.write_all(format!("{request}\r\n").as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.status, 200, "{from}");
        let received = php.take_one();
        for (name, value) in told {
            // The web server and the bridge name the host of the request.
            let own = if name == "X-Forwarded-Host" { "x" } else { "" };
            let wanted = if is_believed { value } else { own };
            let first = received.header(name).split(", ").next().unwrap();
            assert_eq!(first, wanted, "{name} of {from}: {}", received.head);
        }
        for name in spelt {
            assert!(received.all(name).is_empty(), "{name} of {from}: {}", received.head);
        }
        assert_eq!(received.header("X-Forwarded-For").split(", ").next(), Some(from));
    }
}

async fn everything_is_answered(client: &Client) {
    for target in ["/", "/a/b-é?x=1", "/index.php?option=com_content", "/packages/post/user/login"]
    {
        assert_eq!(client.send("GET", target, &[], b"").await.text(), PHP, "{target}");
    }
    assert_eq!(client.send("GET", "/robots.txt", &[], b"").await.text(), "a file of the site");
    let alice = format!("email=alice@example.test&key={ALICE_KEY}");
    let target = format!("/packages/get/release/download/redj_ent_190?{alice}");
    assert_eq!(client.send("GET", &target, &[], b"").await.body, PAID_FILE);
    let validate = "action=post&module=release&resource=validate&id=redj_enterprise";
    // No rule of a web server sees this.
    let form = format!("option=com_jbackend&view=request&{validate}&{alice}");
    assert_eq!(client.post("/index.php?Itemid=201", &form).await.code(), "ok");
    let split = format!("/packages%2fpost/release/validate/redj_enterprise?{alice}");
    assert_eq!(client.send("GET", &split, &[], b"").await.code(), "ok");
}

/// Follows docs/afternoon.md: only the end-points go to the bridge. It leaves them to PHP on
/// another port until it is told to answer.
pub(in crate::contrib) async fn shadow(kind: Kind) {
    let door = kind.start(web_server::Site::new(), &Snippet::empty());
    for (shadow, php_answers) in [(&["all"][..], true), (&["download"], false), (&[], false)] {
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.fallback.upstream = Some(format!("http://{}", door.address).parse().unwrap());
        site.config.fallback.shadow = shadow.iter().map(|&name| name.to_owned()).collect();
        let server = site.serve().await;
        let snippet = kind.end_point().bridge_at(&server.client.address);
        let web = kind.start(web_server::Site::new(), &snippet);
        let client = Client::new(&web.address);
        let validate = "/packages/post/release/validate/redj_enterprise";
        let reply = client.send("GET", validate, &[], b"").await;
        if php_answers {
            assert_eq!(reply.text(), PHP);
        } else {
            assert_eq!(reply.code(), "REL_ENS");
        }
        // Another module on the same end-point always goes to PHP.
        let other = client.send("GET", "/packages/post/user/login", &[], b"").await;
        assert_eq!(other.text(), PHP);
    }
}

//! What must hold behind any web server: the bridge answers as it does alone, PHP keeps the rest.

use std::fs;
use std::time::Duration;

use jbackend_bridge::config::values::Listen;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::time::timeout;

use super::snippet::Snippet;
use super::web_server::{self, PHP, WebServer};
use crate::common::client::{self, Client, Reply};
use crate::common::fixture::Schema;
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, PAID_FILE, Server, Site};
use crate::common::transcript::{self, Case};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// An end-point's URL without SEF.
const QUERY: &str = "/index.php?option=com_jbackend&view=request&Itemid=201";

/// Whose files are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Apache,
}

impl Kind {
    fn end_point(self) -> Snippet {
        Snippet::read(&format!("{}/end-point.conf", self.folder()))
    }

    fn whole_site(self) -> Snippet {
        Snippet::read(&format!("{}/whole-site.conf", self.folder()))
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
        }
    }

    fn start(self, site: web_server::Site, snippet: &Snippet) -> WebServer {
        match self {
            Self::Nginx => site.nginx(snippet),
            Self::Apache => site.apache(snippet),
        }
    }
}

/// Recordings that are answered otherwise behind a web server, and should be.
const DIFFERENT: &[&str] = &[
    // Only the menu item's number, or a field of a form, says that these are the bridge's: a web
    // server cannot see that, and leaves them to PHP.
    "nonsef_itemid_only1",
    "nonsef_post_form",
    // Claims a proxy that was not there; the web server knows better.
    "ssl_ep_xfp",
];

/// All recordings, on two sites alike: one is asked directly, one through the web server.
pub(super) async fn recorded_requests(kind: Kind) {
    let alone = Site::new(Schema::Joomla3).await.serve().await;
    let behind = Site::new(Schema::Joomla3).await.serve().await;
    let snippet = kind.end_point().all_end_points().bridge_at(&behind.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    let (mut different, mut report) = (Vec::new(), Vec::new());
    let mut of_the_site = 0;
    for case in transcript::all() {
        if let Some(statement) = &case.before {
            alone.site.run(statement).await;
            behind.site.run(statement).await;
        }
        let direct = send(&case, &alone.client.address).await;
        let through = send(&case, &web.address).await;
        let pair = [facts(&direct, &alone.client.address), facts(&through, &web.address)];
        if direct.status == 404 && through.text() == PHP {
            of_the_site += 1;
        } else if pair[0] != pair[1] {
            report.push(format!("{} {}\n{pair:#?}", case.name, case.request.target));
            different.push(case.name);
        }
    }
    assert_eq!(different, DIFFERENT, "{}", report.join("\n"));
    // Those for other paths and components; everything else came to the bridge.
    assert_eq!(of_the_site, 11);
}

async fn send(case: &Case, address: &str) -> Reply {
    let request = &case.request;
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = request.body.as_deref().unwrap_or_default();
    let target = request.target.replace("HOST", address);
    Client::new(address).send(&request.method, &target, &headers, body.as_bytes()).await
}

/// What a client makes its decisions by.
fn facts(reply: &Reply, host: &str) -> (u16, Vec<String>, String) {
    let names = [
        "content-type",
        "content-disposition",
        "location",
        "access-control-allow-origin",
        "access-control-allow-methods",
    ];
    let headers = names.map(|name| reply.header(name).replace(host, "HOST"));
    (reply.status, headers.to_vec(), reply.text())
}

/// Downloads, parts of them, forms, and bytes in targets that a web server might want to change.
pub(super) async fn packages_and_forms(kind: Kind) {
    let site = Site::new(Schema::Sqlite).await;
    let content: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let package = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";
    fs::write(site.packages().join(package), &content).unwrap();
    let server = site.serve().await;
    let snippet = kind.end_point().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let alice = format!("email=alice@example.test&key={ALICE_KEY}");
    let target = format!("/packages/get/release/download/redj_ent_190?{alice}");

    let whole = client.send("GET", &target, &[], b"").await;
    assert!(whole.status == 200 && whole.body == content, "{}", whole.status);
    let range = [("Range", "bytes=1000000-1000999")];
    let part = client.send("GET", &target, &range, b"").await;
    assert_eq!((part.status, part.header("content-range")), (206, "bytes 1000000-1000999/5000000"));
    assert!(part.body == content[1_000_000..1_001_000]);
    let etag = [("If-None-Match", whole.header("etag"))];
    assert_eq!(client.send("GET", &target, &etag, b"").await.status, 304);
    let head = client.send("HEAD", &target, &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "5000000", 0));

    let login = "username=alice&password=alicepass";
    let reply = client.post("/packages/post/release/keybyauth/redj_enterprise", login).await;
    assert!(reply.text().contains(ALICE_KEY), "{}", reply.text());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let too_much = vec![b'x'; 17 * 1024 * 1024];
    let reply = client.send("POST", "/packages/post/release/validate", &form, &too_much).await;
    // Apache takes an answer that comes before the whole body was sent for a broken one.
    let refusals: &[u16] = if kind == Kind::Nginx { &[413] } else { &[413, 502] };
    assert!(refusals.contains(&reply.status), "{}", reply.status);

    for target in [
        "/packages/post/release/validate/redj_enterprise?email=x",
        "/packages%2Fpost/release%2fvalidate/redj_enterprise?email=x",
        "/packages/post/release/validate/%72edj_enterprise?email=é{}|^'\\",
        "//packages/./post/x/../release/validate//redj_enterprise/?email=x",
        "/PACKAGES/post/release/validate/redj_enterprise?email=%zz",
        "/index.php/packages/post/release/validate/redj_enterprise?email=a+b",
        "/index.php?option=com_jbackend&view=request&Itemid=201&action=post&module=release\
         &resource=validate&id=redj_enterprise&email=%C3%A9",
        "/?option=com_jbackend&view=request&Itemid=201&action=post&module=release\
         &resource=validate&id=redj_enterprise&email=x",
    ] {
        let code = client.send("GET", target, &[], b"").await.code();
        assert_eq!(code, "REL_KNS", "{target}");
    }
    // An id of several bytes that a decoder would change.
    for id in ["caf%C3%A9", "café", "a%2Bb", "a%25b", "a%20b", "a;b"] {
        let target = format!("/packages/post/release/validate/{id}?email=x&key=y");
        let reply = client.send("GET", &target, &[], b"").await;
        assert_eq!(reply.text(), server.get(&target).await.text(), "{target}");
        assert_eq!(reply.code(), "REL_GNF", "{target}");
    }
}

/// Pages, files, jBackend's administration; and the package folder, open and closed.
pub(super) async fn the_rest(kind: Kind) {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let bridge = &server.client.address;
    let open = kind.start(web_server::Site::new(), &kind.end_point().bridge_at(bridge));
    let get = async |web: &WebServer, target: &str| {
        Client::new(&web.address).send("GET", target, &[], b"").await
    };
    for target in [
        "/",
        "/index.php?option=com_content&view=article&id=1",
        "/about/packages",
        "/packagesx/post/release/validate/a",
        "/shop/",
        "/administrator/index.php?option=com_jbackend&view=keys",
        "/index.php?option=com_jbackend2",
    ] {
        assert_eq!(get(&open, target).await.text(), PHP, "{target}");
    }
    assert_eq!(get(&open, "/robots.txt").await.text(), "a file of the site");
    // nginx's own way to the bridge is no way for visitors.
    let inner = get(&open, "/.jbackend-bridge").await.text();
    assert!(if kind == Kind::Nginx { inner.contains("nginx") } else { inner == PHP }, "{inner}");

    let site = web_server::Site::new();
    let root = site.root().display().to_string();
    let mut snippet = kind.end_point().bridge_at(bridge).uncommented();
    if kind == Kind::Apache {
        snippet = snippet.replace("/var/www/html", &root);
    }
    let closed = kind.start(site, &snippet);
    for target in [
        "/files/private/paid.zip",
        "/files//private/./paid.zip",
        "/x/../files/private/paid.zip",
        "/%66iles/private/paid.zip",
    ] {
        assert_eq!(get(&open, target).await.text(), "PK paid", "{target}: as without the block");
        let reply = get(&closed, target).await;
        assert!([403, 404].contains(&reply.status), "{target}: {}", reply.status);
        assert!(!reply.text().contains("PK"), "{target}");
    }
    assert_eq!(get(&closed, "/packages").await.code(), "REQ_MNS");
}

/// The blocks for a Joomla in a subdirectory.
pub(super) async fn subdirectory(kind: Kind) {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.public_url = Some("http://www.example.com/shop".into());
    let server = site.serve().await;
    let snippet = kind
        .end_point()
        .bridge_at(&server.client.address)
        .uncommented()
        .replace(r#""^/(?:index\.php)?$""#, r#""^/shop/(?:index\.php)?$""#);
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let query = "action=post&module=release&resource=validate&id=redj_enterprise&email=x";
    for target in [
        "/shop/packages/post/release/validate/redj_enterprise?email=x".to_owned(),
        "/shop/index.php/packages/post/release/validate/redj_enterprise?email=x".to_owned(),
        format!("/shop/packages?{query}"),
        format!("/shop/index.php?option=com_jbackend&view=request&Itemid=201&{query}"),
        format!("/shop/?option=com_jbackend&view=request&Itemid=201&{query}"),
    ] {
        let code = client.send("GET", &target, &[], b"").await.code();
        assert_eq!(code, "REL_KNS", "{target}");
    }
    for target in ["/", "/shop/", "/shop/about", "/index.php?option=com_jbackend&view=request"] {
        assert_eq!(client.send("GET", target, &[], b"").await.text(), PHP, "{target}");
    }
}

/// A visitor cannot make up his address: what the web server saw counts.
pub(super) async fn visitors_address(kind: Kind) {
    let log = Log::keep();
    let mut site = Site::new(Schema::Sqlite).await;
    // The test's visitor comes from the same machine, by another address of it.
    site.config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = site.serve().await;
    let snippet = kind.end_point().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    for target in ["/packages", QUERY] {
        let before = log.count(&["client=\"127.0.0.2\""]);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut stream = socket.connect(web.address.parse().unwrap()).await.unwrap();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             X-Forwarded-For: 192.0.2.66\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.code(), "REQ_MNS", "{target}");
        let logged = async {
            while log.count(&["client=\"127.0.0.2\""]) == before {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, logged).await.unwrap_or_else(|_| panic!("{target}: {}", log.text()));
    }
    assert_eq!(log.count(&["192.0.2.66"]), 0, "{}", log.text());
}

/// The unix socket of the snippets' comments.
pub(super) async fn unix_socket(kind: Kind) {
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

/// The web server does not hold it against the bridge that it was away.
pub(super) async fn restarts(kind: Kind) {
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
        // The web server's workers may be anybody here; in earnest they are in the socket's group.
        site.config.server.socket_mode = "666".into();
        let server = site.serve().await;
        for target in ["/packages", QUERY] {
            let reply = client.send("GET", target, &[], b"").await;
            assert_eq!(reply.code(), "REQ_MNS", "{target}");
        }
        server.stopped().await;
    }
}

/// `whole-site.conf`: the bridge between the web server and the site, by either kind of address.
pub(super) async fn whole_site(kind: Kind) {
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
            // As the comments have it.
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
    // What no rule of a web server can see.
    let form = format!("option=com_jbackend&view=request&{validate}&{alice}");
    assert_eq!(client.post("/index.php?Itemid=201", &form).await.code(), "ok");
    let split = format!("/packages%2fpost/release/validate/redj_enterprise?{alice}");
    assert_eq!(client.send("GET", &split, &[], b"").await.code(), "ok");
}

/// The afternoon of docs/afternoon.md: the end-points alone go to the bridge, which leaves them to
/// PHP by another door until it is told to answer.
pub(super) async fn shadow(kind: Kind) {
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
        // Another module on the same end-point is PHP's at any time.
        let other = client.send("GET", "/packages/post/user/login", &[], b"").await;
        assert_eq!(other.text(), PHP);
    }
}

//! The log: one line per request, and no private data in it.

use std::fs::File;

use serde_json::Value;
use testkit::client::Client;
use tokio::io::AsyncWriteExt;

use super::{Program, eventually, rest, within};

/// Texts that must never be logged, in any part of a request.
const PRIVATE: &[&str] = &[
    "user123",
    "pass123",
    "example.com",
    "stranger",
    "Secret-Word",
    "key=",
    "x=",
    "query-marker",
    "body-marker",
    "@",
    "%40",
];

#[tokio::test]
async fn no_request_leaves_anything_private_in_the_log() {
    for format in ["text", "json"] {
        let settings = format!("format = \"{format}\"\nlevel = \"info\"\nemail_hash_key = \"k\"");
        let bridge = Served::with_log(&settings);
        let requests = bridge.send_everything().await;
        eventually("a line for each request", || bridge.lines().len() == requests).await;
        let log = bridge.program.log();
        for private in PRIVATE.iter().copied().chain([bridge.key.as_str()]) {
            assert!(!log.contains(private), "`{private}` is in the {format} log:\n{log}");
        }
    }
}

#[tokio::test]
async fn a_line_tells_what_happened() {
    let bridge = Served::with_log("format = \"json\"\nemail_hash_key = \"k\"");
    let target = "/packages/get/release/download/redj_com_190?email=User123@example.com";
    let reply = bridge.client.send("GET", target, &[], b"").await;
    bridge.client.send("GET", "/packages/post/release/validate/made-up?email=", &[], b"").await;
    bridge.client.send("HEAD", "/elsewhere/path-marker/a@example.com?query-marker", &[], b"").await;
    eventually("three lines", || bridge.lines().len() == 3).await;
    let lines = bridge.lines();

    let [download, refused, elsewhere] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(download["method"], "GET");
    assert_eq!(download["resource"], "download");
    assert_eq!(download["id"], "redj_com_190");
    assert_eq!(download["code"], "ok");
    assert_eq!(download["status"], 200);
    assert_eq!(download["bytes"], reply.body.len());
    assert_eq!(download["client"], "127.0.0.1");
    assert!(download["duration_ms"].is_u64(), "{download}");
    // The first bytes of HMAC-SHA256("user123@example.com") with the key `k`.
    assert_eq!(download["email"], EMAIL_HASH);

    assert_eq!((&refused["resource"], &refused["code"]), (&"validate".into(), &"REL_GNF".into()));
    assert_eq!(refused["id"], "-", "made up by the client");
    assert_eq!((&elsewhere["resource"], &elsewhere["status"]), (&"-".into(), &404.into()));
    assert_eq!((&elsewhere["bytes"], &elsewhere["email"]), (&0.into(), &"-".into()));
    // The path shows a wrong rewrite in the web server.
    assert_eq!(elsewhere["path"], "/elsewhere/path-marker/…");
    assert!(download["path"].is_null() && refused["path"].is_null());
}

/// Every request that names a customer has the hash of the account's e-mail. One that ends before
/// an account is looked up has the hash of the name that was sent.
#[tokio::test]
async fn all_requests_of_one_customer_are_found_by_one_hash() {
    let bridge = Served::with_log("format = \"json\"\nemail_hash_key = \"k\"");
    let key = bridge.key.as_str();
    let of_account = [
        format!("verify/redj_ent_190?dlid=123:{key}"),
        format!("download/redj_ent_190?dlid=dlid%3D123:{key}%0A"),
        "validate/redj_enterprise?dlid=123:wrong".to_owned(),
        format!("verify/redj_ent_190?email=USER123@example.com&key={key}"),
        "verify/redj_ent_190?email=user123@example.com%20&key=wrong".to_owned(),
        "keybyauth/redj_enterprise?username=user123&password=pass123".to_owned(),
        "keybyauth/redj_enterprise?username=USER123&password=wrong".to_owned(),
        "keybyemail/redj_enterprise?email=user123@example.com".to_owned(),
        // No account is looked up for this one.
        "keybyemail/made-up?email=user123@example.com".to_owned(),
    ];
    let of_name = [
        // One package is free, the other does not exist.
        ("download/redj_com_190?dlid=123:x", "54536c9357"),
        ("verify/made-up?dlid=123:x", "54536c9357"),
        ("verify/redj_ent_190?dlid=124:x", "83dc1d1d0d"),
        ("keybyauth/made-up?username=user123&password=x", "90931ed7a6"),
        ("verify/redj_ent_190?dlid=no-such-form", "-"),
        ("verify/redj_ent_190?email=&key=x", "-"),
        ("verify/redj_ent_190", "-"),
    ];
    let expected = of_account.iter().map(|target| (target.as_str(), EMAIL_HASH)).chain(of_name);
    let expected: Vec<_> = expected.collect();
    for (sent, (target, _)) in expected.iter().enumerate() {
        bridge.client.send("GET", &format!("/packages/post/release/{target}"), &[], b"").await;
        eventually("a line", || bridge.lines().len() == sent + 1).await;
    }
    let hashes: Vec<_> = bridge.lines().iter().map(|line| line["email"].clone()).collect();
    for ((target, hash), found) in expected.iter().zip(hashes) {
        assert_eq!(found, *hash, "{target}");
    }
}

/// `printf user123@example.com | openssl dgst -sha256 -hmac k`, ten digits.
const EMAIL_HASH: &str = "66dfa10b88";

#[tokio::test]
async fn a_download_that_breaks_off_is_reported() {
    let bridge = Served::with_log("");
    let name = "ReDJ1.9.0Community_J3.zip";
    let file = bridge.program.folder.path().join("files/public/joomla/redj").join(name);
    let file = File::options().write(true).open(file).unwrap();
    file.set_len(256 * 1024 * 1024).unwrap();
    let mut stream = bridge.client.connect().await;
    let request = b"GET /packages/get/release/download/redj_com_190 HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    within("an answer", stream.readable()).await.unwrap();
    file.set_len(1024).unwrap();
    rest(&mut stream).await;
    let warning = format!("`{name}` was written to while it was sent");
    let warned = || bridge.program.log().contains(&warning);
    eventually("a warning", warned).await;
    assert!(bridge.program.log().contains("WARN"), "{}", bridge.program.log());
}

#[tokio::test]
async fn forwarding_headers_of_strangers_are_ignored_with_one_warning() {
    let bridge = Served::with("trusted_proxies = []", "");
    for _ in 0..3 {
        let headers = [("X-Forwarded-For", "192.0.2.1")];
        bridge.client.send("GET", "/packages/post/release/validate", &headers, b"").await;
    }
    eventually("three lines", || bridge.lines().len() == 3).await;
    let log = bridge.program.log();
    assert_eq!(log.matches("`trusted_proxies`").count(), 1, "{log}");
    assert_eq!(log.matches("client=\"127.0.0.1\"").count(), 3, "{log}");
    assert!(!log.contains("192.0.2.1"), "{log}");
}

/// The sample site of `demo`, served with this log.
struct Served {
    program: Program,
    client: Client,
    key: String,
}

impl Served {
    fn with_log(log: &str) -> Self {
        Self::with("", log)
    }

    /// Starts it with lines for the sections `[server]` and `[log]`.
    fn with(server: &str, log: &str) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let key =
            jbackend_bridge::service::demo::make(folder.path()).unwrap().key.as_str().to_owned();
        let root = folder.path().display();
        let configuration = format!(
            "endpoints = [{{ path = \"packages\", access = \"free\" }}]\n\
             [server]\nlisten = \"127.0.0.1:0\"\n{server}\n\
             [database]\nurl = \"sqlite:{root}/site.db\"\nprefix = \"jos_\"\n\
             [license]\nrecipe = \"default\"\n\
             [release]\nfolder = \"{root}/files\"\n\
             groups = [\"redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise\"]\n\
             packages = [\n\
             \"redj_com_190;/public/joomla/redj/ReDJ1.9.0Community_J3.zip\",\n\
             \"redj_ent_190;/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise\"]\n\
             [mail]\ntransport = \"file\"\noutbox = \"{root}/mails\"\nfrom = \"a@b.test\"\n\
             [log]\n{log}\n"
        );
        let program = Program::serve(folder, &configuration);
        let client = Client::new(&program.said("listening on "));
        Self { program, client, key }
    }

    /// Sends every method, right and wrong, in every form of parameters.
    async fn send_everything(&self) -> usize {
        let email = "user123@example.com";
        let key = self.key.as_str();
        let mut sent = 0;
        for resource in ["keybyemail", "keybyauth", "validate", "verify", "download", "Secret-Word"]
        {
            for id in ["redj_enterprise", "redj_ent_190", "redj_com_190", "query-marker"] {
                for query in [
                    format!("email={email}&key={key}&username=user123&password=pass123"),
                    format!("email={email}&key=Secret-Word&username=user123&password=Secret-Word"),
                    "email=stranger@example.com&username=stranger&password=pass123".to_owned(),
                    format!("username={email}&email=user123&key={email}&password={key}"),
                    String::new(),
                ] {
                    let target = format!("/packages/post/release/{resource}/{id}");
                    let with_query = format!("{target}?{query}&x=query-marker");
                    self.client.send("GET", &with_query, &[], b"").await;
                    self.client.post(&target, &format!("{query}&x=body-marker")).await;
                    sent += 2;
                }
            }
        }
        for target in [
            format!("/path-marker/{email}?key={key}"),
            format!("/packages/{email}/{key}/path-marker/{key}"),
            format!("/packages/../../{key}"),
            format!("/packages?action=post&module={email}&resource={key}&id={email}"),
        ] {
            self.client.send("GET", &target, &[], b"").await;
            self.client.send("Secret-Word", &target, &[], b"").await;
            sent += 2;
        }
        sent
    }

    /// Returns the lines of requests; lines of a JSON log are parsed.
    fn lines(&self) -> Vec<Value> {
        let log = self.program.log();
        let lines = log.lines().filter(|line| line.contains("duration_ms"));
        lines.map(|line| serde_json::from_str(line).unwrap_or(Value::Null)).collect()
    }
}

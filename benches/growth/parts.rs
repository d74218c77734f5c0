//! The parts of a request that a client can make long.

use std::fmt::Write as _;

use Place::{Cookie, Form, Header, Headers, Json, Multipart, Path, Query, SitePath};

/// One of them.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    place: Place,
    /// The text that is repeated; `N` in it is the number of the repetition.
    piece: &'static str,
}

/// The place of a part in the request.
enum Place {
    /// Behind an end-point's path.
    Path,
    /// In a path of the site behind the bridge.
    SitePath,
    /// In the query of an end-point.
    Query(&'static str),
    /// In the form of an end-point.
    Form(&'static str),
    /// In a JSON body, between these.
    Json(&'static str, &'static str),
    /// In a body of several parts, between these.
    Multipart(&'static str, &'static str),
    /// In the cookies of an end-point.
    Cookie,
    /// In this header of this target, behind this.
    Header(&'static str, &'static str, &'static str),
    /// As headers of the site behind the bridge, each named in `Connection`.
    Headers,
}

const VALIDATE: &str = "/packages/post/release/validate/redj_enterprise";
const FREE: &str = "/packages/get/release/download/redj_com_190";
const SITE: &str = "/elsewhere";

const fn part(name: &'static str, place: Place, piece: &'static str) -> Part {
    Part { name, place, piece }
}

/// A header that is read but not used.
pub(crate) const UNREAD: Part =
    part("a header that nothing reads", Header(VALIDATE, "X-A", "a"), "a");

pub(crate) const PARTS: &[Part] = &[
    part("path: one long segment", Path, "a"),
    part("path: segments", Path, "/a"),
    part("path: slashes", Path, "/"),
    part("path: encoded slashes", Path, "%2f"),
    part("path: dots", Path, "/."),
    part("path: up and down", Path, "/a/.."),
    part("path: encoded letters", Path, "%61"),
    part("path: percent signs", Path, "%"),
    part("path: index.php", Path, "/index.php"),
    part("path of the site: one long segment", SitePath, "a"),
    part("path of the site: segments", SitePath, "/a"),
    part("path of the site: slashes", SitePath, "/"),
    part("path of the site: encoded slashes", SitePath, "/a%2f"),
    part("path of the site: encoded slashes, capitals", SitePath, "%2F"),
    part("path of the site: dots", SitePath, "/."),
    part("path of the site: up and down", SitePath, "/a/.."),
    part("path of the site: encoded dots", SitePath, "/a/%2e%2E"),
    part("path of the site: encoded twice", SitePath, "%252f"),
    part("path of the site: backslashes", SitePath, "%5c"),
    part("path of the site: percent signs", SitePath, "%25"),
    part("query: a long name", Query(""), "a"),
    part("query: an encoded name", Query(""), "%61"),
    part("query: names", Query(""), "aN-and-more-of-a-long-name&"),
    part("query: one name again and again", Query(""), "a=again-and-again-and-again&"),
    part("query: values", Query(""), "aN=a-value-of-some-length-too&"),
    part("query: brackets", Query("a"), "[a]"),
    part("query: open brackets", Query("a"), "["),
    part("query: encoded brackets", Query("a"), "%5B%5D"),
    part("query: dots and blanks", Query("a"), ".+"),
    part("query: separators", Query(""), "&"),
    part("query: encoded separators", Query(""), "&amp;"),
    part("query: equals signs", Query("a"), "="),
    part("value: plain", Query("key=b&email="), "a"),
    part("value: blanks", Query("key=b&email="), "+"),
    part("value: encoded", Query("key=b&email="), "%C3%BC"),
    part("value: no UTF-8", Query("key=b&email="), "%FF"),
    part("value: a long key", Query("email=alice@example.test&key="), "a"),
    part("value: a key of blanks", Query("email=alice@example.test&key="), "%0A"),
    part("one-field key: digits", Query("dlid="), "1"),
    part("one-field key: prefixes", Query("dlid="), "dlid%3D"),
    part("one-field key: prefixes and blanks", Query("dlid="), "+dlid%3D"),
    part("one-field key: blanks", Query("dlid=1:"), "%C2%A0"),
    part("one-field key: colons", Query("dlid=1"), ":"),
    part("filter: opening", Query("key=b&email="), "%3C"),
    part("filter: opening and a letter", Query("key=b&email="), "%3Ca"),
    part("filter: opening, a letter, a blank", Query("key=b&email="), "%3Ca+"),
    part("filter: tags", Query("key=b&email="), "%3Ca%3E"),
    part("filter: tags in tags", Query("key=b&email="), "%3C%3Ca%3E"),
    part("filter: end tags", Query("key=b&email="), "%3C/a%3E"),
    part("filter: comments", Query("key=b&email="), "%3C!--"),
    part("filter: comments that end", Query("key=b&email="), "%3C!--a--%3E"),
    part("filter: attributes", Query("key=b&email=%3Ca"), "+a%3D%22b%22"),
    part("filter: open quotes", Query("key=b&email=%3Ca"), "+a%3D%22"),
    part("filter: tags with attributes", Query("key=b&email="), "%3Ca+b%3D%22c%22%3E"),
    part("filter: tags with open quotes", Query("key=b&email="), "%3Ca+b%3D%22"),
    part("filter: closing", Query("key=b&email="), "%3E"),
    part("filter: entities", Query("key=b&email="), "%26amp;"),
    part("filter: entities that open tags", Query("key=b&email="), "%26lt;a"),
    part("filter: open entities", Query("key=b&email="), "%26"),
    part("filter: a long entity", Query("key=b&email=%26"), "a"),
    part("filter: a long number", Query("key=b&email=%26%23"), "1"),
    part("form: a long name", Form(""), "a"),
    part("form: names", Form(""), "aN=a-value-of-some-length-too&"),
    part("form: a value", Form("email=a&key="), "%61"),
    part("form: separators", Form(""), "&"),
    part("JSON: a value", Json("{\"email\":\"", "\"}"), "a"),
    part("JSON: an escaped value", Json("{\"email\":\"", "\"}"), "\\u0061"),
    part("JSON: names", Json("{", "\"z\":1}"), "\"aN\":\"a value of some length\","),
    part("JSON: arrays", Json("{\"a\":", "}"), "["),
    part("JSON: objects", Json("", ""), "{\"a\":"),
    part(
        "multipart: a value",
        Multipart("Content-Disposition: form-data; name=a\r\n\r\n", ""),
        "a",
    ),
    part(
        "multipart: a value of line ends",
        Multipart("Content-Disposition: form-data; name=a\r\n\r\n", ""),
        "\r\n",
    ),
    part(
        "multipart: a value of boundaries that are none",
        Multipart("Content-Disposition: form-data; name=a\r\n\r\n", ""),
        "\r\n--xy",
    ),
    part(
        "multipart: fields",
        Multipart("Content-Disposition: form-data; name=z\r\n\r\n", ""),
        "\r\n--xyz\r\nContent-Disposition: form-data; name=aN\r\n\r\nb",
    ),
    part(
        "multipart: files",
        Multipart("\r\n", ""),
        "\r\n--xyz\r\nContent-Disposition: form-data; name=aN; filename=b\r\n\r\nb",
    ),
    part("multipart: boundaries", Multipart("", ""), "\r\n--xyz"),
    part("multipart: headers of a part", Multipart("", "\r\n\r\n"), "X-A: N\r\n"),
    part("multipart: a long header of a part", Multipart("X-A: ", "\r\n\r\n"), "a"),
    part(
        "multipart: a header in many lines",
        Multipart("Content-Disposition: form-data\r\n", "\r\n\r\n"),
        " a\r\n",
    ),
    part(
        "multipart: parameters of a header",
        Multipart("Content-Disposition: form-data", "\r\n\r\n"),
        "; a=b",
    ),
    part(
        "multipart: semicolons of a header",
        Multipart("Content-Disposition: form-data", "\r\n\r\n"),
        "; ",
    ),
    part(
        "multipart: quotes of a header",
        Multipart("Content-Disposition: form-data; name=\"", "\r\n\r\n"),
        "\\\"",
    ),
    part("cookies: pairs", Cookie, "aN=b; "),
    part("cookies: semicolons", Cookie, ";"),
    part("cookies: equals signs", Cookie, "="),
    part("cookies: a long value", Cookie, "a"),
    part("ranges: a list", Header(FREE, "Range", "bytes="), "0-0,"),
    part("ranges: commas", Header(FREE, "Range", "bytes="), ","),
    part("ranges: digits", Header(FREE, "Range", "bytes=x"), "1"),
    part("ranges: blanks", Header(FREE, "Range", "bytes=,"), " ,"),
    part("conditions: a list of tags", Header(FREE, "If-None-Match", "\"z\""), ",\"a\""),
    part("conditions: commas", Header(FREE, "If-None-Match", "\"z\""), ","),
    part("conditions: an open tag", Header(FREE, "If-None-Match", "\"z\",\""), "a"),
    part("conditions: a long date", Header(FREE, "If-Modified-Since", "Mon"), "a"),
    part("conditions: a range's tag", Header(FREE, "If-Range", "\""), "a"),
    part("coding: a list", Header("/packages/updates", "Accept-Encoding", "a"), ",a;q=0"),
    part("coding: semicolons", Header("/packages/updates", "Accept-Encoding", "a"), ";"),
    part("client: a chain of proxies", Header(VALIDATE, "X-Forwarded-For", ""), "127.0.0.1, "),
    part("client: commas", Header(VALIDATE, "X-Forwarded-For", ""), ","),
    part("client: not an address", Header(VALIDATE, "X-Forwarded-For", ""), "a"),
    part("client: the scheme", Header(VALIDATE, "X-Forwarded-Proto", ""), "http, "),
    part("client: its program", Header(FREE, "User-Agent", ""), "Joomla/"),
    part("client: a key", Header(VALIDATE, "Authorization", "api_key "), "a"),
    part(
        "headers of the site: a chain of proxies",
        Header(SITE, "X-Forwarded-For", ""),
        "1.1.1.1, ",
    ),
    part("headers of the site: Connection", Header(SITE, "Connection", "close"), ", aN"),
    part("headers of the site: loops", Header(SITE, "CDN-Loop", "a"), ", a"),
    part("headers of the site: upgrades", Header(SITE, "Upgrade", "a"), ", web"),
    part("headers of the site: one long", Header(SITE, "X-A", "a"), "a"),
    part("headers of the site: cookies", Header(SITE, "Cookie", "a"), "aN=b; "),
    part("headers of the site: many", Headers, ""),
];

impl Part {
    /// Three lengths in bytes, below what the bridge reads at most, and above the length of a name that
    /// it still looks up.
    pub(crate) fn lengths(&self) -> [usize; 3] {
        let longest = match self.place {
            // The head of a part.
            Multipart(_, "\r\n\r\n") => 14_000,
            _ => 28_000,
        };
        [longest / 11, longest / 4, longest]
    }

    /// The cost of the second step between the lengths, if its bytes cost as much as those of the first.
    pub(crate) fn in_proportion(&self, first: u64) -> u64 {
        let [short, middle, long] = self.lengths().map(|length| length as u64);
        first * (long - middle) / (middle - short)
    }

    /// Is it read before a body's first byte?
    pub(crate) fn is_in_the_head(&self) -> bool {
        !matches!(self.place, Form(_) | Json(..) | Multipart(..))
    }

    /// A request with about so many bytes of it.
    pub(crate) fn request(&self, bytes: usize) -> Vec<u8> {
        let long = self.repeated(bytes);
        match self.place {
            Path => get(&format!("/packages{long}"), ""),
            SitePath => get(&format!("{SITE}{long}"), ""),
            Query(start) => get(&format!("{VALIDATE}?{start}{long}"), ""),
            Form(start) => post("application/x-www-form-urlencoded", &format!("{start}{long}")),
            Json(start, end) => post("application/json", &format!("{start}{long}{end}")),
            Multipart(start, end) => post(
                "multipart/form-data; boundary=xyz",
                &format!("--xyz\r\n{start}{long}{end}\r\n--xyz--\r\n"),
            ),
            Cookie => get(VALIDATE, &format!("Cookie: a=b; {long}\r\n")),
            Header(target, name, start) => get(target, &format!("{name}: {start}{long}\r\n")),
            Headers => get(SITE, &headers(bytes / 320)),
        }
    }

    fn repeated(&self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes);
        // Numbers of one width, so that twice the length is twice the count.
        for number in 10_000.. {
            if self.piece.is_empty() || text.len() >= bytes {
                break;
            }
            text.push_str(&self.piece.replace('N', &number.to_string()));
        }
        text
    }
}

fn get(target: &str, headers: &str) -> Vec<u8> {
    let close = if headers.starts_with("Connection:") { "" } else { "Connection: close\r\n" };
    format!("GET {target} HTTP/1.1\r\nHost: x\r\n{close}{headers}\r\n").into_bytes()
}

fn post(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {VALIDATE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// So many headers, and as many names in `Connection` that are none of them.
fn headers(count: usize) -> String {
    let mut names = String::from("Connection: close");
    let mut headers = String::new();
    for number in 10_000..10_000 + count {
        for letter in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] {
            write!(names, ", {letter}{number}").unwrap();
        }
        write!(headers, "X-{number}: {}\r\n", "a".repeat(100)).unwrap();
    }
    format!("{names}\r\n{headers}")
}

//! Compares multipart forms with PHP's results: `vectors/multipart_php.jsonl`.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use jbackend_bridge::http::body::{Bodies, Memory};
use php_compat::query::Value;
use serde_json::json;

#[tokio::test]
async fn forms_without_an_end_or_with_other_lines_and_quotes_were_not_read() {
    let bodies = Bodies { memory: Memory::default(), silence: Duration::from_mins(1), json: false };
    for line in include_str!("../../vectors/multipart_php.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let body = base16ct::lower::decode_vec(case["body_hex"].as_str().unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_str(case["content_type"].as_str().unwrap()).unwrap();
        headers.insert(CONTENT_TYPE, kind);
        for size in [body.len().max(1), 1] {
            let pieces: Vec<_> = body
                .chunks(size)
                .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
                .collect();
            let read = bodies.fields(&Method::POST, &headers, None, stream::iter(pieces)).await;
            let fields = read.unwrap().fields;
            let hex = base16ct::lower::encode_string;
            let fields = fields.iter().map(|(name, value)| match value {
                Value::Text(text) => json!([hex(name), hex(text)]),
                Value::Array => json!([hex(name), null]),
            });
            let text = String::from_utf8_lossy(&body);
            assert_eq!(
                json!(fields.collect::<Vec<_>>()),
                case["fields"],
                "{}: {text:?}",
                case["case"]
            );
        }
    }
}

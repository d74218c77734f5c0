//! The counted cases: the pure parts of a request's way, each as the program runs it.

use std::hint::black_box;

use jbackend_bridge::config::sections::Release;
use jbackend_bridge::http::reply::{self, Refusals};
use jbackend_bridge::jbackend::route::{self, Route};
use jbackend_bridge::methods::code::KEY_NOT_VALID;
use jbackend_bridge::site::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules, SiteUrls};
use jbackend_bridge::site::target::SitePath;
use license_recipe::{Facts, Recipe, Spellings};
use php_compat::query::{Fields, parse_query};
use php_compat::string_filter;

/// A case by its name; the closure runs it once.
pub(crate) fn find(name: &str) -> Option<Box<dyn Fn()>> {
    Some(match name {
        "request decoding" => request_decoding(),
        "string filter, plain text" => string_filter(b"customer4711@example.test".to_vec()),
        "string filter, tags and entities" => string_filter(
            b"a&amp;b <b class=\"x>y\">bold</b> &#8364; &lt;i&gt; <!-- no --> \xffend".repeat(4),
        ),
        "recipe, md5 of three values" => recipe("md5($email . $group . $hash)"),
        "recipe, the default one" => recipe("default"),
        "JSON, a key" => Box::new(|| {
            black_box(reply::key(black_box("müller@example.test"), black_box(KEY), None));
        }),
        "JSON, a refusal" => {
            let refusals = Refusals::new(&Release::default());
            Box::new(move || {
                black_box(refusals.reply(black_box(KEY_NOT_VALID), false));
            })
        }
        _ => return None,
    })
}

/// All of them.
pub(crate) const NAMES: [&str; 7] = [
    "request decoding",
    "string filter, plain text",
    "string filter, tags and entities",
    "recipe, md5 of three values",
    "recipe, the default one",
    "JSON, a key",
    "JSON, a refusal",
];

const KEY: &str = "7759be2e42149d8de20744af04915090";

/// From path and query to the arguments of a method, on a site with a few end-points.
fn request_decoding() -> Box<dyn Fn()> {
    let endpoint = |item, path: &str| Endpoint {
        item: Some(item),
        path: path.to_owned(),
        language: None,
        behaviour: Behaviour {
            access: Access::Free,
            modules: Modules::All,
            trace: false,
            cors: false,
            force_ssl: false,
        },
    };
    let list = vec![endpoint(1, "api/v1"), endpoint(2, "user-area"), endpoint(3, "packages")];
    let endpoints = Endpoints::new(list, Behaviour::default(), SiteUrls::default());
    let path = b"/packages/post/release/validate/redj_enterprise";
    let query = format!("email=m%C3%BCller%2Bshop%40example.test&key={KEY}");
    Box::new(move || {
        let path = SitePath::parse(black_box(path)).expect("a path");
        let query = parse_query(black_box(query.as_bytes()));
        match route::route(path, query, Fields::default(), &endpoints) {
            Route::Endpoint(call) => drop(black_box(call.params.arguments())),
            Route::Site => panic!("the path leads to an end-point"),
        }
    })
}

fn string_filter(text: Vec<u8>) -> Box<dyn Fn()> {
    Box::new(move || drop(black_box(string_filter::clean(black_box(&text)))))
}

fn recipe(source: &str) -> Box<dyn Fn()> {
    let recipe = Recipe::parse(source, &Spellings::default()).expect("a recipe");
    Box::new(move || {
        let facts = Facts {
            email: "customer4711@example.test",
            username: "customer4711",
            name: "Customer 4711",
            user_id: 5711,
            group: "redj_enterprise",
            group_name: "ReDJ Enterprise",
            hash: "HASH123KEY456",
            secret: b"s3cr3tOfTheSite0",
        };
        black_box(recipe.evaluate(black_box(&facts)).expect("a key"));
    })
}

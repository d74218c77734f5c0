//! The addresses in an update XML, on sites of several shapes.

use jbackend_bridge::site::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules, SiteUrls};
use jbackend_bridge::updates::addresses::{AddressPlan, Addresses};

fn endpoint(path: &str, language: Option<&str>, access: Access, modules: Modules) -> Endpoint {
    let behaviour = Behaviour { access, modules, ..Behaviour::default() };
    Endpoint { item: None, path: path.into(), language: language.map(Into::into), behaviour }
}

fn addresses(
    list: Vec<Endpoint>,
    public_url: &str,
    wanted: Option<&str>,
) -> Result<String, String> {
    let plan = AddressPlan {
        is_on: true,
        public_url: Some(public_url.parse().unwrap()),
        endpoint: wanted.map(Into::into),
    };
    let languages = vec![("de".to_owned(), "de-DE".to_owned()), ("en".into(), "en-GB".into())];
    let urls = SiteUrls { languages, ..SiteUrls::default() };
    let endpoints = Endpoints::new(list, Behaviour::default(), urls);
    let addresses = Addresses::new(&plan, &endpoints).map_err(|error| error.to_string())?;
    Ok(format!("{} {}", addresses.download("redj_1.9"), addresses.xml("pkg_redj")))
}

#[test]
fn lead_to_the_first_end_point_that_serves_packages_to_everybody() {
    let list = || {
        vec![
            endpoint("keys", None, Access::Key, Modules::All),
            endpoint("other", None, Access::Free, Modules::Only(vec!["user".into()])),
            endpoint("pakete", Some("de-DE"), Access::Free, Modules::All),
            endpoint("api/größe 1", None, Access::Free, Modules::Only(vec!["release".into()])),
        ]
    };
    let base = "https://www.example.com/shop/";
    let told = [
        addresses(list(), base, None),
        addresses(list(), base, Some("/api/größe 1/")),
        addresses(list(), base, Some("keys")),
        addresses(list().into_iter().take(2).collect(), base, None),
        addresses(list().into_iter().take(1).collect(), base, Some("keys")),
    ];
    let told = told.map(|one| one.unwrap_or_else(|error| error));
    insta::assert_snapshot!(told.join("\n"));
}

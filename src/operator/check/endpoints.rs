//! End-points: their addresses, who may use them, and whether all they need is there.

use super::database::Database;
use super::finding::without_database;
use super::finding::{FindingSink, Severity};
use super::menu_params;
use crate::config::Config;
use crate::service::parts;
use crate::service::plan::Draft;
use crate::service::plan::database::{DatabaseLocation, DatabasePlan};
use crate::site::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules, SiteUrls};
use crate::store::SiteRows;
use crate::told::Tell;

/// The module that answers for packages.
const RELEASE: &[u8] = b"release";

pub(super) async fn look(
    config: &Config,
    draft: &Draft,
    database: &Database,
    notes: &mut FindingSink<'_>,
) -> Option<Endpoints> {
    let (Some(rows), Some(menu)) = (&database.rows, &database.menu) else {
        without_database("end-points", notes);
        return None;
    };
    let endpoints = draft.endpoints.as_ref().ok()?.build(rows, menu);
    if let Err(error) = parts::some_endpoint(&endpoints, menu) {
        notes.failure(Severity::Error, error);
    }
    if !config.joomla.sef {
        notes
            .notice(
                "the site has no search engine friendly URLs: no path leads to an end-point, only \
                 `index.php?option=com_jbackend&…` does",
            )
            .at("`joomla.sef`, `$sef` in configuration.php")
            .advise("nothing, if all clients use that form; else switch it on in Joomla");
    }
    // A file's columns have no width.
    if let Ok(DatabasePlan { place: place @ DatabaseLocation::MySql(_), .. }) = &draft.database {
        menu_params::look(place, rows, menu, notes);
    }
    for endpoint in endpoints.iter() {
        report(config, draft, endpoint, &endpoints, notes);
    }
    let component = traits(endpoints.component());
    notes.ok(format!("URLs without a menu item, as `/component/jbackend/…`: {component}"));
    let publishes = |endpoint: &Endpoint| endpoint.behaviour.modules.publish(RELEASE);
    if endpoints.iter().next().is_some() && !endpoints.iter().any(publishes) {
        notes
            .error("no end-point publishes the module `release`: every request is answered REQ_MNF")
            .advise("publish all modules, or the module `release`, in the menu item's options");
    }
    without_endpoint(rows, &endpoints, database, notes).await;
    logged_in(config, draft, &endpoints, database, notes).await;
    writing(config, &endpoints, database, notes).await;
    Some(endpoints)
}

/// Names the visitors who may use it, and its other options.
fn traits(behaviour: &Behaviour) -> String {
    let mut traits = vec![match behaviour.access {
        Access::Free => "public",
        Access::User => "for visitors logged in to Joomla",
        Access::Key => "for holders of an API key",
    }];
    traits.extend(behaviour.trace.then_some("keeps trace rows"));
    traits.extend(behaviour.cors.then_some("open to scripts of other sites"));
    traits.extend(behaviour.force_ssl.then_some("https only"));
    traits.join(", ")
}

fn report(
    config: &Config,
    draft: &Draft,
    endpoint: &Endpoint,
    endpoints: &Endpoints,
    notes: &mut FindingSink<'_>,
) {
    let behaviour = &endpoint.behaviour;
    let place = place(config, endpoint);
    if !behaviour.modules.publish(RELEASE) {
        let which = match &behaviour.modules {
            Modules::Only(names) if !names.is_empty() => names.join(", "),
            _ => "none".to_owned(),
        };
        notes
            .notice(format!(
                "`{}` does not publish the module `release`, only: {which}",
                endpoint.path
            ))
            .at(place)
            .advise("nothing, if it is for other modules; PHP must answer for it then");
        return;
    }
    let prefixes: Vec<_> =
        endpoints.urls().languages.iter().map(|(prefix, _)| prefix.as_str()).collect();
    let languages = match (&endpoint.language, prefixes.is_empty()) {
        (_, true) => String::new(),
        (Some(tag), false) => format!("; language {tag}"),
        (None, false) => format!("; also below /{}/", prefixes.join("/, /")),
    };
    notes.ok(format!(
        "`{}`, {place}: {}{languages}",
        path(endpoints.urls(), endpoint),
        traits(behaviour)
    ));
    let url = draft.public_url.as_ref().ok().and_then(Option::as_ref);
    if behaviour.force_ssl && url.is_some_and(|url| !url.is_https()) {
        notes
            .warning(format!("`{}` is https only, and the public URL is http", endpoint.path))
            .at(format!("{place}, `server.public_url`"))
            .advise("correct the public URL, or switch off Force SSL in the menu item");
    }
}

/// The path with the folder Joomla is in.
fn path(urls: &SiteUrls, endpoint: &Endpoint) -> String {
    let base = &urls.base;
    let slash = if base.is_empty() { "" } else { "/" };
    format!("{slash}{base}/{}", endpoint.path)
}

fn place(config: &Config, endpoint: &Endpoint) -> String {
    let is_configured = || {
        let mut paths = config.endpoints.iter().map(|configured| configured.path.trim_matches('/'));
        paths.any(|path| path == endpoint.path)
    };
    match endpoint.item {
        Some(item) => format!("menu item {item}"),
        None if is_configured() => "from `[[endpoints]]`".to_owned(),
        None => "a menu item of type alias, with the component's settings".to_owned(),
    }
}

/// Menu items of jBackend that make no end-point, and why.
async fn without_endpoint(
    rows: &SiteRows,
    endpoints: &Endpoints,
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(inspection) = &database.inspection else { return };
    let Some(items) =
        notes.read("menu items that are not published", inspection.menu_items().await)
    else {
        return;
    };
    for item in items {
        if endpoints.with_item(item.id).is_some() {
            continue;
        }
        let (why, advice) = match item.published {
            -2 => continue,
            1 if !rows.guest_can_see(item.access) => (
                "its access level is hidden from guests",
                "set the menu item's access to Public, and choose the access in jBackend's options",
            ),
            1 => ("it is not in time, or the menu is not used", "see its dates"),
            _ => ("it is not published", "publish it, if it is used"),
        };
        notes
            .notice(format!("`{}` is no end-point: {why}", item.path))
            .at(format!("menu item {}", item.id))
            .advise(advice);
    }
}

/// Looks at the needs of end-points for logged-in visitors.
async fn logged_in(
    config: &Config,
    draft: &Draft,
    endpoints: &Endpoints,
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    let names: Vec<_> = of(endpoints, |endpoint| endpoint.behaviour.access == Access::User);
    if names.is_empty() {
        return;
    }
    let what = format!("requests to {} are answered REQ_UCA", names.join(", "));
    if !endpoints.user_plugin() {
        notes
            .error(format!("{what}: jBackend's plugin `user` is not enabled"))
            .at("plugin `user` of the type jbackend")
            .advise("enable it in Joomla's plugin manager");
    }
    let sessions = draft.site.as_ref().ok().map(|site| &site.sessions);
    if let Some(handler) = sessions.and_then(|sessions| sessions.elsewhere.as_ref()) {
        notes
            .error(format!(
                "{what}: sessions are kept in `{handler}`, and only PHP can read them there"
            ))
            .at("`session_handler` in configuration.php")
            .advise("keep sessions in the database, or leave these end-points with PHP");
    } else if sessions.is_some_and(|sessions| sessions.cookie.is_none()) {
        notes
            .error(format!("{what}: the name of the session cookie is not known"))
            .at("`joomla.secret`")
            .advise("set `secret` or `session_cookie` in `[joomla]`");
    } else if let Some(joomla) = &database.joomla {
        match joomla.session(b"none").await {
            Ok(_) => renewal(config, &names, database, notes).await,
            Err(error) => {
                notes.failure(Severity::Error, error);
            }
        }
    }
}

const WRITABLE: &str =
    "name a server that takes writes in `host` in `[database]`, or let this one write again";

/// Reports a server that only reads, whatever rights the account has.
fn on_a_reading_server(
    variable: &str,
    keys: &[String],
    endpoints: &Endpoints,
    notes: &mut FindingSink<'_>,
) {
    let place = format!("variable `{variable}` of the database server");
    if !keys.is_empty() {
        notes
            .error(format!(
                "every request to {} is answered REQ_AKG, with a right key too: the server only reads, \
                 so API keys cannot be counted",
                keys.join(", ")
            ))
            .at(&place)
            .advise(WRITABLE);
    }
    let mut traced = of(endpoints, |endpoint| endpoint.behaviour.trace);
    traced.extend(endpoints.component().trace.then(|| "`/component/jbackend/…`".to_owned()));
    if !traced.is_empty() {
        let paths = traced.join(", ");
        notes
            .warning(format!(
                "trace rows of requests to {paths} are lost, since the server only reads; the answers \
                 are the same without"
            ))
            .at(&place)
            .advise(WRITABLE);
    }
    let unaffected = of(endpoints, |endpoint| endpoint.behaviour.access != Access::Key);
    if !unaffected.is_empty() {
        notes.ok(format!("requests to {} work without writing", unaffected.join(", ")));
    }
}

/// Whether sessions last as long as they are used, as with PHP.
async fn renewal(
    config: &Config,
    names: &[String],
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(place) = &database.place else { return };
    let what = format!(
        "sessions are not renewed: visitors who only use {} are logged out after {} minutes",
        names.join(", "),
        config.joomla.lifetime
    );
    if config.database.read_only {
        notes
            .warning(what)
            .at("`database.read_only`")
            .advise("let the bridge write, or tell these visitors to log in again");
    } else if let Some(variable) = &database.read_only {
        notes
            .warning(format!("{what}; requests of those who are logged in work until then"))
            .at(format!("variable `{variable}` of the database server"))
            .advise(WRITABLE);
    } else if let Err(error) = place.try_renewing().await {
        notes.failure(Severity::Warning, error.told().after(format_args!("{what}: "))).advise(
            "grant the rights that sql/grants.sql grants to `jbackend_writer` on the table of sessions, and name \
             that account in `writer_user` and `writer_password` in `[database]`",
        );
    } else {
        notes.ok("sessions of logged-in visitors can be renewed");
    }
}

/// The quoted paths of the end-points of a kind.
fn of(endpoints: &Endpoints, is: impl Fn(&Endpoint) -> bool) -> Vec<String> {
    let found = endpoints.iter().filter(|endpoint| is(endpoint));
    found.map(|endpoint| format!("`{}`", endpoint.path)).collect()
}

/// Looks at the needs of end-points with API keys and traces: they write jBackend's own tables.
async fn writing(
    config: &Config,
    endpoints: &Endpoints,
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    if !parts::endpoints_write(endpoints) {
        notes.ok("no end-point needs an API key or keeps traces, so nothing is ever written");
        return;
    }
    let Some(place) = &database.place else { return };
    let keys = of(endpoints, |endpoint| endpoint.behaviour.access == Access::Key);
    let why = if place.name().is_none() {
        "a SQLite file is only read"
    } else if config.database.read_only {
        "`read_only` is set"
    } else if let Some(variable) = &database.read_only {
        return on_a_reading_server(variable, &keys, endpoints, notes);
    } else {
        match place.try_writing().await {
            Ok(()) => notes.ok("API keys can be counted and trace rows added"),
            Err(error) => {
                notes
                    .failure(
                        Severity::Error,
                        error.told().after("API keys and trace rows cannot be written: "),
                    )
                    .advise(
                        "grant the rights that sql/grants.sql grants to `jbackend_writer`, and name that account \
                         in `writer_user` and `writer_password` in `[database]`; or set `read_only`",
                    );
            }
        }
        return;
    };
    if keys.is_empty() {
        notes.warning(format!("no trace rows are kept: {why}")).at("`database.read_only`").advise(
            "let the bridge write jBackend's own tables, or switch off Trace in the menu item",
        );
    } else {
        notes
            .error(format!("requests to {} are answered REQ_AKG: {why}", keys.join(", ")))
            .at("`database.read_only`")
            .advise(
                "let the bridge write jBackend's own tables, or leave these end-points with PHP",
            );
    }
}

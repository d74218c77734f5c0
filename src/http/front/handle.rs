//! The way of a request in order, in one function.

use std::sync::Arc;
use std::time::Instant;

use http::{Method, StatusCode};
use php_compat::query;

use super::turned_away::{closing, too_many, turned_away};
use super::{Front, SiteRequest, Sorted, Unsorted};
use crate::http::access_log::{self, Record, Unanswered};
use crate::http::body::{FormFields, Part, RawBody};
use crate::http::cors;
use crate::http::credentials::{cookie, header_key};
use crate::http::download;
use crate::http::head::Head;
use crate::http::log_hash::{log_hash, sent_name};
use crate::http::reply;
use crate::http::response::Response;
use crate::http::update_xml::{self, UpdateXmlRequest};
use crate::jbackend::core::{Outcome, Visitor};
use crate::jbackend::route::{self, Call, Route};
use crate::limits::ClientAddress;
use crate::methods::{Answer, Argument, code};
use crate::packages::PackageFile;
use crate::site::SiteView;
use crate::site::target::{BadTarget, SitePath};
use crate::supervise::Task;

/// The target of a request, once path, query and body are read, and the view of the site that
/// judges it.
enum Turn {
    /// The request is for an end-point. The part is the memory that its body takes.
    Ours(Arc<SiteView>, Box<Call>, Option<Part>),
    /// For an update XML.
    Updates(Arc<SiteView>, UpdateXmlRequest),
    /// The request is for the site. In shadow mode it has a call, whose answer is compared.
    Site(Arc<SiteView>, RawBody, Option<Box<Call>>),
}

/// The longest path and query together, in bytes.
const LONGEST_TARGET: usize = 32 * 1024;

impl Front {
    pub(in crate::http) async fn handle(
        self: Arc<Self>,
        head: Arc<Head>,
        body: RawBody,
    ) -> Response {
        let mut unanswered = Unanswered::new(Record {
            started: Instant::now(),
            verb: head.verb.clone(),
            resource: "-",
            id: None,
            code: "-",
            client: self.proxies.client(head.peer, &head.headers),
            email: None,
            path: None,
            counts: Arc::clone(&self.counts),
        });
        let holder = self.proxies.holder(unanswered.record.client);
        // A connection that is the client's own counts already.
        let forwarded = holder.filter(|_| self.proxies.trusts(head.peer));
        let share = match forwarded.map(|address| self.shares.take(address)) {
            Some(None) => {
                self.counts.connections.refused.inc();
                let mut reply = too_many();
                reply.extensions_mut().insert(unanswered.answered());
                return reply;
            }
            share => share.flatten(),
        };
        let mut met = Met { is_updater: true, cors: false };
        let turn = self.turn(&head, holder, body, &mut unanswered.record, &mut met);
        let mut reply = match self.counts.tasks.once(Task::Request, turn).await {
            Ok(reply) => reply,
            Err(_) => self.of_panic(&head, met, &mut unanswered.record),
        };
        reply.extensions_mut().insert(unanswered.answered());
        if let Some(share) = share {
            // Hold the share until the last byte of the answer.
            reply.extensions_mut().insert(Arc::new(share));
        }
        reply
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a request, and what is noted of it for its log line and for a panic"
    )]
    async fn turn(
        self: &Arc<Self>,
        head: &Arc<Head>,
        holder: Option<ClientAddress>,
        body: RawBody,
        record: &mut Record,
        met: &mut Met,
    ) -> Response {
        match self.call(head, holder, body).await {
            Ok(Turn::Ours(view, call, _memory)) => {
                *met = Met { is_updater: is_download(&call), cors: call.behaviour.cors };
                self.answer(&view, head, &call, record).await
            }
            Ok(Turn::Updates(view, asked)) => self.update_xml(&view, head, &asked, record),
            Ok(Turn::Site(view, body, call)) => {
                let Some(site) = &self.fallback else { return no_end_point() };
                let head = Arc::clone(head);
                site.answer(self, SiteRequest { view, head, body, call }).await
            }
            Err(reply) => {
                if reply.status() == StatusCode::NOT_FOUND {
                    record.path = Some(access_log::shown_path(&head.path));
                }
                reply
            }
        }
    }

    /// Answers a request that met a fault of the program. Does not wait for the rest of its body.
    fn of_panic(&self, head: &Head, met: Met, record: &mut Record) -> Response {
        record.code = code::GENERIC_ERROR.name;
        let to_updater = met.is_updater && reply::is_joomla_updater(&head.verb, &head.headers);
        let mut reply = self.refusals.reply(code::GENERIC_ERROR, to_updater);
        if met.cors {
            cors::allow_reading(&mut reply);
        }
        reply
    }

    /// Reads path, body and route, and finds the target. A request without a target gets its answer
    /// here.
    ///
    /// The site's view is taken when the request is whole. A body may take minutes to come, and
    /// settings that were withdrawn meanwhile must not apply. The view before the body only decides
    /// if the body is read.
    async fn call(
        &self,
        head: &Head,
        holder: Option<ClientAddress>,
        body: RawBody,
    ) -> Result<Turn, Response> {
        if head.verb == Method::CONNECT {
            return Err(closing(reply::plain(StatusCode::NOT_IMPLEMENTED, "No tunnels here.\n")));
        }
        if head.path.len() + head.query().len() > LONGEST_TARGET {
            return Err(reply::plain(StatusCode::URI_TOO_LONG, "The address is too long.\n"));
        }
        let path = SitePath::parse(head.path.as_bytes()).map_err(|bad| match bad {
            BadTarget::AboveRoot | BadTarget::Nul => {
                reply::plain(StatusCode::BAD_REQUEST, "The address is not valid.\n")
            }
        })?;
        let before = self.core.site.view();
        let endpoints = &before.endpoints;
        // If PHP answers downloads, the update XML that leads to them is the site's, too.
        let is_php = self.fallback.as_ref().is_some_and(|site| site.answers_downloads());
        let updates = self.updates.as_ref().filter(|_| !is_php);
        let updates = updates.and_then(|updates| {
            let is_alone = self.fallback.is_none();
            update_xml::find(&path, endpoints, updates, &before.settings, is_alone)
        });
        if let Some(asked) = updates {
            return Ok(Turn::Updates(before, asked));
        }
        let body = match &self.fallback {
            None => body,
            Some(fallback) => {
                let bodies = &self.bodies;
                let asked = Unsorted { head, path: &path, endpoints, bodies, address: holder };
                match fallback.sort(asked, body).await.map_err(turned_away)? {
                    Sorted::Ours(body) => body,
                    Sorted::Site(body, call) => {
                        return Ok(Turn::Site(self.core.site.view(), body, call));
                    }
                }
            }
        };
        let form = if route::reads_body(&path, endpoints) {
            let form = self.bodies.fields(&head.verb, &head.headers, holder, body).await;
            form.map_err(turned_away)?
        } else {
            FormFields::default()
        };
        let view = self.core.site.view_now().await;
        let query = query::parse_query(head.query().as_bytes());
        match route::route(path, query, form.fields, &view.endpoints) {
            Route::Endpoint(call) => Ok(Turn::Ours(view, call, form.memory)),
            Route::Site => Err(no_end_point()),
        }
    }

    /// Answers a request for an update XML.
    fn update_xml(
        &self,
        view: &SiteView,
        head: &Head,
        asked: &UpdateXmlRequest,
        record: &mut Record,
    ) -> Response {
        record.resource = update_xml::RESOURCE;
        record.id = asked.document.as_ref().map(|document| document.name().to_owned());
        let exists = asked.document.is_some();
        if let Some(redirect) = self.redirect(head, asked.force_ssl).filter(|_| exists) {
            return redirect;
        }
        update_xml::respond(asked, &head.verb, &head.headers, &view.settings)
    }

    /// Makes the redirect to https, if one is due.
    pub(crate) fn redirect(&self, head: &Head, force_ssl: bool) -> Option<Response> {
        if self.proxies.is_secure(head.peer, &head.headers) {
            return None;
        }
        let (headers, path, query) = (&head.headers, &head.path, head.query());
        self.force_ssl.redirect(force_ssl, headers, path, query)
    }

    /// Reads the parts of a request that are not its parameters.
    pub(crate) fn visitor<'h>(&self, head: &'h Head) -> Visitor<'h> {
        let named = self.core.session_cookie();
        Visitor {
            session: named.and_then(|name| cookie(&head.headers, name)),
            api_key: if self.key_in_header { header_key(&head.headers) } else { None },
            ..Visitor::default()
        }
    }

    async fn answer(
        &self,
        view: &Arc<SiteView>,
        head: &Head,
        call: &Call,
        record: &mut Record,
    ) -> Response {
        // Set it first: a request that is cut off or redirected to https has it too.
        if self.email_hash_key.is_some() {
            let arguments = call.params.arguments();
            record.email = sent_name(&arguments).and_then(|name| self.customer(&name));
        }
        if let Some(redirect) = self.redirect(head, call.behaviour.force_ssl) {
            return redirect;
        }
        let preflight = call.behaviour.cors && cors::is_preflight(&head.verb, &head.headers);
        let address = self.proxies.client_address(record.client);
        let visitor = Visitor { address, preflight, ..self.visitor(head) };
        let outcome = self.core.answer(view, call, visitor).await;
        let copy_age = outcome.copy_age;
        let mut reply = self.reply(head, call, outcome, record);
        if let Some(age) = copy_age {
            reply::of_snapshot(&mut reply, age);
            self.counts.snapshot_answers.inc();
        }
        if call.behaviour.cors {
            cors::allow_reading(&mut reply);
        }
        if preflight {
            cors::allow_request(&mut reply, &head.headers);
        }
        reply
    }

    fn reply(&self, head: &Head, call: &Call, outcome: Outcome, record: &mut Record) -> Response {
        record.resource = outcome.method.map_or("-", |method| method.name());
        record.id = outcome.id;
        if let Some(email) = &outcome.customer {
            record.email = self.customer(email.as_bytes());
        }
        record.code = "ok";
        match outcome.result {
            Ok(Answer::Ok) => reply::ok(),
            Ok(Answer::Key { email, key, dlid }) => reply::key(&email, key.as_str(), dlid),
            Ok(Answer::File(file)) => self.order(head, &file).unwrap_or_else(|| {
                download::respond(file, &head.verb, &head.headers, &self.budget)
            }),
            Err(code) => {
                record.code = code.name;
                let to_updater =
                    is_download(call) && reply::is_joomla_updater(&head.verb, &head.headers);
                let mut reply = self.refusals.reply(code, to_updater);
                if let Some(exceeded) = outcome.exceeded {
                    reply::ask_to_wait(&mut reply, exceeded.seconds());
                }
                reply
            }
        }
    }

    /// Makes the answer with which the web server in front sends the file. `None` for a client that
    /// came by another way: the answer would show it the path of the file, and no web server would
    /// send the file.
    fn order(&self, head: &Head, file: &PackageFile) -> Option<Response> {
        let offload = self.offload.as_ref().filter(|_| self.proxies.trusts(head.peer))?;
        offload.order(file)
    }

    /// Makes the customer's hash for the log.
    fn customer(&self, name: &[u8]) -> Option<String> {
        self.email_hash_key.as_ref().map(|key| log_hash(name, key))
    }
}

/// Facts about a request that its answer needs after a fault of the program.
#[derive(Clone, Copy)]
struct Met {
    /// It may be a download of Joomla's updater.
    is_updater: bool,
    cors: bool,
}

fn no_end_point() -> Response {
    reply::plain(StatusCode::NOT_FOUND, "There is no end-point here.\n")
}

fn is_download(call: &Call) -> bool {
    matches!(call.params.argument("resource"), Argument::Text(name) if name == b"download")
}

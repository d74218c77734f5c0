//! An upload: everything in its head is judged before the first byte of the body is read.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::answer::{ReleaseJson, json};
use super::refusal::UploadRefusal;
use super::{ReleaseVisit, actor, now};
use crate::http::access_log::Record;
use crate::http::body::RawBody;
use crate::http::body::announced;
use crate::http::response::Response;
use crate::publish::content_digest;
use crate::publish::lint::Findings;
use crate::publish::request::{PublishGoal, PublishRequest, ReleaseFileName, ReleaseScope};
use crate::publish::statement::{CHANGELOG, SIGNATURE, StatedState, UploadStatement};
use crate::publish::upload::receive;
use crate::publish::{Published, publish};
use crate::release::upload_token::{UploadRight, UploadToken};
use crate::supervise::{Task, blocking};

/// The head of an upload, judged.
struct Announced {
    length: u64,
    sha256: String,
    request: PublishRequest,
}

impl ReleaseVisit<'_> {
    /// Makes a release of the body.
    pub(super) async fn upload(
        &self,
        name: &str,
        body: &mut Option<RawBody>,
        record: &mut Record,
    ) -> Result<Response, UploadRefusal> {
        self.is_private()?;
        let ledger = self.ledger()?;
        let token = self.token(&*ledger).await?;
        let Announced { length, sha256, request } = self.announced(name, &token)?;
        let place = self.desk.places.take(token.id, length).map_err(UploadRefusal::from)?;
        let copies = self.desk.copies.clone();
        let looked = blocking(move || (place.has_room(&copies), place)).await;
        let (has_room, _place) = looked.map_err(|_| UploadRefusal::stopping())?;
        if !has_room.map_err(|error| UploadRefusal::storage(&error))? {
            return Err(UploadRefusal::no_room());
        }
        ledger
            .note_token_use(token.id, now())
            .await
            .map_err(|error| UploadRefusal::ledger(&error))?;
        let Some(body) = body.take() else { return Err(UploadRefusal::stopping()) };
        let silence = self.front.bodies.silence;
        let copy = receive(&self.desk.copies, body, length, silence).await?;
        if copy.size != length || copy.checksums.sha256 != sha256 {
            return Err(UploadRefusal::other_digest(&sha256, &copy.checksums.sha256));
        }
        // Minutes may have passed: a token that was revoked meanwhile publishes nothing.
        self.token(&*ledger).await?;
        let view = self.front.core.site.view();
        let ground = self.desk.ground(&*ledger, &view).await;
        let ground = ground.map_err(|error| UploadRefusal::ledger(&error))?;
        let is_dry_run = request.goal == PublishGoal::DryRun;
        // Ends also if the client goes now: no file stays without its release.
        let tasks = self.front.counts.tasks.clone();
        let publishing = async move { publish(&*ledger, &ground, copy, request).await };
        let done =
            tokio::spawn(async move { Box::pin(tasks.once(Task::Request, publishing)).await });
        let done = done.await.map_err(|_| UploadRefusal::stopping())?;
        let published = done.map_err(|_| UploadRefusal::fault())??;
        record.id = Some(published.release.id.clone());
        tell(&published, &token, is_dry_run);
        Ok(reply(&published, is_dry_run))
    }

    /// Judges the head, and makes the request of it.
    fn announced(&self, name: &str, token: &UploadToken) -> Result<Announced, UploadRefusal> {
        let headers = &self.head.headers;
        let length = self.length()?;
        is_plain_file(headers)?;
        let mut wrong = Findings::default();
        let name = ReleaseFileName::parse(name);
        if let Err(error) = &name {
            wrong.error(error);
        }
        let digest = headers.get_all("content-digest").iter().map(HeaderValue::as_bytes);
        let digest = content_digest::sha256(digest).map_err(|error| wrong.error(&error));
        let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let statement =
            UploadStatement::read(self.head.query(), value(CHANGELOG), value(SIGNATURE));
        let statement = statement.map_err(|told| told.iter().for_each(|told| wrong.error(told)));
        let (Ok(sha256), Ok(statement), true) = (digest, statement, name.is_ok()) else {
            return Err(UploadRefusal::bad_head(wrong));
        };
        let scope = match token.scope.group() {
            Some(group) => ReleaseScope::Group(group.to_owned()),
            None => ReleaseScope::Free,
        };
        let goal = goal(&statement, token.may)?;
        let request = PublishRequest {
            file_name: name,
            id: statement.id,
            scope,
            channel: statement.channel,
            security: statement.security,
            changelog: statement.changelog,
            signature: statement.signature,
            supported_databases: std::collections::BTreeMap::new(),
            goal,
            limited_to: Some(token.scope.clone()),
            is_forced: false,
            is_adopted: false,
            actor: actor(token),
            now: now(),
        };
        Ok(Announced { length, sha256, request })
    }

    fn length(&self) -> Result<u64, UploadRefusal> {
        let headers = &self.head.headers;
        match announced(headers) {
            None => Err(UploadRefusal::no_length(headers.contains_key(TRANSFER_ENCODING))),
            Some(0) => Err(UploadRefusal::empty()),
            Some(length) if length > self.desk.largest => {
                Err(UploadRefusal::too_large(self.desk.largest))
            }
            Some(length) => Ok(length),
        }
    }
}

/// Refuses forms and compressed bodies: the body is the file itself.
fn is_plain_file(headers: &HeaderMap) -> Result<(), UploadRefusal> {
    let value = |name| headers.get(name).map(|value| value.as_bytes().trim_ascii());
    let kind = value(CONTENT_TYPE).unwrap_or_default();
    let is_form = kind.to_ascii_lowercase().starts_with(b"multipart/");
    let coding = value(CONTENT_ENCODING).unwrap_or_default();
    let is_coded = !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity");
    if is_form || is_coded { Err(UploadRefusal::not_plain()) } else { Ok(()) }
}

fn goal(statement: &UploadStatement, may: UploadRight) -> Result<PublishGoal, UploadRefusal> {
    match (statement.is_dry_run, statement.state, may) {
        (true, ..) => Ok(PublishGoal::DryRun),
        (_, Some(StatedState::Published), UploadRight::Stage) => {
            Err(UploadRefusal::right(UploadRight::Publish, may))
        }
        (_, Some(StatedState::Staged), _) | (_, None, UploadRight::Stage) => Ok(PublishGoal::Stage),
        _ => Ok(PublishGoal::Publish),
    }
}

fn tell(published: &Published, token: &UploadToken, is_dry_run: bool) {
    let release = &published.release;
    tracing::info!(
        id = release.id,
        version = release.version,
        state = release.state.name(),
        token = token.id,
        is_new = published.is_new && !is_dry_run,
        "a release was uploaded"
    );
}

fn reply(published: &Published, is_dry_run: bool) -> Response {
    let (status, result) = match (is_dry_run, published.is_new) {
        (true, _) => (StatusCode::OK, "checked"),
        (false, true) => (StatusCode::CREATED, "stored"),
        (false, false) => (StatusCode::OK, "unchanged"),
    };
    let mut value = ReleaseJson::new(result, &published.release);
    (value.xml, value.warnings) = (&published.xml, &published.warnings);
    json(status, &value)
}

//! A change of a release's state: promote, hold, withdraw.

use std::sync::Arc;

use http::StatusCode;
use php_compat::query::percent_decode;

use super::answer::{ReleaseJson, json};
use super::refusal::UploadRefusal;
use super::{ReleaseVisit, actor, now};
use crate::http::access_log::Record;
use crate::http::response::Response;
use crate::publish::states::{self, Change, ChangeError};
use crate::release::upload_token::UploadRight;

impl ReleaseVisit<'_> {
    /// Changes the state of a release. The state that it has already is answered as a success.
    pub(super) async fn change(
        &self,
        id: &str,
        change: &str,
        record: &mut Record,
    ) -> Result<Response, UploadRefusal> {
        self.is_private()?;
        let (change, needed) = match change {
            "promote" => (Change::Promote, UploadRight::Publish),
            "hold" => (Change::Hold, UploadRight::Publish),
            "withdraw" => (Change::Withdraw, UploadRight::Withdraw),
            _ => return Err(UploadRefusal::no_change(change)),
        };
        let ledger = self.ledger()?;
        let token = self.token(&*ledger).await?;
        let version = version(self.head.query())?;
        if token.may < needed {
            return Err(UploadRefusal::right(needed, token.may));
        }
        let noted = ledger.note_token_use(token.id, now()).await;
        noted.map_err(|error| UploadRefusal::ledger(&error))?;
        let releases = ledger.releases().await.map_err(|error| UploadRefusal::ledger(&error))?;
        let releases: Vec<_> = releases.into_iter().map(Arc::new).collect();
        // An id is of one extension.
        if let Some(one) = releases.iter().find(|one| one.id == id) {
            record.id = Some(one.id.clone());
            let is_own = token.scope.covers(&one.extension.element);
            if !is_own || one.group.as_deref() != token.scope.group() {
                return Err(UploadRefusal::other_release());
            }
        }
        let found = match states::find(&releases, id, version.as_deref(), change) {
            Err(ChangeError::State { version, state, .. }) if state == change.state() => {
                let same = releases.iter().find(|one| one.id == id && one.version == version);
                let same = same.ok_or_else(UploadRefusal::fault)?;
                return Ok(json(StatusCode::OK, &ReleaseJson::new("unchanged", same)));
            }
            found => found?,
        };
        let changed = states::change(&*ledger, found, change, &actor(&token)).await?;
        tracing::info!(
            id = changed.id,
            version = changed.version,
            state = changed.state.name(),
            token = token.id,
            "the state of a release was changed"
        );
        Ok(json(StatusCode::OK, &ReleaseJson::new("changed", &changed)))
    }
}

/// Reads the only parameter there is.
fn version(query: &str) -> Result<Option<String>, UploadRefusal> {
    let mut version = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("version", value)) if version.is_none() => {
                let value = percent_decode(value.as_bytes(), true);
                version = Some(String::from_utf8_lossy(&value).into_owned());
            }
            _ => return Err(UploadRefusal::bad_query()),
        }
    }
    Ok(version)
}

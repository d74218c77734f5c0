//! Computes the bridge's own answer to a request that PHP answers. It is computed as for a client,
//! but written nowhere.

use std::sync::Arc;

use http::Method;
use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};

use super::seen::ShadowAnswer;
use super::{Ours, Shadow, Watch};
use crate::http::cors;
use crate::http::download;
use crate::http::front::Front;
use crate::http::head::Head;
use crate::jbackend::core::Visitor;
use crate::jbackend::route::Call;
use crate::methods::Answer;
use crate::site::SiteView;

impl Shadow {
    /// Starts to compute the bridge's answer, if it can be compared with PHP's.
    pub(in crate::proxy) fn watch(
        &self,
        front: &Arc<Front>,
        view: &Arc<SiteView>,
        head: &Arc<Head>,
        call: Box<Call>,
    ) -> Option<Watch> {
        if !is_comparable(head) {
            return None;
        }
        let (front, view, head) = (Arc::clone(front), Arc::clone(view), Arc::clone(head));
        self.begin(async move { rehearse(&front, &view, &head, &call).await })
    }
}

/// Can the answers be compared? An answer to HEAD has no code in it, the bridge runs nothing for a
/// preflight, and the PHP plugin supports no ranges or conditions.
fn is_comparable(head: &Head) -> bool {
    let conditions =
        [RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];
    head.verb != Method::HEAD
        && !cors::is_preflight(&head.verb, &head.headers)
        && !conditions.iter().any(|condition| head.headers.contains_key(condition))
}

async fn rehearse(front: &Front, view: &Arc<SiteView>, head: &Head, call: &Call) -> Ours {
    if let Some(redirect) = front.redirect(head, call.behaviour.force_ssl) {
        let seen = ShadowAnswer::of_head(redirect.status(), redirect.headers());
        return Ours { resource: "-", id: None, seen };
    }
    let visitor = Visitor { shadow: true, ..front.visitor(head) };
    let outcome = front.core.answer(view, call, visitor).await;
    let seen = match outcome.result {
        Ok(Answer::Ok) => ShadowAnswer::of_code("ok"),
        Ok(Answer::Key { email, key, .. }) => ShadowAnswer {
            key: Some((email, key.as_str().to_owned())),
            ..ShadowAnswer::of_code("ok")
        },
        Ok(Answer::File(file)) => {
            let reply = download::respond(file, &head.verb, &head.headers, &front.budget);
            ShadowAnswer::of_head(reply.status(), reply.headers())
        }
        Err(code) => ShadowAnswer::of_code(front.refusals.name(code)),
    };
    Ours { resource: outcome.method.map_or("-", |method| method.name()), id: outcome.id, seen }
}

//! What the requests of one connection are answered by.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use copal_serve::accepted::DoorIndex;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};

use crate::caller::Caller;
use crate::current_site::CurrentSite;
use crate::exchange::exchange;
use crate::figures::Figures;
use crate::own_requests;
use crate::reply_body::ReplyBody;
use crate::tally::Tally;

/// Answers the requests of one connection: each by the site that is in force when it begins, and
/// counted until its answer has left.
pub(crate) fn answering(
    current: Rc<CurrentSite>,
    figures: Arc<Figures>,
    door: DoorIndex,
    caller: Rc<Caller>,
) -> impl Service<Request<Incoming>, Response = Response<ReplyBody>, Error = Infallible> {
    service_fn(move |request| {
        // Here, and not in the future, so that it is owed before anything else is read.
        let owing = caller.conversation.owe();
        // What servers say to each other, several times a second, is no request of anybody.
        let tally = (!own_requests::is_one(&caller, &request)).then(|| Tally::begin(&figures));
        let turn = caller.next_turn();
        let (site, caller) = (current.get(), Rc::clone(&caller));
        if let Some(entrance) = site.entrances.get(door.0) {
            caller.waits.set(entrance.waits);
        }
        async move {
            let response = exchange(&site, &caller, turn, request).await;
            let tally = tally.map(|tally| tally.answered(response.status()));
            Ok(response.map(|body| body.owed(owing, tally)))
        }
    })
}

//! Keeps a connection to one other server.

use std::rc::Rc;
use std::time::Duration;

use crate::ring::address::Address;
use crate::ring::caller::{self, NotCalled};
use crate::ring::clockwork::clock;
use crate::ring::engine::Engine;
use crate::ring::limits::{RETRY_LATEST, RETRY_SOONEST};
use crate::ring::line::LinkKind;
use crate::ring::link;
use crate::ring::roster::Member;
use std::sync::Arc;

/// Keeps a connection to one other server for as long as this one runs.
pub(crate) async fn keep(engine: Arc<Engine>, member: Rc<Member>, kind: LinkKind) {
    let mut said = Said::default();
    let (mut wait, mut address) = (RETRY_SOONEST, Address::of(&member));
    loop {
        let begun = clock();
        match caller::call(&engine.plan, &member, &mut address, kind).await {
            Ok(called) => match link::run(&engine, kind, called.stream, called.read).await {
                Ok(()) => {
                    said.nothing();
                    wait = RETRY_SOONEST;
                }
                Err(error) => said.once(&member, &error.to_string()),
            },
            Err(NotCalled::Refused) => {
                engine.refused(member.id);
                said.nothing();
            }
            Err(error) => said.once(&member, &error.to_string()),
        }
        pause(&mut wait, begun).await;
    }
}

/// Looks whether another server, which calls us, has ended. It is not called as long as it is there.
pub(crate) async fn watch(engine: Arc<Engine>, member: Rc<Member>) {
    let (mut wait, mut address) = (RETRY_SOONEST, Address::of(&member));
    loop {
        let begun = clock();
        if engine.is_joined(member.id) {
            wait = RETRY_SOONEST;
        } else if caller::is_refused(&mut address).await {
            engine.refused(member.id);
        }
        pause(&mut wait, begun).await;
    }
}

/// Waits until some time after this moment: a little longer each time, and not all servers equally long.
async fn pause(wait: &mut Duration, begun: Duration) {
    let mut random = [0; 1];
    // Without random bytes all wait equally long.
    let _ = getrandom::fill(&mut random);
    let part = wait.mul_f64(f64::from(random[0]) / 512.0);
    tokio::time::sleep((begun + *wait - part).saturating_sub(clock())).await;
    *wait = (*wait * 2).min(RETRY_LATEST);
}

/// What was said about a server that cannot be reached, so that it is not said ten times a second.
#[derive(Debug, Default)]
struct Said(Option<String>);

impl Said {
    fn once(&mut self, member: &Member, error: &str) {
        if self.0.as_deref() != Some(error) {
            tracing::warn!(
                server = %member.id,
                address = %member.address,
                port = member.port,
                error,
                "no connection to another server of the cluster; it is tried again and again"
            );
            self.0 = Some(error.to_owned());
        }
    }

    fn nothing(&mut self) {
        self.0 = None;
    }
}

//! How a server is balanced to when the file says nothing about it.

use std::num::NonZeroU32;
use std::time::Duration;

use copal_protocol::marks::READY_PATH;

use crate::cluster::Protocol;
use crate::server::{HealthCheck, LoadBalance};

/// How a server is balanced to when the file says nothing about it.
pub(crate) fn load_balance(protocol: Protocol) -> LoadBalance {
    LoadBalance {
        connect_timeout: Duration::from_secs(1),
        socket_timeout: Duration::from_secs(65),
        idle_time: Duration::from_secs(5),
        recover_time: Duration::from_secs(15),
        busy_recover_time: Duration::from_secs(15),
        warmup_time: Duration::from_secs(60),
        max_requests: None,
        queue_timeout: Duration::from_secs(5),
        weight: 100,
        backup: false,
        // Ours answer there; what others answer is not known.
        health_check: (protocol == Protocol::Copal).then(|| health_check(protocol)),
    }
}

/// A health check of which nothing more is written than that there is one.
pub(crate) fn health_check(protocol: Protocol) -> HealthCheck {
    const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
    let (path, time, fall) = match protocol {
        Protocol::Copal => (READY_PATH, Duration::from_millis(500), TWO),
        Protocol::Http => ("/", Duration::from_secs(2), TWO.saturating_add(1)),
    };
    HealthCheck { path: path.to_owned(), interval: time, timeout: time, fall, rise: TWO }
}

//! The keys of a server that say how it is balanced to, as they were written.

use std::time::Duration;

use crate::bounds;
use crate::place::Place;
use crate::written::health_check::WrittenHealthCheck;
use crate::written::leaf::Leaf;
use crate::written::table::Table;

/// The keys of a server that say how it is balanced to, as they were written.
#[derive(Clone, Default)]
pub(crate) struct WrittenLoadBalance {
    pub(crate) weight: Leaf<u32>,
    pub(crate) backup: Leaf<bool>,
    pub(crate) connect_timeout: Leaf<Duration>,
    pub(crate) socket_timeout: Leaf<Duration>,
    pub(crate) idle_time: Leaf<Duration>,
    pub(crate) recover_time: Leaf<Duration>,
    pub(crate) busy_recover_time: Leaf<Duration>,
    pub(crate) warmup_time: Leaf<Duration>,
    pub(crate) max_requests: Leaf<usize>,
    pub(crate) queue_timeout: Leaf<Duration>,
    pub(crate) health_check: Leaf<WrittenHealthCheck>,
}

impl WrittenLoadBalance {
    pub(crate) fn read(table: &Table<'_>) -> Self {
        let weight = table.whole("weight", bounds::WEIGHT);
        Self {
            weight: weight.and_then(|weight, _| u32::try_from(weight).ok()),
            backup: table.flag("backup"),
            connect_timeout: table.duration("load-balance-connect-timeout", bounds::TIMEOUT),
            socket_timeout: table.duration("load-balance-socket-timeout", bounds::TIMEOUT),
            idle_time: table.duration("load-balance-idle-time", bounds::PAUSE),
            recover_time: table.duration("load-balance-recover-time", bounds::PAUSE),
            busy_recover_time: table.duration("load-balance-busy-recover-time", bounds::PAUSE),
            warmup_time: table.duration("load-balance-warmup-time", bounds::PAUSE),
            max_requests: table.count("load-balance-max-requests", bounds::REQUESTS),
            queue_timeout: table.duration("load-balance-queue-timeout", bounds::PAUSE),
            health_check: WrittenHealthCheck::read(table),
        }
    }

    /// These keys, with `base` for every one that is not written.
    pub(crate) fn over(&self, base: &Self) -> Self {
        Self {
            weight: self.weight.over(&base.weight),
            backup: self.backup.over(&base.backup),
            connect_timeout: self.connect_timeout.over(&base.connect_timeout),
            socket_timeout: self.socket_timeout.over(&base.socket_timeout),
            idle_time: self.idle_time.over(&base.idle_time),
            recover_time: self.recover_time.over(&base.recover_time),
            busy_recover_time: self.busy_recover_time.over(&base.busy_recover_time),
            warmup_time: self.warmup_time.over(&base.warmup_time),
            max_requests: self.max_requests.over(&base.max_requests),
            queue_timeout: self.queue_timeout.over(&base.queue_timeout),
            health_check: WrittenHealthCheck::over(&self.health_check, &base.health_check),
        }
    }

    /// The keys that are written, each with the place of its value.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Place, &'static str)> {
        [
            (self.weight.place(), "weight"),
            (self.backup.place(), "backup"),
            (self.connect_timeout.place(), "load-balance-connect-timeout"),
            (self.socket_timeout.place(), "load-balance-socket-timeout"),
            (self.idle_time.place(), "load-balance-idle-time"),
            (self.recover_time.place(), "load-balance-recover-time"),
            (self.busy_recover_time.place(), "load-balance-busy-recover-time"),
            (self.warmup_time.place(), "load-balance-warmup-time"),
            (self.max_requests.place(), "load-balance-max-requests"),
            (self.queue_timeout.place(), "load-balance-queue-timeout"),
            (self.health_check.place(), "health-check"),
        ]
        .into_iter()
        .filter_map(|(place, key)| Some((place?, key)))
    }
}

//! A server as the web tier sees it: where it is, how it is treated, and what is known of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use copal_config::network::Address;
use copal_config::server::LoadBalance;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_tls::peer::Peer;
use tokio::net::TcpStream;

use crate::balance::bell::Bell;
use crate::balance::condition::{Condition, Rules, Why};
use crate::balance::rank::Rank;
use crate::balance::record::Record;
use crate::balance::warmup;

/// A server as the web tier sees it, by one reading of the configuration.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) id: String,
    pub(crate) index: ServerIndex,
    pub(crate) address: Address,
    pub(crate) port: u16,
    pub(crate) settings: LoadBalance,
    pub(crate) record: Arc<Record>,
    rules: Rules,
    epoch: Instant,
    bell: Bell,
}

impl Server {
    /// `record` is what an earlier reading of the configuration left, if this server stood in it.
    pub(crate) fn new(
        server: &copal_config::server::Server,
        port: u16,
        record: Arc<Record>,
        epoch: Instant,
        bell: &Bell,
    ) -> Self {
        let settings = server.load_balance.clone();
        let check = settings.health_check.as_ref();
        record.places.set(settings.max_requests.map(std::num::NonZeroUsize::get));
        if check.is_none() {
            // Nobody would take back what the last check found out, or heard.
            record.announce(State::Ready);
            if record.condition().why() == Some(Why::Checks) {
                let now = copal_serve::clock::now().saturating_duration_since(epoch);
                record.change(|_| Condition::fresh(now));
            }
        }
        Self {
            id: server.id.clone(),
            index: server.index,
            address: server.address.clone(),
            port,
            rules: Rules {
                recover_time: settings.recover_time,
                busy_recover_time: settings.busy_recover_time,
                warmup_time: settings.warmup_time,
                fall: check.map_or(1, |check| check.fall.get()),
                broken: if check.is_some() { CHECKED_BROKEN } else { UNCHECKED_BROKEN },
                rise: check.map_or(1, |check| check.rise.get()),
                checked: check.is_some(),
            },
            settings,
            record,
            epoch,
            bell: bell.clone(),
        }
    }

    /// What it does at the moment. Costs no look at the clock while all is well.
    pub(crate) fn state(&self) -> State {
        let said = self.record.said();
        if self.record.is_plain() {
            return said;
        }
        let now = self.now();
        if self.record.is_down(now) {
            State::Down
        } else if said == State::Ready && self.warm_for(now).is_some() {
            State::Warming
        } else {
            said
        }
    }

    /// The same for people: a server of which nothing good was heard since it went down is down,
    /// though it may be tried again.
    pub(crate) fn shown_state(&self) -> State {
        match self.state() {
            State::Ready | State::Warming if self.record.condition().why().is_some() => State::Down,
            state => state,
        }
    }

    /// Whether it hangs, so that what waits for it should go elsewhere.
    pub(crate) fn hangs(&self) -> bool {
        !self.record.is_plain() && self.record.condition().hangs()
    }

    /// Whether nothing is known against it.
    pub(crate) fn is_well(&self) -> bool {
        self.record.is_plain() || self.record.condition().why().is_none()
    }

    /// Whether it takes requests of the sessions that are bound to it.
    pub(crate) fn takes_bound(&self) -> bool {
        matches!(self.state(), State::Ready | State::Warming | State::Drain)
    }

    /// How willingly it is used for a request that nothing binds.
    pub(crate) fn rank(&self) -> Rank {
        Rank::of(self.state(), self.settings.weight, self.settings.backup)
    }

    /// Its share of new sessions at the moment; none when no more requests fit.
    pub(crate) fn share(&self) -> u32 {
        if self.record.places.are_taken() {
            return 0;
        }
        let weight = self.settings.weight;
        let warm_for = if self.record.is_plain() { None } else { self.warm_for(self.now()) };
        match warm_for {
            None => warmup::full(weight),
            Some(warm_for) => warmup::share(weight, warm_for, self.settings.warmup_time),
        }
    }

    /// How long it has been warming up, if it is.
    fn warm_for(&self, now: Duration) -> Option<Duration> {
        let since = now.saturating_sub(self.record.warm_since()?);
        (since < self.settings.warmup_time).then_some(since)
    }

    /// Why it is out of service, in words.
    pub(crate) fn why(&self) -> Option<String> {
        self.record.condition().why().map(|why| why.to_string())
    }

    /// It could not be reached.
    pub(crate) fn unreached(&self, why: &dyn std::fmt::Display) {
        self.change(why, |condition, now, rules| condition.unreached(now, rules));
    }

    /// It was reached, and what came was no answer.
    pub(crate) fn broken(&self, why: &dyn std::fmt::Display) {
        self.change(why, |condition, now, rules| condition.broken(now, rules));
    }

    /// It said that it is busy, and when to come back.
    pub(crate) fn busy(&self, retry_after: Duration) {
        let change = |condition: Condition, now, rules: &Rules| {
            condition.busy(now, Some(retry_after), rules)
        };
        self.change(&"it says that it is busy", change);
    }

    /// It gave an answer to a request that was sent at this moment. Costs one load while all is
    /// well.
    pub(crate) fn answered(&self, sent: Instant) {
        if !self.record.is_well() {
            let sent = sent.saturating_duration_since(self.epoch);
            let change =
                |condition: Condition, now, rules: &Rules| condition.answered(now, sent, rules);
            self.change(&"it answers", change);
        }
    }

    /// It says of itself that it is in this state.
    pub(crate) fn says(&self, state: State) {
        if self.record.announce(state) != state {
            tracing::info!(server = self.id, %state, "server says its state");
            self.bell.ring();
        }
    }

    /// It failed a health check; `silent` says that there was no answer in time.
    pub(crate) fn check_failed(&self, why: &dyn std::fmt::Display, silent: bool) {
        self.change(why, |condition, _, rules| condition.check_failed(silent, rules));
    }

    /// It passed a health check. `alone`: no server of its cluster can be used.
    pub(crate) fn check_passed(&self, alone: bool) {
        let change =
            |condition: Condition, now, rules: &Rules| condition.check_passed(now, rules, alone);
        self.change(&"it passes its health checks", change);
    }

    /// Forgets what is over. To be called every second or so.
    pub(crate) fn settle(&self) {
        if !self.record.is_plain() {
            let is_down = self.record.is_down(self.now());
            if self.record.was_down(is_down) && !is_down {
                // Its pause ran out: requests may wait for another that was the last resort.
                self.bell.ring();
            }
            self.change(&"time has passed", |condition, now, rules| condition.settled(now, rules));
        }
    }

    fn change(
        &self,
        why: &dyn std::fmt::Display,
        next: impl FnOnce(Condition, Duration, &Rules) -> Condition,
    ) {
        let now = self.now();
        let (before, after) = self.record.change(|condition| next(condition, now, &self.rules));
        // A server is down, for people, until something good was heard of it.
        match (before.why(), after.why()) {
            (None, Some(_)) if self.record.said() == State::Leaving => {
                tracing::info!(server = self.id, "server has left, as it said it would");
            }
            (None, Some(_)) => tracing::warn!(server = self.id, %why, "server is down"),
            (Some(_), None) => tracing::info!(server = self.id, %why, "server is up again"),
            _ if before != after => tracing::debug!(server = self.id, %why, ?after, "health"),
            _ => {}
        }
        if before.is_down(now) != after.is_down(now)
            || before.hangs() != after.hangs()
            || before.why().is_some() != after.why().is_some()
        {
            // Requests may wait for it, or for another one that was the last resort.
            self.bell.ring();
        }
    }

    /// How often any server came or went; see [`Bell::number`].
    pub(crate) fn rings(&self) -> u64 {
        self.bell.number()
    }

    fn now(&self) -> Duration {
        copal_serve::clock::now().saturating_duration_since(self.epoch)
    }

    /// Whom its certificate must name.
    pub(crate) fn peer(&self) -> Peer {
        Peer { id: self.id.clone(), address: self.address.to_string() }
    }

    /// Its name for `Host`.
    pub(crate) fn host(&self) -> String {
        match &self.address {
            Address::Ip(ip) => SocketAddr::new(*ip, self.port).to_string(),
            Address::Name(name) => format!("{name}:{}", self.port),
        }
    }

    /// A connection to it. Looks a host name up each time, because names move, and tries all of its
    /// addresses.
    pub(crate) async fn connect(&self) -> std::io::Result<TcpStream> {
        match &self.address {
            Address::Ip(ip) => TcpStream::connect(SocketAddr::new(*ip, self.port)).await,
            Address::Name(name) => TcpStream::connect((name.as_str(), self.port)).await,
        }
    }
}

/// Broken answers in a row that put a server out of service which passes its checks meanwhile.
/// Whoever knows a request that breaks a server should not be able to take it from everybody else
/// by sending that twice.
const CHECKED_BROKEN: u32 = 10;

/// The same for a server that nobody checks.
const UNCHECKED_BROKEN: u32 = 3;

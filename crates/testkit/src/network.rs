//! Servers on hosts of their own, as far as the network goes, between which packets get lost.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cut::{self, Cut, Loss};
use crate::namespace::Namespace;
use crate::skip::skipped;

/// Places with an address each, all on one bridge, and what is lost between them. Nothing of it is
/// seen from outside, and all of it is gone when this process ends.
///
/// A test does its work [within](Network::within) the place of the web tier: clients that are started
/// there reach that one by the loopback and the others by their addresses.
#[derive(Debug)]
pub struct Network {
    /// Where the bridge is.
    _hub: Namespace,
    places: BTreeMap<String, Place>,
    cuts: Mutex<Vec<Cut>>,
}

#[derive(Debug)]
struct Place {
    namespace: Namespace,
    address: Ipv4Addr,
}

impl Network {
    /// Places of these names; `None`, and a line that says so, where tests may not make any.
    ///
    /// # Panics
    /// When they cannot be made although they may, or when no test may be left out.
    #[must_use]
    pub fn of(names: &[&str]) -> Option<Self> {
        for program in ["ip", "nft"] {
            let version = Command::new(program).arg("-V").stdout(Stdio::null()).status();
            if version.is_err() {
                skipped(&format!("the program {program}"));
                return None;
            }
        }
        match Namespace::make() {
            Ok(hub) => Some(Self::around(hub, names)),
            Err(_) => {
                skipped("CAP_NET_ADMIN");
                None
            }
        }
    }

    fn around(hub: Namespace, names: &[&str]) -> Self {
        let mut places = BTreeMap::new();
        let mut bridge = String::from("link add hub type bridge\nlink set hub up\n");
        for (number, name) in (1..).zip(names) {
            let namespace = Namespace::make().expect("one more network");
            let path = namespace.path();
            bridge.push_str(&format!(
                "link add p{number} type veth peer name eth0 netns {path}\n\
                 link set p{number} master hub\nlink set p{number} up\n"
            ));
            let address = Ipv4Addr::new(10, 77, 0, number);
            places.insert((*name).to_owned(), Place { namespace, address });
        }
        hub.within(|| run("ip", &["-batch", "-"], &bridge));
        places.values().for_each(Place::set_up);
        Self { _hub: hub, places, cuts: Mutex::default() }
    }

    /// The address of a place.
    ///
    /// # Panics
    /// When there is no such place.
    #[must_use]
    pub fn address(&self, name: &str) -> Ipv4Addr {
        self.place(name).address
    }

    /// Does something in a place, with all threads and processes that are started by that.
    ///
    /// # Panics
    /// When there is no such place, and when what is done panics.
    pub fn within<T: Send>(&self, name: &str, what: impl FnOnce() -> T + Send) -> T {
        self.place(name).namespace.within(what)
    }

    /// From now on this is lost between two places, both ways.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn part(&self, one: &str, other: &str, loss: Loss) {
        self.add([(one, other), (other, one)].into_iter(), loss);
    }

    /// From now on this is lost of what a place sends, wherever it goes.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn mute(&self, name: &str, loss: Loss) {
        self.add(self.others(name).map(|other| (name, other)), loss);
    }

    /// From now on this is lost of what is sent to a place, wherever it comes from.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn deafen(&self, name: &str, loss: Loss) {
        self.add(self.others(name).map(|other| (other, name)), loss);
    }

    /// From now on a place is alone.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn isolate(&self, name: &str) {
        self.mute(name, Loss::All);
        self.deafen(name, Loss::All);
    }

    /// Everything arrives again.
    ///
    /// # Panics
    /// When the rules cannot be changed.
    pub fn heal(&self) {
        self.cuts().clear();
        self.enforce();
    }

    fn add<'n>(&self, ways: impl Iterator<Item = (&'n str, &'n str)>, loss: Loss) {
        let cuts = ways.map(|(from, to)| {
            assert!(from != to && self.places.contains_key(to), "no way from {from} to {to}");
            Cut { from: from.to_owned(), to: to.to_owned(), loss }
        });
        self.cuts().extend(cuts);
        self.enforce();
    }

    fn enforce(&self) {
        let cuts = self.cuts();
        for (name, place) in &self.places {
            let here = cuts.iter().filter(|cut| cut.to == *name);
            let rules = cut::rules(here.map(|cut| (self.address(&cut.from), &cut.loss)));
            place.namespace.within(|| run("nft", &["-f", "-"], &rules));
        }
    }

    fn others<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.places.keys().map(String::as_str).filter(move |other| *other != name)
    }

    fn place(&self, name: &str) -> &Place {
        self.places.get(name).unwrap_or_else(|| panic!("there is no place {name}"))
    }

    fn cuts(&self) -> MutexGuard<'_, Vec<Cut>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn set_up(&self) {
        let address = self.address;
        let orders =
            format!("link set lo up\naddress add {address}/24 dev eth0\nlink set eth0 up\n");
        self.namespace.within(|| {
            run("ip", &["-batch", "-"], &orders);
            // Where the system paces, times would be those of its timers; not every system lets us.
            drop(std::fs::write("/proc/sys/net/ipv4/tcp_congestion_control", "reno"));
        });
    }
}

/// Runs a program that reads what it shall do.
fn run(program: &str, arguments: &[&str], input: &str) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
    let mut orders = child.stdin.take().expect("a pipe");
    // Whoever does not listen says why.
    drop(orders.write_all(input.as_bytes()));
    drop(orders);
    let output = child.wait_with_output().expect("a child can be waited for");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} refuses: {said}\n{input}");
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    const PORT: u16 = 4000;

    /// Whether a connection can be made from one place to another.
    fn connects(network: &Network, from: &str, to: &str, port: u16) -> bool {
        let address = (network.address(to), port).into();
        // A packet that was lost comes again after a second.
        let patience = Duration::from_millis(300);
        network.within(from, || TcpStream::connect_timeout(&address, patience)).is_ok()
    }

    #[test]
    fn what_is_cut_does_not_arrive_until_it_is_mended() {
        let Some(network) = Network::of(&["a", "b", "c"]) else { return };
        let listen = |name, port| {
            network.within(name, || TcpListener::bind(("0.0.0.0", port)).expect("a free port"))
        };
        let _listeners = [listen("a", PORT), listen("b", PORT), listen("b", PORT + 1)];
        let ways = |ports: [u16; 2]| {
            let [to_b, other] = ports;
            [("a", "b", to_b), ("a", "b", other), ("c", "b", PORT), ("c", "a", PORT)]
                .map(|(from, to, port)| connects(&network, from, to, port))
        };
        assert_eq!(ways([PORT, PORT + 1]), [true; 4]);
        network.part("a", "b", Loss::Port(PORT));
        assert_eq!(ways([PORT, PORT + 1]), [false, true, true, true]);
        network.isolate("b");
        assert_eq!(ways([PORT, PORT + 1]), [false, false, false, true]);
        network.heal();
        network.deafen("a", Loss::All);
        assert_eq!(ways([PORT, PORT + 1]), [false, false, true, false], "answers, too");
        network.heal();
        network.mute("a", Loss::Percent(99));
        network.mute("a", Loss::All);
        assert_eq!(ways([PORT, PORT + 1]), [false, false, true, false], "answers, too");
        network.heal();
        assert_eq!(ways([PORT, PORT + 1]), [true; 4]);
    }

    #[test]
    fn a_panic_comes_out_of_a_place() {
        let Some(network) = Network::of(&["a"]) else { return };
        let panicked = std::panic::catch_unwind(|| network.within("a", || panic!("on purpose")));
        assert!(panicked.is_err());
    }
}

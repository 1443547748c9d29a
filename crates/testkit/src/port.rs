//! A port of this host that no other test takes.

use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports below what Linux hands out to outgoing connections by default (32768), so that no
/// connection of anybody takes one while its server restarts.
const RANGE: std::ops::Range<u32> = 12_000..32_000;

static TRIES: AtomicU32 = AtomicU32::new(0);

/// A port of this host that no other test takes while this value lives, not even between the
/// stop and the start of the server that uses it.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Locked as long as it is open.
    _lock: File,
}

impl Port {
    /// Takes a port on which nobody listens.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn take() -> Self {
        let folder = std::env::temp_dir().join("copal-testkit-ports");
        std::fs::create_dir_all(&folder).expect("a folder for the locks of the ports");
        let width = RANGE.end - RANGE.start;
        // Every process begins somewhere else, so that they seldom try the same port.
        let start = std::process::id().wrapping_mul(97);
        for _ in 0..width {
            let step = TRIES.fetch_add(1, Ordering::Relaxed);
            let number = RANGE.start + start.wrapping_add(step) % width;
            let Ok(number) = u16::try_from(number) else {
                continue;
            };
            let path = folder.join(number.to_string());
            let open = OpenOptions::new().create(true).truncate(false).write(true).open(path);
            let Ok(lock) = open else { continue };
            if lock.try_lock().is_ok() && is_free(number) {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free port between {} and {}", RANGE.start, RANGE.end);
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ports_are_two() {
        let ports: Vec<Port> = (0..50).map(|_| Port::take()).collect();
        let mut numbers: Vec<u16> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 50);
        assert!(numbers.iter().all(|port| is_free(*port)));
    }
}

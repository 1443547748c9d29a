//! Packets that do not arrive.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// What is lost on its way from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Every packet.
    All,
    /// Every packet to or from this TCP port.
    Port(u16),
    /// Any packet, so many in a hundred, fewer than all.
    Percent(u8),
}

/// What is lost of that which one place sends to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) loss: Loss,
}

/// What nft is told at a place at which this is lost. Packets are dropped and not refused, so that
/// nobody hears of it; those that a place sends to itself arrive.
pub(crate) fn rules<'l>(losses: impl IntoIterator<Item = (Ipv4Addr, &'l Loss)>) -> String {
    let mut text = String::from(
        "table inet cuts {}\ndelete table inet cuts\ntable inet cuts {\n chain arriving {\n  type \
         filter hook input priority -300\n",
    );
    for (from, loss) in losses {
        for condition in conditions(*loss) {
            // Writing into a text does not fail.
            let _ = writeln!(text, "  ip saddr {from} {condition}drop");
        }
    }
    text.push_str(" }\n}\n");
    text
}

fn conditions(loss: Loss) -> Vec<String> {
    match loss {
        Loss::All => vec![String::new()],
        Loss::Port(port) => vec![format!("tcp dport {port} "), format!("tcp sport {port} ")],
        Loss::Percent(share) => vec![format!("numgen random mod 100 < {share} ")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loss_has_its_rules() {
        let from = Ipv4Addr::new(10, 77, 0, 2);
        #[rustfmt::skip]
        let table = [
            (Loss::All, vec!["ip saddr 10.77.0.2 drop"]),
            (Loss::Port(6800), vec!["ip saddr 10.77.0.2 tcp dport 6800 drop",
                                    "ip saddr 10.77.0.2 tcp sport 6800 drop"]),
            (Loss::Percent(20), vec!["ip saddr 10.77.0.2 numgen random mod 100 < 20 drop"]),
        ];
        for (loss, wanted) in table {
            let text = rules([(from, &loss)]);
            let written: Vec<&str> =
                text.lines().map(str::trim).filter(|line| line.ends_with("drop")).collect();
            assert_eq!(written, wanted, "{text}");
        }
    }
}

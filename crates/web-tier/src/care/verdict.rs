//! What the answer to a health check says.

use copal_http1::response_head::ResponseHead;
use copal_protocol::marks;
use copal_protocol::state::State;

/// What the answer to a health check says of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The check is passed.
    pub(crate) passed: bool,
    /// What the server says of itself; [`State::Ready`] when it says nothing.
    pub(crate) said: State,
}

impl Verdict {
    /// What an answer with this head says. `foreign`: the server is not ours, so of all states it
    /// may only announce that it drains, and its status alone says whether it is well.
    pub(crate) fn of(head: &ResponseHead<'_>, foreign: bool) -> Self {
        let mut fields = head.fields.iter();
        let field = fields.find(|f| f.name.eq_ignore_ascii_case(marks::STATE.as_bytes()));
        let said = field.and_then(|field| State::parse(field.value));
        let well = (200..400).contains(&head.status);
        if foreign {
            let said = said.filter(|said| *said == State::Drain).unwrap_or(State::Ready);
            return Self { passed: well, said };
        }
        match said {
            // It lives and says what it does; a server that is not ready says so with a 503.
            Some(said @ (State::Joining | State::Leaving)) => Self { passed: true, said },
            Some(said @ (State::Drain | State::Evict | State::Maintenance)) => {
                Self { passed: well, said }
            }
            // Whether it is down or warming is for us to find out.
            Some(State::Ready | State::Warming | State::Down) | None => {
                Self { passed: well, said: State::Ready }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_http1::response_head::ResponseLimits;

    #[test]
    fn the_status_and_the_announced_state_decide() {
        #[rustfmt::skip]
        let table = [
            // answer                                  foreign  passed  said
            ("200 OK\r\n",                             false,   true,   State::Ready),
            ("204 No Content\r\n",                     true,    true,   State::Ready),
            ("399 Odd\r\n",                            true,    true,   State::Ready),
            ("400 Bad\r\n",                            true,    false,  State::Ready),
            ("503 Busy\r\n",                           false,   false,  State::Ready),
            ("200 OK\r\nCopal-State: drain\r\n",       true,    true,   State::Drain),
            ("200 OK\r\nCopal-State: maintenance\r\n", true,    true,   State::Ready),
            ("200 OK\r\nCOPAL-STATE: Evict\r\n",       false,   true,   State::Evict),
            ("200 OK\r\nCopal-State: what\r\n",        false,   true,   State::Ready),
            ("503 No\r\nCopal-State: leaving\r\n",     false,   true,   State::Leaving),
            ("503 No\r\nCopal-State: joining\r\n",     false,   true,   State::Joining),
            ("503 No\r\nCopal-State: leaving\r\n",     true,    false,  State::Ready),
            ("500 No\r\nCopal-State: drain\r\n",       false,   false,  State::Drain),
            ("200 OK\r\nCopal-State: down\r\n",        false,   true,   State::Ready),
        ];
        for (answer, foreign, passed, said) in table {
            let text = format!("HTTP/1.1 {answer}\r\n");
            let limits = ResponseLimits { max_head: 4096, lenient: false };
            let head = ResponseHead::parse(text.as_bytes(), false, &limits).unwrap().unwrap();
            assert_eq!(Verdict::of(&head, foreign), Verdict { passed, said }, "{answer} {foreign}");
        }
    }
}

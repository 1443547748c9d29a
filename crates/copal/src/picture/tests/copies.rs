//! What servers tell that hold copies of each other's sessions.

use super::{State, Status, draw, silent, status, told};

fn app(server: &str, short: u64) -> Status {
    Status {
        tier: "app".to_owned(),
        sessions: Some(9_000),
        copies: Some(8_500),
        short_of_copies: Some(short),
        surplus_copies: Some(12),
        ..status("app-tier", server)
    }
}

#[test]
fn copies_are_shown_where_there_are_some() {
    let older = Status { state: State::Drain, ..status("app-tier", "app-c") };
    let told =
        [told(app("app-a", 0)), told(app("app-b", 340)), told(older), silent("app-tier", "app-d")];
    let expected = "\
app-tier
  server  state  uptime  connections  in flight  req/s  sessions  copies  short  surplus
  app-a   ready      0s            0          0    0.0      9000    8500      0       12
  app-b   ready      0s            0          0    0.0      9000    8500    340       12
  app-c   drain      0s            0          0    0.0         -       -      -        -
  app-d   not running: nobody listens at run/app-d.sock
";
    assert_eq!(draw(None, &told, false), expected);
    let coloured = draw(None, &told, true);
    assert_eq!(coloured.matches("\x1b[33m340\x1b[0m").count(), 1, "{coloured:?}");
    assert!(!coloured.contains("\x1b[33m0\x1b[0m"), "{coloured:?}");
}

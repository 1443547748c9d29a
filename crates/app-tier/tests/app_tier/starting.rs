//! What keeps a server from starting.

use axum::Router;
use copal_app_tier::server::Server;
use copal_app_tier::start_error::StartError;
use copal_serve::process::Ending;

use crate::house::{DEMO, House};

fn plain(server: Server) -> Server {
    server
}

#[test]
fn mistakes_are_named() {
    let web = format!(
        "{DEMO}\n[[cluster.web-tier.server]]\nid = \"web-a\"\nhttp = [{{ port = 2 }}]\n[[cluster.web-tier.rewrite-dispatch]]\nload-balance = \"app-tier\"\n"
    );
    let other = "\n[[cluster.app-tier.web-app]]\napp = \"shop\"";
    #[rustfmt::skip]
    let table = [
        (House::refused(DEMO, "app-z", plain),  "no server \"app-z\""),
        (House::refused(DEMO, "app-z", plain),  "app-a, app-b"),
        (House::refused(&web, "web-a", plain),  "`web-tier --server web-a`"),
        (House::refused(other, "app-a", plain), "no application \"shop\""),
        (House::refused(other, "app-a", plain), "it has \"demo\""),
        (House::refused(DEMO, "app-a", |server| server.web_app("shop", Router::new())), "\"shop\""),
    ];
    for (error, part) in table {
        assert!(error.to_string().contains(part), "{part} is missing in: {error}");
        assert!(error.is_a_mistake(), "{error}");
    }
}

#[test]
fn an_application_of_ones_own_takes_the_place_of_an_unknown_one() {
    let text = "\n[[cluster.app-tier.web-app]]\npath = \"/shop\"\napp = \"shop\"";
    let router = Router::new().fallback(|| async { "shop" });
    let house = House::open(text, |server| server.web_app("/shop", router));
    assert_eq!(copal_testkit::raw::get(house.public(), "/shop/x").text(), "shop");
}

#[test]
fn a_start_that_failed_keeps_nothing_from_the_next_one() {
    let store = "secret = \"a secret of thirty-two characters\"\n[cluster.app-tier]\n\
                 persistent-store = { type = \"cluster\", path = \"sessions\" }";
    let (error, house) = House::at_second_try(store);
    assert!(error.to_string().contains(" is taken"), "{error}");
    assert!(house.folder().join("sessions/app-a").exists(), "it has a disk copy");
}

#[test]
fn a_taken_port_is_no_mistake_of_the_configuration() {
    let house = House::demo();
    let port = house.public();
    let text = format!(
        "{DEMO}\n[[cluster.app-tier.server]]\nid = \"app-c\"\naddress = \"127.0.0.1\"\nport = {port}\n"
    );
    let error = House::refused(&text, "app-c", plain);
    assert!(matches!(error, StartError::Serve(_)), "{error}");
    assert!(!error.is_a_mistake());
}

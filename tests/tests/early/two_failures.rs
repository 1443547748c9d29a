//! Two servers that fail in two ways: the client is told the graver one.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;
use copal_testkit::step::Step;

#[test]
fn that_the_other_server_cannot_be_reached_does_not_hide_that_the_first_broke_off() {
    for step in [Step::Close, Step::Reset] {
        for method in ["GET", "HEAD", "POST", "PATCH"] {
            let step = step.clone();
            let breaks_off = Origin::start(move |_| vec![step.clone()]);
            let nobody = Port::take();
            let recipe = Recipe::example("foreign_servers");
            let recipe = recipe.with_port(9001, breaks_off.port());
            let cluster = Cluster::start(recipe.with_port(9002, nobody.number()));
            // The letters name the server that breaks off.
            let request = format!(
                "{method} /;jsessionid=abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            let mut client = Raw::connect(cluster.port(8080));
            client.send(request);
            let response = client.response_to_head().expect("an answer");
            assert_eq!(response.status, 502, "{method}: {response:?}");
            assert_eq!(breaks_off.calls().len(), 1, "{method}");
        }
    }
}

//! Split dispatch: images stay, /foo and /bar go to clusters of their own, the rest stays.

use copal_testkit::binary;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::get;
use copal_testkit::recipe::{Recipe, examples};

use crate::seen::server_at;

#[test]
fn each_path_goes_where_its_rule_says() {
    let cluster = Cluster::start(Recipe::example("split_dispatch"));
    let port = cluster.port(8080);
    let files = [
        ("/logo.png", "logo.png"),
        ("/bar.gif", "bar.gif"),
        ("/foo/photo.jpg", "foo/photo.jpg"),
        ("/about.html", "about.html"),
    ];
    for (path, file) in files {
        let response = get(port, path);
        let content = std::fs::read(examples().join("htdocs").join(file)).expect("the file");
        assert_eq!((response.status, &response.body), (200, &content), "{path}: {response:?}");
    }
    for (path, server) in [
        ("/foo/echo", "foo-a"),
        ("/foo/echo/deeper?image=.png", "foo-a"),
        ("/bar/echo", "bar-a"),
        ("/bar/echo/%66oo", "bar-a"),
        ("/%66oo/echo", "foo-a"),
        ("/x/../foo/echo", "foo-a"),
    ] {
        assert_eq!(server_at(port, path), server, "{path}");
    }
}

#[test]
fn what_no_rule_takes_and_no_file_answers_is_not_found() {
    let cluster = Cluster::start(Recipe::example("split_dispatch"));
    let port = cluster.port(8080);
    for path in ["/nothing", "/nothing.png", "/echo", "/x/foo/echo", "/.copal/ready"] {
        assert_eq!(get(port, path).status, 404, "{path}");
    }
    // The file htdocs/foo/about.html is never looked for: the rule for /foo comes first.
    let page = get(port, "/foo/about.html");
    assert_eq!(page.status, 404, "{page:?}");
}

#[test]
fn check_warns_that_the_rule_for_images_is_unanchored() {
    let file = examples().join("split_dispatch.toml");
    let output = binary::run("copal", &["check", "--config", &file.to_string_lossy()]);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("anchor") && said.contains(r"(\.png|\.gif|\.jpg)"), "{said}");
}

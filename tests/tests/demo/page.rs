//! The page of the demo application, and when it is JSON instead.

use crate::start::{json, start};

#[test]
fn a_browser_gets_a_page_and_everybody_else_json() {
    let (_cluster, mut visitor) = start();
    let accept = [("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")];
    let page = visitor.send("GET", "/", &accept, b"");
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.field("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    let text = page.text();
    let marks = [
        "id=\"count\"",
        "id=\"server\"",
        "id=\"session\"",
        "id=\"again\"",
        "id=\"attribute-form\"",
    ];
    for mark in marks {
        assert!(text.contains(mark), "{mark} is not in {text}");
    }
    for mark in ["id=\"rotate\"", "id=\"logout\""] {
        assert!(text.contains(mark), "{mark} is not in {text}");
    }
    let counter = visitor.get("/counter");
    assert_eq!(counter.field("content-type"), Some("application/json"), "{counter:?}");
    assert!(json(&counter)["count"].is_u64());
}

#[test]
fn what_a_visitor_writes_is_text_and_never_markup() {
    let (_cluster, mut visitor) = start();
    visitor.send("PUT", "/session/note", &[], b"<script>alert(1)</script>");
    let page = visitor.send("GET", "/", &[("Accept", "text/html")], b"");
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!page.text().contains("<script>alert"), "{}", page.text());
}

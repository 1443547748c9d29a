//! A browser, a web tier, three app servers, one session.
#![cfg(test)]

mod chromium;

use chromium::Chromium;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use serde_json::json;

fn start() -> (Cluster, Chromium) {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    let mut browser = Chromium::start();
    browser.go_to(&format!("http://127.0.0.1:{}/", cluster.port(8080)));
    (cluster, browser)
}

fn count(browser: &mut Chromium) -> u64 {
    let text = browser.text("count");
    text.parse().unwrap_or_else(|_| panic!("the count is {text:?}"))
}

#[test]
fn the_counter_goes_up_and_the_session_stays() {
    let (_cluster, mut browser) = start();
    let (server, session) = (browser.text("server"), browser.text("session"));
    assert!(["app-a", "app-b", "app-c"].contains(&server.as_str()), "{server}");
    let mut last = count(&mut browser);
    for _ in 0..5 {
        browser.follow("#again");
        let now = count(&mut browser);
        assert_eq!(now, last + 1);
        last = now;
        assert_eq!(browser.text("server"), server);
        assert_eq!(browser.text("session"), session);
    }
    browser.reload();
    assert_eq!(count(&mut browser), last + 1);
    assert_eq!(browser.text("session"), session);
}

#[test]
fn the_cookie_is_hidden_from_scripts() {
    let (_cluster, mut browser) = start();
    assert_eq!(browser.evaluate("document.cookie"), "");
    let cookies = browser.call("Network.getCookies", json!({}));
    let cookie = &cookies["cookies"][0];
    assert_eq!(cookie["name"], "JSESSIONID", "{cookies}");
    assert_eq!((&cookie["httpOnly"], &cookie["sameSite"]), (&true.into(), &"Lax".into()));
    assert_eq!((&cookie["path"], &cookie["session"]), (&"/".into(), &true.into()));
}

#[test]
fn the_forms_of_the_page_change_the_session() {
    let (_cluster, mut browser) = start();
    browser.evaluate(
        "(() => { const form = document.getElementById('attribute-form'); \
         const fields = form.querySelectorAll('input[type=text], input:not([type]), textarea'); \
         fields[0].value = 'colour'; fields[1].value = 'blue <b>'; })()",
    );
    browser.follow("#attribute-form button");
    let attribute = "['colour', 'blue <b>'].every(text => document.body.innerText.includes(text))";
    assert_eq!(browser.evaluate(attribute), true, "the attribute is not shown");

    let (before, last) = (cookie(&mut browser), count(&mut browser));
    browser.follow("#rotate button");
    assert_ne!(cookie(&mut browser), before, "the id did not change");
    assert!(count(&mut browser) >= last, "the session was lost");
    assert_eq!(browser.evaluate(attribute), true, "the attribute was lost");

    browser.follow("#logout button");
    assert!(count(&mut browser) < last, "the session goes on");
    assert_eq!(browser.evaluate(attribute), false, "the attribute is still there");
}

fn cookie(browser: &mut Chromium) -> String {
    let cookies = browser.call("Network.getCookies", json!({}));
    cookies["cookies"][0]["value"].as_str().unwrap_or_default().to_owned()
}

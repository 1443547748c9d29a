//! A headless Chromium, spoken to by its DevTools protocol.

use std::collections::VecDeque;
use std::process::Command;

use copal_testkit::process::Process;
use copal_testkit::websocket::{Opcode, WebSocket};
use serde_json::{Value, json};
use tempfile::TempDir;

const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "about:blank",
];

/// A headless Chromium with one page.
pub(crate) struct Chromium {
    devtools: WebSocket,
    session: Option<String>,
    last_id: u64,
    events: VecDeque<Value>,
    /// Dropped before the folder that it uses.
    _process: Process,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser with an empty profile.
    ///
    /// The program is `chromium`, or what `COPAL_CHROMIUM` names.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let program = std::env::var("COPAL_CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let mut command = Command::new(program);
        command.arg(format!("--user-data-dir={}", profile.path().display())).args(FLAGS);
        let process = Process::start_command("chromium", &mut command);
        let line = process.wait_for_log("DevTools listening on ");
        let address = line.split("ws://127.0.0.1:").nth(1).expect("an address of DevTools");
        let (port, path) = address.split_once('/').expect("a port and a path");
        let port = port.parse().expect("the port of DevTools");
        let devtools = WebSocket::open(port, &format!("/{path}"), "");
        let mut chromium = Self {
            devtools,
            session: None,
            last_id: 0,
            events: VecDeque::new(),
            _process: process,
            _profile: profile,
        };
        chromium.attach();
        chromium
    }

    /// Goes to `url` and waits until the page is loaded.
    pub(crate) fn go_to(&mut self, url: &str) {
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.wait_for("Page.loadEventFired");
    }

    /// Loads the page again.
    pub(crate) fn reload(&mut self) {
        self.call("Page.reload", json!({}));
        self.wait_for("Page.loadEventFired");
    }

    /// Presses and releases the mouse in the middle of the first element that the selector finds.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.evaluate(&format!(
            "(() => {{ const element = document.querySelector({selector:?}); \
             element.scrollIntoView(); const box = element.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let mouse = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", mouse);
        }
    }

    /// The same for a link or button that leads to a page; waits until that is loaded.
    pub(crate) fn follow(&mut self, selector: &str) {
        self.events.clear();
        self.click(selector);
        self.wait_for("Page.loadEventFired");
    }

    /// The text of the element with this id.
    pub(crate) fn text(&mut self, id: &str) -> String {
        let text = self.evaluate(&format!("document.getElementById({id:?}).textContent.trim()"));
        text.as_str().unwrap_or_else(|| panic!("#{id} is {text}")).to_owned()
    }

    /// The value of a JavaScript expression; a promise is waited for.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
        });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Sends a command and returns its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        self.devtools.send(Opcode::Text, command.to_string().as_bytes());
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    fn attach(&mut self) {
        let targets = self.call("Target.getTargets", json!({}));
        let pages = targets["targetInfos"].as_array().into_iter().flatten();
        let page = pages.into_iter().find(|target| target["type"] == "page");
        let id = page.map(|page| page["targetId"].clone()).expect("a page");
        let attached =
            self.call("Target.attachToTarget", json!({ "targetId": id, "flatten": true }));
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Network.enable"] {
            self.call(domain, json!({}));
        }
    }

    fn wait_for(&mut self, event: &str) {
        loop {
            let message = match self.events.pop_front() {
                Some(message) => message,
                None => self.receive(),
            };
            if message["method"] == event {
                return;
            }
        }
    }

    /// The next message; an exception in a page fails the test.
    fn receive(&mut self) -> Value {
        loop {
            let (opcode, payload) = self.devtools.receive().expect("a message of DevTools");
            if opcode != Opcode::Text {
                continue;
            }
            let message: Value = serde_json::from_slice(&payload).expect("JSON of DevTools");
            assert_ne!(message["method"], "Runtime.exceptionThrown", "{message}");
            return message;
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Ends all its processes; the one that we started is killed afterwards in any case.
        let end = json!({ "id": self.last_id + 1, "method": "Browser.close" });
        self.devtools.send(Opcode::Text, end.to_string().as_bytes());
        // Whatever comes, the end of the connection is what is waited for.
        while self.devtools.receive().is_ok() {}
    }
}

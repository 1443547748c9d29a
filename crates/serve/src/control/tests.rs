//! The control thread, asked over real sockets.

mod place;

mod hanging;

use std::io::{BufRead as _, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc;

use copal_protocol::status::Status;
use rustix::process::{Signal, getpid, kill_process};

use super::*;
use crate::control::test_desk::TestDesk;
use place::{PATIENCE, Place, TOKEN, ask_admin, body_of, door, line, next_answer, status_of};

#[test]
fn every_route_answers() {
    const JSON: &str = "Content-Type: application/json\r\n";
    const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\n";
    let place = Place::new();
    let _control = place.run(None).unwrap();
    for (request, status, field, body) in [
        ("GET /health", 200, TEXT, "alive\n"),
        ("GET /ready", 503, JSON, "{\"error\":\"not \\\"yet\\\"\"}\n"),
        ("GET /metrics", 200, "Content-Type: text/plain; version=0.0.4\r\n", "a_total 1\n"),
        ("GET /status?pretty", 200, JSON, ""),
        ("POST /reload", 422, JSON, "{\"error\":\"copal.toml:1: bad\\nand worse\"}\n"),
        ("POST /servers/well/enable", 200, JSON, "{\"server\":\"well\",\"state\":\"ready\"}\n"),
        ("GET /ready", 200, TEXT, "ready\n"),
        ("POST /reload", 200, JSON, "{\"changed\":[\"weight\"],\"needs_restart\":[\"port\"]}\n"),
        ("POST /servers/app-a/drain", 200, JSON, "{\"server\":\"app-a\",\"state\":\"drain\"}\n"),
        ("POST /servers/app-b/evict", 409, JSON, "{\"error\":\"it is the last one\"}\n"),
        ("POST /servers/app-c/drain", 404, JSON, "{\"error\":\"there is no server app-c\"}\n"),
        ("POST /servers/app-a/down", 404, JSON, ""),
        ("GET /nothing", 404, JSON, "{\"error\":\"there is nothing here\"}\n"),
        ("POST /health", 405, "Allow: GET, HEAD\r\n", ""),
        ("GET /reload", 405, "Allow: POST\r\n", ""),
        ("TRACE /health", 405, "Allow: ", ""),
    ] {
        let answer = place.ask(&line(request));
        assert_eq!(status_of(&answer), status, "{request}: {answer}");
        assert!(answer.contains(field), "{request}: {answer}");
        assert!(answer.contains("\r\nDate: ") && answer.contains("\r\nConnection: close\r\n"));
        if !body.is_empty() {
            assert_eq!(body_of(&answer), body, "{request}");
        }
        if status >= 400 {
            let error: serde_json::Value = serde_json::from_str(body_of(&answer)).unwrap();
            assert!(error["error"].is_string(), "{request}: {answer}");
        }
    }
    let status: Status = serde_json::from_str(body_of(&place.ask(&line("GET /status")))).unwrap();
    assert_eq!((status.server.as_str(), status.pid), ("web-a", 7));
    let head = place.ask(&line("HEAD /health"));
    assert!(head.contains("Content-Length: 6\r\n") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn one_connection_carries_many_requests() {
    let place = Place::new();
    let _control = place.run(None).unwrap();
    let mut stream = BufReader::new(place.connect());
    let mut requests = line("GET /health").repeat(2);
    requests.push_str("POST /reload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    requests.push_str(
        "POST /servers/app-a/drain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\n",
    );
    requests.push_str(&line("GET /health"));
    stream.get_mut().write_all(requests.as_bytes()).unwrap();
    let answers: Vec<u16> = (0..5).map(|_| status_of(&next_answer(&mut stream))).collect();
    assert_eq!(answers, [200, 200, 422, 200, 200]);
    // Neither an old client nor one that says so is kept waiting for the end.
    assert!(place.ask("GET /health HTTP/1.0\r\n\r\n").ends_with("alive\n"));
}

#[test]
fn a_client_that_waits_for_leave_to_send_gets_it() {
    let place = Place::new();
    let _control = place.run(None).unwrap();
    let mut stream = BufReader::new(place.connect());
    let head =
        "POST /reload HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    assert_eq!(status_of(&next_answer(&mut stream)), 100);
    stream.get_mut().write_all(b"ab").unwrap();
    assert_eq!(status_of(&next_answer(&mut stream)), 422);
}

#[test]
fn the_admin_listener_shows_and_changes_only_with_its_token() {
    let place = Place::new();
    let control = place.run(Some(door(Ipv4Addr::LOCALHOST, false))).unwrap();
    for (request, status) in [
        ("GET /status", 200),
        ("GET /metrics", 200),
        ("POST /reload", 403),
        ("POST /servers/app-a/drain", 403),
    ] {
        let answer = ask_admin(&control, &line(request));
        assert_eq!(status_of(&answer), status, "{request}: {answer}");
    }
    assert!(ask_admin(&control, &line("POST /reload")).contains("token"));
    let rebound = "GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    assert_eq!(status_of(&ask_admin(&control, rebound)), 421);
    drop(control);

    let control = place.run(Some(door(Ipv4Addr::UNSPECIFIED, true))).unwrap();
    let with = |request: &str, token: &str| {
        format!("{request} HTTP/1.1\r\nHost: web-a\r\nAuthorization: Bearer {token}\r\n\r\n")
    };
    for (request, status) in [
        (line("GET /health"), 200),
        (line("GET /status"), 401),
        (line("POST /servers/app-a/drain"), 401),
        (with("GET /status", "0123456789abcdeF"), 401),
        (with("GET /status", TOKEN), 200),
        (with("POST /servers/app-a/drain", TOKEN), 200),
    ] {
        let answer = ask_admin(&control, &request);
        assert_eq!(status_of(&answer), status, "{request}: {answer}");
        assert_eq!(answer.contains("\r\nWWW-Authenticate: Bearer realm=\"copal\""), status == 401);
    }
    let page = with("POST /reload", &format!("{TOKEN}\r\nOrigin: http://evil.example"));
    assert_eq!(status_of(&ask_admin(&control, &page)), 403);
}

#[test]
fn only_its_user_reaches_the_socket_and_it_goes_with_the_server() {
    let place = Place::new();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let control = place.run(None).unwrap();
    assert_eq!(mode(&place.socket()), 0o600);
    assert_eq!(mode(place.socket().parent().unwrap()), 0o700);
    control.end();
    assert!(!place.socket().exists());

    let control = place.run(None).unwrap();
    place.drain.begin();
    let mut stream = BufReader::new(place.connect());
    stream.get_mut().write_all(line("GET /health").as_bytes()).unwrap();
    assert_eq!(status_of(&next_answer(&mut stream)), 200, "it answers while it drains");
    place.drain.cut();
    assert_eq!(stream.fill_buf().unwrap(), b"", "nobody has to end it");
    assert!(control.end());
    assert!(!place.socket().exists());
}

#[test]
fn the_socket_of_a_dead_process_is_replaced() {
    let place = Place::new();
    std::fs::create_dir(place.socket().parent().unwrap()).unwrap();
    drop(UnixListener::bind(place.socket()).unwrap());
    assert!(place.socket().exists());
    let _control = place.run(None).unwrap();
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200);
}

#[test]
fn a_server_that_runs_is_left_alone() {
    let place = Place::new();
    let _control = place.run(None).unwrap();
    let error = place.run(None).unwrap_err();
    assert!(matches!(&error, ServeError::Runs { server, .. } if server == "web-a"), "{error}");
    assert!(error.to_string().starts_with("server web-a already runs (its control socket "));
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200);
}

#[test]
fn what_is_no_socket_is_not_removed() {
    let place = Place::new();
    std::fs::create_dir(place.socket().parent().unwrap()).unwrap();
    std::fs::write(place.socket(), "precious").unwrap();
    let error = place.run(None).unwrap_err();
    assert!(matches!(error, ServeError::NotASocket { .. }), "{error}");
    assert_eq!(std::fs::read(place.socket()).unwrap(), b"precious");
    assert!(error.is_a_mistake());
}

#[test]
fn a_run_dir_that_is_no_folder_is_a_mistake() {
    let place = Place::new();
    std::fs::write(place.socket().parent().unwrap(), "a file").unwrap();
    let error = place.run(None).unwrap_err();
    assert!(matches!(error, ServeError::RunDir { .. }) && error.is_a_mistake(), "{error:?}");
}

#[test]
fn a_socket_that_somebody_removed_is_no_trouble() {
    let place = Place::new();
    let control = place.run(None).unwrap();
    std::fs::remove_file(place.socket()).unwrap();
    let successor = place.run(None).unwrap();
    control.end();
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200, "the successor keeps its file");
    std::fs::remove_file(place.socket()).unwrap();
    successor.end();
}

#[test]
fn a_path_that_no_unix_address_holds_is_explained() {
    let place = Place::new();
    let base = place.folder.path();
    for (length, fits) in [(107, true), (108, false)] {
        let fill = length - base.as_os_str().len() - "//a.sock".len();
        let socket = base.join("x".repeat(fill)).join("a.sock");
        assert_eq!(socket.as_os_str().len(), length);
        let (events, _) = mpsc::channel();
        let plan = Plan { socket, admin: None, drain: Drain::default() };
        let control = run(plan, || TestDesk::new(events));
        assert_eq!(control.is_ok(), fits, "{length}");
        if let Err(error) = control {
            assert!(error.to_string().contains("run-dir"), "{error}");
            assert!(error.is_a_mistake());
        }
    }
}

#[test]
fn when_it_cannot_start_nothing_is_left_behind() {
    let place = Place::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let admin = AdminDoor { address: taken.local_addr().unwrap(), token: None };
    let error = place.run(Some(admin)).unwrap_err();
    assert!(matches!(error, ServeError::Taken { .. }), "{error}");
    assert!(!place.socket().exists());

    let plan = Plan { socket: place.socket(), admin: None, drain: Drain::default() };
    let make = || -> TestDesk { panic!("as it was asked to") };
    let error = run(plan, make).unwrap_err();
    assert!(matches!(error, ServeError::Thread(_)), "{error}");
    assert!(!place.socket().exists());
}

#[test]
fn the_desk_may_have_tasks_of_its_own_and_survives_a_panic() {
    let place = Place::new();
    let (events, sender) = (place.sender.clone(), place.sender.clone());
    let plan = Plan { socket: place.socket(), admin: None, drain: Drain::default() };
    let make = move || {
        tokio::task::spawn_local(async move { sender.send("task").unwrap() });
        TestDesk::new(events)
    };
    let _control = run(plan, make).unwrap();
    assert_eq!(place.events.recv_timeout(PATIENCE), Ok("task"));
    assert_eq!(place.ask(&line("POST /servers/panic/drain")), "");
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200);
}

#[test]
fn a_hang_up_is_a_reload_and_ends_nothing() {
    let place = Place::new();
    let _control = place.run(None).unwrap();
    for _ in 0..2 {
        kill_process(getpid(), Signal::HUP).unwrap();
        assert_eq!(place.events.recv_timeout(PATIENCE), Ok("reload"));
    }
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200);
}

#[test]
fn what_is_too_large_or_bad_is_refused() {
    let place = Place::new();
    let _control = place.run(None).unwrap();
    let head = |field: &str| format!("POST /reload HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
    let chunk = |bytes: usize| format!("{bytes:x}\r\n{}\r\n", "x".repeat(bytes));
    let chunked = head("Transfer-Encoding: chunked");
    for (name, request, status) in [
        ("head", head(&format!("A: {}", "x".repeat(15 << 10))), 422),
        ("long head", head(&format!("A: {}", "x".repeat(16 << 10))), 431),
        ("many fields", head(&["A: b"; 101].join("\r\n")), 431),
        ("long target", line(&format!("GET /{}", "x".repeat(9 << 10))), 414),
        ("body", head("Content-Length: 65536") + &"x".repeat(65536), 422),
        ("long body", head("Content-Length: 65537"), 413),
        ("chunked body", format!("{chunked}{}0\r\n\r\n", chunk(65536)), 422),
        ("long chunked body", format!("{chunked}{}{}0\r\n\r\n", chunk(65536), chunk(1)), 413),
        ("two lengths", head("Content-Length: 1\r\nContent-Length: 2"), 400),
        ("no host", "GET /health HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("another version", "GET /health HTTP/2.0\r\nHost: a\r\n\r\n".to_owned(), 505),
        ("no HTTP", "\u{16}\u{3}\u{1}\r\n".to_owned(), 400),
    ] {
        let answer = place.ask(&request);
        assert_eq!(status_of(&answer), status, "{name}: {answer}");
    }
}

/// Takes all `places`, and comes once more: an idle one has to go, and no other.
fn fill<S: std::io::Read + Write>(
    places: usize,
    connect: impl Fn() -> S,
    set_nonblocking: impl Fn(&S, bool),
) {
    let ask = |stream: &mut BufReader<S>| {
        stream.get_mut().write_all(line("GET /status").as_bytes()).unwrap();
        assert_eq!(status_of(&next_answer(stream)), 200);
    };
    let mut open: Vec<_> = (0..places).map(|_| BufReader::new(connect())).collect();
    open.iter_mut().for_each(ask);
    let mut late = BufReader::new(connect());
    ask(&mut late);
    open.retain_mut(|stream| {
        set_nonblocking(stream.get_ref(), true);
        let gone = stream.fill_buf().is_ok_and(<[u8]>::is_empty);
        set_nonblocking(stream.get_ref(), false);
        !gone
    });
    assert_eq!(open.len(), places - 1);
    ask(&mut late);
    open.iter_mut().for_each(ask);
}

#[test]
fn when_all_places_are_taken_an_idle_one_goes() {
    let place = Place::new();
    let control = place.run(Some(door(Ipv4Addr::LOCALHOST, false))).unwrap();
    let set = |stream: &UnixStream, on| stream.set_nonblocking(on).unwrap();
    fill(limits::CONNECTIONS, || place.connect(), set);
    let set = |stream: &TcpStream, on| stream.set_nonblocking(on).unwrap();
    let connect = || {
        let stream = TcpStream::connect(control.admin_address().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    fill(limits::ADMIN_CONNECTIONS, connect, set);
}

/// One byte on each of eight connections kept everybody off the admin listener for seconds.
#[test]
fn who_dawdles_in_a_request_keeps_nobody_out() {
    let place = Place::new();
    let control = place.run(Some(door(Ipv4Addr::LOCALHOST, false))).unwrap();
    let connect = || {
        let stream = TcpStream::connect(control.admin_address().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    let mut dawdlers: Vec<TcpStream> = (0..limits::ADMIN_CONNECTIONS).map(|_| connect()).collect();
    for dawdler in &mut dawdlers {
        dawdler.write_all(b"G").unwrap();
    }
    let mut late = BufReader::new(connect());
    late.get_mut().write_all(line("GET /health").as_bytes()).unwrap();
    assert_eq!(status_of(&next_answer(&mut late)), 200);
    // One of them is gone.
    let mut gone = dawdlers.into_iter().map(BufReader::new);
    assert!(gone.any(|mut dawdler| {
        dawdler.get_ref().set_nonblocking(true).unwrap();
        dawdler.fill_buf().is_ok_and(<[u8]>::is_empty)
    }));
}

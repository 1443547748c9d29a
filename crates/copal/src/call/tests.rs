//! Tests of one call, against servers of this process that answer well, badly or never.

use super::*;

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread::JoinHandle;

use copal_config::network::Address;
use copal_config::secret::Secret;

const STATUS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn doors(socket: &Path, admin: Option<Admin>) -> Doors {
    Doors {
        server: "app-a".to_owned(),
        cluster: Some("app-tier".to_owned()),
        socket: socket.to_owned(),
        address: Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        admin,
    }
}

fn admin(port: u16, token: Option<&str>) -> Admin {
    let token = token.map(|token| Secret::new(token.as_bytes().to_vec()));
    Admin { address: Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)), port, token }
}

/// Reads the head of a request.
fn head(stream: &mut impl io::Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or_default() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// A server that answers one request with `answer` and returns it.
fn socket_that_says(path: &Path, answer: Vec<u8>) -> JoinHandle<String> {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head(&mut stream);
        // The client may have enough before the end.
        drop(stream.write_all(&answer));
        head
    })
}

fn port_that_says(answer: &'static [u8]) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head(&mut stream);
        drop(stream.write_all(answer));
        head
    });
    (port, server)
}

/// A port at which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn the_control_socket_is_asked_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app-a.sock");
    let server = socket_that_says(&path, STATUS.to_vec());
    let doors = doors(&path, Some(admin(free_port(), None)));
    assert_eq!(ask(&doors, &Question::Status).unwrap(), b"{}");
    let request = "GET /status HTTP/1.1\r\nHost: copal\r\nConnection: close\r\n\r\n";
    assert_eq!(server.join().unwrap(), request);
}

#[test]
fn without_a_socket_the_admin_listener_is_asked_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let left_over = folder.path().join("left.sock");
    drop(UnixListener::bind(&left_over).unwrap());
    for socket in [folder.path().join("none.sock"), left_over] {
        let (port, server) = port_that_says(STATUS);
        let doors = doors(&socket, Some(admin(port, Some("letmein"))));
        assert_eq!(ask(&doors, &Question::Status).unwrap(), b"{}");
        let head = server.join().unwrap();
        assert!(head.contains("\r\nAuthorization: Bearer letmein\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nHost: 127.0.0.1:{port}\r\n")), "{head}");
    }
}

#[test]
fn what_comes_instead_of_an_answer_is_told_apart() {
    let refusal = "HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 31\r\n\r\n\
                   {\"error\":\"line 1: bad\\nline 2\"}";
    let endless = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat().repeat(17),
    ]
    .concat();
    #[rustfmt::skip]
    let table: [(&str, Vec<u8>, &str); 7] = [
        // name      what comes                                                          what is said
        ("refused",  refusal.into(),                                                     "refused: line 1: bad\nline 2"),
        ("bare",     b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno".to_vec(),   "refused: with the status 404"),
        ("garbage",  b"220 mail.example.com ESMTP\r\n".to_vec(),                         "SOCKET is not this server: not a status line of HTTP/1"),
        ("nothing",  Vec::new(),                                                         "SOCKET is not this server: the connection ended before an answer came"),
        ("cut",      b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".to_vec(),          "SOCKET is not this server: the connection ended within the body"),
        ("huge",     b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec(),  "SOCKET is not this server: the connection ended within the body"),
        ("endless",  endless,                                                            "SOCKET is not this server: the answer is larger than 16 MB"),
    ];
    for (name, answer, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app-a.sock");
        let server = socket_that_says(&path, answer);
        let silence = ask(&doors(&path, None), &Question::Reload).unwrap_err();
        let said = silence.to_string().replace("what answers at ", "");
        assert_eq!(said, expected.replace("SOCKET", &path.display().to_string()), "{name}");
        assert!(!silence.is_absence(), "{name}");
        drop(server);
    }
}

#[test]
fn who_is_not_there_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app-a.sock");
    let port = free_port();
    let mut elsewhere = doors(&path, None);
    // RFC 5737: this network is in examples only.
    elsewhere.address = Address::Ip(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    #[rustfmt::skip]
    let table = [
        // doors                                    what is said
        (doors(&path, None),                        format!("not running: nobody listens at {}", path.display())),
        (doors(&path, Some(admin(port, None))),     format!("not running: nobody listens at 127.0.0.1:{port}")),
        (elsewhere,                                 "on another host, and it has no `admin` listener by which it could be asked".to_owned()),
    ];
    for (doors, expected) in table {
        let silence = ask(&doors, &Question::Status).unwrap_err();
        assert_eq!(silence.to_string(), expected);
        assert!(silence.is_absence());
    }
}

#[test]
fn a_path_that_no_socket_can_have_is_explained() {
    let path = Path::new("/tmp").join("x".repeat(120));
    let said = ask(&doors(&path, None), &Question::Status).unwrap_err().to_string();
    assert!(said.contains(&"x".repeat(120)), "{said}");
}

#[test]
fn a_token_that_would_break_the_head_is_not_sent() {
    let doors = doors(Path::new("/nowhere/a.sock"), Some(admin(free_port(), Some("a\r\nX: b"))));
    assert!(matches!(ask(&doors, &Question::Status), Err(Silence::BadToken)));
}

#[test]
fn a_server_that_hangs_is_given_up_and_its_other_door_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app-a.sock");
    // It accepts in the kernel and never reads.
    let _listener = UnixListener::bind(&path).unwrap();
    let (port, _server) = port_that_says(STATUS);
    let silence = ask(&doors(&path, Some(admin(port, None))), &Question::Status).unwrap_err();
    assert!(matches!(silence, Silence::TimedOut(_)), "{silence}");
}

#[test]
fn a_server_that_drips_is_given_up_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app-a.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nA: "));
        // Every read of the client gets something, until it has gone.
        stream.set_read_timeout(Some(limits::ANSWER_TIME / 10)).unwrap();
        let mut byte = [0];
        let mut rest = Vec::new();
        loop {
            match stream.read(&mut byte) {
                Ok(1) => rest.push(byte[0]),
                Ok(_) => return,
                Err(_) if stream.write_all(b"a").is_err() => return,
                Err(_) => {}
            }
        }
    });
    let silence = ask(&doors(&path, None), &Question::Status).unwrap_err();
    assert!(matches!(silence, Silence::TimedOut(_)), "{silence}");
    server.join().unwrap();
}

#[test]
fn a_full_queue_does_not_hold_us_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app-a.sock");
    let listener = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let _first = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let silence = ask(&doors(&path, None), &Question::Status).unwrap_err();
    assert!(matches!(silence, Silence::TimedOut(_)), "{silence}");
}

//! Both ends of connections on this host, with certificates that openssl has signed.

use std::path::Path;

use copal_config::tls::{MinVersion, Tls};
use copal_testkit::authority::Authority;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::cluster_tls::ClusterTls;
use crate::peer::Peer;
use crate::refused::Refused;
use crate::stream::Stream;

/// The files of a server, below a folder with an authority.
fn tls(folder: &Path) -> Tls {
    Tls {
        name: "ring".to_owned(),
        certificate: folder.join("tls/${server}.pem"),
        key: folder.join("tls/${server}.key"),
        client_ca: Some(folder.join("tls/ca.pem")),
        min_version: MinVersion::Tls12,
    }
}

fn peer(id: &str, address: &str) -> Peer {
    Peer { id: id.to_owned(), address: address.to_owned() }
}

/// What the files of a server come to; it takes `app-a`, `app-b` and whoever is at 10.0.0.23.
fn open(folder: &Path, server: &str) -> ClusterTls {
    let peers =
        vec![peer("app-a", "192.0.2.1"), peer("app-b", "192.0.2.2"), peer("c", "10.0.0.23")];
    ClusterTls::open(&tls(folder), server, peers).unwrap()
}

fn signed() -> (TempDir, Authority) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::in_folder(folder.path());
    (folder, authority)
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

type Ends = (Result<Stream, Refused>, Result<Stream, Refused>);

/// `caller` calls `called` and insists on `whom`.
async fn call(caller: &ClusterTls, called: &ClusterTls, whom: &Peer) -> Ends {
    let (near, far) = sockets().await;
    tokio::join!(caller.connect(near, whom), called.accept(far))
}

async fn pair() -> (Stream, Stream, TempDir) {
    let (folder, _authority) = signed();
    let (a, b) = (open(folder.path(), "app-a"), open(folder.path(), "app-b"));
    let (near, far) = call(&a, &b, &peer("app-b", "192.0.2.2")).await;
    (near.unwrap(), far.unwrap(), folder)
}

#[track_caller]
fn says(refused: Result<Stream, Refused>, why: &str) {
    match refused {
        Ok(_) => panic!("it was let in, and not refused: {why}"),
        Err(refused) => assert!(refused.to_string().contains(why), "{refused}"),
    }
}

#[tokio::test]
async fn servers_of_one_file_speak_to_each_other() {
    let (mut near, mut far, _folder) = pair().await;
    assert!(near.plain().is_none() && near.tcp().is_some());
    near.check(&peer("app-b", "192.0.2.2")).unwrap();
    far.check(&peer("app-a", "192.0.2.1")).unwrap();
    // Each of them speaks for itself.
    assert!(far.check(&peer("app-b", "192.0.2.2")).is_err());
    near.write_all(b"hello").await.unwrap();
    near.flush().await.unwrap();
    let mut read = [0; 5];
    far.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"hello");
    far.shutdown().await.unwrap();
    assert_eq!(near.read(&mut read).await.unwrap(), 0, "an end that was meant");
    drop(near);
    assert!(matches!(far.read(&mut read).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn an_address_names_a_server_as_well() {
    let (folder, _authority) = signed();
    let (a, c) = (open(folder.path(), "app-a"), open(folder.path(), "app-c"));
    let (near, far) = call(&c, &a, &peer("app-a", "192.0.2.1")).await;
    near.unwrap();
    far.unwrap();
    let (near, far) = call(&a, &c, &peer("who_", "10.0.0.23")).await;
    near.unwrap();
    far.unwrap();
    let (near, _) = call(&a, &c, &peer("", "..")).await;
    says(near, "neither its id nor its address can be in a certificate");
}

#[tokio::test]
async fn whoever_is_somebody_else_is_refused_by_both_sides() {
    let (folder, authority) = signed();
    let (other_folder, _other) = signed();
    authority.sign("old", "DNS:app-b", -1);
    authority.sign("nobody", "DNS:app-z", 9);
    let a = open(folder.path(), "app-a");
    let b = peer("app-b", "192.0.2.2");
    #[rustfmt::skip]
    let rows = [
        (open(other_folder.path(), "app-b"), "was not issued by", "was not issued by"),
        (open(folder.path(), "old"),         "has expired",       "has expired"),
        (open(folder.path(), "nobody"),      "app-z",             "app-z"),
    ];
    for (stranger, as_called, as_caller) in rows {
        let (near, _) = call(&a, &stranger, &b).await;
        says(near, as_called);
        let (near, far) = call(&stranger, &a, &peer("app-a", "192.0.2.1")).await;
        says(far, as_caller);
        // With TLS 1.3 the caller hears of it with its first read.
        if let Ok(mut near) = near {
            let error = near.read(&mut [0; 9]).await.unwrap_err();
            let refused = Refused::in_error(&error).unwrap().to_string();
            assert!(refused.starts_with("it refuses: "), "{refused}");
        }
    }
    // A server of the file is not another one.
    let (near, _) = call(&a, &open(folder.path(), "app-c"), &b).await;
    says(near, "app-c");
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_told_apart_from_whoever_only_looks() {
    let (folder, _authority) = signed();
    let a = open(folder.path(), "app-a");
    let (mut near, far) = sockets().await;
    near.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    says(a.accept(far).await, "it does not speak TLS");
    let (near, far) = sockets().await;
    drop(near);
    assert!(matches!(a.accept(far).await, Err(Refused::Gone)));
    let (near, mut far) = sockets().await;
    far.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    says(a.connect(near, &peer("app-b", "192.0.2.2")).await, "it does not speak TLS");
}

#[tokio::test]
async fn both_directions_carry_much_at_once_through_halves() {
    let (mut near, mut far, _folder) = pair().await;
    let sent: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let both = async |stream: &mut Stream| {
        let (mut reading, mut writing) = stream.split();
        let mut received = vec![0; sent.len()];
        let write = async {
            writing.write_all(&sent).await.unwrap();
            writing.flush().await.unwrap();
        };
        let (read, ()) = tokio::join!(reading.read_exact(&mut received), write);
        read.unwrap();
        assert!(received == sent);
    };
    tokio::join!(both(&mut near), both(&mut far));
    assert!(!near.has_unread() && !far.has_unread());
}

#[tokio::test]
async fn what_nobody_has_read_is_known() {
    let (mut near, mut far, _folder) = pair().await;
    far.write_all(b"ab").await.unwrap();
    far.flush().await.unwrap();
    let mut one = [0; 1];
    near.read_exact(&mut one).await.unwrap();
    assert!(near.has_unread());
    near.read_exact(&mut one).await.unwrap();
    assert!(!near.has_unread());
}

#[test]
fn a_connection_goes_on_in_another_thread() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let here = runtime();
    let (mut near, parked, _folder) = here.block_on(async {
        let (near, mut far, folder) = pair().await;
        far.write_all(b"before ").await.unwrap();
        far.flush().await.unwrap();
        (near, far.park().unwrap(), folder)
    });
    let there = std::thread::spawn(move || {
        runtime().block_on(async move {
            let mut far = parked.unpark().unwrap();
            far.write_all(b"after").await.unwrap();
            far.flush().await.unwrap();
            let mut read = [0; 2];
            far.read_exact(&mut read).await.unwrap();
            assert_eq!(&read, b"ok");
        });
    });
    here.block_on(async {
        let mut read = [0; 12];
        near.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"before after");
        near.write_all(b"ok").await.unwrap();
        near.flush().await.unwrap();
    });
    there.join().unwrap();
}

#[tokio::test]
async fn new_connections_show_new_certificates() {
    let (folder, authority) = signed();
    let (a, b) = (open(folder.path(), "app-a"), open(folder.path(), "app-b"));
    authority.sign("app-b", "DNS:app-z", 9);
    let whom = peer("app-b", "192.0.2.2");
    call(&a, &b, &whom).await.0.unwrap();
    let clone = b.clone();
    b.renew(&open(folder.path(), "app-b"));
    says(call(&a, &clone, &whom).await.0, "app-z");
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let (folder, authority) = signed();
    let (_other_folder, other) = signed();
    let path = folder.path();
    let tls = tls(path);
    let why = |tls: &Tls| ClusterTls::open(tls, "app-a", Vec::new()).unwrap_err().to_string();
    let with = |key: &str, bytes: &[u8]| {
        let name = if key == "client-ca" { "ca.pem" } else { "app-a.pem" };
        let name = if key == "key" { "app-a.key" } else { name };
        let before = std::fs::read(authority.path(name)).unwrap();
        std::fs::write(authority.path(name), bytes).unwrap();
        let why = why(&tls);
        std::fs::write(authority.path(name), before).unwrap();
        why
    };
    let key_of_another = std::fs::read(other.path("app-a.key")).unwrap();
    for (key, bytes, what) in [
        ("certificate", &b"nothing"[..], "it has no certificate in PEM"),
        ("key", b"nothing", "it has no private key in PEM"),
        ("client-ca", b"nothing", "it has no certificate in PEM"),
        ("key", &key_of_another, "it does not go with the certificate"),
    ] {
        let why = with(key, bytes);
        assert!(why.starts_with(&format!("{key} of [tls.ring]: ")) && why.contains(what), "{why}");
    }
    let missing = Tls { key: path.join("tls/none.key"), ..tls.clone() };
    assert!(why(&missing).contains("none.key cannot be read"), "{}", why(&missing));
    let none = Tls { client_ca: None, ..tls };
    assert!(why(&none).contains("it is needed for `cluster-tls`"));
}

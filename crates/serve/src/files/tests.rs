//! Whole answers from real folders.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use conditions::Conditions;
use root::Beneath;
use site::{content, field, folder, get, request, root, show, write};

mod site;

#[test]
fn files_and_folders_are_found_both_ways() {
    let folder = folder();
    #[rustfmt::skip]
    let cases: &[(&[u8], &str)] = &[
        // path                            answer
        (b"/",                             "200 <p>home"),
        (b"/index.html",                   "200 <p>home"),
        (b"/a.txt",                        "200 0123456789"),
        (b"/empty",                        "200 "),
        (b"/docs/",                        "200 <p>docs"),
        (b"/docs",                         "to ./docs/"),
        (b"/docs/a b.css",                 "200 p {}"),
        (b"/bare",                         "not found"),
        (b"/bare/",                        "not found"),
        (b"/odd",                          "not found"),
        (b"/odd/",                         "not found"),
        (b"/a.txt/",                       "not found"),
        (b"/a.txt/x",                      "not found"),
        (b"/A.TXT",                        "not found"),
        (b"/a.txt.",                       "not found"),
        (b"/C:",                           "not found"),
        (b"/nothing",                      "not found"),
        (b"/.git",                         "not found"),
        (b"/.git/config",                  "not found"),
        (b"/docs/.htaccess",               "not found"),
        (b"/.well-known/acme",             "200 token"),
        (b"/../secret.txt",                "not found"),
        (b"/docs/../../secret.txt",        "not found"),
        (b"/a.txt\0",                      "not found"),
        (b"/caf\xc3\xa9 \xff\n;x.txt",     "200 odd"),
        (b"//a.txt",                       "not found"),
    ];
    for beneath in [Beneath::Resolve, Beneath::Walk] {
        let root = root(&folder, beneath);
        for (path, shown) in cases {
            assert_eq!(show(&get(&root, path)), *shown, "{beneath:?} {}", path.escape_ascii());
        }
        assert_eq!(show(&get(&root, &[b"/".as_slice(), &[b'x'; 5000]].concat())), "not found");
    }
}

#[test]
fn a_web_app_has_its_folder_at_its_path() {
    let folder = folder();
    let root = root(&folder, Beneath::Resolve);
    #[rustfmt::skip]
    let cases = [
        // path             as the client wrote it        answer
        ("/shop",           "/shop",                      "to ./shop/"),
        ("/shop",           "/shop;v=1",                  "to ./shop/"),
        ("/shop",           "//evil.com/sh%6Fp",          "to ./sh%6Fp/"),
        ("/shop/",          "/shop/",                     "200 <p>home"),
        ("/shop/docs",      "/elsewhere",                 "to ./elsewhere/"),
        ("/shop/docs/",     "/shop/docs/",                "200 <p>docs"),
        ("/shop/a.txt",     "/shop/a.txt",                "200 0123456789"),
        ("/a.txt",          "/a.txt",                     "not found"),
        ("/shopa.txt",      "/shopa.txt",                 "not found"),
    ];
    for (path, visible, shown) in cases {
        let plain = request(path.as_bytes());
        let request = FileRequest { context: b"/shop", visible: visible.as_bytes(), ..plain };
        assert_eq!(show(&answer(&root, &request)), shown, "{path}");
    }
}

#[test]
fn a_folder_that_a_rule_dispatched_to_is_answered_and_never_redirects() {
    let folder = folder();
    let root = root(&folder, Beneath::Resolve);
    let plain = request(b"/docs");
    let request = FileRequest { visible: b"/elsewhere", may_redirect: false, ..plain };
    assert_eq!(show(&answer(&root, &request)), "200 <p>docs");
}

#[test]
fn nothing_outside_the_root_is_sent() {
    let folder = folder();
    let site = folder.path().join("site");
    let outside = folder.path().join("secret.txt");
    symlink(&outside, site.join("absolute.txt")).unwrap();
    symlink("../secret.txt", site.join("relative.txt")).unwrap();
    symlink("..", site.join("up")).unwrap();
    symlink("/", site.join("slash")).unwrap();
    symlink("/proc/self/root", site.join("magic")).unwrap();
    symlink("loop", site.join("loop")).unwrap();
    symlink("dangling-target", site.join("dangling")).unwrap();
    let slashed = ["/slash", outside.to_str().unwrap()].concat();
    for beneath in [Beneath::Resolve, Beneath::Walk] {
        let root = root(&folder, beneath);
        for path in [
            "/absolute.txt",
            "/relative.txt",
            "/up/secret.txt",
            "/up",
            &slashed,
            "/magic/etc/passwd",
            "/loop",
            "/loop/x",
            "/dangling",
        ] {
            assert_eq!(show(&get(&root, path.as_bytes())), "not found", "{beneath:?} {path}");
        }
    }
    assert_eq!(fs::read(outside).unwrap(), b"secret");
}

#[test]
fn symlinks_that_stay_beneath_the_root_are_followed_by_resolving_only() {
    let folder = folder();
    symlink("../a.txt", folder.path().join("site/docs/link.txt")).unwrap();
    symlink("docs", folder.path().join("site/link")).unwrap();
    #[rustfmt::skip]
    let cases = [
        // path               resolve             walk
        ("/docs/link.txt",    "200 0123456789",   "not found"),
        ("/link/",            "200 <p>docs",      "not found"),
        ("/link",             "to ./link/",       "not found"),
    ];
    for (path, resolved, walked) in cases {
        let path = path.as_bytes();
        assert_eq!(show(&get(&root(&folder, Beneath::Resolve), path)), resolved);
        assert_eq!(show(&get(&root(&folder, Beneath::Walk), path)), walked);
    }
}

#[test]
fn what_is_no_regular_file_is_neither_sent_nor_waited_for() {
    let folder = folder();
    let site = folder.path().join("site");
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    let fifo = site.join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(site.join("socket")).unwrap();
    for beneath in [Beneath::Resolve, Beneath::Walk] {
        let root = root(&folder, beneath);
        for path in ["/fifo", "/socket"] {
            assert_eq!(show(&get(&root, path.as_bytes())), "not found", "{beneath:?} {path}");
        }
    }
}

#[test]
fn what_may_not_be_read_is_not_found() {
    let folder = folder();
    let path = folder.path().join("site/a.txt");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    let expected = if fs::read(&path).is_ok() { "200 0123456789" } else { "not found" };
    assert_eq!(show(&get(&root(&folder, Beneath::Resolve), b"/a.txt")), expected);
}

#[test]
fn a_root_must_be_a_folder() {
    let folder = folder();
    let error = Root::open(&folder.path().join("secret.txt")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
    let error = Root::open(&folder.path().join("nothing")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_file_goes_with_its_fields() {
    let folder = folder();
    let root = root(&folder, Beneath::Resolve);
    let whole = get(&root, b"/docs/");
    assert_eq!(field(&whole, "Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(field(&whole, "X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(field(&whole, "Accept-Ranges"), Some("bytes"));
    assert!(field(&whole, "ETag").is_some_and(|tag| tag.starts_with('"') && tag.ends_with('"')));
    assert!(field(&whole, "Last-Modified").is_some_and(|date| date.ends_with(" GMT")));
    assert_eq!(field(&whole, "Content-Range"), None);
}

#[test]
fn a_head_has_the_length_and_no_content() {
    let folder = folder();
    let root = root(&folder, Beneath::Resolve);
    let conditions = Conditions { range: Some(b"bytes=0-1"), ..Conditions::default() };
    let head = FileRequest { head: true, conditions, ..request(b"/a.txt") };
    let answered = answer(&root, &head);
    let FileAnswer::Send { status: 200, length: 10, segments, .. } = &answered else {
        panic!("{answered:?}");
    };
    assert!(segments.is_empty());
}

#[test]
fn ranges_are_cut_out_of_the_file() {
    let folder = folder();
    let long: Vec<u8> = (0..2000).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
    write(&folder.path().join("site"), b"long.txt", &long);
    let root = root(&folder, Beneath::Resolve);
    let get = |range: &'static str| {
        let conditions = Conditions { range: Some(range.as_bytes()), ..Conditions::default() };
        answer(&root, &FileRequest { conditions, ..request(b"/long.txt") })
    };
    let one = get("bytes=26-27");
    assert_eq!(show(&one), "206 ab");
    assert_eq!(field(&one, "Content-Range"), Some("bytes 26-27/2000"));
    assert_eq!(field(&one, "Content-Type"), Some("text/plain; charset=utf-8"));

    let outside = get("bytes=2000-");
    assert!(matches!(outside, FileAnswer::Unsatisfiable { .. }));
    assert_eq!(field(&outside, "Content-Range"), Some("bytes */2000"));

    let several = get("bytes=1000-1001,0-1");
    let media_type = field(&several, "Content-Type").unwrap();
    let boundary = media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let part = |range: &str, content: &str| {
        format!(
            "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Range: bytes {range}/2000\r\n\r\n{content}\r\n"
        )
    };
    let expected = part("1000-1001", "mn") + &part("0-1", "ab") + &format!("--{boundary}--\r\n");
    assert_eq!(String::from_utf8(content(&several)).unwrap(), expected);
    assert_eq!(field(&several, "Content-Range"), None);
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let folder = folder();
    let root = root(&folder, Beneath::Resolve);
    let first = get(&root, b"/a.txt");
    let tag = field(&first, "ETag").unwrap().as_bytes();
    let ask = |conditions| answer(&root, &FileRequest { conditions, ..request(b"/a.txt") });
    let known = || Conditions { if_none_match: Some(tag), ..Conditions::default() };
    let again = ask(known());
    assert!(matches!(again, FileAnswer::NotModified { .. }));
    assert_eq!(field(&again, "ETag").map(str::as_bytes), Some(tag));
    let other = ask(Conditions { if_match: Some(b"\"x\""), ..Conditions::default() });
    assert!(matches!(other, FileAnswer::PreconditionFailed));

    write(&folder.path().join("site"), b"a.txt", b"changed");
    assert_eq!(show(&ask(known())), "200 changed");
    let part = Conditions { if_range: Some(tag), range: Some(b"bytes=0-1"), ..known() };
    assert_eq!(show(&ask(part)), "200 changed");
}

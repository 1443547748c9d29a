//! A session id is printed as it was read, and its parts are where they belong.
#![no_main]

use copal_protocol::letters::Letters;
use copal_protocol::session_id::SessionId;
use copal_protocol::session_key::SessionKey;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let letters = Letters::read(data);
    if let Some(letters) = letters {
        assert!((3..=64).contains(&data.len()));
        assert_eq!(letters.to_bytes(), data[..3]);
    }
    let Some(id) = SessionId::parse(data) else { return };
    assert!((24..=64).contains(&data.len()));
    assert_eq!(id.as_str().as_bytes(), data);
    assert_eq!(Some(id.letters()), letters);
    assert_eq!(Some(id.key()), SessionKey::parse(&data[3..14]));
    assert_eq!(id.proof(), &data[14..]);

    let again = SessionId::parse(id.as_str().as_bytes()).expect("what was printed is read");
    assert!(again.proof_matches(&id));

    // Letters and key are shown, the proof is not.
    assert_eq!(id.to_string(), format!("{}…", &id.as_str()[..14]));
    assert_eq!(format!("{id:?}"), format!("SessionId({id})"));

    let moved = id.with_letters(Letters::read(b"cde").expect("three letters"));
    assert_eq!(&moved.as_str()[..3], "cde");
    assert_eq!(moved.key(), id.key());
    assert!(moved.proof_matches(&id));

    let rotated = id.with_new_proof(data).expect("there are more bytes than the proof has");
    assert_eq!(&rotated.as_str()[..14], &id.as_str()[..14]);
    assert_eq!(rotated.as_str().len(), data.len());
});

//! Nonces and proofs are printed as they were read, and every part of a hello changes its proof.
#![no_main]

use copal_protocol::hello::{Nonce, Parties, Proof, client_proof, server_proof};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let nonce = Nonce::parse(data);
    let proof = Proof::parse(data);
    let hex = data.len() == 64 && data.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert_eq!(nonce.is_some(), hex);
    assert_eq!(proof.is_some(), hex);
    if let (Some(nonce), Some(proof)) = (nonce, proof) {
        assert_eq!(nonce.to_string().as_bytes(), data);
        assert_eq!(proof.to_string().as_bytes(), data);
    }

    // Any bytes serve as secret and any text as names.
    let (secret, names) = data.split_at(data.len() / 2);
    let names = String::from_utf8_lossy(names);
    let (cluster, server) = names.split_at(names.floor_char_boundary(names.len() / 2));
    let parties = Parties { cluster, server };
    let (ours, theirs) = (Nonce::from_random([1; 32]), Nonce::from_random([2; 32]));
    let right = server_proof(secret, parties, &ours, &theirs);
    assert_eq!(right, server_proof(secret, parties, &ours, &theirs));
    assert_eq!(Proof::parse(right.to_string().as_bytes()), Some(right));
    assert_ne!(right, client_proof(secret, parties, &ours, &theirs));
    assert_ne!(right, server_proof(secret, parties, &theirs, &ours));
    let longer = format!("{server}x");
    let other = Parties { cluster, server: &longer };
    assert_ne!(right, server_proof(secret, other, &ours, &theirs));
    if !cluster.is_empty() {
        // The same letters with the border elsewhere are other parties.
        let moved = Parties { cluster: "", server: &names };
        assert_ne!(right, server_proof(secret, moved, &ours, &theirs));
    }
});

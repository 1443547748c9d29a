//! Whether the other end of a connection to the cluster port is one of our servers.

use std::net::IpAddr;

use copal_config::secret::Secret;
use copal_protocol::hello::{self, Nonce, Parties, Proof};
use http::HeaderMap;

/// What the other end of a connection has proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Stranger,
    /// It was sent our nonce; the next request must prove that it knows the secret.
    Greeted { client: Nonce, server: Nonce },
    /// It is a server of ours.
    Believed,
}

/// What a hello is answered with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// Our nonce and our proof.
    Answer { nonce: Nonce, proof: Proof },
    /// There is no secret here to prove anything with.
    NoSecret,
    /// The field with the caller's nonce is missing or malformed.
    NoNonce,
}

/// A proof that does not fit: the other end was started with another secret, another cluster
/// name or for another server id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongProof;

impl Standing {
    /// Of a connection to the cluster port that has said nothing yet.
    pub(crate) fn of_stranger(peer: IpAddr, secret: Option<&Secret>) -> Self {
        match secret {
            None if peer.to_canonical().is_loopback() => Self::Believed,
            _ => Self::Stranger,
        }
    }

    pub(crate) fn is_believed(self) -> bool {
        self == Self::Believed
    }

    /// Answers a hello. A second hello begins anew.
    pub(crate) fn greet(
        &mut self,
        fields: &HeaderMap,
        secret: Option<&Secret>,
        parties: Parties<'_>,
        server: Nonce,
    ) -> Greeting {
        let Some(secret) = secret else {
            return Greeting::NoSecret;
        };
        let nonce = fields.get(hello::NONCE).map(http::HeaderValue::as_bytes);
        let Some(client) = nonce.and_then(Nonce::parse) else {
            return Greeting::NoNonce;
        };
        *self = Self::Greeted { client, server };
        Greeting::Answer {
            nonce: server,
            proof: hello::server_proof(secret.bytes(), parties, &client, &server),
        }
    }

    /// Looks at the proof in an ordinary request, when one is due.
    pub(crate) fn check(
        &mut self,
        fields: &HeaderMap,
        secret: Option<&Secret>,
        parties: Parties<'_>,
    ) -> Result<(), WrongProof> {
        let Self::Greeted { client, server } = *self else {
            return Ok(());
        };
        let shown = fields.get(hello::PROOF);
        let shown = shown.and_then(|proof| Proof::parse(proof.as_bytes()));
        let due =
            secret.map(|secret| hello::client_proof(secret.bytes(), parties, &client, &server));
        if shown.is_some() && shown == due {
            *self = Self::Believed;
            Ok(())
        } else {
            Err(WrongProof)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP_A: Parties<'_> = Parties { cluster: "app-tier", server: "app-a" };
    const CLIENT: Nonce = Nonce::from_random([1; 32]);
    const SERVER: Nonce = Nonce::from_random([2; 32]);

    fn secret() -> Secret {
        Secret::new(b"correct horse battery".to_vec())
    }

    fn field(name: &'static str, value: &impl ToString) -> HeaderMap {
        let value = value.to_string().parse().unwrap();
        [(name.parse().unwrap(), value)].into_iter().collect()
    }

    #[test]
    fn loopback_is_believed_only_where_no_secret_is_configured() {
        #[rustfmt::skip]
        let table = [
            ("127.0.0.1",        false, true),
            ("::1",              false, true),
            ("::ffff:127.0.0.1", false, true),
            ("192.0.2.1",        false, false),
            ("127.0.0.1",        true,  false),
            ("192.0.2.1",        true,  false),
        ];
        for (peer, with_secret, believed) in table {
            let secret = with_secret.then(secret);
            let standing = Standing::of_stranger(peer.parse().unwrap(), secret.as_ref());
            assert_eq!(standing.is_believed(), believed, "{peer} {with_secret}");
        }
    }

    #[test]
    fn who_knows_the_secret_is_believed() {
        let secret = secret();
        let mut standing = Standing::Stranger;
        let hello = field(hello::NONCE, &CLIENT);
        let greeting = standing.greet(&hello, Some(&secret), APP_A, SERVER);
        let proof = hello::server_proof(secret.bytes(), APP_A, &CLIENT, &SERVER);
        let nonce = SERVER;
        assert_eq!(greeting, Greeting::Answer { nonce, proof });
        assert!(!standing.is_believed());
        let proof = hello::client_proof(secret.bytes(), APP_A, &CLIENT, &SERVER);
        let request = field(hello::PROOF, &proof);
        assert_eq!(standing.check(&request, Some(&secret), APP_A), Ok(()));
        assert!(standing.is_believed());
    }

    #[test]
    fn who_does_not_is_refused() {
        let secret = secret();
        let app_b = Parties { server: "app-b", ..APP_A };
        #[rustfmt::skip]
        let proofs = [
            ("another secret",  Some(hello::client_proof(b"another secret 16", APP_A, &CLIENT, &SERVER))),
            ("another server",  Some(hello::client_proof(secret.bytes(), app_b, &CLIENT, &SERVER))),
            ("our own proof",   Some(hello::server_proof(secret.bytes(), APP_A, &CLIENT, &SERVER))),
            ("an older nonce",  Some(hello::client_proof(secret.bytes(), APP_A, &CLIENT, &CLIENT))),
            ("none",            None),
        ];
        for (what, proof) in proofs {
            let mut standing = Standing::Greeted { client: CLIENT, server: SERVER };
            let request = proof.map_or_else(HeaderMap::new, |proof| field(hello::PROOF, &proof));
            let checked = standing.check(&request, Some(&secret), APP_A);
            assert_eq!(checked, Err(WrongProof), "{what}");
            assert!(!standing.is_believed(), "{what}");
        }
    }

    #[test]
    fn a_hello_needs_a_nonce_and_a_secret() {
        let mut standing = Standing::Stranger;
        let empty = HeaderMap::new();
        let secret = secret();
        let greeting = standing.greet(&empty, Some(&secret), APP_A, SERVER);
        assert_eq!(greeting, Greeting::NoNonce);
        let hello = field(hello::NONCE, &CLIENT);
        let greeting = standing.greet(&hello, None, APP_A, SERVER);
        assert_eq!(greeting, Greeting::NoSecret);
        assert_eq!(standing, Standing::Stranger);
    }
}

//! Both ends of the connections of a cluster port.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use copal_config::tls::{MinVersion, Tls};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ServerConfig, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::chain::Chain;
use crate::encrypted::Encrypted;
use crate::files::{Files, of_server};
use crate::guests::Guests;
use crate::peer::Peer;
use crate::refused::Refused;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::tls_error::TlsError;

/// Both ends of the connections of a cluster port, on which each side shows a certificate. Clones are
/// the same.
#[derive(Clone)]
pub struct ClusterTls(Arc<RwLock<Arc<Ends>>>);

struct Ends {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

impl ClusterTls {
    /// Reads the certificates of the server `own`. Only `peers` are let in.
    ///
    /// # Errors
    /// When a file is missing, is not what it should be, or does not belong to the others.
    pub fn open(tls: &Tls, own: &str, peers: Vec<Peer>) -> Result<Self, TlsError> {
        let tls = &of_server(tls, own);
        let ends = Ends::of(tls, Files::read(tls)?, peers)?;
        Ok(Self(Arc::new(RwLock::new(Arc::new(ends)))))
    }

    /// New connections are made with what `next` has read. Those that there are go on.
    pub fn renew(&self, next: &Self) {
        let ends = next.ends();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    /// The end of whoever was connected to. The other side is one of the peers.
    ///
    /// # Errors
    /// Why it is not let in.
    pub async fn accept(&self, stream: TcpStream) -> Result<Stream, Refused> {
        let ends = self.ends();
        let stream = ends.acceptor.accept(Socket::new(stream)).await?;
        Ok(Stream::Tls(Box::new(Encrypted(TlsStream::Server(stream)))))
    }

    /// The end of whoever connects. The other side is `peer`.
    ///
    /// # Errors
    /// When it is somebody else, or does not want us. The latter may also show with the first read.
    pub async fn connect(&self, stream: TcpStream, peer: &Peer) -> Result<Stream, Refused> {
        let ends = self.ends();
        // It is not looked at by us; the server may.
        let name = [&peer.id, &peer.address].into_iter();
        let name = name.filter_map(|name| ServerName::try_from(name.clone()).ok()).next();
        let name = name.ok_or_else(|| {
            Refused::Because("neither its id nor its address can be in a certificate".to_owned())
        })?;
        let stream = ends.connector.connect(name, Socket::new(stream)).await?;
        let stream = Stream::Tls(Box::new(Encrypted(TlsStream::Client(stream))));
        stream.check(peer)?;
        Ok(stream)
    }

    fn ends(&self) -> Arc<Ends> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ends {
    fn of(tls: &Tls, files: Files, peers: Vec<Peer>) -> Result<Self, TlsError> {
        let unusable = |key, path: &std::path::Path, what: String| TlsError::Unusable {
            name: tls.name.clone(),
            key,
            path: path.to_owned(),
            what,
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let Files { certificates, key, client_ca } = files;
        let roots = client_ca.ok_or_else(|| {
            unusable("client-ca", &tls.certificate, "it is needed for `cluster-tls`".to_owned())
        })?;
        let guests = guests(&provider, &roots, peers);
        let guests = guests.map_err(|error| {
            let path = tls.client_ca.as_deref().unwrap_or(&tls.certificate);
            unusable("client-ca", path, error)
        })?;
        let own = |error: rustls::Error| {
            let what = format!("it does not go with the certificate: {error}");
            unusable("key", &tls.key, what)
        };
        let versions = versions(tls.min_version);
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(own)?
            .with_client_cert_verifier(Arc::new(guests));
        let mut server =
            server.with_single_cert(certificates.clone(), key.clone_key()).map_err(own)?;
        // Every connection is looked at anew, with the certificates of its time.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        let chain = Chain { roots, algorithms: provider.signature_verification_algorithms };
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(own)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(chain))
            .with_client_auth_cert(certificates, key)
            .map_err(own)?;
        client.resumption = Resumption::disabled();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: TlsConnector::from(Arc::new(client)),
        })
    }
}

fn guests(
    provider: &Arc<CryptoProvider>,
    roots: &Arc<rustls::RootCertStore>,
    peers: Vec<Peer>,
) -> Result<Guests, String> {
    let chain =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider));
    let chain = chain.build().map_err(|error| error.to_string())?;
    Ok(Guests { chain, peers })
}

static FROM_1_2: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
static FROM_1_3: &[&SupportedProtocolVersion] = &[&TLS13];

fn versions(least: MinVersion) -> &'static [&'static SupportedProtocolVersion] {
    match least {
        MinVersion::Tls12 => FROM_1_2,
        MinVersion::Tls13 => FROM_1_3,
    }
}

impl fmt::Debug for ClusterTls {
    /// Without keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterTls(..)")
    }
}

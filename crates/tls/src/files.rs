//! What the files of a `[tls.NAME]` have in them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use copal_config::tls::Tls;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::tls_error::TlsError;

/// A file of certificates is far smaller.
const MAX_BYTES: u64 = 1 << 20;

/// What the files of a `[tls.NAME]` have in them.
#[derive(Debug)]
pub struct Files {
    /// The certificate of the server, and those that lead from it to its authority.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
    /// The authorities whose certificates are taken from others, if others are to show some.
    pub client_ca: Option<Arc<RootCertStore>>,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// When one of them is missing, or is not what it should be.
    pub fn read(tls: &Tls) -> Result<Self, TlsError> {
        let of = |key, path: &Path| Source { name: &tls.name, key, path: path.to_owned() };
        let certificate = of("certificate", &tls.certificate);
        let certificates = certificate.certificates()?;
        let key = of("key", &tls.key);
        let text = key.text()?;
        let key = PrivateKeyDer::from_pem_slice(&text)
            .map_err(|_| key.unusable("it has no private key in PEM (PKCS#8, SEC1 or PKCS#1)"))?;
        let client_ca = tls.client_ca.as_ref().map(|path| of("client-ca", path).roots());
        Ok(Self { certificates, key, client_ca: client_ca.transpose()? })
    }
}

/// One of the files.
struct Source<'s> {
    name: &'s str,
    key: &'static str,
    path: PathBuf,
}

impl Source<'_> {
    fn text(&self) -> Result<Vec<u8>, TlsError> {
        let read = || -> io::Result<Vec<u8>> {
            let mut text = Vec::new();
            File::open(&self.path)?.take(MAX_BYTES).read_to_end(&mut text)?;
            Ok(text)
        };
        read().map_err(|source| TlsError::Unreadable {
            name: self.name.to_owned(),
            key: self.key,
            path: self.path.clone(),
            source,
        })
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let text = self.text()?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        match read {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            Ok(_) => Err(self.unusable("it has no certificate in PEM")),
            Err(error) => Err(self.unusable(&format!("it is no PEM: {error}"))),
        }
    }

    fn roots(&self) -> Result<Arc<RootCertStore>, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates()? {
            let added = roots.add(certificate);
            added.map_err(|error| self.unusable(&format!("it has no authority in it: {error}")))?;
        }
        Ok(Arc::new(roots))
    }

    fn unusable(&self, what: &str) -> TlsError {
        TlsError::Unusable {
            name: self.name.to_owned(),
            key: self.key,
            path: self.path.clone(),
            what: what.to_owned(),
        }
    }
}

/// The files of a server, whose id stands where the paths say `${server}`.
#[must_use]
pub fn of_server(tls: &Tls, server: &str) -> Tls {
    Tls {
        certificate: named(&tls.certificate, server),
        key: named(&tls.key, server),
        client_ca: tls.client_ca.as_ref().map(|path| named(path, server)),
        ..tls.clone()
    }
}

fn named(path: &Path, server: &str) -> PathBuf {
    match path.to_str() {
        Some(text) => PathBuf::from(text.replace("${server}", server)),
        None => path.to_owned(),
    }
}

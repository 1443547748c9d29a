//! A server of the configuration, as its certificate names it.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};

/// A server of the configuration, as its certificate names it: by its id, or by its address. One of
/// them is enough, because the authority that signs is the cluster's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its id in the file.
    pub id: String,
    /// The address of its cluster port: an IP address or a host name.
    pub address: String,
}

impl Peer {
    /// Whether a certificate is this server's: whether it has its id or its address among its
    /// `subjectAltName`s.
    ///
    /// # Errors
    /// The certificate cannot be read, or is somebody else's.
    pub fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let certificate = ParsedCertificate::try_from(certificate)?;
        let names = [self.id.clone(), self.address.clone()].into_iter();
        // An id that cannot be a host name, `app_`, is in no certificate.
        let names = names.filter_map(|name| ServerName::try_from(name).ok());
        let mut last = Error::InvalidCertificate(CertificateError::NotValidForName);
        for name in names {
            match verify_server_name(&certificate, &name) {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

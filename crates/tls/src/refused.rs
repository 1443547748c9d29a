//! Why a connection did not become an encrypted one.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a connection did not become an encrypted one.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The other side went away before it had said anything: it only looked whether somebody listens.
    #[error("it closed the connection")]
    Gone,
    /// The network's fault.
    #[error("{0}")]
    Broken(io::Error),
    /// One of the two does not take the other one. What it says stands behind "it".
    #[error("{0}")]
    Because(String),
}

impl Refused {
    /// What a read or a write that failed says of TLS, if anything: that the other side does not take our
    /// certificate shows with the first of them.
    #[must_use]
    pub fn in_error(error: &io::Error) -> Option<Self> {
        let tls = error.get_ref().and_then(|inside| inside.downcast_ref::<Error>());
        tls.map(|tls| Self::Because(words(tls)))
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match Self::in_error(&error) {
            Some(refused) => refused,
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Gone,
            None => Self::Broken(error),
        }
    }
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Gone => io::ErrorKind::UnexpectedEof.into(),
            Refused::Broken(error) => error,
            Refused::Because(why) => Self::other(why),
        }
    }
}

/// What a failure of TLS means to an operator.
pub(crate) fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(bad) => certificate(bad),
        Error::NoCertificatesPresented => "it shows no certificate".to_owned(),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => {
            "it does not speak TLS: has its file a `cluster-tls` for this cluster?".to_owned()
        }
        Error::AlertReceived(alert) => format!("it {}", declined(*alert)),
        other => format!("TLS failed: {other}"),
    }
}

fn certificate(bad: &CertificateError) -> String {
    match bad {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate was not issued by an authority of our `client-ca`".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired (or the clock of this host is wrong)".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet (or the clock of this host is wrong)".to_owned()
        }
        CertificateError::NotValidForName => {
            "its certificate has neither the id nor the address of the server".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = if presented.is_empty() { "none".to_owned() } else { presented.join(", ") };
            format!(
                "its certificate has neither the id nor the address of the server among its \
                 subjectAltNames, which are: {names}"
            )
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not for both ends of a connection: extendedKeyUsage must have \
             serverAuth and clientAuth"
                .to_owned()
        }
        other => format!("its certificate cannot be used: {other}"),
    }
}

/// What the other side does not like about us.
fn declined(alert: AlertDescription) -> String {
    let what = match alert {
        // Of another authority with the same name, it is the signature that is wrong.
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            "our certificate was not issued by an authority of its `client-ca`"
        }
        AlertDescription::CertificateExpired => "our certificate has expired",
        AlertDescription::CertificateRequired => "it was shown no certificate",
        AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
            "our certificate does not name a server of its file"
        }
        AlertDescription::ProtocolVersion => "the two have no version of TLS in common",
        _ => return format!("refuses: {alert:?}; its own log says why"),
    };
    format!("refuses: {what}; its own log has more")
}

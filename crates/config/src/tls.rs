//! Certificates for encrypted connections, as `[tls.NAME]` names their files.

use std::path::PathBuf;

/// The files of certificates for encrypted connections. They are on the host of each server, and
/// nothing of them is read here. `${server}` in a path stands for the id of the server that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Its name in the file.
    pub name: String,
    /// The server's certificate, and those that lead to its authority: PEM.
    pub certificate: PathBuf,
    /// Its private key: PEM.
    pub key: PathBuf,
    /// The authorities whose certificates others must show: PEM. `None`: nobody shows one.
    pub client_ca: Option<PathBuf>,
    /// The oldest version of TLS that is spoken.
    pub min_version: MinVersion,
}

/// The oldest version of TLS that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MinVersion {
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}

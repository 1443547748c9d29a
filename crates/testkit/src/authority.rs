//! An authority that signs certificates, as `docs/operating.md` tells operators to make one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The page with the commands.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");

/// An authority, with the certificates of the servers that the page names: `web-a`, `app-a`, `app-b`,
/// `app-c`. All files are in a folder `tls`.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// Makes one in `folder`, with the commands that operators copy.
    ///
    /// # Panics
    /// When the page has no such commands, or one of them fails.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let page = std::fs::read_to_string(PAGE).expect("docs/operating.md");
        let block = page.split("```sh\n").find(|block| block.starts_with("mkdir -p tls"));
        let block = block.and_then(|block| block.split("```").next()).expect("the commands");
        run(folder, block);
        Self { folder: folder.join("tls") }
    }

    /// A file of it: `ca.pem`, `app-a.key`.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Signs a certificate `NAME.pem` with its key `NAME.key`, for these subjectAltNames, which is good
    /// for so many days.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn sign(&self, name: &str, names: &str, days: i32) {
        self.sign_for(name, names, days, "serverAuth,clientAuth");
    }

    /// The same for other uses.
    ///
    /// # Panics
    /// When openssl fails.
    pub fn sign_for(&self, name: &str, names: &str, days: i32, uses: &str) {
        run(
            &self.folder,
            &format!(
                "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\
                   -subj /CN={name} -keyout {name}.key -out {name}.csr
                 printf 'subjectAltName=%s\\nextendedKeyUsage=%s\\n' {names} {uses} > {name}.ext
                 openssl x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial \\
                   -days {days} -extfile {name}.ext -out {name}.pem"
            ),
        );
    }
}

/// Runs commands of a shell in a folder.
fn run(folder: &Path, commands: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", commands]).current_dir(folder).stdin(Stdio::null());
    let output = shell.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\n{said}");
}

//! The rules of the file, each with the word under which a finding names it.

macro_rules! finding_rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// A rule of the file. Its word is stable: scripts may look for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingRule {
            $($(#[doc = $doc])+ $name,)+
        }

        impl FindingRule {
            /// Every rule there is.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The rule's word, for example `unknown-key`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

finding_rules! {
    /// The file is TOML.
    Syntax = "syntax",
    /// The file is read to its end.
    NotRead = "not-read",
    /// A key stands once in its table.
    DuplicateKey = "duplicate-key",
    /// Only keys that this version knows are written, each in its own section.
    UnknownKey = "unknown-key",
    /// A value has the type of its key.
    WrongType = "wrong-type",
    /// A number, time or size lies within its bounds.
    OutOfRange = "out-of-range",
    /// A key with a fixed list of values has one of them.
    UnknownValue = "unknown-value",
    /// A key without a default is written.
    MissingKey = "missing-key",
    /// A time is a number with its unit.
    InvalidDuration = "invalid-duration",
    /// A size is a number of bytes, with or without K, M, G or T.
    InvalidSize = "invalid-size",
    /// A regexp compiles.
    InvalidRegexp = "invalid-regexp",
    /// A compiled regexp stays small.
    RegexpTooLarge = "regexp-too-large",
    /// An address is an IP address or a host name, without a port.
    InvalidAddress = "invalid-address",
    /// A network is an IP address with a number of bits.
    InvalidNetwork = "invalid-network",
    /// A server id has its form.
    InvalidServerId = "invalid-server-id",
    /// A cluster name has its form.
    InvalidClusterName = "invalid-cluster-name",
    /// An application name has its form.
    InvalidAppName = "invalid-app-name",
    /// A cookie's name, domain and path can stand in a `Set-Cookie` field.
    InvalidCookie = "invalid-cookie",
    /// A session-url-prefix is `;name=`.
    InvalidUrlPrefix = "invalid-url-prefix",
    /// A virtual host's name is a host name, or `*.` and one.
    InvalidHostName = "invalid-host-name",
    /// A web-app's path is in normal form.
    InvalidPath = "invalid-path",
    /// A folder or file has a name.
    InvalidFile = "invalid-file",
    /// A web-app has something to answer with.
    EmptyWebApp = "empty-web-app",
    /// An application that is named is compiled in.
    UnknownApp = "unknown-app",
    /// The folder of a web-app is there.
    MissingRoot = "missing-root",
    /// A rule's target is a path or, for a redirect, a URL; a health check asks for a path.
    InvalidTarget = "invalid-target",
    /// A target only names groups of its rule's regexp.
    UnknownGroup = "unknown-group",
    /// A secret or token has 16 bytes or more.
    ShortSecret = "short-secret",
    /// The variable or file of a secret or token can be read.
    UnreadableSecret = "unreadable-secret",
    /// A cluster port that other hosts can reach needs a secret.
    MissingSecret = "missing-secret",
    /// An admin listener that other hosts can reach needs a token.
    MissingToken = "missing-token",
    /// A rule does something.
    MissingAction = "missing-action",
    /// A rule does one thing.
    SeveralActions = "several-actions",
    /// A cluster that is named exists.
    DanglingCluster = "dangling-cluster",
    /// Certificates that are named exist.
    DanglingTls = "dangling-tls",
    /// A cluster does not balance to itself.
    OwnCluster = "own-cluster",
    /// Only app-tier and http clusters are balanced.
    BalancedWebTier = "balanced-web-tier",
    /// There is a cluster.
    NoCluster = "no-cluster",
    /// A cluster has servers.
    EmptyCluster = "empty-cluster",
    /// A cluster has 64 servers at most.
    TooManyServers = "too-many-servers",
    /// A server id is unique in the file.
    DuplicateServerId = "duplicate-server-id",
    /// An index is unique in its cluster.
    DuplicateIndex = "duplicate-index",
    /// Two servers do not listen at the same place.
    DuplicatePort = "duplicate-port",
    /// A web-app's path is unique in its host.
    DuplicatePath = "duplicate-path",
    /// A name belongs to one host of a cluster.
    DuplicateHost = "duplicate-host",
    /// Keys of one tier are not written in the other.
    WrongTier = "wrong-tier",
    /// What only servers of ours can do is not asked of an http cluster.
    ForeignServers = "foreign-servers",
    /// A web-tier server lets go of an idle connection before the other side does.
    IdleTime = "idle-time",
    /// A cluster and the clusters it balances agree on the session-url-prefix.
    UrlPrefixDiffers = "url-prefix-differs",
    /// A cookie with SameSite "none" is Secure.
    CookieSameSite = "cookie-same-site",
    /// A session id travels in a cookie or in URLs.
    NoSessionTracking = "no-session-tracking",
    /// What holds for a whole cluster is written in the cluster.
    ClusterWide = "cluster-wide",
    /// What is said of the copies of a session fits together.
    CopiesContradict = "copies-contradict",
    /// Files keep the sessions of one server.
    FileStore = "file-store",
    /// What is saved only at the end is not saved with every request.
    SaveModeContradicts = "save-mode-contradicts",
    /// Two limits do not contradict each other.
    LimitsContradict = "limits-contradict",
    /// Every named host can be reached.
    UnreachableHost = "unreachable-host",
    /// Every rule can be reached.
    UnreachableRule = "unreachable-rule",
    /// A regexp for an extension is anchored.
    UnanchoredExtension = "unanchored-extension",
    /// Somebody can reach the cluster.
    NoListener = "no-listener",
    /// Session ids that a client names are not taken for new sessions.
    SessionFixation = "session-fixation",
    /// What is written has an effect.
    WithoutEffect = "without-effect",
    /// Others can connect to the address of a cluster port.
    UnspecifiedAddress = "unspecified-address",
    /// A health check has its answer before the next one is due.
    HealthCheckTimeout = "health-check-timeout",
    /// A cluster has a server that takes new sessions.
    NoNewSessions = "no-new-sessions",
    /// A cluster has as many servers as a session has copies.
    TooManyCopies = "too-many-copies",
    /// Sessions outlive their server.
    NotReplicated = "not-replicated",
}

impl std::fmt::Display for FindingRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_kebab_case_and_used_once() {
        let words: Vec<_> = FindingRule::ALL.iter().map(|rule| rule.word()).collect();
        for (at, word) in words.iter().enumerate() {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
            assert!(!words[..at].contains(word), "{word} twice");
        }
    }
}

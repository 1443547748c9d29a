//! What may be written after `copal`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// What may be written after `copal`.
#[derive(Debug, Parser)]
#[command(
    name = "copal",
    version,
    about = "Starts, checks, shows and steers a Copal cluster",
    after_help = "Exit codes: 0 done; 1 it ran and failed; 2 the command line or the \
                  configuration is wrong, and nothing was started.",
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start every server of the configuration that belongs on this host, and stop them on Ctrl-C
    Up {
        /// Start a small cluster to try: one web server and three app servers on this host,
        /// described in copal-demo/copal.toml, which is written unless it exists
        #[arg(long, conflicts_with = "config")]
        demo: bool,
        /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Validate the configuration and print a summary of the cluster
    Check {
        /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print one JSON object for programs
        #[arg(long)]
        json: bool,
    },
    /// Ask all servers how they are, and print it
    Status {
        /// Look every second, until Ctrl-C
        #[arg(long)]
        watch: bool,
        /// Print one JSON object for programs; with --watch one in each line
        #[arg(long)]
        json: bool,
        /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Give a server its full share of requests again
    Enable(OneServer),
    /// Send a server only the requests of sessions that are bound to it
    Drain(OneServer),
    /// Send the requests of a server's sessions to their backup too
    Evict(OneServer),
    /// Take a server out of service
    Maintenance(OneServer),
    /// Have servers read their configuration again; a bad one is given to nobody
    Reload {
        /// The id of one server [default: every server that runs]
        server: Option<String>,
        /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Say which servers a session id names; never prints its secret part
    SessionId {
        /// The value of the session cookie, or of ;jsessionid= in a URL
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// A server whose state changes.
#[derive(Debug, Args)]
pub struct OneServer {
    /// The id of the server in the configuration
    pub server: String,
    /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_id_may_begin_with_the_letter_of_server_63() {
        let id = "--aX8ZwooOz0123456789abcd";
        for line in [
            vec!["copal", "session-id", id],
            vec!["copal", "session-id", id, "--config", "c.toml"],
            vec!["copal", "session-id", "--config", "c.toml", id],
        ] {
            let named_file = line.len() > 3;
            let Command::SessionId { id: read, config } =
                Arguments::try_parse_from(line).unwrap().command
            else {
                panic!("another command was read");
            };
            assert_eq!(read, id);
            assert_eq!(config.is_some(), named_file);
        }
    }

    #[test]
    fn the_demo_has_a_configuration_of_its_own() {
        assert!(Arguments::try_parse_from(["copal", "up", "--demo", "--config", "f"]).is_err());
        assert!(Arguments::try_parse_from(["copal", "up", "--demo"]).is_ok());
    }

    #[test]
    fn what_is_missing_or_too_much_is_refused() {
        #[rustfmt::skip]
        let table = [
            // line                                          good?
            ("copal status",                                 true),
            ("copal status --watch --json --config f",       true),
            ("copal status app-a",                           false),
            ("copal drain",                                  false),
            ("copal drain app-a",                            true),
            ("copal evict --config f app-a",                 true),
            ("copal enable app-a app-b",                     false),
            ("copal maintenance app-a --json",               false),
            ("copal reload",                                 true),
            ("copal reload web-a --config f",                true),
            ("copal reload web-a web-b",                     false),
        ];
        for (line, is_good) in table {
            let read = Arguments::try_parse_from(line.split(' '));
            assert_eq!(read.is_ok(), is_good, "{line}");
        }
    }
}

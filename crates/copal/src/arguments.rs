//! What may be written after `copal`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What may be written after `copal`.
#[derive(Debug, Parser)]
#[command(
    name = "copal",
    version,
    about = "Starts, checks and explains a Copal cluster",
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
}

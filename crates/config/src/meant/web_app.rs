//! The web-apps of a host.

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::copies;
use crate::meant::persistent_store::check_needed;
use crate::meant::scope::Scope;
use crate::meant::session_config::session_config;
use crate::place::Place;
use crate::web_app::WebApp;
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::nearest::nearest;
use crate::written::quote::{quoted, values};
use crate::written::session_config::WrittenSessionConfig;
use crate::written::web_app::WrittenWebApp;

/// Whose web-apps they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The default host, where applications may be mounted in code too.
    DefaultHost,
    NamedHost,
}

/// The web-apps of one host of `cluster`.
pub(crate) fn web_apps(
    written: &[WrittenWebApp],
    owner: Owner,
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) -> Vec<WebApp> {
    let mut seen: Vec<(String, Place)> = Vec::new();
    for web_app in written {
        if cluster.protocol() == Protocol::Copal {
            check_keys(web_app, owner, cluster, scope);
        }
        if web_app.path.given().is_none() && !web_app.path.is_absent() {
            continue;
        }
        let path = web_app.path.or("/".to_owned());
        let place = web_app.path.place().unwrap_or(web_app.place);
        match seen.iter().find(|(other, _)| *other == path) {
            Some((_, first)) => {
                let (here, there) = (scope.line(place), scope.line(*first));
                let message = format!(
                    "two web-apps of one host have the path {} (lines {there} and {here})",
                    quoted(&path)
                );
                scope.findings.add(
                    Finding::error(FindingRule::DuplicatePath, place, message)
                        .also(*first, "the first one")
                        .hint("a web-app without `path` has the path \"/\""),
                );
            }
            None => seen.push((path, place)),
        }
    }
    written.iter().map(|web_app| self::web_app(web_app, cluster, scope)).collect()
}

fn web_app(written: &WrittenWebApp, cluster: &WrittenCluster, scope: &Scope<'_>) -> WebApp {
    let default = WrittenSessionConfig::default();
    let base = cluster.session_config.as_ref().unwrap_or(&default);
    let own = written.session_config.as_ref().map(|own| own.over(base));
    check_app(&written.app, scope);
    check_root(&written.root, scope);
    WebApp {
        line: scope.line(written.place),
        path: written.path.or("/".to_owned()),
        root: written.root.given().map(|root| scope.path(root)),
        app: written.app.given().cloned(),
        session: session_config(own.as_ref().unwrap_or(base), scope.findings),
    }
}

/// Only an application that is compiled in can answer.
fn check_app(app: &Leaf<String>, scope: &Scope<'_>) {
    let (Leaf::Given(app, place), Some(known)) = (app, scope.world.applications) else {
        return;
    };
    if known.contains(&app.as_str()) {
        return;
    }
    let message = format!("there is no application {}", quoted(app));
    let hint = match nearest(app, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("this program has {}", values(known.iter().copied())),
    };
    let finding = Finding::error(FindingRule::UnknownApp, *place, message);
    scope.findings.add(finding.hint(hint));
}

/// The folder may stand on another host, so that this host lacks it is no error.
fn check_root(root: &Leaf<String>, scope: &Scope<'_>) {
    let Leaf::Given(root, place) = root else {
        return;
    };
    let path = scope.path(root);
    if let Err(error) = scope.world.environment.folder(&path) {
        let message = format!("no folder of files at {}: {error}", quoted(&path.to_string_lossy()));
        scope.findings.add(
            Finding::warning(FindingRule::MissingRoot, *place, message)
                .hint("every server of this cluster needs it on its own host, or does not start"),
        );
    }
}

/// What a web-app can be depends on the tier.
fn check_keys(written: &WrittenWebApp, owner: Owner, cluster: &WrittenCluster, scope: &Scope<'_>) {
    let add = |finding| scope.findings.add(finding);
    if cluster.tier() == Tier::App {
        if written.root.is_absent() && written.app.is_absent() {
            add(empty(written.place, owner));
        }
        if let Some(config) = &written.session_config {
            copies::check_place(&config.copies, cluster, scope);
            check_needed(config, false, cluster, scope);
        }
        return;
    }
    if let Some(place) = written.app.place() {
        let message = "a web-tier server runs no applications";
        add(Finding::error(FindingRule::WrongTier, place, message).hint(
            "give the web-app to an app-tier cluster, and balance to it with a rule: \
             `load-balance = \"NAME\"`",
        ));
    }
    if let Some(config) = &written.session_config {
        let message = "a web-tier server keeps no sessions, so `session-config` has no place here";
        add(Finding::error(FindingRule::WrongTier, config.place, message)
            .hint("write it in the app-tier cluster"));
    }
    if written.root.is_absent() {
        let message = "a web-app of a web tier needs `root`, the folder of its files";
        add(Finding::error(FindingRule::MissingKey, written.place, message));
    }
}

/// A web-app of an app tier of which only the path is written.
fn empty(place: Place, owner: Owner) -> Finding {
    let finding = match owner {
        Owner::DefaultHost => Finding::warning(
            FindingRule::EmptyWebApp,
            place,
            "the web-app has neither `root` nor `app`: nothing answers here unless an application \
             is mounted at this path in code",
        ),
        Owner::NamedHost => Finding::error(
            FindingRule::MissingKey,
            place,
            "the web-app has neither `root` nor `app`, so it has nothing to answer with",
        ),
    };
    finding.hint(
        "`app` names an application that is compiled in, such as \"demo\"; `root` a folder of files",
    )
}

//! The web-apps of a host.

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::meant::session_config::session_config;
use crate::place::Place;
use crate::web_app::WebApp;
use crate::written::cluster::WrittenCluster;
use crate::written::quote::quoted;
use crate::written::session_config::WrittenSessionConfig;
use crate::written::web_app::WrittenWebApp;

/// The web-apps of one host of `cluster`.
pub(crate) fn web_apps(
    written: &[WrittenWebApp],
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) -> Vec<WebApp> {
    let mut seen: Vec<(String, Place)> = Vec::new();
    for web_app in written {
        if cluster.protocol() == Protocol::Copal {
            check_keys(web_app, cluster.tier(), scope);
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
    WebApp {
        line: scope.line(written.place),
        path: written.path.or("/".to_owned()),
        root: written.root.given().map(|root| scope.path(root)),
        app: written.app.given().cloned(),
        session: session_config(own.as_ref().unwrap_or(base), scope.findings),
    }
}

/// What a web-app can be depends on the tier.
fn check_keys(written: &WrittenWebApp, tier: Tier, scope: &Scope<'_>) {
    let add = |finding| scope.findings.add(finding);
    if tier == Tier::App {
        if written.root.is_absent() && written.app.is_absent() {
            let message =
                "the web-app has neither `root` nor `app`, so it has nothing to answer with";
            add(Finding::error(FindingRule::MissingKey, written.place, message).hint(
                "`app` names an application that is compiled in, such as \"demo\"; `root` a folder \
                 of files",
            ));
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

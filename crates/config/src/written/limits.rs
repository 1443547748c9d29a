//! The section `[limits]`.

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::limits::Limits;
use crate::written::leaf::Leaf;
use crate::written::network::network;
use crate::written::section::Section;
use crate::written::size;
use crate::written::table::Table;

/// Reads the section `[limits]`.
pub(crate) fn limits(top: &Table<'_>) -> Limits {
    let base = Limits::default();
    let Some(table) = top.table("limits", Section::Limits) else {
        return base;
    };
    let head = bytes(&table, "max-head", bounds::HEAD);
    let uri = bytes(&table, "max-uri", bounds::URI);
    let timeout = |key, default| table.duration(key, bounds::TIMEOUT).or(default);
    let limits = Limits {
        max_connections: table
            .count("max-connections", bounds::CONNECTIONS)
            .or(base.max_connections),
        header_timeout: timeout("header-timeout", base.header_timeout),
        body_timeout: timeout("body-timeout", base.body_timeout),
        min_body_rate: table
            .size("min-body-rate", bounds::BODY_RATE)
            .given()
            .map_or(base.min_body_rate, |rate| Some(*rate).filter(|rate| *rate > 0)),
        send_timeout: timeout("send-timeout", base.send_timeout),
        tunnel_idle_timeout: timeout("tunnel-idle-timeout", base.tunnel_idle_timeout),
        drain_time: table.duration("drain-time", bounds::PAUSE).or(base.drain_time),
        max_head: head.or(base.max_head),
        max_fields: table.count("max-fields", bounds::FIELDS).or(base.max_fields),
        max_uri: uri.or(base.max_uri),
        max_body: table.size("max-body", bounds::BODY).given().copied().filter(|size| *size > 0),
        response_head: bytes(&table, "response-head", bounds::HEAD).or(base.response_head),
        trusted_proxies: table
            .list("trusted-proxies", network)
            .into_iter()
            .map(|(network, _)| network)
            .collect(),
        allow_encoded_slash: table.flag("allow-encoded-slash").or(base.allow_encoded_slash),
        merge_slashes: table.flag("merge-slashes").or(base.merge_slashes),
        lenient_responses: table.flag("lenient-responses").or(base.lenient_responses),
    };
    if limits.max_uri > limits.max_head {
        let show = |size: usize| size::written(u64::try_from(size).unwrap_or(u64::MAX));
        let (uri_shown, head_shown) = (show(limits.max_uri), show(limits.max_head));
        let message = format!(
            "`max-uri` is \"{uri_shown}\" and `max-head`, which has the URI in it, \"{head_shown}\""
        );
        let place = uri.place().or(head.place()).unwrap_or(table.place);
        table.findings.add(
            Finding::error(FindingRule::LimitsContradict, place, message)
                .hint("make `max-head` larger, or `max-uri` smaller"),
        );
    }
    table.finish();
    limits
}

fn bytes(table: &Table<'_>, key: &str, range: std::ops::RangeInclusive<u64>) -> Leaf<usize> {
    table.size(key, range).and_then(|size, _| usize::try_from(size).ok())
}

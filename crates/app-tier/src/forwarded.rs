//! What the fields of a believed proxy say about the client.

use std::net::IpAddr;

use copal_config::network::Network;
use http::header::{GetAll, HOST};
use http::{HeaderMap, HeaderValue, Uri};

use crate::client_info::ClientInfo;

/// Who asks, behind the proxies that are believed. `peer` is the other end of the connection;
/// what the fields say counts only when it is `believed`.
pub(crate) fn client_info(
    fields: &HeaderMap,
    uri: &Uri,
    peer: IpAddr,
    believed: bool,
    proxies: &[Network],
) -> ClientInfo {
    let written = written_authority(fields, uri);
    if !believed {
        return ClientInfo { address: peer, secure: false, authority: written };
    }
    let proto = first(fields.get_all("x-forwarded-proto"));
    let host = first(fields.get_all("x-forwarded-host"));
    let host = host.and_then(|host| HeaderValue::from_bytes(host).ok());
    ClientInfo {
        address: address(fields, proxies).unwrap_or(peer),
        secure: proto.is_some_and(|proto| proto.eq_ignore_ascii_case(b"https")),
        authority: host.or(written),
    }
}

/// The last address of `X-Forwarded-For` that is not one of the proxies': each proxy adds its own
/// peer at the end, and what stands further to the left, the client may have made up.
fn address(fields: &HeaderMap, proxies: &[Network]) -> Option<IpAddr> {
    let fields = fields.get_all("x-forwarded-for").iter();
    let entries = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b','));
    let entries: Vec<&[u8]> = entries.collect();
    let mut found = None;
    for entry in entries.into_iter().rev() {
        let Some(address) = read_address(entry) else {
            break;
        };
        found = Some(address);
        if !proxies.iter().any(|proxy| proxy.contains(address)) {
            break;
        }
    }
    found
}

fn read_address(entry: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(entry).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

fn first(values: GetAll<'_, HeaderValue>) -> Option<&[u8]> {
    let value = values.iter().next()?.as_bytes();
    let first = value.split(|&byte| byte == b',').next()?.trim_ascii();
    Some(first).filter(|first| !first.is_empty())
}

/// RFC 9112, 3.2.2: "When an origin server receives a request with an absolute-form of
/// request-target, the origin server MUST ignore the received Host header field (if any) and
/// instead use the host information of the request-target."
fn written_authority(fields: &HeaderMap, uri: &Uri) -> Option<HeaderValue> {
    match uri.authority() {
        Some(authority) => HeaderValue::from_str(authority.as_str()).ok(),
        None => fields.get(HOST).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn asked(lines: &[(&'static str, &'static str)], believed: bool) -> ClientInfo {
        let mut fields = HeaderMap::new();
        fields.insert(HOST, HeaderValue::from_static("shop.example:8080"));
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_static(value));
        }
        let proxies = [Network { address: "10.0.0.0".parse().unwrap(), bits: 8 }];
        client_info(&fields, &Uri::from_static("/x"), PEER, believed, &proxies)
    }

    #[test]
    fn the_client_stands_before_the_last_proxy() {
        #[rustfmt::skip]
        let table: &[(&[&'static str], &str)] = &[
            (&[],                              "127.0.0.1"),
            (&["192.0.2.7"],                   "192.0.2.7"),
            (&["6.6.6.6, 192.0.2.7"],          "192.0.2.7"),
            (&["6.6.6.6", "192.0.2.7"],        "192.0.2.7"),
            (&["192.0.2.7, 10.1.2.3"],         "192.0.2.7"),
            (&["6.6.6.6, 192.0.2.7,10.1.2.3"], "192.0.2.7"),
            (&["10.1.2.3"],                    "10.1.2.3"),
            (&["nonsense, 10.1.2.3"],          "10.1.2.3"),
            (&["nonsense"],                    "127.0.0.1"),
            (&["[2001:db8::1]"],               "2001:db8::1"),
        ];
        for (values, expected) in table {
            let lines: Vec<_> = values.iter().map(|v| ("x-forwarded-for", *v)).collect();
            assert_eq!(asked(&lines, true).address.to_string(), *expected, "{values:?}");
            assert_eq!(asked(&lines, false).address, PEER, "{values:?}");
        }
    }

    #[test]
    fn scheme_and_host_are_taken_from_the_believed_only() {
        let lines = [("x-forwarded-proto", "HTTPS"), ("x-forwarded-host", "www.example")];
        let believed = asked(&lines, true);
        assert!(believed.secure);
        assert_eq!(believed.authority.unwrap(), "www.example");
        let strange = asked(&lines, false);
        assert!(!strange.secure);
        assert_eq!(strange.authority.unwrap(), "shop.example:8080");
    }
}

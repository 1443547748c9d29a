//! Which byte may stand where.

const TOKEN: u8 = 1;
const PATH: u8 = 2;
const QUERY: u8 = 4;
const REG_NAME: u8 = 8;
const UNDERSCORE: u8 = 16;

/// For each byte the places where it may stand.
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    // RFC 9110, 5.6.2: "tchar"
    mark(&mut places, b"!#$%&'*+-.^_`|~", TOKEN);
    mark(&mut places, b"_", UNDERSCORE);
    // RFC 3986, 2.3 and 2.2: "unreserved" without letters and digits, then "sub-delims"
    mark(&mut places, b"-._~!$&'()*+;=", PATH | QUERY | REG_NAME);
    // A comma would make a list of hosts out of one.
    mark(&mut places, b",", PATH | QUERY);
    // RFC 3986, 3.3: "pchar = unreserved / pct-encoded / sub-delims / ":" / "@""
    mark(&mut places, b":@/%", PATH | QUERY);
    // Browsers send these as they are. What a backslash means is for the router to say.
    mark(&mut places, b"\\[]|", PATH | QUERY);
    // RFC 3986, 3.4: "query = *( pchar / "/" / "?" )"; the others are sent raw by browsers.
    mark(&mut places, b"?{}^`", QUERY);
    let everywhere = TOKEN | PATH | QUERY | REG_NAME;
    mark(
        &mut places,
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        everywhere,
    );
    places
};

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, which checks it")]
const fn mark(places: &mut [u8; 256], bytes: &[u8], place: u8) {
    let mut at = 0;
    while at < bytes.len() {
        places[bytes[at] as usize] |= place;
        at += 1;
    }
}

fn may_stand(byte: u8, place: u8) -> bool {
    PLACES.get(usize::from(byte)).is_some_and(|places| places & place != 0)
}

/// Whether this is a byte of a token: methods, field names, connection options.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    may_stand(byte, TOKEN)
}

/// Whether these bytes are a token.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token_byte(byte))
}

/// The token at the front of these bytes, what follows it, and whether `_` is in the token.
pub(crate) fn split_token(bytes: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let mut seen = 0;
    let end = bytes.iter().position(|&byte| {
        let places = PLACES.get(usize::from(byte)).copied().unwrap_or_default();
        seen |= places;
        places & TOKEN == 0
    });
    let (token, rest) = bytes.split_at_checked(end?)?;
    Some((token, rest, seen & UNDERSCORE != 0))
}

/// Whether every byte may stand in a path; what follows a `%` is not looked at.
pub(crate) fn is_path(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| may_stand(byte, PATH))
}

/// Whether every byte may stand in a query.
pub(crate) fn is_query(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| may_stand(byte, QUERY))
}

/// Whether every byte may stand in the name of a host.
pub(crate) fn is_reg_name(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| may_stand(byte, REG_NAME))
}

/// Whether this is a control character other than the tab.
pub(crate) fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

/// The members of a comma-separated list, without the white space around them; empty ones too.
pub(crate) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim)
}

/// Without spaces and tabs at both ends.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

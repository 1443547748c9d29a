//! What a server of ours says of a request that it did not begin.

use std::time::Duration;

use copal_http1::field::FieldKind;
use copal_http1::response_head::ResponseHead;
use copal_protocol::marks;

/// Whether a server says that it had not begun.
pub(crate) fn is_marked(head: &ResponseHead<'_>) -> bool {
    let mut fields = head.fields.iter().filter(|field| field.kind == FieldKind::Copal);
    fields.any(|field| {
        field.name.eq_ignore_ascii_case(marks::NOT_BEGUN.as_bytes()) && field.value == b"1"
    })
}

/// For how long a server says that it is busy.
pub(crate) fn retry_after(head: &ResponseHead<'_>) -> Option<Duration> {
    let mut fields = head.fields.iter();
    let field = fields.find(|field| field.name.eq_ignore_ascii_case(b"Retry-After"))?;
    let seconds: u64 = std::str::from_utf8(field.value).ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_http1::response_head::ResponseLimits;

    #[test]
    fn only_a_one_is_the_mark_and_only_whole_seconds_are_a_time() {
        #[rustfmt::skip]
        let table = [
            // fields                                       marked  busy for
            ("Copal-Not-Begun: 1\r\nRetry-After: 3\r\n",    true,   Some(3)),
            ("copal-not-begun: 1\r\n",                      true,   None),
            ("Copal-Not-Begun: 2\r\n",                      false,  None),
            ("Copal-Not-Begun: \r\nretry-after: 0\r\n",     false,  Some(0)),
            ("X-Copal-Not-Begun: 1\r\n",                    false,  None),
            ("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", false, None),
            ("Retry-After: -1\r\n",                         false,  None),
        ];
        for (fields, marked, busy) in table {
            let text = format!("HTTP/1.1 503 Busy\r\n{fields}\r\n");
            let limits = ResponseLimits { max_head: 4096, lenient: false };
            let head = ResponseHead::parse(text.as_bytes(), false, &limits).unwrap().unwrap();
            let busy = busy.map(Duration::from_secs);
            assert_eq!((is_marked(&head), retry_after(&head)), (marked, busy), "{fields}");
        }
    }
}

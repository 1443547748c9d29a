//! What an application says of the length of its answer, held against the answer.

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::Body;

use crate::any_body::AnyBody;

/// A `Content-Length` that is not the length of the body. The application's fault.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongLength {
    #[error("its Content-Length is no number, or several")]
    Unreadable,
    #[error("its Content-Length is {said}, and its body has {is} bytes")]
    Differs { said: u64, is: u64 },
}

/// Sees to it that the length in the head is that of the body, as far as anybody knows. Returns
/// the length that the body has to keep to, where the head says one.
///
/// What has no content by its method or status loses what body it has.
pub(crate) fn settle(
    method: &Method,
    response: &mut Response<AnyBody>,
) -> Result<Option<u64>, WrongLength> {
    let status = response.status();
    let said = said(response.headers())?;
    // RFC 9110, 9.3.2: "The HEAD method is identical to GET except that the server MUST NOT send
    // content in the response." 15.4.5: "A 304 response is terminated by the end of the header
    // section". In both the length is that of another answer.
    if *method == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        let body = std::mem::replace(response.body_mut(), AnyBody::empty());
        let known = body.size_hint().exact().filter(|_| !body.is_end_stream());
        if let Some(length) = said.or(known.filter(|_| *method == Method::HEAD)) {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
        || status.is_informational()
    {
        // RFC 9110, 8.6: "A server MUST NOT send a Content-Length header field in any response
        // with a status code of 1xx (Informational) or 204 (No Content)." 15.3.6: "a server MUST
        // NOT generate content in a 205 response."
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = AnyBody::empty();
    }
    let bodiless = *method == Method::HEAD || status == StatusCode::NOT_MODIFIED;
    let Some(said) = said.filter(|_| !bodiless && response.headers().contains_key(CONTENT_LENGTH))
    else {
        return Ok(None);
    };
    let over = response.body().is_end_stream().then_some(0);
    match over.or(response.body().size_hint().exact()) {
        Some(is) if is != said => Err(WrongLength::Differs { said, is }),
        _ => {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(said));
            Ok(Some(said))
        }
    }
}

/// The one length that the fields agree on.
fn said(fields: &HeaderMap) -> Result<Option<u64>, WrongLength> {
    let mut said = None;
    for value in fields.get_all(CONTENT_LENGTH) {
        let text = value.to_str().ok();
        let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let length = digits.and_then(|digits| digits.parse::<u64>().ok());
        let length = length.ok_or(WrongLength::Unreadable)?;
        if said.is_some_and(|said| said != length) {
            return Err(WrongLength::Unreadable);
        }
        said = Some(length);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Full;

    use super::*;

    #[test]
    fn a_length_is_that_of_the_body_or_of_another_answer() {
        let differs = |said, is| Err(WrongLength::Differs { said, is });
        let unreadable = Err(WrongLength::Unreadable);
        #[rustfmt::skip]
        let table = [
            // method status said          body   result            said then
            ("GET",  200, &["3"][..],      "abc", Ok(Some(3)),      Some("3")),
            ("GET",  200, &["3", "3"],     "abc", Ok(Some(3)),      Some("3")),
            ("GET",  200, &["03"],         "abc", Ok(Some(3)),      Some("3")),
            ("GET",  200, &[],             "abc", Ok(None),         None),
            ("GET",  200, &["0"],          "",    Ok(Some(0)),      Some("0")),
            ("GET",  200, &["2"],          "abc", differs(2, 3),    Some("2")),
            ("GET",  200, &["4"],          "abc", differs(4, 3),    Some("4")),
            ("GET",  200, &["4"],          "",    differs(4, 0),    Some("4")),
            ("GET",  200, &["3", "4"],     "abc", unreadable,       Some("3")),
            ("GET",  200, &["+3"],         "abc", Err(WrongLength::Unreadable), Some("+3")),
            ("HEAD", 200, &["9"],          "",    Ok(None),         Some("9")),
            ("HEAD", 200, &["9"],          "abc", Ok(None),         Some("9")),
            ("HEAD", 200, &[],             "abc", Ok(None),         Some("3")),
            ("HEAD", 200, &[],             "",    Ok(None),         None),
            ("GET",  304, &["9"],          "abc", Ok(None),         Some("9")),
            ("GET",  204, &["9"],          "abc", Ok(None),         None),
            ("GET",  205, &["3"],          "abc", Ok(None),         None),
        ];
        for (method, status, said, body, expected, then) in table {
            let mut response = Response::new(AnyBody::new(Full::new(Bytes::from(body))));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for said in said {
                let said = HeaderValue::from_static(said);
                response.headers_mut().append(CONTENT_LENGTH, said);
            }
            let method: Method = method.parse().unwrap();
            let case = format!("{method} {status} {said:?} {body:?}");
            assert_eq!(settle(&method, &mut response), expected, "{case}");
            let left = response.headers().get(CONTENT_LENGTH);
            assert_eq!(left.map(|left| left.to_str().unwrap()), then, "{case}");
            let bodiless = method == Method::HEAD || status != 200;
            assert_eq!(response.body().is_end_stream(), bodiless || body.is_empty(), "{case}");
        }
    }
}

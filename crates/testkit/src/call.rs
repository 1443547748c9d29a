//! A request as it reached an origin.

/// A request as it reached the origin.
#[derive(Debug, Clone)]
pub struct Call {
    /// The connection, counted from 0 in the order in which they were accepted.
    pub connection: usize,
    /// The request of that connection, counted from 0.
    pub request: usize,
    /// The head as it came, up to and without the empty line.
    pub head: String,
    /// The bytes after the head that its framing claims, chunk framing included.
    pub body: Vec<u8>,
}

impl Call {
    /// The first line of the head.
    #[must_use]
    pub fn request_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The values of the fields `name`, case ignored.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim()).collect()
    }
}

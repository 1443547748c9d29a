//! Writes values in the one way in which each can be written.

/// Writes values in the one way in which each can be written, so that equal values are equal bytes.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A number: seven bits in a byte, the lowest first; the high bit says that more follow.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(low_seven(value) | 0x80);
            value >>= 7;
        }
        self.0.push(low_seven(value));
    }

    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Bytes, with their number before them.
    pub fn bytes(&mut self, value: &[u8]) {
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// Bytes of which the reader knows how many they are.
    pub fn raw(&mut self, value: &[u8]) {
        self.0.extend_from_slice(value);
    }

    /// What may be missing: 0, or 1 and the value.
    pub fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.byte(0),
            Some(value) => {
                self.byte(1);
                write(self, value);
            }
        }
    }

    /// A field: its tag, and what `write` writes with its length before it. Fields come in the order
    /// of their tags.
    pub fn field(&mut self, tag: u64, write: impl FnOnce(&mut Self)) {
        let mut content = Self::default();
        write(&mut content);
        self.field_of(tag, &content.0);
    }

    /// A field that consists of these bytes.
    pub fn field_of(&mut self, tag: u64, content: &[u8]) {
        self.number(tag);
        self.bytes(content);
    }

    /// A field without content: that it is there means yes.
    pub fn flag(&mut self, tag: u64, is_set: bool) {
        if is_set {
            self.field_of(tag, &[]);
        }
    }

    /// All that was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

fn low_seven(value: u64) -> u8 {
    // Seven bits always fit.
    u8::try_from(value & 0x7f).unwrap_or(0)
}

//! Figures as Prometheus reads them: its text format, version 0.0.4.

use std::fmt::Write as _;

use crate::histogram::{BOUNDS, Snapshot};

/// The media type of the format.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4";

/// Names and values that tell samples of one family apart.
pub type Labels<'l> = &'l [(&'l str, &'l str)];

/// Figures, written family by family.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    families: Vec<&'static str>,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number of things.
    Whole(u64),
    /// A measure.
    Real(f64),
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // "value is a float represented as required by Go's ParseFloat() function. In addition to
        // standard numerical values, NaN, +Inf, and -Inf are valid values"
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) if value.is_nan() => f.write_str("NaN"),
            Self::Real(value) if *value == f64::INFINITY => f.write_str("+Inf"),
            Self::Real(value) if *value == f64::NEG_INFINITY => f.write_str("-Inf"),
            Self::Real(value) => value.fmt(f),
        }
    }
}

/// A family that is being written. "All lines for a given metric must be provided as one single
/// group": nothing else can be written before this is let go of.
#[derive(Debug)]
pub struct Family<'e> {
    text: &'e mut String,
    name: &'static str,
}

/// A family of histograms that is being written.
#[derive(Debug)]
pub struct Histograms<'e>(Family<'e>);

impl Exposition {
    /// A family of figures that only grow. `name` ends in `_total`.
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "counter")
    }

    /// A family of figures that go up and down. `name` has its unit in it.
    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "gauge")
    }

    /// A family of histograms of times. `name` ends in `_seconds`.
    pub fn histogram(&mut self, name: &'static str, help: &str) -> Histograms<'_> {
        debug_assert!(name.ends_with("_seconds"));
        Histograms(self.family(name, help, "histogram"))
    }

    /// All that was written.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn family(&mut self, name: &'static str, help: &str, kind: &str) -> Family<'_> {
        // "Only one TYPE line may exist for a given metric name. The TYPE line for a metric name
        // must appear before the first sample is reported for that metric name."
        debug_assert!(!self.families.contains(&name), "{name} was written already");
        self.families.push(name);
        self.text.push_str("# HELP ");
        self.text.push_str(name);
        self.text.push(' ');
        // "HELP lines may contain any sequence of UTF-8 characters (after the metric name), but the
        // backslash and the line feed characters have to be escaped as \\ and \n, respectively."
        escape(&mut self.text, help, &['\\', '\n']);
        self.text.push_str("\n# TYPE ");
        self.text.push_str(name);
        self.text.push(' ');
        self.text.push_str(kind);
        self.text.push('\n');
        Family { text: &mut self.text, name }
    }
}

impl Family<'_> {
    /// Writes one sample. No two of a family have the same labels.
    pub fn sample(&mut self, labels: Labels<'_>, value: impl Into<Value>) -> &mut Self {
        self.line("", labels, None, value.into());
        self
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, le: Option<&str>, value: Value) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        let mut before = '{';
        for (name, value) in labels.iter().copied().chain(le.map(|bound| ("le", bound))) {
            self.text.push(before);
            before = ',';
            self.text.push_str(name);
            self.text.push_str("=\"");
            // "label_value can be any sequence of UTF-8 characters, but the backslash (\),
            // double-quote ("), and line feed (\n) characters have to be escaped as \\, \", and
            // \n, respectively."
            escape(self.text, value, &['\\', '"', '\n']);
            self.text.push('"');
        }
        if before == ',' {
            self.text.push('}');
        }
        // "Lines are separated by a line feed character (\n). The last line must end with a line
        // feed character." Writing into memory cannot fail.
        let _ = writeln!(self.text, " {value}");
    }
}

impl Histograms<'_> {
    /// Writes one histogram.
    pub fn sample(&mut self, labels: Labels<'_>, snapshot: &Snapshot) -> &mut Self {
        let family = &mut self.0;
        // "The buckets of a histogram and the quantiles of a summary must appear in increasing
        // numerical order of their label values (for the le or the quantile label, respectively)."
        for bound in BOUNDS {
            let below = Value::Whole(snapshot.below(bound));
            family.line("_bucket", labels, Some(&seconds(bound).to_string()), below);
        }
        // "A histogram must have a bucket with {le="+Inf"}. Its value must be identical to the
        // value of x_count."
        let count = Value::Whole(snapshot.count());
        family.line("_bucket", labels, Some("+Inf"), count);
        family.line("_sum", labels, None, seconds(snapshot.sum_micros()));
        family.line("_count", labels, None, count);
        self
    }
}

fn seconds(micros: u64) -> Value {
    Value::Real(micros as f64 / 1e6)
}

/// Writes `text` with a backslash before each of `special`, and `n` for a line feed.
fn escape(out: &mut String, text: &str, special: &[char]) {
    for character in text.chars() {
        if special.contains(&character) {
            out.push('\\');
            out.push(if character == '\n' { 'n' } else { character });
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Histogram;

    #[test]
    fn families_have_help_and_type_once_and_their_samples_together() {
        let mut out = Exposition::default();
        out.counter("copal_requests_total", "Requests.")
            .sample(&[("server", "app-a"), ("code", "2xx")], 12)
            .sample(&[("server", "app-b"), ("code", "2xx")], u64::MAX);
        out.gauge("copal_connections", "Open now.").sample(&[], 0.5);
        assert_eq!(
            out.into_text(),
            "# HELP copal_requests_total Requests.\n\
             # TYPE copal_requests_total counter\n\
             copal_requests_total{server=\"app-a\",code=\"2xx\"} 12\n\
             copal_requests_total{server=\"app-b\",code=\"2xx\"} 18446744073709551615\n\
             # HELP copal_connections Open now.\n\
             # TYPE copal_connections gauge\n\
             copal_connections 0.5\n"
        );
    }

    #[test]
    fn what_would_break_a_line_is_escaped() {
        let mut out = Exposition::default();
        out.gauge("a", "back\\slash, \"quote\",\nline").sample(&[("b", "\\ \" \n é")], 1);
        assert_eq!(
            out.into_text(),
            "# HELP a back\\\\slash, \"quote\",\\nline\n# TYPE a gauge\na{b=\"\\\\ \\\" \\n é\"} 1\n"
        );
    }

    #[test]
    fn values_are_written_as_go_reads_them() {
        for (value, written) in [
            (Value::from(7), "7"),
            (Value::from(0.25), "0.25"),
            (Value::from(1e9), "1000000000"),
            (Value::from(f64::NAN), "NaN"),
            (Value::from(f64::INFINITY), "+Inf"),
            (Value::from(f64::NEG_INFINITY), "-Inf"),
        ] {
            assert_eq!(value.to_string(), written);
        }
    }

    #[test]
    fn a_histogram_is_in_seconds_and_ends_with_all() {
        let histogram = Histogram::default();
        [100, 1_000_000, 200_000_000].into_iter().for_each(|time| histogram.record(time));
        let mut out = Exposition::default();
        out.histogram("a_seconds", "Time.").sample(&[("x", "y")], &histogram.snapshot());
        let text = out.into_text();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines[0], "# TYPE a_seconds histogram");
        assert_eq!(lines[1], "a_seconds_bucket{x=\"y\",le=\"0.000064\"} 0");
        assert_eq!(lines[2], "a_seconds_bucket{x=\"y\",le=\"0.000128\"} 1");
        assert_eq!(lines[21], "a_seconds_bucket{x=\"y\",le=\"67.108864\"} 2");
        assert_eq!(
            lines[22..],
            [
                "a_seconds_bucket{x=\"y\",le=\"+Inf\"} 3",
                "a_seconds_sum{x=\"y\"} 201.0001",
                "a_seconds_count{x=\"y\"} 3",
            ]
        );
        let counts: Vec<u64> = (lines[1..23].iter())
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!(counts.is_sorted(), "{counts:?}");
    }
}

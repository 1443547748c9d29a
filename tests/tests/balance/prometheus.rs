//! The text format of Prometheus, read as strictly as its description allows.

use std::collections::{BTreeMap, BTreeSet};

/// A series: the name of a sample and its labels.
pub(crate) type Series = (String, BTreeMap<String, String>);

/// All samples of a text.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    pub(crate) kinds: BTreeMap<String, String>,
    pub(crate) values: BTreeMap<Series, f64>,
}

impl Samples {
    /// Reads the text; panics with the line that is wrong.
    pub(crate) fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let mut samples = Self::default();
        let mut over = BTreeSet::new();
        let mut family = String::new();
        let mut helped = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help text");
                assert!(is_name(name) && !help.is_empty(), "{line:?}");
                helped = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line:?}");
                assert_eq!(name, helped, "no help before {line:?}");
                assert!(over.insert(name.to_owned()), "a second group: {line:?}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line:?}");
                name.clone_into(&mut family);
                samples.kinds.insert(family.clone(), kind.to_owned());
            } else {
                let (series, value) = sample(line);
                assert!(samples.belongs(&family, &series.0), "{line:?} stands in {family:?}");
                let before = samples.values.insert(series, value);
                assert!(before.is_none(), "twice: {line:?}");
            }
        }
        samples.check_histograms();
        samples
    }

    /// The value of the series with exactly these labels.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let series = (name.to_owned(), labels.collect());
        let value = self.values.get(&series);
        *value.unwrap_or_else(|| panic!("no {series:?} in {:#?}", self.values.keys()))
    }

    fn belongs(&self, family: &str, name: &str) -> bool {
        let rest = name.strip_prefix(family);
        if self.kinds.get(family).is_some_and(|kind| kind == "histogram") {
            return matches!(rest, Some("_bucket" | "_sum" | "_count"));
        }
        rest == Some("")
    }

    /// Buckets only grow, and the last one is the count.
    fn check_histograms(&self) {
        for family in self.kinds.iter().filter(|(_, kind)| *kind == "histogram").map(|(n, _)| n) {
            let counts =
                self.values.iter().filter(|((name, _), _)| *name == format!("{family}_count"));
            for ((_, labels), count) in counts {
                let mut buckets = self.buckets(family, labels);
                buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
                assert!(buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{buckets:?}");
                assert_eq!(buckets.last(), Some(&(f64::INFINITY, *count)), "{family} {labels:?}");
                let sum = (format!("{family}_sum"), labels.clone());
                assert!(self.values.contains_key(&sum), "no {sum:?}");
            }
        }
    }

    fn buckets(&self, family: &str, labels: &BTreeMap<String, String>) -> Vec<(f64, f64)> {
        let buckets = self.values.iter().filter_map(|((name, own), value)| {
            let mut own = own.clone();
            let bound = own.remove("le")?;
            let is_one = *name == format!("{family}_bucket") && own == *labels;
            is_one.then(|| (number(&bound), *value))
        });
        buckets.collect()
    }
}

fn sample(line: &str) -> (Series, f64) {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("no value: {line:?}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line:?}");
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        let mut inside = inside;
        loop {
            let (label, after) = inside.split_once("=\"").expect("a label");
            assert!(is_name(label) && !label.contains(':'), "{line:?}");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_owned(), value).is_none(), "a label twice: {line:?}");
            if let Some(end) = after.strip_prefix('}') {
                rest = end;
                break;
            }
            inside = after.strip_prefix(',').unwrap_or_else(|| panic!("no comma: {line:?}"));
        }
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no space: {line:?}"));
    ((name.to_owned(), labels), number(value))
}

/// The value up to its closing quote, and what follows.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return (value, characters.as_str()),
            '\\' => match characters.next() {
                Some('n') => value.push('\n'),
                Some(escaped @ ('\\' | '"')) => value.push(escaped),
                other => panic!("not an escape: {other:?}"),
            },
            plain => value.push(plain),
        }
    }
    panic!("no end: {text:?}")
}

fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.chars().all(good) && name.starts_with(|c: char| !c.is_ascii_digit())
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        _ => text.parse().unwrap_or_else(|why| panic!("{text:?}: {why}")),
    }
}

#[test]
fn what_is_no_exposition_is_refused() {
    let good = "# HELP x_total X.\n# TYPE x_total counter\nx_total{a=\"1\\\"}\",b=\"\"} 3\n";
    let labels = [("a", "1\"}"), ("b", "")];
    assert!((Samples::read(good).value("x_total", &labels) - 3.0).abs() < f64::EPSILON);
    for bad in [
        good.trim_end().to_owned(),
        good.replace("counter", "number"),
        good.replace("# HELP x_total X.\n", ""),
        good.replace("} 3", "} three"),
        good.replace("} 3", "}3"),
        good.replace("\nx_total{", "\ny_total{"),
        format!("{good}x_total{{b=\"\",a=\"1\\\"}}\"}} 4\n"),
        format!("{good}{good}"),
    ] {
        let read = std::panic::catch_unwind(|| Samples::read(&bad));
        assert!(read.is_err(), "{bad}");
    }
}

//! Which findings are only consequences of a line that could not be read.

use crate::finding::Finding;
use crate::finding_rule::FindingRule as Rule;
use crate::lines::Lines;
use crate::place::Place;

/// What could not be read, and which parts of the file it may have changed.
pub(crate) struct Forgive<'t> {
    text: &'t str,
    lines: Lines,
    /// Values that were put in place of ones that are not TOML.
    stand_ins: &'t [Place],
    /// Sections, header to next header, of which lines were left out.
    sections: Vec<Place>,
    /// The clusters of which these sections hold keys that count for the whole cluster.
    clusters: Vec<&'t str>,
    /// Whether lines of the top level were left out.
    top: bool,
    /// Whether a header was left out.
    header: bool,
}

impl<'t> Forgive<'t> {
    pub(crate) fn new(text: &'t str, stand_ins: &'t [Place], left_out: &[Place]) -> Self {
        let lines = Lines::of(text);
        let (sections, clusters) = (Vec::new(), Vec::new());
        let mut this =
            Self { text, lines, stand_ins, sections, clusters, top: false, header: false };
        let end = this.lines.line(text.len());
        for place in left_out {
            let (first, last) = (this.lines.line(place.start), this.lines.line(place.end));
            let header = this.header_of(first);
            let next = (last + 1..=end).find(|line| this.is_header(*line));
            let start = this.lines.range(header.unwrap_or(1)).start;
            let end = this.lines.range(next.map_or(end, |next| next - 1)).end;
            this.sections.push(Place { start, end });
            this.header |= this.is_header(first);
            this.top |= header.is_none();
            let keys = header.map(|header| keys(this.read(header))).unwrap_or_default();
            if let ["cluster", name] | ["cluster", name, "server-default", ..] = keys.as_slice() {
                this.clusters.push(name);
            }
        }
        this
    }

    /// Whether a finding may be there only because something was not read.
    pub(crate) fn forgives(&self, finding: &Finding) -> bool {
        let places =
            || std::iter::once(&finding.place).chain(finding.also.iter().map(|(at, _)| at));
        let inside = || places().any(|at| self.sections.iter().any(|section| touch(section, at)));
        match finding.rule {
            Rule::Syntax | Rule::NotRead | Rule::DuplicateKey => false,
            // A value that stands in has nothing to say.
            _ if self.stand_ins.iter().any(|place| touch(place, &finding.place)) => true,
            rule if !needs_other_lines(rule) => false,
            // Without a header, its lines and the positions of what follows are lost.
            _ if self.header => true,
            Rule::DanglingCluster | Rule::EmptyCluster => false,
            // What was meant to be a cluster, a listener or a weight may be what was left out.
            Rule::NoCluster | Rule::NoListener | Rule::NoNewSessions => !self.sections.is_empty(),
            Rule::MissingSecret => self.top,
            _ if inside() => true,
            Rule::MissingKey | Rule::MissingAction | Rule::UnknownGroup | Rule::EmptyWebApp => {
                false
            }
            _ => places()
                .any(|at| self.cluster_of(at).is_some_and(|name| self.clusters.contains(&name))),
        }
    }

    fn read(&self, line: usize) -> &'t str {
        self.text.get(self.lines.range(line)).unwrap_or_default().trim_start()
    }

    fn is_header(&self, line: usize) -> bool {
        self.read(line).starts_with('[')
    }

    /// The header under which a line stands.
    fn header_of(&self, line: usize) -> Option<usize> {
        (1..=line).rev().find(|line| self.is_header(*line))
    }

    fn cluster_of(&self, place: &Place) -> Option<&'t str> {
        let header = self.header_of(self.lines.line(place.start))?;
        match keys(self.read(header)).as_slice() {
            ["cluster", name, ..] => Some(name),
            _ => None,
        }
    }
}

fn touch(one: &Place, other: &Place) -> bool {
    one.start < other.end.max(other.start + 1) && other.start < one.end
}

/// The keys of a header.
fn keys(header: &str) -> Vec<&str> {
    let inside = header.trim_start_matches('[').split(']').next().unwrap_or_default();
    inside.split('.').map(|key| key.trim().trim_matches(['"', '\''])).collect()
}

/// Whether a rule may seem broken only because other lines are missing.
fn needs_other_lines(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::MissingKey
            | Rule::MissingSecret
            | Rule::MissingToken
            | Rule::MissingAction
            | Rule::DanglingCluster
            | Rule::BalancedWebTier
            | Rule::NoCluster
            | Rule::EmptyCluster
            | Rule::DuplicateIndex
            | Rule::DuplicatePort
            | Rule::DuplicatePath
            | Rule::WrongTier
            | Rule::ForeignServers
            | Rule::IdleTime
            | Rule::UrlPrefixDiffers
            | Rule::UnknownGroup
            | Rule::CookieSameSite
            | Rule::LimitsContradict
            | Rule::ClusterWide
            | Rule::CopiesContradict
            | Rule::TooManyCopies
            | Rule::UnreachableHost
            | Rule::UnreachableRule
            | Rule::EmptyWebApp
            | Rule::NoListener
            | Rule::HealthCheckTimeout
            | Rule::NoNewSessions
            | Rule::WithoutEffect
            | Rule::NotReplicated
    )
}

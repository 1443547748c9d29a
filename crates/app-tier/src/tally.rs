//! One request as it is counted, from its head until its answer has left.

use std::sync::Arc;
use std::time::Instant;

use copal_serve::clock;
use http::StatusCode;

use crate::figures::Figures;

/// One request as it is counted, until dropped.
#[derive(Debug)]
pub(crate) struct Tally {
    figures: Arc<Figures>,
    began: Instant,
    answer: Option<StatusCode>,
}

impl Tally {
    /// A request begins.
    pub(crate) fn begin(figures: &Arc<Figures>) -> Self {
        let began = clock::now();
        figures.begin(began);
        Self { figures: Arc::clone(figures), began, answer: None }
    }

    /// It has this answer.
    pub(crate) fn answered(mut self, status: StatusCode) -> Self {
        self.answer = Some(status);
        self
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.figures.end(self.began, clock::now(), self.answer);
    }
}

//! Every row gets the answer that stands in the table.

use copal_http1::refusal::Refusal;

use crate::ours;
use crate::rows::rows;

#[test]
fn every_row_gets_its_answer() {
    for row in rows() {
        let ours = ours::read(&row.input);
        let status = ours.refused.map_or(200, Refusal::status);
        let got = (ours.messages.len(), status);
        assert_eq!(got, (row.messages, row.status), "{}: {:?}", row.name, ours.refused);
    }
}

#[test]
fn the_judge_passes_what_is_accepted_and_refuses_the_rest() {
    for row in rows() {
        let ours = ours::read(&row.input);
        let (passed, refused) = ours::judge(&row.input, &[]);
        if !ours.ended {
            assert_eq!(refused, ours.refused, "{}", row.name);
            assert!(passed >= ours.accepted, "{}", row.name);
        }
    }
}

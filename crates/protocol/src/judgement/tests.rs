//! Servers that fit together, and servers that do not.

use proptest::prelude::*;

use super::*;
use crate::state::State;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn index(number: usize) -> ServerIndex {
    ServerIndex::new(number).unwrap()
}

/// A server of `app-tier` with this table.
fn hello(server: &str, place: usize, table: &[(usize, &str)]) -> Hello {
    Hello {
        versions: Versions::new(1, 2).unwrap(),
        cluster: name("app-tier"),
        server: name(server),
        index: index(place),
        incarnation: 7 + u64::try_from(place).unwrap(),
        table: table.iter().map(|(place, id)| (index(*place), name(id))).collect(),
        state: State::Ready,
    }
}

const BOTH: &[(usize, &str)] = &[(0, "app-a"), (1, "app-b")];

fn refusal(own: &Hello, theirs: &Hello) -> String {
    judge(own, theirs).unwrap_err().to_string()
}

#[test]
fn servers_of_one_table_fit_together() {
    let (a, b) = (hello("app-a", 0, BOTH), hello("app-b", 1, BOTH));
    assert_eq!(judge(&a, &b), Ok(Agreed { version: 2, differences: Vec::new() }));
    let older = Hello { versions: Versions::new(1, 1).unwrap(), ..b };
    assert_eq!(judge(&a, &older).unwrap().version, 1);
}

#[test]
fn a_server_that_only_one_side_knows_is_reported() {
    let a = hello("app-a", 0, BOTH);
    let c = hello("app-c", 2, &[(0, "app-a"), (2, "app-c"), (3, "app-d")]);
    let told: Vec<String> =
        judge(&a, &c).unwrap().differences.iter().map(ToString::to_string).collect();
    let expected = [
        "app-b (index 1 (letter b)) is missing in the server table of app-c",
        "app-c (index 2 (letter c)) is missing in the server table of app-a",
        "app-d (index 3 (letter d)) is missing in the server table of app-a",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_refusal_says_what_differs_and_what_to_do() {
    let (a, b) = (hello("app-a", 0, BOTH), hello("app-b", 1, BOTH));
    let other = Hello { cluster: name("shop"), ..b.clone() };
    assert_eq!(
        refusal(&a, &other),
        "app-a is of the cluster app-tier and app-b is of the cluster shop: correct the address \
         under which the one reaches the other, or give both the same configuration file"
    );
    let newer = Hello { versions: Versions::new(3, 3).unwrap(), ..b };
    assert_eq!(
        refusal(&a, &newer),
        "app-a speaks versions 1 to 2 of the ring protocol and app-b speaks version 3: update the \
         older one, over a release that speaks both when there is one"
    );
    assert_eq!(
        refusal(&a, &a),
        "app-a has reached itself: correct the addresses of the other servers in its file"
    );
    for (place, text) in [(0, "index 0 (letter a)"), (4, "index 4 (letter e)")] {
        let again = Hello { incarnation: 99, index: index(place), ..a.clone() };
        let expected = format!(
            "two servers say that they are app-a, this one with index 0 (letter a) and the other \
             one with {text}: stop one of them, or start it as another server"
        );
        assert_eq!(refusal(&a, &again), expected);
    }
}

#[test]
fn one_index_of_two_ids_is_refused_wherever_it_stands() {
    let a = hello("app-a", 0, BOTH);
    for theirs in [
        hello("app-x", 1, &[]),
        hello("app-x", 0, &[]),
        hello("app-x", 5, &[(1, "app-y")]),
        hello("app-x", 5, &[(5, "app-y")]),
    ] {
        for (own, theirs) in [(&a, &theirs), (&theirs, &a)] {
            assert!(matches!(judge(own, theirs), Err(Refusal::IndexTwice(_))), "{theirs:?}");
        }
    }
    assert_eq!(
        refusal(&a, &hello("app-x", 1, &[])),
        "index 1 (letter b) has two ids: app-b according to app-a, app-x according to app-x; an \
         index is never given to another server while sessions of the first one live: correct the \
         configuration file of one of the two, and reload it"
    );
}

#[test]
fn one_id_of_two_indexes_is_refused_wherever_it_stands() {
    let a = hello("app-a", 0, BOTH);
    for theirs in [
        hello("app-b", 2, &[]),
        hello("app-c", 2, &[(3, "app-b")]),
        hello("app-c", 2, &[(3, "app-c")]),
        hello("app-c", 2, &[(3, "app-d"), (4, "app-d")]),
    ] {
        for (own, theirs) in [(&a, &theirs), (&theirs, &a)] {
            assert!(matches!(judge(own, theirs), Err(Refusal::IdTwice(_))), "{theirs:?}");
        }
    }
    assert_eq!(
        refusal(&a, &hello("app-b", 2, &[])),
        "app-b has two indexes: index 1 (letter b) according to app-a, index 2 (letter c) \
         according to app-b; a server keeps its index, because session ids name it: correct the \
         configuration file of one of the two, and reload it"
    );
}

fn any_hello() -> impl Strategy<Value = Hello> {
    let table = prop::collection::btree_map(0..4_usize, "[ab]", 0..3);
    ("[abc]", 0..4_usize, table, 1..3_u16).prop_map(|(server, place, table, version)| {
        let table: Vec<(usize, &str)> =
            table.iter().map(|(place, id)| (*place, id.as_str())).collect();
        let versions = Versions::new(version, version + 1).unwrap();
        Hello { versions, ..hello(&server, place, &table) }
    })
}

proptest! {
    #[test]
    fn both_sides_come_to_the_same_judgement(one in any_hello(), other in any_hello()) {
        match (judge(&one, &other), judge(&other, &one)) {
            (Ok(here), Ok(there)) => {
                prop_assert_eq!(here.version, there.version);
                prop_assert_eq!(here.differences.len(), there.differences.len());
            }
            (Err(_), Err(_)) => {}
            (here, there) => prop_assert!(false, "{here:?} {there:?}"),
        }
    }
}

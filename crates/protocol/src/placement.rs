//! Which servers a session id names.

use arrayvec::ArrayVec;

use crate::letters::Letters;
use crate::server_index::ServerIndex;

/// Names backup and third for a new session of `owner`.
///
/// `ready_others` are the servers that take new sessions; the owner itself and servers that are
/// named twice are passed over. `turn` counts the sessions that the owner makes: over as many
/// consecutive turns as there are ordered pairs of others, every pair is named once, so that the
/// sessions of a server that dies fall on all the others and not on one.
///
/// Where there are fewer than two others, the next letters after the owner's that are still free
/// stand in as placeholders: `abc` for a single `app-a`.
#[must_use]
pub fn place(owner: ServerIndex, ready_others: &[ServerIndex], turn: usize) -> Letters {
    let others = distinct(owner, ready_others);
    let count = others.len();
    if count >= 2 {
        // Inner count: the backup; outer count: how far behind it the third stands in the ring.
        let step = turn % count;
        let distance = 1 + (turn / count) % (count - 1);
        let third = (step + distance) % count;
        if let (Some(&backup), Some(&third)) = (others.get(step), others.get(third)) {
            return Letters { owner, backup, third };
        }
    }
    let backup = others.first().copied().unwrap_or_else(|| next_free(owner, &[owner]));
    let third = next_free(owner, &[owner, backup]);
    Letters { owner, backup, third }
}

/// Whether one of the servers that an id names has left the table: it has none, although there are
/// others that could be named. Where there are too few servers, letters without one are placeholders.
#[must_use]
pub fn names_a_stranger(letters: Letters, table: &[ServerIndex]) -> bool {
    let named = letters.in_order();
    let known = named.iter().take_while(|index| table.contains(index)).count();
    known < named.len().min(table.len())
}

/// Names the servers of a session that there is: the one that acts first, the other `holders` in their
/// order, then servers that are `ready`, then any that are `listed`. `turn` says where in the last two
/// lists to begin. `None` when nobody holds it.
#[must_use]
pub fn place_at(
    holders: &[ServerIndex],
    ready: &[ServerIndex],
    listed: &[ServerIndex],
    turn: usize,
) -> Option<Letters> {
    let owner = *holders.first()?;
    let from_turn = |list: &'_ [ServerIndex]| {
        let (early, late) = list.split_at(turn.checked_rem(list.len()).unwrap_or(0));
        [late, early].concat()
    };
    let wanted = [holders.to_vec(), from_turn(ready), from_turn(listed)].concat();
    let others = distinct(owner, &wanted);
    let backup = others.first().copied().unwrap_or_else(|| next_free(owner, &[owner]));
    let third = others.get(1).copied().unwrap_or_else(|| next_free(owner, &[owner, backup]));
    Some(Letters { owner, backup, third })
}

/// The servers of `list` once each and in its order, without the owner.
fn distinct(
    owner: ServerIndex,
    list: &[ServerIndex],
) -> ArrayVec<ServerIndex, { ServerIndex::COUNT }> {
    let mut seen = 1_u64 << owner.get();
    let mut others = ArrayVec::new();
    for &server in list {
        let bit = 1_u64 << server.get();
        if seen & bit == 0 {
            seen |= bit;
            others.push(server);
        }
    }
    others
}

/// The first index after `owner`, in a ring of 64, that is not taken.
fn next_free(owner: ServerIndex, taken: &[ServerIndex]) -> ServerIndex {
    (1..ServerIndex::COUNT)
        .filter_map(|step| ServerIndex::new((owner.get() + step) % ServerIndex::COUNT))
        .find(|server| !taken.contains(server))
        .unwrap_or(owner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn server(index: usize) -> ServerIndex {
        ServerIndex::new(index).unwrap()
    }

    fn distinct_all(table: &[ServerIndex]) -> Vec<ServerIndex> {
        let mut table = table.to_vec();
        table.sort_unstable();
        table.dedup();
        table
    }

    fn placed(owner: usize, others: &[usize], turn: usize) -> String {
        let others: Vec<_> = others.iter().map(|&index| server(index)).collect();
        place(server(owner), &others, turn).to_bytes().map(char::from).iter().collect()
    }

    #[test]
    fn small_clusters_get_placeholders() {
        #[rustfmt::skip]
        let table: &[(usize, &[usize], usize, &str)] = &[
            // owner, ready others, turn, letters
            (0,       &[],          0,    "abc"),
            (0,       &[],          9,    "abc"),
            (1,       &[],          0,    "bcd"),
            (63,      &[],          0,    "-ab"),
            (0,       &[1],         0,    "abc"),
            (1,       &[0],         0,    "bac"),
            (1,       &[0],         7,    "bac"),
            (0,       &[5],         0,    "afb"),
            (62,      &[63],        0,    "_-a"),
            // the owner in the list, and a server twice, change nothing
            (1,       &[1, 0, 0],   3,    "bac"),
            (0,       &[1, 2],      0,    "abc"),
            (0,       &[1, 2],      1,    "acb"),
            (0,       &[1, 2],      2,    "abc"),
            (0,       &[1, 2],      usize::MAX, "acb"),
        ];
        for &(owner, others, turn, expected) in table {
            assert_eq!(placed(owner, others, turn), expected, "{owner} {others:?} {turn}");
        }
    }

    #[test]
    fn every_pair_of_others_comes_equally_often() {
        for count in 2..=12 {
            let others: Vec<_> = (1..=count).map(server).collect();
            let pairs = count * (count - 1);
            let mut seen = BTreeMap::new();
            for turn in 5..5 + 3 * pairs {
                let letters = place(server(0), &others, turn);
                *seen.entry((letters.backup, letters.third)).or_insert(0) += 1;
            }
            assert_eq!(seen.len(), pairs);
            assert!(seen.values().all(|&times| times == 3), "{count}: {seen:?}");
        }
    }

    #[test]
    fn the_backup_changes_with_every_turn() {
        let others: Vec<_> = (1..6).map(server).collect();
        for turn in 0..100 {
            let now = place(server(0), &others, turn);
            let next = place(server(0), &others, turn + 1);
            assert_ne!(now.backup, next.backup);
        }
    }

    #[test]
    fn a_letter_whose_server_has_left_the_table_is_told_from_a_placeholder() {
        #[rustfmt::skip]
        let table: &[(&str, &[usize],      bool)] = &[
            // letters, table,         names a stranger
            ("abc",   &[0],            false),
            ("bca",   &[0],            true),
            ("abc",   &[0, 1],         false),
            ("abd",   &[0, 1],         false),
            ("acb",   &[0, 1],         true),
            ("cab",   &[0, 1],         true),
            ("abc",   &[0, 1, 2],      false),
            ("abd",   &[0, 1, 2],      true),
            ("dab",   &[0, 1, 2],      true),
            ("adc",   &[0, 1, 2, 3],   false),
            ("ade",   &[0, 1, 2, 3],   true),
        ];
        for &(letters, servers, stranger) in table {
            let servers: Vec<_> = servers.iter().map(|&index| server(index)).collect();
            let read = Letters::read(letters.as_bytes()).unwrap();
            assert_eq!(names_a_stranger(read, &servers), stranger, "{letters} {servers:?}");
        }
    }

    #[test]
    fn a_session_that_goes_on_is_named_after_those_who_hold_it() {
        type Row = ([&'static [usize]; 3], usize, Option<&'static str>);
        #[rustfmt::skip]
        let table: [Row; 10] = [
            // holders,     ready,     listed,        turn, letters
            ([&[], &[0, 1], &[0, 1]], 0, None),
            ([&[3], &[], &[]], 7, Some("def")),
            ([&[3], &[0], &[]], 7, Some("dae")),
            ([&[3], &[0], &[0, 1, 2]], 0, Some("dab")),
            ([&[3], &[0], &[0, 1, 2]], 2, Some("dac")),
            ([&[3], &[0, 1], &[0, 1, 2]], 0, Some("dab")),
            ([&[3], &[0, 1], &[0, 1, 2]], 1, Some("dba")),
            ([&[3, 1], &[0, 1], &[0, 1]], 0, Some("dba")),
            ([&[3, 1], &[], &[]], 0, Some("dbe")),
            ([&[3, 3, 1, 0], &[2], &[2]], 0, Some("dba")),
        ];
        for ([holders, ready, listed], turn, expected) in table {
            let [holders, ready, listed] = [holders, ready, listed]
                .map(|list| list.iter().map(|&index| server(index)).collect::<Vec<_>>());
            let placed = place_at(&holders, &ready, &listed, turn);
            let text = placed.map(|letters| letters.to_bytes().map(char::from).iter().collect());
            assert_eq!(
                text,
                expected.map(str::to_owned),
                "{holders:?} {ready:?} {listed:?} {turn}"
            );
        }
    }

    proptest! {
        #[test]
        fn whoever_was_named_again_is_not_named_once_more(
            table in prop::collection::vec(0..64_usize, 1..80),
            holders in 1..5_usize,
            ready in 0..5_usize,
            turn in any::<usize>(),
        ) {
            let table: Vec<_> = table.into_iter().map(server).collect();
            let part = |count: usize| table.iter().copied().take(count).collect::<Vec<_>>();
            let placed = place_at(&part(holders), &part(ready), &table, turn).unwrap();
            prop_assert!(!names_a_stranger(placed, &distinct_all(&table)), "{:?}", placed);
        }

        #[test]
        fn three_different_servers_are_named(
            owner in 0..64_usize,
            others in prop::collection::vec(0..64_usize, 0..80),
            turn in any::<usize>(),
        ) {
            let others: Vec<_> = others.into_iter().map(server).collect();
            let letters = place(server(owner), &others, turn);
            prop_assert_eq!(letters.owner, server(owner));
            prop_assert_ne!(letters.backup, letters.owner);
            prop_assert_ne!(letters.third, letters.owner);
            prop_assert_ne!(letters.third, letters.backup);
            let ready = others.iter().filter(|other| **other != letters.owner);
            prop_assert!(ready.count() == 0 || others.contains(&letters.backup));
        }
    }
}

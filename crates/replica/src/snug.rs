//! Maps that keep no memory for what may come.

use std::mem;

use litemap::LiteMap;

/// Gives back what a map has in reserve. A session has two or three of anything, and there are very many
/// sessions: room for twice as many would be most of their memory.
pub(crate) fn snug<K, V>(map: &mut LiteMap<K, V>)
where
    K: Ord,
{
    let mut all = mem::take(map).into_tuple_vec();
    all.shrink_to_fit();
    *map = LiteMap::from_sorted_store_unchecked(all);
}

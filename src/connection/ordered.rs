use std::cmp::Ordering;
use std::collections::VecDeque;

/// A map whose keys mostly come in order, and mostly leave in order.
///
/// Numbers that are given out one after the other are such keys: consumers, publishes, the calls of
/// a channel. Then putting in and taking out are steps at the ends of one stretch of memory; anywhere
/// else, as with calls on many channels at once, they move the entries of the shorter side. A search
/// halves. Of the general ordered map a program would compile a hundred functions for each kind of
/// entry.
#[derive(Clone, Debug)]
pub(crate) struct OrderedMap<K, V> {
    entries: VecDeque<(K, V)>,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
        }
    }
}

#[cfg_attr(
    not(any(feature = "asynchronous", feature = "blocking", feature = "callbacks")),
    allow(dead_code, reason = "sessions use all of it")
)]
impl<K: Ord, V> OrderedMap<K, V> {
    /// Where the key is, or where it belongs.
    #[inline]
    fn search(&self, key: &K) -> Result<usize, usize> {
        let Some((last, _)) = self.entries.back() else {
            return Err(0);
        };
        match last.cmp(key) {
            Ordering::Less => Err(self.entries.len()),
            Ordering::Equal => Ok(self.entries.len() - 1),
            Ordering::Greater => self.entries.binary_search_by(|(other, _)| other.cmp(key)),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let at = self.search(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.search(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Puts a value in, in the place of the one that has the key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.search(&key) {
            Err(at) => {
                if self.entries.capacity() == 0 {
                    // Many never hold more than one, and there are several for each connection.
                    self.entries.reserve_exact(1);
                }
                self.entries.insert(at, (key, value));
            }
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = value;
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.search(key).ok()?;
        self.entries.remove(at).map(|(_, value)| value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries, by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries, by key.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The entries from this key on.
    pub(crate) fn iter_mut_from(&mut self, key: K) -> impl Iterator<Item = (&K, &mut V)> {
        let start = self.search(&key).unwrap_or_else(|at| at);
        let entries = self.entries.range_mut(start..);
        entries.map(|(key, value)| (&*key, value))
    }

    /// The values, by key.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Keeps what the function says yes to.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        self.entries.retain(|(_, value)| keep(value));
    }

    /// Takes all values out, by key.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = V> {
        self.entries.drain(..).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_an_ordered_map(steps in prop::collection::vec((0_u8..24, 0_u8..4), 0..200)) {
            let (mut map, mut model) = (OrderedMap::default(), BTreeMap::new());
            for (at, (key, step)) in steps.into_iter().enumerate() {
                if step == 0 {
                    prop_assert_eq!(map.remove(&key), model.remove(&key));
                } else {
                    map.insert(key, at);
                    model.insert(key, at);
                }
                prop_assert_eq!(map.get(&key), model.get(&key));
                prop_assert_eq!(map.get_mut(&key), model.get_mut(&key));
                prop_assert!(map.iter().eq(model.iter()));
                prop_assert!(map.iter_mut().eq(model.iter_mut()));
                prop_assert!(map.iter_mut_from(key).eq(model.range_mut(key..)));
                prop_assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
            }
            map.retain(|value| value % 2 == 0);
            model.retain(|_, value| *value % 2 == 0);
            prop_assert!(map.values().eq(model.values()));
            prop_assert!(map.drain().eq(model.into_values()));
            prop_assert!(map.is_empty());
        }
    }
}

//! The undo log of one domain: before-images in the order in which they were replaced, so that one command,
//! one linked chain, or every batch since a failed commit can be taken back. Entries of a sealed batch are kept
//! until the batch is durable, and answer meanwhile what the durable state was.

use std::collections::VecDeque;

/// Number of a batch: a group of commands that one commit makes durable. Batches commit in order.
pub type BatchNumber = u64;

/// Entries for which memory is kept from batch to batch.
const SPARE_ENTRIES: usize = 65_536;

/// A position in a journal's open batch, to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

/// Before-images of type `E`: those of the open batch, and those of sealed batches that are not durable yet.
#[derive(Debug)]
pub struct Journal<E> {
    open: Vec<E>,
    sealed: VecDeque<(BatchNumber, Vec<E>)>,
    spare: Vec<E>,
}

impl<E> Default for Journal<E> {
    fn default() -> Self {
        Journal {
            open: Vec::new(),
            sealed: VecDeque::new(),
            spare: Vec::new(),
        }
    }
}

impl<E> Journal<E> {
    /// Remembers a before-image.
    #[inline]
    pub fn push(&mut self, entry: E) {
        self.open.push(entry);
    }

    /// The present position in the open batch.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark(self.open.len())
    }

    /// The entries after `mark`, oldest first.
    pub fn after(&self, mark: Mark) -> &[E] {
        self.open.get(mark.0..).unwrap_or(&[])
    }

    /// Entries in the open batch.
    pub fn open_len(&self) -> usize {
        self.open.len()
    }

    /// Takes the newest entry after `mark`, if there is one: the caller restores it.
    #[inline]
    pub fn pop_after(&mut self, mark: Mark) -> Option<E> {
        if self.open.len() > mark.0 {
            self.open.pop()
        } else {
            None
        }
    }

    /// Ends the open batch, which waits for its commit from now on.
    pub fn seal(&mut self, batch: BatchNumber) {
        let mut next = std::mem::take(&mut self.spare);
        // As much again, so that it need not grow step by step; nothing where nothing was.
        next.reserve(self.open.len().min(SPARE_ENTRIES));
        let entries = std::mem::replace(&mut self.open, next);
        self.sealed.push_back((batch, entries));
    }

    /// Forgets the before-images of all batches up to `batch`, which are durable.
    pub fn durable(&mut self, batch: BatchNumber) {
        while self
            .sealed
            .front()
            .is_some_and(|(number, _)| *number <= batch)
        {
            if let Some((_, mut entries)) = self.sealed.pop_front() {
                entries.clear();
                // A huge batch must not hold its memory for ever.
                if entries.capacity() <= SPARE_ENTRIES {
                    self.spare = entries;
                }
            }
        }
    }

    /// Takes the newest before-image of everything that is not durable, the open batch first.
    pub fn pop_any(&mut self) -> Option<E> {
        if let Some(entry) = self.open.pop() {
            return Some(entry);
        }
        while let Some((_, entries)) = self.sealed.back_mut() {
            if let Some(entry) = entries.pop() {
                return Some(entry);
            }
            self.sealed.pop_back();
        }
        None
    }

    /// Every before-image that is not durable, oldest first: the first one of a thing is its durable state.
    pub fn oldest_first(&self) -> impl Iterator<Item = &E> {
        self.sealed
            .iter()
            .flat_map(|(_, entries)| entries.iter())
            .chain(self.open.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolls_back_to_a_mark_newest_first() {
        let mut journal = Journal::default();
        journal.push(1);
        let mark = journal.mark();
        journal.push(2);
        journal.push(3);
        assert_eq!(journal.pop_after(mark), Some(3));
        assert_eq!(journal.pop_after(mark), Some(2));
        assert_eq!(journal.pop_after(mark), None);
        assert_eq!(journal.oldest_first().copied().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn takes_back_sealed_batches_after_the_open_one() {
        let mut journal = Journal::default();
        journal.push(1);
        journal.seal(1);
        journal.push(2);
        journal.seal(2);
        journal.push(3);
        journal.durable(1);
        assert_eq!(journal.oldest_first().copied().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(journal.pop_any(), Some(3));
        assert_eq!(journal.pop_any(), Some(2));
        assert_eq!(journal.pop_any(), None);
    }
}

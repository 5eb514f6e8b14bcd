//! Which page numbers of the page table are free. A page belongs to at most one run or unfinished build; what
//! nobody owns is free and is overwritten in place, so that replaced runs cost neither deletes nor rebalancing.

/// A bitmap of free page numbers below `end`, and the numbers from `end` on that were never used.
#[derive(Clone)]
pub(super) struct Slots {
    free: Vec<u64>,
    /// No word before this one has a free page.
    from: usize,
    end: u32,
}

impl Slots {
    /// Pages 1 to `highest` exist; all are free until claimed.
    pub(super) fn all_free(highest: u32) -> Slots {
        let mut slots = Slots {
            free: Vec::new(),
            from: 0,
            end: highest.saturating_add(1),
        };
        slots.free.resize(highest as usize / 64 + 1, u64::MAX);
        let beyond = 63 - highest % 64;
        if let Some(last) = slots.free.last_mut() {
            *last &= u64::MAX >> beyond;
        }
        slots.claim(0);
        slots
    }

    /// Marks a page as owned; false if it is owned already or does not exist.
    pub(super) fn claim(&mut self, page: u32) -> bool {
        match self.free.get_mut(page as usize / 64) {
            Some(word) if *word & (1 << (page % 64)) != 0 => {
                *word &= !(1 << (page % 64));
                true
            }
            _ => false,
        }
    }

    /// The lowest free page, else a new one; `None` when all 2^32 numbers are in use (16 TiB).
    pub(super) fn take(&mut self) -> Option<u32> {
        while let Some(word) = self.free.get_mut(self.from) {
            if *word != 0 {
                let bit = word.trailing_zeros();
                *word &= *word - 1;
                return u32::try_from(self.from * 64).ok().map(|first| first + bit);
            }
            self.from += 1;
        }
        let page = self.end;
        self.end = self.end.checked_add(1)?;
        Some(page)
    }

    /// Gives a page back.
    pub(super) fn release(&mut self, page: u32) {
        let word = page as usize / 64;
        if self.free.len() <= word {
            self.free.resize(word + 1, 0);
        }
        self.free[word] |= 1 << (page % 64);
        self.from = self.from.min(word);
    }

    #[cfg(test)]
    pub(super) fn free_count(&self) -> u64 {
        self.free
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.free.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_pages_go_first_and_lowest_first() {
        let mut slots = Slots::all_free(130);
        assert_eq!(slots.free_count(), 130);
        assert!(!slots.claim(0) && !slots.claim(131) && !slots.claim(5_000));
        for page in 1..=130 {
            assert!(slots.claim(page));
        }
        assert!(!slots.claim(64));
        assert_eq!(slots.take(), Some(131));
        slots.release(131);
        slots.release(70);
        slots.release(3);
        assert_eq!(
            [slots.take(), slots.take(), slots.take(), slots.take()],
            [Some(3), Some(70), Some(131), Some(132)]
        );
    }

    #[test]
    fn an_empty_table_starts_at_page_one() {
        let mut slots = Slots::all_free(0);
        assert_eq!([slots.take(), slots.take()], [Some(1), Some(2)]);
        let mut full = Slots {
            free: Vec::new(),
            from: 0,
            end: u32::MAX,
        };
        assert_eq!(full.take(), None);
    }
}

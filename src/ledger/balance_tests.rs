//! The balance cache against a plain map: random creations, changes, marks, rollbacks, commits, failed commits and
//! evictions, after each of which every balance, newest and durable, is as the map says.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Create,
    Change(usize, u64),
    /// Changes under a mark that is rolled back.
    RolledBack(Vec<(usize, u64)>),
    Seal,
    Durable,
    Discard,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Create),
        8 => (any::<usize>(), 1..1000u64).prop_map(|(balance, amount)| Step::Change(balance, amount)),
        2 => prop::collection::vec((any::<usize>(), 1..1000u64), 0..4).prop_map(Step::RolledBack),
        3 => Just(Step::Seal),
        3 => Just(Step::Durable),
        1 => Just(Step::Discard),
    ]
}

/// The cache, what it should hold, and a disk of pages.
struct Pair {
    cache: Balances,
    now: Vec<u128>,
    /// State at the end of each sealed batch that is not durable, with the pages that it writes.
    sealed: Vec<(BatchNumber, Vec<u128>, Vec<PageWrite>)>,
    durable: Vec<u128>,
    disk: BTreeMap<u64, Vec<Balance>>,
    sequence: i64,
    batch: BatchNumber,
}

impl Pair {
    fn new() -> Pair {
        Pair {
            cache: Balances::new(0, 64),
            now: Vec::new(),
            sealed: Vec::new(),
            durable: Vec::new(),
            disk: BTreeMap::new(),
            sequence: 0,
            batch: 1,
        }
    }

    fn load(&mut self, number: u64) {
        if !self.cache.is_resident(number) {
            let page = number / PAGE_BALANCES;
            let balances = self.disk.get(&page).cloned().unwrap_or_default();
            self.cache.install(page, balances);
        }
    }

    fn change(&mut self, balance: usize, amount: u64) -> Option<usize> {
        if self.now.is_empty() {
            return None;
        }
        let number = balance % self.now.len();
        self.load(number as u64);
        self.sequence += 1;
        let changed = self.cache.change(number as u64, self.sequence, |balance| {
            let mut turnovers = balance.turnovers();
            turnovers.debits_posted += u128::from(amount);
            balance.set_turnovers(&turnovers);
        });
        assert!(changed);
        Some(number)
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Create => {
                let next = self.cache.count();
                if !next.is_multiple_of(PAGE_BALANCES) {
                    self.load(next - 1);
                }
                self.sequence += 1;
                let number = self
                    .cache
                    .create(Balance::new(next + 1, 840), self.sequence);
                assert_eq!(number as usize, self.now.len());
                self.now.push(0);
            }
            Step::Change(balance, amount) => {
                if let Some(number) = self.change(*balance, *amount) {
                    self.now[number] += u128::from(*amount);
                }
            }
            Step::RolledBack(changes) => {
                let mark = self.cache.mark();
                for (balance, amount) in changes {
                    self.change(*balance, *amount);
                }
                self.cache.roll_back(mark, self.sequence + 1);
            }
            Step::Seal => {
                let writes = self
                    .cache
                    .seal(self.batch, self.sequence, self.sequence - 20, 2);
                self.sealed.push((self.batch, self.now.clone(), writes));
                self.batch += 1;
            }
            Step::Durable if !self.sealed.is_empty() => {
                let (batch, state, writes) = self.sealed.remove(0);
                for page in writes {
                    self.disk.insert(page.number, page.balances);
                }
                self.durable = state;
                self.cache.durable(batch);
            }
            Step::Durable => {}
            Step::Discard => {
                self.cache.discard_undurable(self.sequence + 1);
                self.sealed.clear();
                self.batch += 1;
                self.now = self.durable.clone();
            }
        }
    }

    fn check(&mut self) {
        assert_eq!(self.cache.count() as usize, self.now.len());
        for number in 0..self.now.len() {
            self.load(number as u64);
            let now = self.cache.get(number as u64).unwrap().turnovers();
            assert_eq!(now.debits_posted, self.now[number], "balance {number} now");
            let durable = self.cache.get_durable(number as u64);
            let expected = self.durable.get(number).copied();
            assert_eq!(
                durable.map(|balance| balance.turnovers().debits_posted),
                expected,
                "balance {number} durable"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn behaves_as_a_plain_map(steps in prop::collection::vec(step(), 1..400)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.apply(step);
        }
        pair.check();
        // What is left dirty is written by a last batch, and the disk then has everything.
        pair.apply(&Step::Seal);
        while !pair.sealed.is_empty() {
            pair.apply(&Step::Durable);
        }
        pair.check();
    }
}

//! Makes up what clients of a bank send, legal and illegal: it looks at the model only to name things that exist, and
//! leaves it to chance whether a command makes sense.

use std::collections::BTreeMap;

use qenex::ledger::account::{AccountKind, BlockSide, LimitKind};

use crate::books::{Book, Exchange};
use crate::command::{Capture, Entry, Limit, Named, Op, Open, Place, Record, Reverse, Transfer};
use crate::dice::Dice;
use crate::model::Model;
use crate::registers::Register;

/// The assets that [`Generator::setup`] creates: a currency, a token of 128 bits, points.
pub const USD: u32 = 840;
pub const TOKEN: u32 = 1000;
pub const POINTS: u32 = 1001;

const HOUR: i64 = 3_600_000_000;

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub accounts: u64,
    /// Most items of a batch.
    pub batch: u64,
    /// Texts, whose salts differ from run to run.
    pub texts: bool,
}

/// How a bank comes to its first balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Migration {
    None,
    /// Some of them are imported, and import mode stays.
    Open,
    /// They are proved as well, and the bank goes live.
    Live,
}

/// A source of batches.
#[derive(Clone)]
pub struct Generator {
    pub dice: Dice,
    mix: Mix,
    count: u64,
    accounts: Vec<u128>,
    holds: Vec<u128>,
    transfers: Vec<u128>,
    transactions: Vec<u128>,
    /// Entity, asset (0: any) and id of the position accounts and those beside them.
    desk: Vec<(u32, u32, u128)>,
    schedules: Vec<u128>,
    links: Vec<u128>,
    sent: Vec<Entry>,
    migration: Migration,
}

impl Generator {
    pub fn new(seed: u64, mix: Mix) -> Generator {
        Generator {
            dice: Dice::new(seed ^ 0x51ED),
            mix,
            count: 0,
            accounts: Vec::new(),
            holds: Vec::new(),
            transfers: Vec::new(),
            transactions: Vec::new(),
            desk: Vec::new(),
            schedules: Vec::new(),
            links: Vec::new(),
            sent: Vec::new(),
            migration: Migration::None,
        }
    }

    /// A source that knows the same accounts, holds and transfers, and goes its own way from here.
    #[allow(dead_code, reason = "for the crash tests, which share this file")]
    pub fn branch(&self, seed: u64) -> Generator {
        Generator {
            dice: Dice::new(seed ^ 0x51ED),
            ..self.clone()
        }
    }

    /// Ids of half of the seeds ascend, the others are random.
    pub fn id(&mut self) -> u128 {
        self.count += 1;
        let (high, low) = (self.dice.next(), self.count);
        u128::from(high) << 64 | u128::from(low)
    }

    /// Assets, two entities and their first accounts; the first account of each entity has no limits at all.
    pub fn setup(&mut self, today: i32) -> Vec<Entry> {
        let asset = |code: &str, scale, wide| Op::Asset {
            code: code.into(),
            scale,
            wide,
        };
        let mut ops = vec![
            asset("USD", 2, false),
            asset("TOKEN", 18, true),
            asset("POINTS", 0, false),
        ];
        for follows_clock in [false, true] {
            ops.push(Op::Entity {
                id: self.id(),
                currency: USD,
                business_date: today - i32::from(follows_clock),
                follows_clock,
            });
        }
        for number in 0..self.mix.accounts {
            let open = self.opening(1 + u32::from(number % 4 == 1));
            let open = match number {
                0 | 1 => Open {
                    asset: 0,
                    flags: 0,
                    ..open
                },
                _ => open,
            };
            ops.push(Op::Open(open));
        }
        // Each entity has positions in dollars and in points, and an account beside them.
        for entity in [1, 2] {
            for asset in [USD, POINTS, 0] {
                let open = Open {
                    asset,
                    flags: 0,
                    parent: 0,
                    opening: None,
                    number_type: String::new(),
                    number: String::new(),
                    ..self.opening(entity)
                };
                self.desk.push((entity, asset, open.id));
                ops.push(Op::Open(open));
            }
        }
        for (entity, asset, account) in self.desk.clone() {
            if asset != 0 {
                let beside = self.beside(entity);
                ops.push(Op::Book(Book::Position {
                    key: self.id(),
                    account: Named::Id(account),
                    asset,
                    rounding: Some(Named::Id(beside)),
                    carried: 0,
                }));
            }
        }
        self.migration = *self
            .dice
            .pick(&[Migration::None, Migration::Open, Migration::Live]);
        if self.migration != Migration::None {
            ops.push(Op::Register(Register::Begin { key: self.id() }));
        }
        ops.into_iter().map(Entry::from).collect()
    }

    /// The account beside the positions of an entity.
    fn beside(&self, entity: u32) -> u128 {
        let found = self
            .desk
            .iter()
            .find(|place| (place.0, place.1) == (entity, 0));
        found.map_or(0, |place| place.2)
    }

    /// Opening balances, from the accounts without limits.
    pub fn funding(&mut self, model: &Model) -> Vec<Entry> {
        let ids = self.accounts.clone();
        let mut entries = Vec::new();
        for id in ids.iter().take(60).skip(2) {
            let Some(account) = model.state.accounts.get(id) else {
                continue;
            };
            let asset = if account.asset == 0 {
                USD
            } else {
                account.asset
            };
            let bank = Named::Id(ids[account.entity as usize - 1]);
            let own = Named::Id(*id);
            let (debit, credit) = match account.normal_debit {
                true => (own, bank),
                false => (bank, own),
            };
            let amount = 50_000 * if asset == TOKEN { 1 << 60 } else { 1 };
            entries.push(Entry::from(Op::Transfer(Transfer {
                debit,
                credit,
                asset,
                amount,
                flags: 0,
                transaction: 0,
                booking: None,
                value: None,
                ..self.transfer(model)
            })));
        }
        match self.migration {
            Migration::None => entries,
            _ => self.migrate(model, entries),
        }
    }

    /// The first of some transfers as imports, what they prove where the bank goes live, and the others.
    fn migrate(&mut self, model: &Model, entries: Vec<Entry>) -> Vec<Entry> {
        let mut later = entries;
        let mut all = Vec::new();
        let mut amounts: BTreeMap<(u128, u32), [i128; 4]> = BTreeMap::new();
        for (index, entry) in later.drain(..later.len().min(6)).enumerate() {
            let Op::Transfer(transfer) = entry.op else {
                continue;
            };
            let transfer = Transfer {
                reference: String::new(),
                narrative: String::new(),
                ..transfer
            };
            let opening = index % 2 == 0;
            for (named, debited) in [(&transfer.debit, true), (&transfer.credit, false)] {
                let Named::Id(id) = named else { continue };
                // One that was not opened makes the import, and so the proof, a refusal.
                let account = model.state.accounts.get(id);
                let normal_debit = account.is_some_and(|account| account.normal_debit);
                let normal = match normal_debit == debited {
                    true => transfer.amount,
                    false => -transfer.amount,
                };
                let sums = amounts.entry((*id, transfer.asset)).or_default();
                match (opening, debited) {
                    (true, _) => sums[0] += normal,
                    (_, true) => sums[1] += transfer.amount,
                    (_, false) => sums[2] += transfer.amount,
                }
                sums[3] += normal;
            }
            all.push(Entry::from(Op::Register(Register::Import {
                transfer,
                original: model.state.time - HOUR,
                opening,
            })));
        }
        if self.migration == Migration::Live {
            for ((account, asset), amounts) in amounts {
                all.push(Entry::from(Op::Register(Register::Prove {
                    key: self.id(),
                    account: Named::Id(account),
                    asset,
                    amounts,
                })));
            }
            let key = self.id();
            all.push(Entry::from(Op::Register(Register::Live { key })));
        }
        all.extend(later);
        all
    }

    /// A batch.
    pub fn batch(&mut self, model: &Model) -> Vec<Entry> {
        let count = match self.dice.below(4) {
            0 => 1,
            1 => self.dice.between(1, 4),
            _ => self.dice.between(1, self.mix.batch),
        };
        let mut entries: Vec<Entry> = Vec::new();
        while (entries.len() as u64) < count {
            entries.extend(self.unit(model));
        }
        if self.dice.one_in(80)
            && let Some(last) = entries.last_mut()
        {
            last.linked = true;
        }
        entries
    }

    /// One command, or several that are linked.
    pub fn unit(&mut self, model: &Model) -> Vec<Entry> {
        let length = if self.dice.one_in(10) {
            self.dice.between(2, 5)
        } else {
            1
        };
        let mut entries = Vec::new();
        for index in 0..length {
            let mut entry = self.entry(model);
            entry.linked = index + 1 < length;
            entries.push(entry);
        }
        entries
    }

    fn entry(&mut self, model: &Model) -> Entry {
        if !self.sent.is_empty() && self.dice.one_in(12) {
            let mut again = self.dice.pick(&self.sent).clone();
            again.linked = false;
            if self.dice.one_in(3) {
                self.alter(&mut again.op);
            }
            return again;
        }
        let behalf = match self.dice.below(40) {
            0 => "x".repeat(129),
            number @ 1..=6 => format!("customer {number}"),
            _ => String::new(),
        };
        let entry = Entry {
            op: self.op(model),
            linked: false,
            behalf,
        };
        if self.sent.len() < 300 {
            self.sent.push(entry.clone());
        } else {
            let at = self.dice.below(300) as usize;
            self.sent[at] = entry.clone();
        }
        entry
    }

    fn op(&mut self, model: &Model) -> Op {
        let key = self.key();
        let drawn = self.dice.below(100);
        match drawn {
            0..33 => Op::Transfer(self.transfer(model)),
            33..36 => Op::Register(self.register(model, key)),
            36..43 => Op::Book(self.book(model)),
            43..50 => self.day_op(model, key),
            50..58 => Op::Place(self.place(model)),
            58..67 => Op::Capture(self.capture(model)),
            67..70 => Op::Increase {
                key,
                hold: self.hold(),
                amount: self.amount(USD),
                force: self.dice.one_in(4),
            },
            70..73 => Op::Release {
                key,
                hold: self.hold(),
            },
            73..79 => Op::Reverse(self.reverse()),
            79..85 => Op::Record(self.record()),
            85..89 => Op::Limit(self.limit(model)),
            89..91 => Op::Block {
                key,
                account: self.named(),
                side: *self.dice.pick(&[BlockSide::Debit, BlockSide::Credit]),
                set: self.dice.one_in(3),
            },
            91 => Op::Book(self.book(model)),
            92..95 => {
                let (number_type, number) = self.number();
                Op::Number {
                    key,
                    account: self.named(),
                    number_type,
                    number,
                    end: self.dice.one_in(3),
                    take: self.dice.one_in(4),
                    expires: match self.dice.below(6) {
                        0 => Some(model.state.time + self.dice.below(12) as i64 * HOUR / 2 - HOUR),
                        1 if self.dice.one_in(20) => Some(i64::MAX),
                        _ => None,
                    },
                }
            }
            95..97 => {
                let entity = self.dice.between(1, 2) as u32;
                Op::Open(self.opening(entity))
            }
            97 => Op::Close {
                key,
                account: self.account(),
            },
            98 => Op::Advance {
                to: model.state.time + self.dice.below(6) as i64 * HOUR / 4 - HOUR / 4,
            },
            _ => self.rare(model, key),
        }
    }

    /// General ledger, import and retention.
    fn register(&mut self, model: &Model, key: u128) -> Register {
        let today = model
            .state
            .entities
            .first()
            .map_or(0, |entity| entity.business_date);
        let codes = ["1000", "2100", "2200"];
        match self.dice.below(14) {
            0..3 => Register::GlCode {
                key,
                entity: match self.dice.below(12) {
                    0 => 3,
                    number => 1 + number as u32 % 2,
                },
                code: match self.dice.below(10) {
                    0 => self.dice.pick(&["", "2 2"]).to_string(),
                    _ => self.dice.pick(&codes).to_string(),
                },
                name: self.dice.pick(&["Cash", "Deposits", ""]).to_string(),
                kind: *self.dice.pick(&[
                    AccountKind::Liability,
                    AccountKind::Liability,
                    AccountKind::Asset,
                ]),
                control: self.dice.one_in(2),
            },
            3..7 => Register::Assign {
                key,
                account: self.named(),
                from: today - 4 + self.dice.below(8) as i32,
                code: match self.dice.below(12) {
                    0 => "9999".into(),
                    _ => self.dice.pick(&codes).to_string(),
                },
                contrary: match self.dice.below(3) {
                    0 => String::new(),
                    _ => self.dice.pick(&codes).to_string(),
                },
            },
            7 | 8 => Register::Retain {
                key,
                account: self.named(),
                class: self.dice.pick(&["customer 10 years", ""]).to_string(),
                until: match self.dice.below(12) {
                    0 => Some(i32::MAX),
                    1..6 => Some(today + self.dice.below(4_000) as i32),
                    _ => None,
                },
                hold: self.dice.one_in(2),
                authority: self.dice.pick(&["12 C 1/2026", "court", ""]).to_string(),
            },
            9 | 10 => {
                let transfer = self.transfer(model);
                let flags = match self.dice.below(8) {
                    0 => transfer.flags,
                    1 => 1 << 4,
                    _ => 0,
                };
                Register::Import {
                    transfer: Transfer { flags, ..transfer },
                    original: match self.dice.below(30) {
                        0 => i64::MAX,
                        _ => model.state.time - self.dice.below(9_000) as i64 * HOUR,
                    },
                    opening: self.dice.one_in(3),
                }
            }
            11 | 12 => {
                let imported = &model.state.registers.imported;
                let open: Vec<(u128, u32)> = imported
                    .iter()
                    .filter(|(_, row)| !row.proved)
                    .map(|(place, _)| *place)
                    .collect();
                let (account, asset) = match open.len() as u64 {
                    0 => (self.account(), USD),
                    count => open[self.dice.below(count) as usize],
                };
                let mut amounts = model.imported_amounts(account, asset).unwrap_or_default();
                if self.dice.one_in(6) {
                    amounts[self.dice.below(4) as usize] += 1;
                }
                Register::Prove {
                    key,
                    account: Named::Id(account),
                    asset,
                    amounts,
                }
            }
            _ if self.dice.one_in(3) => Register::Begin { key },
            _ => Register::Live { key },
        }
    }

    fn rare(&mut self, model: &Model, key: u128) -> Op {
        let entity = self.dice.between(1, 3) as u32;
        let today = model
            .state
            .entities
            .first()
            .map_or(0, |entity| entity.business_date);
        match self.dice.below(5) {
            0 | 1 => Op::Roll {
                key,
                entity,
                to: *self.dice.pick(&[
                    None,
                    None,
                    Some(today),
                    Some(today + 1),
                    Some(today + 1),
                    Some(today + 2),
                    Some(i32::MAX),
                ]),
                any_day: self.dice.one_in(4),
            },
            2 => Op::ClosePeriod {
                key,
                entity,
                through: today - 4 + self.dice.below(5) as i32,
            },
            3 => Op::Asset {
                code: self
                    .dice
                    .pick(&["USD", "EUR", "A.1", "a", "TOKEN", ""])
                    .to_string(),
                scale: *self.dice.pick(&[2, 2, 18, 19]),
                wide: self.dice.one_in(4),
            },
            _ => Op::Entity {
                id: self.id(),
                currency: *self.dice.pick(&[USD, 999]),
                business_date: *self.dice.pick(&[today, i32::MIN]),
                follows_clock: false,
            },
        }
    }

    /// Days and the life of accounts.
    fn day_op(&mut self, model: &Model, key: u128) -> Op {
        let entity = match self.dice.below(12) {
            0 => 3,
            number => 1 + number as u32 % 2,
        };
        let known = model.state.entities.get(entity as usize - 1);
        let today = known.map_or(0, |entity| entity.business_date);
        match self.dice.below(24) {
            0 => Op::Calendar {
                key,
                code: self.dice.pick(&["TARGET", "NYC", ""]).to_string(),
                weekend: *self.dice.pick(&[0, 0b110_0000, 0b110_0000, 0b101, 127]),
                holidays: match self.dice.below(4) {
                    0 => vec![today + 2, today + 1],
                    1 => vec![today + 1, today + 3],
                    _ => Vec::new(),
                },
            },
            1 => Op::Rules {
                key,
                entity,
                calendar: self.dice.pick(&["", "TARGET", "NYC", "none"]).to_string(),
                dormant_after: *self.dice.pick(&[0, 1, 2, 4]),
            },
            2..6 => {
                let mut transfer = self.transfer(model);
                transfer.booking = match self.dice.below(10) {
                    0 => Some(today),
                    1 => None,
                    _ => Some(today + self.dice.between(1, 4) as i32),
                };
                let id = self.id();
                self.schedules.push(id);
                Op::Schedule {
                    key: if self.dice.one_in(20) { key } else { id },
                    transfer,
                }
            }
            6 => Op::Cancel {
                key,
                schedule: match self.schedules.len() as u64 {
                    0 => 4714,
                    count => self.schedules[(count - 1 - self.dice.below(count.min(6))) as usize],
                },
            },
            7 | 8 => Op::Roll {
                key,
                entity: 1,
                to: None,
                any_day: false,
            },
            9..17 => {
                let sealing = known.and_then(|entity| entity.sealing.as_ref());
                let day = match sealing {
                    Some(run) if !self.dice.one_in(8) => run.day,
                    _ => today - self.dice.below(4) as i32,
                };
                Op::EndOfDay {
                    key: if self.dice.one_in(2) { 0 } else { key },
                    entity,
                    day,
                    portion: *self.dice.pick(&[0, 1, 4, 9, 30, u32::MAX]),
                }
            }
            17 | 18 => {
                let year_end = known.and_then(|entity| entity.year_end.as_ref());
                let (through, retained) = match year_end {
                    Some(run) if !self.dice.one_in(8) => (run.day, Named::Id(run.retained)),
                    _ => (today - 1 - self.dice.below(2) as i32, self.named()),
                };
                let equity = model.state.accounts.iter().find(|(_, account)| {
                    account.entity == entity && account.kind == AccountKind::Equity
                });
                let retained = match equity {
                    Some((id, _)) if year_end.is_none() => Named::Id(*id),
                    _ => retained,
                };
                Op::YearEnd {
                    key,
                    entity,
                    through,
                    retained,
                    portion: *self.dice.pick(&[0, 1, 2, 5]),
                }
            }
            19..22 => {
                let ends = match self.dice.below(3) {
                    0 => self.links.last().copied().unwrap_or(4715),
                    _ => 0,
                };
                let id = self.id();
                self.links.push(id);
                let given = ends == 0 || self.dice.one_in(10);
                Op::Owner {
                    key: if self.dice.one_in(20) { key } else { id },
                    account: self.named(),
                    owner: match given && self.mix.texts {
                        true => format!("C-{}", self.dice.below(9)),
                        false => String::new(),
                    },
                    role: match given {
                        true => self.dice.pick(&["holder", "joint", "Joint"]).to_string(),
                        false => String::new(),
                    },
                    ends,
                }
            }
            _ => {
                let dormant = model.state.terms.iter().find(|(_, term)| term.dormant);
                Op::Reactivate {
                    key,
                    account: match dormant {
                        Some((id, _)) if !self.dice.one_in(4) => Named::Id(*id),
                        _ => self.named(),
                    },
                }
            }
        }
    }

    /// Changes something that the first outcome depends on, or the kind of the command.
    fn alter(&mut self, op: &mut Op) {
        let other = self.id();
        match op {
            Op::Transfer(transfer) => match self.dice.below(6) {
                0 => transfer.amount = transfer.amount.wrapping_add(1).max(1),
                1 => transfer.code ^= 8,
                2 => transfer.user.1 ^= 8,
                3 => std::mem::swap(&mut transfer.debit, &mut transfer.credit),
                4 => transfer.transaction ^= 1,
                _ => transfer.flags ^= 1 << 4,
            },
            Op::Place(place) => place.force = !place.force,
            Op::Capture(capture) => capture.last = !capture.last,
            Op::Reverse(reverse) => match self.dice.below(3) {
                0 => reverse.original = other,
                1 => reverse.flags ^= 1 << 4,
                _ => reverse.amount = reverse.amount.map_or(Some(1), |_| None),
            },
            Op::Record(record) => record.expected = record.expected.map_or(Some(7), |_| None),
            Op::Limit(limit) => limit.amount = limit.amount.map_or(Some(9), |_| None),
            Op::Open(open) => open.flags ^= 1,
            other => {
                let key = other.key();
                *other = Op::Release { key, hold: 77 };
            }
        }
    }

    /// A key that is given, left out, or already used.
    fn key(&mut self) -> u128 {
        match self.dice.below(30) {
            0..4 => 0,
            4 => self.transfers.last().copied().unwrap_or(0),
            5 if self.dice.one_in(4) => u128::MAX,
            _ => self.id(),
        }
    }

    fn account(&mut self) -> u128 {
        match self.dice.below(60) {
            0 => 4711,
            _ => *self.dice.pick(&self.accounts),
        }
    }

    /// An account by id or by one of its possible numbers.
    fn named(&mut self) -> Named {
        if self.dice.one_in(12) {
            let (number_type, number) = self.number();
            return Named::Number(match self.dice.below(2) {
                0 => number,
                _ => format!("{number_type}:{number}"),
            });
        }
        Named::Id(self.account())
    }

    /// A type and a number; the same number never stands under two types, where the number alone would be ambiguous.
    fn number(&mut self) -> (String, String) {
        let number = self.dice.below(24);
        match self.dice.below(20) {
            0..12 => ("account".into(), format!("ACC{number:03}")),
            12..19 => ("iban".into(), format!("DE{number:020}")),
            _ => ("Account".into(), "white space".into()),
        }
    }

    fn hold(&mut self) -> u128 {
        match self.holds.len() as u64 {
            0 => 4712,
            _ if self.dice.one_in(20) => 4712,
            // Mostly a recent one.
            count => {
                let back = self.dice.below(count.min(12))
                    + if self.dice.one_in(4) { count / 2 } else { 0 };
                self.holds[(count - 1 - back.min(count - 1)) as usize]
            }
        }
    }

    fn amount(&mut self, asset: u32) -> i128 {
        let amount = match self.dice.below(60) {
            0 => 0,
            1 => -5,
            2 => i128::from(i64::MAX) - self.dice.below(3) as i128,
            3 => i128::MAX - self.dice.below(2) as i128,
            4 => i128::MIN,
            5..8 => self.dice.below(1 << 40) as i128,
            _ => self.dice.between(1, 2_000) as i128,
        };
        match asset {
            TOKEN if (1..1 << 41).contains(&amount) => amount << self.dice.pick(&[0, 50, 60]),
            _ => amount,
        }
    }

    pub fn transfer(&mut self, model: &Model) -> Transfer {
        let (debit, mut credit) = (self.account(), self.account());
        let entity = |id: u128| model.state.accounts.get(&id).map(|account| account.entity);
        for _ in 0..3 {
            if entity(debit) != entity(credit) || debit == credit {
                credit = self.account();
            }
        }
        let asset = self.asset_of(model, &[debit, credit]);
        let id = match self.dice.below(200) {
            0 => 0,
            1 => u128::MAX,
            _ => self.id(),
        };
        self.transfers.push(id);
        let transaction = match self.dice.below(10) {
            0 => {
                let transaction = self.id();
                self.transactions.push(transaction);
                transaction
            }
            1 | 2 => self.transactions.last().copied().unwrap_or(0),
            _ => 0,
        };
        let flags = match self.dice.below(24) {
            0 => 1 << 1,
            1 => 1 << 2,
            2 => 1 << 1 | 1 << 2,
            3 | 4 => 1 << 3,
            5 => 1 << 4,
            8 => 1 << 5,
            6 if self.dice.one_in(4) => 1,
            7 if self.dice.one_in(4) => 1 << 8,
            _ => 0,
        };
        let today = model
            .state
            .entities
            .first()
            .map_or(0, |entity| entity.business_date);
        let booking = match self.dice.below(12) {
            0 | 1 => Some(today - self.dice.below(6) as i32),
            2 => Some(today + 1),
            3 if self.dice.one_in(8) => Some(i32::MAX),
            _ => None,
        };
        let value = match self.dice.below(8) {
            0 => Some(today + 30 - self.dice.below(60) as i32),
            1 if self.dice.one_in(20) => Some(i32::MAX),
            _ => None,
        };
        let mut reference = String::new();
        let mut narrative = String::new();
        if self.mix.texts && self.dice.one_in(5) {
            reference = format!("REF{}", self.dice.below(50));
            narrative = match self.dice.below(30) {
                0 => "n".repeat(1025),
                1 => "bell\u{7}".into(),
                _ => "Miete für März".into(),
            };
        }
        Transfer {
            id,
            debit: self.maybe_named(debit),
            credit: self.maybe_named(credit),
            asset,
            amount: self.amount(asset),
            transaction,
            code: self.dice.below(5) as u32,
            flags,
            booking,
            value,
            user: match self.dice.one_in(6) {
                true => (u128::MAX, u64::MAX, u32::MAX),
                false => (0, 0, 0),
            },
            reference,
            narrative,
        }
    }

    fn maybe_named(&mut self, id: u128) -> Named {
        match self.dice.below(20) {
            0 => self.named(),
            _ => Named::Id(id),
        }
    }

    /// An asset that the accounts may hold, mostly.
    fn asset_of(&mut self, model: &Model, accounts: &[u128]) -> u32 {
        let only = accounts
            .iter()
            .filter_map(|id| model.state.accounts.get(id))
            .map(|account| account.asset)
            .find(|asset| *asset != 0);
        match (only, self.dice.below(20)) {
            (_, 0) => *self.dice.pick(&[USD, TOKEN, POINTS, 999, 0]),
            (Some(asset), _) => asset,
            (None, _) => *self.dice.pick(&[USD, USD, TOKEN, POINTS]),
        }
    }

    fn place(&mut self, model: &Model) -> Place {
        let debit = self.account();
        let credit = self.account();
        let asset = self.asset_of(model, &[debit]);
        let id = self.id();
        self.holds.push(id);
        let expires = match self.dice.below(4) {
            0 => Some(model.state.time + self.dice.below(12) as i64 * HOUR / 2 - HOUR / 2),
            1 if self.dice.one_in(20) => Some(i64::MAX),
            _ => None,
        };
        let credit = match self.dice.one_in(2) {
            true => Some(self.maybe_named(credit)),
            false => None,
        };
        Place {
            id,
            debit: self.maybe_named(debit),
            credit,
            asset,
            amount: self.amount(asset),
            force: self.dice.one_in(4),
            priority: *self.dice.pick(&[0, 0, 1, 9]),
            expires,
        }
    }

    fn capture(&mut self, model: &Model) -> Capture {
        let hold = self.hold();
        let known = model.state.holds.get(&hold);
        let id = self.id();
        self.transfers.push(id);
        let credit = match known.and_then(|hold| hold.credit) {
            Some(_) if !self.dice.one_in(8) => None,
            Some(credit) if self.dice.one_in(2) => Some(Named::Id(credit)),
            _ if self.dice.one_in(10) => None,
            _ => Some(self.named()),
        };
        let asset = known.map_or(USD, |hold| hold.asset);
        let amount = match self.dice.below(3) {
            0 => None,
            1 => known.map(|hold| (hold.remaining / 3 + 1) as i128),
            _ => Some(self.amount(asset)),
        };
        Capture {
            id,
            hold,
            credit,
            amount,
            last: self.dice.one_in(4),
            force: self.dice.one_in(5),
            value: self.dice.one_in(8).then_some(20_000),
        }
    }

    /// A command of the books.
    fn book(&mut self, model: &Model) -> Book {
        let today = model
            .state
            .entities
            .first()
            .map_or(0, |entity| entity.business_date);
        let key = self.id();
        let rounding = 1 + self.dice.below(7) as u8;
        let rate = (
            self.dice.between(1, 90_000) as i128,
            self.dice.below(5) as u8,
        );
        let some_day = today - self.dice.below(6) as i32 + self.dice.below(2) as i32;
        match self.dice.below(14) {
            0..5 => {
                self.transactions.push(key);
                let account = self.account();
                let entity = model
                    .state
                    .accounts
                    .get(&account)
                    .map_or(1, |account| account.entity);
                let to_points = self.dice.one_in(2);
                let (sold, bought) = if to_points {
                    (USD, POINTS)
                } else {
                    (POINTS, USD)
                };
                let other = if self.dice.one_in(2) {
                    account
                } else {
                    self.beside(entity)
                };
                let amount = |dice: &mut Dice| match dice.below(40) {
                    0 => -3,
                    1 => 0,
                    2 => i128::from(i64::MAX) - dice.below(3) as i128,
                    _ => dice.between(1, 5_000) as i128,
                };
                let given = self.dice.below(8);
                let sold_amount = (given != 0 && given != 1).then(|| amount(&mut self.dice));
                let bought_amount = match given {
                    0 => None,
                    1 => Some(amount(&mut self.dice)),
                    // Near what the rate gives.
                    2 | 3 => sold_amount.map(|sold| {
                        let points = if to_points { 10_000_000 } else { 1_000 };
                        let near = sold * rate.0 * 100_000 / 10i128.pow(u32::from(rate.1)) / points;
                        (near + self.dice.below(4) as i128 - 1).max(-1)
                    }),
                    _ => None,
                };
                Book::Exchange(Exchange {
                    id: key,
                    debit: self.maybe_named(account),
                    credit: self.maybe_named(other),
                    sold: if self.dice.one_in(30) { bought } else { sold },
                    bought,
                    sold_amount,
                    bought_amount,
                    rounding: (!self.dice.one_in(10)).then_some(rounding),
                    flags: *self.dice.pick(&[0, 0, 0, 1 << 3, 1 << 3, 1 << 1]),
                    booking: self.dice.one_in(8).then_some(some_day),
                    value: self.dice.one_in(8).then_some(some_day + 9),
                    rate: (!self.dice.one_in(40)).then_some(rate),
                    equivalent: self.dice.one_in(30).then_some(7),
                })
            }
            5 => {
                let entity = self.dice.between(1, 2) as u32;
                let account = match self.dice.one_in(10) {
                    true => self.account(),
                    false => self.beside(entity),
                };
                Book::Revalue {
                    key,
                    entity,
                    asset: *self
                        .dice
                        .pick(&[POINTS, POINTS, POINTS, POINTS, USD, TOKEN]),
                    date: some_day,
                    rate,
                    rounding,
                    account: Named::Id(account),
                }
            }
            6 | 7 => {
                self.transactions.push(key);
                let debit = self.account();
                let asset = self.asset_of(model, &[debit]);
                let count = self.dice.below(5);
                Book::Split {
                    id: key,
                    debit: self.maybe_named(debit),
                    asset,
                    amount: self.amount(asset),
                    parts: (0..count)
                        .map(|_| (Named::Id(self.account()), self.dice.below(4)))
                        .collect(),
                    flags: *self.dice.pick(&[0, 0, 1 << 3, 1 << 4]),
                    value: self.dice.one_in(4).then_some(some_day + 3),
                }
            }
            8 | 9 => {
                let account = self.account();
                Book::Accrue {
                    key: self.key(),
                    account: self.maybe_named(account),
                    name: self.dice.pick(&["interest", "fee", ""]).to_string(),
                    asset: *self.dice.pick(&[USD, USD, USD, POINTS]),
                    coefficient: match self.dice.below(20) {
                        0 => i128::MAX,
                        _ => self.dice.below(3_000_000) as i128 - 500_000,
                    },
                    scale: *self.dice.pick(&[0, 4, 4, 6, 18, 19]),
                }
            }
            10 | 11 => {
                // Mostly one that there is.
                let accruals = &model.state.accruals;
                let (account, name) = match accruals.len() as u64 {
                    0 => (self.account(), "interest".to_string()),
                    count => {
                        let at = self.dice.below(count) as usize;
                        accruals.keys().nth(at).cloned().unwrap_or_default()
                    }
                };
                let entity = model
                    .state
                    .accounts
                    .get(&account)
                    .map_or(1, |account| account.entity);
                self.transactions.push(key);
                Book::Post {
                    id: key,
                    account: Named::Id(account),
                    name,
                    contra: Named::Id(if self.dice.one_in(6) {
                        self.account()
                    } else {
                        self.beside(entity)
                    }),
                    residue: self.dice.one_in(3).then(|| Named::Id(self.account())),
                }
            }
            _ => {
                let account = self.account();
                Book::Cut {
                    key: self.key(),
                    account: self.maybe_named(account),
                    asset: *self.dice.pick(&[USD, USD, USD, TOKEN, 999]),
                    to: (!self.dice.one_in(3)).then_some(some_day),
                    by_value: account.is_multiple_of(2) && !self.dice.one_in(8),
                }
            }
        }
    }

    fn reverse(&mut self) -> Reverse {
        let id = self.id();
        let recent = |dice: &mut Dice, list: &[u128]| match list.len() as u64 {
            0 => 4713,
            count => list[(count - 1 - dice.below(count.min(30))) as usize],
        };
        let original = match self.dice.below(12) {
            0 => 4713,
            1..4 => recent(&mut self.dice, &self.transactions),
            _ => recent(&mut self.dice, &self.transfers),
        };
        self.transfers.push(id);
        let recovery = match self.dice.one_in(4) {
            true => Some(self.named()),
            false => None,
        };
        Reverse {
            id,
            original,
            amount: match self.dice.one_in(2) {
                true => Some(self.amount(USD)),
                false => None,
            },
            flags: *self.dice.pick(&[0, 0, 0, 0, 1 << 3, 1 << 4, 1 << 1]),
            recovery,
            narrative: match self.mix.texts && self.dice.one_in(4) {
                true => "returned".into(),
                false => String::new(),
            },
        }
    }

    fn record(&mut self) -> Record {
        let key = self.key();
        let count = self.dice.below(12);
        Record {
            key,
            namespace: self
                .dice
                .pick(&["payments", "cards", "payments", ""])
                .to_string(),
            record: count.to_string().into_bytes(),
            expected: match self.dice.below(4) {
                0 => None,
                _ => Some(self.dice.below(4)),
            },
            value: match self.dice.one_in(5) {
                true => None,
                false => Some(vec![count as u8; self.dice.below(200) as usize]),
            },
        }
    }

    fn limit(&mut self, model: &Model) -> Limit {
        let account = self.account();
        let amount = match self.dice.below(8) {
            0 => None,
            1 => Some(-300),
            2 => Some(i128::MIN),
            3 => Some(i128::MAX),
            _ => Some(self.dice.below(60_000) as i128),
        };
        Limit {
            key: self.key(),
            account,
            asset: self.asset_of(model, &[account]),
            kind: *self.dice.pick(&LimitKind::ALL),
            amount,
            expires: match self.dice.below(5) {
                0 => Some(model.state.time + self.dice.below(8) as i64 * HOUR - HOUR),
                _ => None,
            },
        }
    }

    fn opening(&mut self, entity: u32) -> Open {
        let id = self.id();
        let (number_type, number) = match self.dice.below(6) {
            0 => self.number(),
            _ => (String::new(), String::new()),
        };
        let parent = match self.dice.below(10) {
            0 if !self.accounts.is_empty() => self.account(),
            _ => 0,
        };
        self.accounts.push(id);
        Open {
            id,
            entity,
            kind: *self.dice.pick(&AccountKind::ALL),
            asset: *self.dice.pick(&[0, 0, USD, USD, USD, TOKEN, TOKEN]),
            parent,
            flags: *self.dice.pick(&[0, 1, 1, 2, 3, 4, 5, 5]),
            number_type,
            number,
            name: match self.mix.texts && self.dice.one_in(4) {
                true => "Erika Mustermann".into(),
                false => String::new(),
            },
            opening: match self.dice.below(8) {
                0 if self.accounts.len() > 20 => {
                    let contra = self.named();
                    Some((contra, USD, self.amount(USD)))
                }
                _ => None,
            },
        }
    }
}

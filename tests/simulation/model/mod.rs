//! What the engine should answer, said as plainly as possible: ordered maps, whole copies to roll back to, no caches,
//! no disk. It shares no rule with the engine. After each batch its answers must be the engine's, and its state must be
//! what the file says.

mod accounts;
mod books;
mod days;
pub mod derived;
mod holds;
mod postings;
mod registers;

use std::collections::BTreeMap;

use qenex::base::{Status, Timestamp};

use crate::books::Book;
use crate::command::{Entry, Op, Record};
use crate::registers::Register;
pub use accounts::{Account, Asset, Entity};
pub use books::{Position, Statement};
pub use days::{CUSTOMER, Calendar, Owner, Run, Scheduled, Sealed, Term};
pub use holds::{Hold, HoldState};
pub use postings::Posting;
pub use registers::Registers;

/// Debits posted, credits posted, debits pending, credits pending.
pub type Turnovers = [u128; 4];

/// The answer to one command. Of a refusal that is not a repeated one, only status and id mean something.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: Status,
    pub repeated: bool,
    pub sequence: i64,
    pub time: i64,
    pub id: u128,
    pub number: u64,
    pub amount: i128,
    pub debit: Turnovers,
    pub credit: Turnovers,
}

/// A row of the table `change`, its content aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub sequence: i64,
    pub time: i64,
    pub actor: u32,
    pub behalf: u32,
    pub kind: u16,
    pub key: u128,
}

/// Kinds of changes, as in the file.
pub mod kind {
    pub const REFUSAL: u16 = 2;
    pub const TIME_ADVANCED: u16 = 3;
    pub const PRINCIPAL: u16 = 4;
    pub const HOST_RECORD: u16 = 5;
    pub const ENTITY: u16 = 20;
    pub const ASSET: u16 = 21;
    pub const ACCOUNT_OPENED: u16 = 22;
    pub const ACCOUNT_NUMBER: u16 = 23;
    pub const ACCOUNT_BLOCK: u16 = 24;
    pub const ACCOUNT_LIMIT: u16 = 25;
    pub const ACCOUNT_CLOSED: u16 = 26;
    pub const HOLD_PLACED: u16 = 27;
    pub const HOLD_INCREASED: u16 = 28;
    pub const HOLD_RELEASED: u16 = 29;
    pub const HOLD_EXPIRED: u16 = 30;
    pub const BUSINESS_DATE: u16 = 31;
    pub const PERIOD_CLOSED: u16 = 32;
    pub const POSITION: u16 = 70;
    pub const EXCHANGE: u16 = 71;
    pub const REVALUATION: u16 = 72;
    pub const SPLIT: u16 = 73;
    pub const ACCRUAL: u16 = 74;
    pub const ACCRUAL_POSTED: u16 = 75;
    pub const STATEMENT: u16 = 76;
    pub const GL_CODE: u16 = 77;
    pub const GL_ASSIGNMENT: u16 = 78;
    pub const IMPORT_BEGUN: u16 = 79;
    pub const IMPORT_PROVED: u16 = 81;
    pub const LIVE: u16 = 82;
    pub const RETENTION: u16 = 83;
    pub const CALENDAR: u16 = 40;
    pub const ENTITY_RULES: u16 = 41;
    pub const TRANSFER_SCHEDULED: u16 = 42;
    pub const SCHEDULE_CANCELLED: u16 = 43;
    pub const END_OF_DAY: u16 = 44;
    pub const YEAR_END: u16 = 45;
    pub const ACCOUNT_OWNER: u16 = 46;
    pub const ACCOUNT_REACTIVATED: u16 = 47;
    pub const ACCOUNT_DORMANT: u16 = 48;
    pub const CORRECTION: u16 = 49;
    pub const SCHEDULE_REFUSED: u16 = 50;
    pub const NUMBER_EXPIRED: u16 = 51;
}

/// Who sends a batch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client {
    pub principal: String,
    pub behalf: String,
}

/// When a batch is sent: at a time that the client names, or at the clock's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    At(i64),
    Clock(i64),
}

/// Who acts and when.
#[derive(Clone, Copy, Debug)]
struct Scene {
    time: i64,
    actor: u32,
    behalf: u32,
}

/// Type and number, its account, the change that gave it, and its end.
pub type GivenNumber = ((String, String), u128, i64, Option<i64>);

/// Everything that a command can change, small enough to copy.
#[derive(Clone, Debug)]
pub struct State {
    pub time: i64,
    pub sequence: i64,
    pub principals: Vec<String>,
    pub assets: BTreeMap<u32, Asset>,
    pub entities: Vec<Entity>,
    pub accounts: BTreeMap<u128, Account>,
    /// Type and number, to the account that has it now.
    pub numbers: BTreeMap<(String, String), u128>,
    /// Every number that was ever given, with its account, the change that gave it and its end.
    pub given: Vec<GivenNumber>,
    /// When such a number ends, and the change that gave it.
    pub number_ends: BTreeMap<(String, String), (i64, i64)>,
    pub calendars: Vec<Calendar>,
    /// By the key that scheduled them.
    pub schedules: BTreeMap<u128, Scheduled>,
    pub sealed: Vec<Sealed>,
    /// Change, transfer, first and last day.
    pub corrections: Vec<(i64, i64, i32, i32)>,
    /// By the key that gave the link.
    pub owners: BTreeMap<u128, Owner>,
    pub terms: BTreeMap<u128, Term>,
    pub balances: BTreeMap<(u128, u32), Turnovers>,
    pub holds: BTreeMap<u128, Hold>,
    /// How much of a transfer was reversed, by its sequence number.
    pub reversed: BTreeMap<i64, u128>,
    /// Version and value of host records; deleted ones keep their version.
    pub records: BTreeMap<(String, Vec<u8>), Versioned>,
    /// By entity and asset.
    pub positions: BTreeMap<(u32, u32), Position>,
    /// By account and name: asset, what is not posted, in 10^-18, and what is.
    pub accruals: BTreeMap<(u128, String), (u32, i128, i128)>,
    /// By account and asset, the first one first.
    pub statements: BTreeMap<(u128, u32), Vec<Statement>>,
    /// General ledger, import and retention.
    pub registers: Registers,
}

/// Version and value of a host record.
pub type Versioned = (u64, Option<Vec<u8>>);

/// A key that was used, for what, and what came of it.
#[derive(Clone, Debug)]
struct Known {
    op: Op,
    behalf: u32,
    answer: Answer,
}

/// The bank as it should be.
#[derive(Clone)]
pub struct Model {
    pub state: State,
    pub changes: Vec<Change>,
    pub postings: Vec<Posting>,
    posting_by_id: BTreeMap<u128, usize>,
    /// Legs are being posted: their corrections follow the last one.
    in_legs: bool,
    keys: BTreeMap<u128, Known>,
    key_order: Vec<u128>,
}

struct Mark {
    state: State,
    changes: usize,
    postings: usize,
    keys: usize,
}

type Checked<T> = Result<T, Status>;

impl Model {
    pub fn new() -> Model {
        Model {
            state: State {
                time: i64::MIN,
                sequence: 0,
                principals: Vec::new(),
                assets: BTreeMap::new(),
                entities: Vec::new(),
                accounts: BTreeMap::new(),
                numbers: BTreeMap::new(),
                given: Vec::new(),
                number_ends: BTreeMap::new(),
                calendars: Vec::new(),
                schedules: BTreeMap::new(),
                sealed: Vec::new(),
                corrections: Vec::new(),
                owners: BTreeMap::new(),
                terms: BTreeMap::new(),
                balances: BTreeMap::new(),
                holds: BTreeMap::new(),
                reversed: BTreeMap::new(),
                records: BTreeMap::new(),
                positions: BTreeMap::new(),
                accruals: BTreeMap::new(),
                statements: BTreeMap::new(),
                registers: Registers::default(),
            },
            changes: Vec::new(),
            postings: Vec::new(),
            posting_by_id: BTreeMap::new(),
            in_legs: false,
            keys: BTreeMap::new(),
            key_order: Vec::new(),
        }
    }

    /// Runs a batch: one answer an item, or the status of the whole batch's refusal.
    pub fn run(
        &mut self,
        client: &Client,
        when: When,
        entries: &[Entry],
        dry_run: bool,
    ) -> Result<Vec<Answer>, Status> {
        let time = match when {
            When::At(time) if time < self.state.time => return Err(Status::CLOCK_WENT_BACK),
            When::At(time) => time,
            When::Clock(now) => now.max(self.state.time),
        };
        let start = dry_run.then(|| self.mark());
        let mut scene = Scene {
            time,
            actor: 0,
            behalf: 0,
        };
        self.advance(&scene);
        scene.actor = self.principal(&scene, &client.principal);
        let session_behalf = self.principal(&scene, &client.behalf);
        let mut answers = Vec::new();
        let mut at = 0;
        while at < entries.len() {
            let length = entries[at..]
                .iter()
                .take_while(|entry| entry.linked)
                .count()
                + 1;
            let chain = &entries[at..(at + length).min(entries.len())];
            self.chain(&mut scene, session_behalf, chain, &mut answers);
            at += length;
        }
        if let Some(start) = start {
            self.roll_back(start);
        }
        Ok(answers)
    }

    /// Items that are linked, or a single one.
    fn chain(
        &mut self,
        scene: &mut Scene,
        session_behalf: u32,
        chain: &[Entry],
        answers: &mut Vec<Answer>,
    ) {
        let mark = (chain.len() > 1 || chain[0].linked).then(|| self.mark());
        let first = answers.len();
        for (index, entry) in chain.iter().enumerate() {
            let answer = if entry.linked && index + 1 == chain.len() {
                refused(Status::LINK_OPEN, entry.op.key())
            } else if entry.behalf.len() > 128 {
                refused(Status::TEXT_TOO_LONG, entry.op.key())
            } else {
                scene.behalf = 0;
                scene.behalf = match entry.behalf.as_str() {
                    "" => session_behalf,
                    name => self.principal(scene, name),
                };
                self.apply(scene, &entry.op)
            };
            let status = answer.status;
            if status == Status::OK {
                answers.push(answer);
                continue;
            }
            if let Some(mark) = mark {
                self.roll_back(mark);
                scene.time = self.state.time;
            }
            if status.is_final() && !answer.repeated {
                scene.behalf = 0;
                scene.behalf = match entry.behalf.as_str() {
                    "" => session_behalf,
                    name => self.principal(scene, name),
                };
                self.remember_refusal(scene, &entry.op, status);
            }
            for earlier in &mut answers[first..] {
                *earlier = refused(Status::LINKED_FAILED, earlier.id);
            }
            answers.push(answer);
            for rest in &chain[index + 1..] {
                answers.push(refused(Status::LINKED_FAILED, rest.op.key()));
            }
            return;
        }
    }

    fn apply(&mut self, scene: &mut Scene, op: &Op) -> Answer {
        let key = op.key();
        if let Err(status) = check_key(op) {
            return refused(status, key);
        }
        if let Op::Record(record) = op
            && let Err(status) = check_record(record)
        {
            return refused(status, key);
        }
        if key != 0
            && let Some(answer) = self.repeated(scene, op)
        {
            return answer;
        }
        let several = matches!(
            op,
            Op::Reverse(_) | Op::YearEnd { .. } | Op::Open(_) | Op::Book(_)
        );
        let mark = several.then(|| self.mark());
        let applied = match op {
            Op::Asset { code, scale, wide } => self.create_asset(scene, code, *scale, *wide),
            Op::Entity {
                id,
                currency,
                business_date,
                follows_clock,
            } => self.create_entity(scene, *id, *currency, *business_date, *follows_clock),
            Op::Open(open) => self.open(scene, open),
            Op::Number {
                key,
                account,
                number_type,
                number,
                end,
                take,
                expires,
            } => {
                let how = (*end, *take, *expires);
                self.number(scene, *key, account, (number_type, number), how)
            }
            Op::Block {
                key,
                account,
                side,
                set,
            } => self.block(scene, *key, account, *side, *set),
            Op::Limit(limit) => self.limit(scene, limit),
            Op::Close { key, account } => self.close(scene, *key, *account),
            Op::Transfer(transfer) => self.transfer(scene, transfer),
            Op::Place(place) => self.place(scene, place),
            Op::Increase {
                key,
                hold,
                amount,
                force,
            } => self.increase(scene, *key, *hold, *amount, *force),
            Op::Capture(capture) => self.capture(scene, capture),
            Op::Release { key, hold } => self.release(scene, *key, *hold),
            Op::Reverse(reverse) => self.reverse(scene, reverse),
            Op::Roll {
                key,
                entity,
                to,
                any_day,
            } => self.roll(scene, *key, *entity, *to, *any_day),
            Op::Calendar {
                key,
                code,
                weekend,
                holidays,
            } => {
                let calendar = Calendar {
                    code: code.clone(),
                    weekend: *weekend,
                    holidays: holidays.clone(),
                };
                self.set_calendar(scene, *key, &calendar)
            }
            Op::Rules {
                key,
                entity,
                calendar,
                dormant_after,
            } => self.rules(scene, *key, *entity, calendar, *dormant_after),
            Op::Schedule { key, transfer } => self.schedule(scene, *key, transfer),
            Op::Cancel { key, schedule } => self.cancel(scene, *key, *schedule),
            Op::EndOfDay {
                key,
                entity,
                day,
                portion,
            } => self.end_of_day(scene, *key, *entity, *day, *portion),
            Op::YearEnd {
                key,
                entity,
                through,
                retained,
                portion,
            } => self.year_end(scene, *key, *entity, *through, retained, *portion),
            Op::Owner {
                key,
                account,
                owner,
                role,
                ends,
            } => self.owner(scene, *key, account, (owner, role), *ends),
            Op::Reactivate { key, account } => self.reactivate(scene, *key, account),
            Op::ClosePeriod {
                key,
                entity,
                through,
            } => self.close_period(scene, *key, *entity, *through),
            Op::Record(record) => self.record(scene, record),
            Op::Advance { to } => self.advance_to(scene, *to),
            Op::Book(book) => self.book(scene, book),
            Op::Register(register) => self.enter(scene, register),
        };
        match applied {
            Ok(answer) => {
                self.keep_result(op, &answer);
                self.remember(scene, op, &answer);
                answer
            }
            Err(status) => {
                if let Some(mark) = mark {
                    self.roll_back(mark);
                }
                refused(status, key)
            }
        }
    }

    /// Keeps what a first result says that nothing else in the file tells.
    fn keep_result(&mut self, op: &Op, answer: &Answer) {
        let told_once = matches!(
            op,
            Op::EndOfDay { .. }
                | Op::YearEnd { .. }
                | Op::Book(
                    Book::Revalue { .. }
                        | Book::Accrue { .. }
                        | Book::Post { .. }
                        | Book::Cut { .. }
                )
                | Op::Register(Register::Live { .. })
        );
        let row = (answer.number, answer.amount);
        if told_once && op.key() != 0 && row != (0, 0) {
            self.state.registers.results.insert(answer.sequence, row);
        }
    }

    /// The first outcome again, or what stands against it.
    fn repeated(&self, scene: &Scene, op: &Op) -> Option<Answer> {
        let known = self.keys.get(&op.key())?;
        let same = if known.answer.status != Status::OK {
            without_texts(op) == without_texts(&known.op)
        } else {
            match (op, &known.op) {
                (Op::Transfer(now), Op::Transfer(then)) => {
                    known.behalf == scene.behalf && self.same_transfer(now, then)
                }
                (Op::Capture(now), Op::Capture(then)) => {
                    known.behalf == scene.behalf && self.same_capture(now, then)
                }
                (Op::Reverse(now), Op::Reverse(then)) => {
                    known.behalf == scene.behalf && self.same_reversal(now, then)
                }
                (
                    Op::Register(Register::Import {
                        transfer,
                        original,
                        opening,
                    }),
                    Op::Register(Register::Import {
                        transfer: first,
                        original: first_original,
                        opening: first_opening,
                    }),
                ) => {
                    known.behalf == scene.behalf
                        && self.same_transfer(transfer, first)
                        && (original, opening) == (first_original, first_opening)
                }
                (now, then) => now == then,
            }
        };
        if !same {
            return Some(refused(Status::EXISTS_WITH_DIFFERENT_CONTENT, op.key()));
        }
        let mut answer = known.answer.clone();
        answer.repeated = true;
        Some(answer)
    }

    fn remember(&mut self, scene: &Scene, op: &Op, answer: &Answer) {
        if op.key() != 0 {
            self.know(op, scene.behalf, answer.clone());
        }
    }

    fn remember_refusal(&mut self, scene: &Scene, op: &Op, status: Status) {
        if op.key() == 0 {
            return;
        }
        let sequence = self.change(scene, kind::REFUSAL, op.key());
        let mut answer = refused(status, op.key());
        answer.sequence = sequence;
        answer.time = scene.time;
        self.know(op, scene.behalf, answer);
    }

    fn know(&mut self, op: &Op, behalf: u32, answer: Answer) {
        let known = Known {
            op: op.clone(),
            behalf,
            answer,
        };
        self.keys.insert(op.key(), known);
        self.key_order.push(op.key());
    }

    /// The number of a principal, given with its first act.
    fn principal(&mut self, scene: &Scene, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        let principals = &self.state.principals;
        if let Some(index) = principals.iter().position(|known| known == name) {
            return index as u32 + 1;
        }
        self.state.principals.push(name.to_owned());
        self.change(scene, kind::PRINCIPAL, 0);
        self.state.principals.len() as u32
    }

    fn next_sequence(&mut self) -> i64 {
        self.state.sequence += 1;
        self.state.sequence
    }

    fn change(&mut self, scene: &Scene, kind: u16, key: u128) -> i64 {
        let sequence = self.next_sequence();
        self.changes.push(Change {
            sequence,
            time: scene.time,
            actor: scene.actor,
            behalf: scene.behalf,
            kind,
            key,
        });
        sequence
    }

    /// What is due happens before the next command.
    fn advance(&mut self, scene: &Scene) {
        if scene.time > self.state.time {
            self.state.time = scene.time;
            self.expire(scene);
            self.expire_numbers(scene);
            self.follow_clock(scene);
        }
    }

    fn advance_to(&mut self, scene: &mut Scene, to: i64) -> Checked<Answer> {
        if to <= self.state.time {
            return Err(Status::TIME_NOT_LATER);
        }
        scene.time = to;
        let sequence = self.change(scene, kind::TIME_ADVANCED, 0);
        self.advance(scene);
        Ok(applied(sequence, to, 0))
    }

    fn record(&mut self, scene: &Scene, record: &Record) -> Checked<Answer> {
        let at = (record.namespace.clone(), record.record.clone());
        let present = self.state.records.get(&at);
        let version = present.map_or(0, |(version, _)| *version);
        let visible = match present {
            Some((version, Some(_))) => *version,
            _ => 0,
        };
        if record.expected.is_some_and(|expected| expected != visible) {
            return Err(Status::VERSION_MISMATCH);
        }
        let sequence = self.change(scene, kind::HOST_RECORD, record.key);
        let row = (version + 1, record.value.clone());
        self.state.records.insert(at, row);
        let mut answer = applied(sequence, scene.time, record.key);
        answer.number = version + 1;
        Ok(answer)
    }

    fn mark(&self) -> Mark {
        Mark {
            state: self.state.clone(),
            changes: self.changes.len(),
            postings: self.postings.len(),
            keys: self.key_order.len(),
        }
    }

    fn roll_back(&mut self, mark: Mark) {
        self.state = mark.state;
        self.changes.truncate(mark.changes);
        for posting in self.postings.drain(mark.postings..) {
            self.posting_by_id.remove(&posting.id);
        }
        for key in self.key_order.drain(mark.keys..) {
            self.keys.remove(&key);
        }
    }
}

pub fn refused(status: Status, id: u128) -> Answer {
    Answer {
        status,
        ..applied(0, 0, id)
    }
}

fn applied(sequence: i64, time: i64, id: u128) -> Answer {
    Answer {
        status: Status::OK,
        repeated: false,
        sequence,
        time,
        id,
        number: 0,
        amount: 0,
        debit: [0; 4],
        credit: [0; 4],
    }
}

fn check_key(op: &Op) -> Checked<()> {
    if let Op::Transfer(transfer) | Op::Schedule { transfer, .. } = op
        && transfer.flags & !postings::flag::CALLER != 0
    {
        return Err(Status::INVALID_FLAGS);
    }
    let needed = matches!(
        op,
        Op::Entity { .. }
            | Op::Open(_)
            | Op::Transfer(_)
            | Op::Place(_)
            | Op::Capture(_)
            | Op::Reverse(_)
            | Op::Schedule { .. }
            | Op::Owner { ends: 0, .. }
            | Op::Register(Register::Import { .. })
    ) || matches!(op, Op::Book(book) if book.needs_key());
    if let Op::Schedule { key, transfer } = op
        && *key != u128::MAX
    {
        match transfer.id {
            u128::MAX => return Err(Status::ID_RESERVED),
            0 => return Err(Status::ID_NONE),
            _ => {}
        }
    }
    match op.key() {
        // A host record says first what is wrong with its texts.
        u128::MAX if !matches!(op, Op::Record(_)) => Err(Status::ID_RESERVED),
        0 if needed => Err(Status::ID_NONE),
        _ => check_dates(op),
    }
}

fn check_dates(op: &Op) -> Checked<()> {
    let days = match op {
        Op::Transfer(transfer) => [transfer.booking, transfer.value],
        Op::Capture(capture) => [capture.value, None],
        Op::Entity { business_date, .. } => [Some(*business_date), None],
        Op::Roll { to, .. } => [*to, None],
        Op::Schedule { transfer, .. } => [transfer.booking, transfer.value],
        Op::EndOfDay { day, .. } => [Some(*day), None],
        Op::YearEnd { through, .. } => [Some(*through), None],
        Op::ClosePeriod { through, .. } => [Some(*through), None],
        Op::Book(book) => book.days(),
        Op::Register(register) => register.days(),
        _ => [None, None],
    };
    let time = match op {
        Op::Place(place) => place.expires,
        Op::Limit(limit) => limit.expires,
        Op::Number { expires, .. } => *expires,
        Op::Advance { to } => Some(*to),
        Op::Register(Register::Import { original, .. }) => Some(*original),
        _ => None,
    };
    if days.into_iter().flatten().any(|day| !accounts::is_day(day)) {
        return Err(Status::DATE_INVALID);
    }
    if time.is_some_and(|time| Timestamp::checked(time).is_err()) {
        return Err(Status::TIME_INVALID);
    }
    Ok(())
}

fn check_record(record: &Record) -> Checked<()> {
    if record.namespace.is_empty() || record.record.is_empty() {
        return Err(Status::TEXT_INVALID);
    }
    if record.namespace.len() > 64 || record.record.len() > 256 {
        return Err(Status::TEXT_TOO_LONG);
    }
    if record.key == u128::MAX {
        return Err(Status::ID_RESERVED);
    }
    Ok(())
}

/// The command without personal texts, which a remembered refusal does not hold.
fn without_texts(op: &Op) -> Op {
    let mut op = op.clone();
    match &mut op {
        Op::Transfer(transfer) => {
            transfer.reference.clear();
            transfer.narrative.clear();
        }
        Op::Reverse(reverse) => reverse.narrative.clear(),
        Op::Open(open) => open.name.clear(),
        Op::Schedule { transfer, .. } | Op::Register(Register::Import { transfer, .. }) => {
            transfer.reference.clear();
            transfer.narrative.clear();
        }
        Op::Owner { owner, .. } => owner.clear(),
        _ => {}
    }
    op
}

//! The model's general ledger, import and retention: codes by day and by side, what was imported and proved, how long data
//! is kept.

use std::collections::BTreeMap;

use qenex::base::Status;
use qenex::ledger::account::AccountKind;

use super::accounts::check_text;
use super::postings::{Posting, flag, positive};
use super::{Answer, Checked, Model, Scene, applied, kind};
use crate::command::{Named, Transfer};
use crate::registers::Register;

/// What the registers have.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// Name, kind and whether it is a control account, by entity and code.
    pub codes: BTreeMap<(u32, String), (String, AccountKind, bool)>,
    /// Code and contrary code, by account and first day.
    pub assignments: BTreeMap<(u128, i32), (String, String)>,
    /// Begun, and how far it is.
    pub import: Option<Import>,
    pub imported: BTreeMap<(u128, u32), Imported>,
    /// When the old system recorded a transfer, by sequence number.
    pub originals: BTreeMap<i64, i64>,
    pub retentions: BTreeMap<u128, Retention>,
    /// Number and amount of first results that nothing else in the file tells.
    pub results: BTreeMap<i64, (u64, i128)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Import {
    pub live: bool,
    pub transfers: u64,
}

/// A balance that was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Imported {
    pub debits: u128,
    pub credits: u128,
    pub proved: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Retention {
    pub class: String,
    pub until: Option<i32>,
    pub hold: bool,
    pub authority: String,
    pub sequence: i64,
}

impl Registers {
    pub fn unproved(&self) -> usize {
        self.imported.values().filter(|row| !row.proved).count()
    }
}

impl Model {
    pub(super) fn enter(&mut self, scene: &Scene, register: &Register) -> Checked<Answer> {
        match register {
            Register::GlCode {
                key,
                entity,
                code,
                name,
                kind,
                control,
            } => {
                if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(Status::TEXT_INVALID);
                }
                check_text(code, 64)?;
                check_text(name, 256)?;
                self.entity(*entity)?;
                let place = (*entity, code.clone());
                let before = self.state.registers.codes.get(&place);
                if before.is_some_and(|(_, before, _)| before != kind) {
                    return Err(Status::GL_CODE_KIND_DIFFERS);
                }
                let sequence = self.change(scene, kind::GL_CODE, *key);
                let row = (name.clone(), *kind, *control);
                self.state.registers.codes.insert(place, row);
                Ok(applied(sequence, scene.time, *key))
            }
            Register::Assign {
                key,
                account,
                from,
                code,
                contrary,
            } => self.assign(scene, *key, account, *from, (code, contrary)),
            Register::Begin { key } => {
                match self.state.registers.import {
                    Some(import) if import.live => return Err(Status::IMPORT_ENDED),
                    Some(_) => return Err(Status::IMPORT_BEGUN),
                    None if !self.postings.is_empty() => return Err(Status::IMPORT_TOO_LATE),
                    None => {}
                }
                let sequence = self.change(scene, kind::IMPORT_BEGUN, *key);
                self.state.registers.import = Some(Import::default());
                Ok(applied(sequence, scene.time, *key))
            }
            Register::Import {
                transfer,
                original,
                opening,
            } => self.import(scene, transfer, *original, *opening),
            Register::Prove {
                key,
                account,
                asset,
                amounts,
            } => self.prove(scene, *key, account, *asset, *amounts),
            Register::Live { key } => {
                let import = self.state.registers.import.unwrap_or_default();
                if import.live {
                    return Err(Status::IMPORT_ENDED);
                }
                if self.state.registers.unproved() != 0 {
                    return Err(Status::IMPORT_NOT_PROVED);
                }
                let sequence = self.change(scene, kind::LIVE, *key);
                self.state.registers.import = Some(Import {
                    live: true,
                    ..import
                });
                let mut answer = applied(sequence, scene.time, *key);
                answer.number = import.transfers;
                Ok(answer)
            }
            Register::Retain {
                key,
                account,
                class,
                until,
                hold,
                authority,
            } => {
                check_text(class, 64)?;
                check_text(authority, 256)?;
                let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
                if *hold && authority.is_empty() {
                    return Err(Status::AUTHORITY_NEEDED);
                }
                let sequence = self.change(scene, kind::RETENTION, *key);
                let row = Retention {
                    class: class.clone(),
                    until: *until,
                    hold: *hold,
                    authority: authority.clone(),
                    sequence,
                };
                self.state.registers.retentions.insert(account, row);
                Ok(applied(sequence, scene.time, *key))
            }
        }
    }

    fn assign(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        from: i32,
        (code, contrary): (&str, &str),
    ) -> Checked<Answer> {
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let entity = self.state.accounts[&account].entity;
        let closed = self.entity(entity)?.closed_through;
        if closed.is_some_and(|closed| from <= closed) {
            return Err(Status::GL_DATE_CLOSED);
        }
        let contrary = if contrary.is_empty() { code } else { contrary };
        for code in [code, contrary] {
            let place = (entity, code.to_owned());
            if !self.state.registers.codes.contains_key(&place) {
                return Err(Status::GL_CODE_UNKNOWN);
            }
        }
        let sequence = self.change(scene, kind::GL_ASSIGNMENT, key);
        let row = (code.to_owned(), contrary.to_owned());
        let assignments = &mut self.state.registers.assignments;
        assignments.insert((account, from), row);
        Ok(applied(sequence, scene.time, key))
    }

    /// Whether nothing of an account may be erased.
    pub fn is_held(&self, account: u128) -> bool {
        let row = self.state.registers.retentions.get(&account);
        row.is_some_and(|row| row.hold)
    }

    fn importing(&self) -> Checked<Import> {
        match self.state.registers.import {
            None => Err(Status::IMPORT_NOT_BEGUN),
            Some(import) if import.live => Err(Status::IMPORT_ENDED),
            Some(import) => Ok(import),
        }
    }

    fn import(
        &mut self,
        scene: &Scene,
        transfer: &Transfer,
        original: i64,
        opening: bool,
    ) -> Checked<Answer> {
        let import = self.importing()?;
        if transfer.flags & !flag::STORNO != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        let amount = positive(transfer.amount, false)?;
        check_text(&transfer.reference, 128)?;
        check_text(&transfer.narrative, 1024)?;
        let parties = self.parties(&transfer.debit, &transfer.credit, transfer.asset)?;
        if amount > parties.maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        let entity = self.state.accounts[&parties.debit].entity;
        let today = self.entity(entity)?.business_date;
        let booking = transfer.booking.unwrap_or(today);
        if booking > today {
            return Err(Status::BOOKING_DATE_CLOSED);
        }
        let given = |day: Option<i32>, flag| if day.is_some() { flag } else { 0 };
        let posting = Posting {
            sequence: 0,
            id: transfer.id,
            time: scene.time,
            actor: scene.actor,
            behalf: scene.behalf,
            debit: parties.debit,
            credit: parties.credit,
            asset: parties.asset,
            amount,
            booking,
            value: transfer.value.unwrap_or(booking),
            flags: flag::IMPORTED
                | flag::FORCE
                | transfer.flags
                | if opening { flag::OPENING } else { 0 }
                | given(transfer.booking, flag::BOOKING_GIVEN)
                | given(transfer.value, flag::VALUE_GIVEN),
            transaction: transfer.transaction,
            hold: 0,
            unheld: 0,
            reverses: 0,
            recovery: 0,
            reference: transfer.reference.clone(),
        };
        let answer = self.post(posting, false)?;
        let registers = &mut self.state.registers;
        registers.originals.insert(answer.sequence, original);
        registers.import = Some(Import {
            transfers: import.transfers + 1,
            ..import
        });
        for (account, debited) in [(parties.debit, true), (parties.credit, false)] {
            let place = (account, parties.asset);
            let row = registers.imported.entry(place).or_default();
            row.proved = false;
            match (opening, debited) {
                (true, true) => row.debits += amount,
                (true, false) => row.credits += amount,
                _ => {}
            }
        }
        Ok(answer)
    }

    /// Opening, debits, credits and closing of an imported balance, on the account's normal side.
    pub fn imported_amounts(&self, account: u128, asset: u32) -> Option<[i128; 4]> {
        let row = self.state.registers.imported.get(&(account, asset))?;
        let [debits, credits, ..] = self.balance(account, asset).map(|sum| sum as i128);
        let (first_debits, first_credits) = (row.debits as i128, row.credits as i128);
        let normal = |debits: i128, credits: i128| match self.state.accounts[&account].normal_debit
        {
            true => debits - credits,
            false => credits - debits,
        };
        Some([
            normal(first_debits, first_credits),
            debits - first_debits,
            credits - first_credits,
            normal(debits, credits),
        ])
    }

    fn prove(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        asset: u32,
        amounts: [i128; 4],
    ) -> Checked<Answer> {
        self.importing()?;
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let right = self.imported_amounts(account, asset);
        if right.ok_or(Status::IMPORT_BALANCE_UNKNOWN)? != amounts {
            return Err(Status::IMPORT_PROOF_DIFFERS);
        }
        let sequence = self.change(scene, kind::IMPORT_PROVED, key);
        if let Some(row) = self.state.registers.imported.get_mut(&(account, asset)) {
            row.proved = true;
        }
        Ok(applied(sequence, scene.time, key))
    }

    /// The trial balance of an entity by code and asset at the end of a booking day, without lines of zero: debit balances
    /// and credit balances. `None`: they are beyond 128 bits.
    #[allow(
        dead_code,
        reason = "for the questions, which the crash tests do not ask"
    )]
    pub fn gl_lines(&self, entity: u32, day: i32) -> Option<BTreeMap<(String, u32), (u128, u128)>> {
        let mut nets: BTreeMap<(u128, u32), i128> = BTreeMap::new();
        for posting in self
            .postings
            .iter()
            .filter(|posting| posting.booking <= day)
        {
            let amount = posting.amount as i128;
            let debited = nets.entry((posting.debit, posting.asset)).or_default();
            *debited = debited.checked_add(amount)?;
            let credited = nets.entry((posting.credit, posting.asset)).or_default();
            *credited = credited.checked_sub(amount)?;
        }
        let mut lines: BTreeMap<(String, u32), (u128, u128)> = BTreeMap::new();
        for ((id, asset), net) in nets {
            let account = &self.state.accounts[&id];
            if account.entity != entity || net == 0 {
                continue;
            }
            let assignments = &self.state.registers.assignments;
            let last = assignments.range((id, i32::MIN)..=(id, day)).next_back();
            let code = match last {
                Some((_, (code, contrary))) => match account.normal_debit == (net > 0) {
                    true => code.clone(),
                    false => contrary.clone(),
                },
                None => String::new(),
            };
            let line = lines.entry((code, asset)).or_default();
            let side = if net > 0 { &mut line.0 } else { &mut line.1 };
            *side = side.checked_add(net.unsigned_abs())?;
        }
        Some(lines)
    }
}

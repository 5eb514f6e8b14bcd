//! The owners of an account: several links, each with a role, that begin and end. Who an owner is stands in the host's
//! own customer records; the reference to it is a personal text and only committed to in immutable content.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::length;
use crate::ledger::command::{AccountOwner, Command};
use crate::ledger::day_state::{OwnerLink, load_owner};
use crate::ledger::encoding::personal_texts;
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context, KeySpace};

impl Ledger {
    pub(super) fn account_owner(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        change: &AccountOwner<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_link(change));
        let Some(slot) = self.locate(services, &change.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = self.account(slot)?.number;
        if !change.ends.is_none() {
            let Some(mut link) = self
                .owner_by_key(services, &change.ends)?
                .filter(|link| link.account == account && link.valid_to.is_none())
            else {
                return Ok(Err(Status::OWNER_UNKNOWN));
            };
            let sequence = self.record(services, context, ChangeKind::ACCOUNT_OWNER, command, None);
            link.valid_to = Some(context.time);
            self.days.owners.put(link.sequence, Some(link));
            return Ok(Ok(Outcome::applied(sequence, context.time, change.key)));
        }
        let salt = context.salt(services.changes.last_sequence() + 1);
        let committed = personal_texts(command).map(|texts| commitment(&salt, texts.as_slice()));
        let sequence = self.record(
            services,
            context,
            ChangeKind::ACCOUNT_OWNER,
            command,
            committed.as_ref(),
        );
        let link = OwnerLink {
            sequence,
            key: change.key,
            account,
            owner: change.owner.to_owned(),
            role: change.role.to_owned(),
            salt: committed.map(|_| salt),
            valid_from: context.time,
            valid_to: None,
        };
        self.days.owners.put(sequence, Some(link));
        Ok(Ok(Outcome::applied(sequence, context.time, change.key)))
    }

    fn owner_by_key(&mut self, services: &mut Services<'_>, key: &Id) -> Result<Option<OwnerLink>> {
        let hash = services.keys.hash(KeySpace::Command, &key.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            let found = self.owner_by_sequence(services.reader, sequence as i64)?;
            if let Some(found) = found.filter(|found| found.key == *key) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The link that a change gave to an owner, in flight or durable.
    pub fn owner_by_sequence(
        &mut self,
        reader: &Connection,
        sequence: i64,
    ) -> Result<Option<OwnerLink>> {
        let found = self
            .days
            .owners
            .get(&sequence, || load_owner(reader, sequence))?;
        Ok(found.cloned())
    }
}

/// Whether a link is given with an owner and a role, or ended without either.
fn check_link(change: &AccountOwner<'_>) -> Checked<()> {
    check_text(change.owner, length::CODE)?;
    let role_ok = change
        .role
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !role_ok {
        return Err(Status::TEXT_INVALID);
    }
    if change.role.len() > length::NUMBER_TYPE {
        return Err(Status::TEXT_TOO_LONG);
    }
    let given = !change.owner.is_empty() && !change.role.is_empty();
    let empty = change.owner.is_empty() && change.role.is_empty();
    if change.ends.is_none() && given || !change.ends.is_none() && empty {
        Ok(())
    } else {
        Err(Status::TEXT_INVALID)
    }
}

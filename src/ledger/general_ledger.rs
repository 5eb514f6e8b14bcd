//! Codes of the general ledger: the chart of an entity, and which code an account has from which day on. An account
//! may have one code while its balance is on its normal side and another while it is on the other side, so that an
//! overdrawn current account is an asset. The code given at opening holds until the first assignment.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::{AccountKind, length};
use crate::ledger::books::load;
use crate::ledger::books::rows::{GlAssignmentRow, GlCodeRow};
use crate::ledger::command::{AccountRef, Command};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context};

/// Enters a code into an entity's chart, or changes its name and whether it is a control account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlCode<'a> {
    pub key: Id,
    pub entity: u32,
    pub code: &'a str,
    pub name: &'a str,
    /// Never changes.
    pub kind: AccountKind,
    pub control: bool,
}

/// Gives an account its codes from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlAssignment<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    /// The first day, which is not in a closed period.
    pub from: Date,
    pub code: &'a str,
    /// While the balance is not on the account's normal side; empty: `code`.
    pub contrary_code: &'a str,
}

impl Ledger {
    pub(super) fn set_gl_code(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        set: &GlCode<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_code(set.code));
        refuse_unless!(check_text(set.name, length::NAME));
        if self.entity(set.entity).is_none() {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        }
        let before = self.gl_code(services, set.entity, set.code)?;
        if before.is_some_and(|before| before.kind != set.kind) {
            return Ok(Err(Status::GL_CODE_KIND_DIFFERS));
        }
        let sequence = self.record(services, context, ChangeKind::GL_CODE, command, None);
        let row = GlCodeRow {
            name: set.name.to_owned(),
            kind: set.kind,
            control: set.control,
        };
        self.books
            .gl_codes
            .put((set.entity, set.code.to_owned()), Some(row));
        Ok(Ok(Outcome::applied(sequence, context.time, set.key)))
    }

    pub(super) fn assign_gl_code(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        assign: &GlAssignment<'_>,
    ) -> Result<Checked<Outcome>> {
        let Some(slot) = self.locate(services, &assign.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        let Some(closed) = self
            .entity(account.entity)
            .map(|entity| entity.closed_through)
        else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        if closed.is_some_and(|closed| assign.from <= closed) {
            return Ok(Err(Status::GL_DATE_CLOSED));
        }
        let contrary = match assign.contrary_code {
            "" => assign.code,
            code => code,
        };
        for code in [assign.code, contrary] {
            if self.gl_code(services, account.entity, code)?.is_none() {
                return Ok(Err(Status::GL_CODE_UNKNOWN));
            }
        }
        let sequence = self.record(services, context, ChangeKind::GL_ASSIGNMENT, command, None);
        let row = GlAssignmentRow {
            code: assign.code.to_owned(),
            contrary_code: contrary.to_owned(),
        };
        self.books
            .gl_assignments
            .put((account.number, assign.from.days()), Some(row));
        Ok(Ok(Outcome::applied(sequence, context.time, assign.key)))
    }

    fn gl_code(
        &mut self,
        services: &Services<'_>,
        entity: u32,
        code: &str,
    ) -> Result<Option<GlCodeRow>> {
        let reader = services.reader;
        let row = self.books.gl_codes.get(&(entity, code.to_owned()), || {
            let row = load::<(String, GlCodeRow)>(
                reader,
                "SELECT * FROM gl_code WHERE entity = ? AND code = ?",
                (entity, code),
            )?;
            Ok(row.map(|(_, row)| row))
        })?;
        Ok(row.cloned())
    }
}

/// A code is printable ASCII without spaces, so that every export can hold it.
fn check_code(code: &str) -> Checked<()> {
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Status::TEXT_INVALID);
    }
    if code.len() > length::CODE {
        return Err(Status::TEXT_TOO_LONG);
    }
    Ok(())
}

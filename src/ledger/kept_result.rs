//! First results that nothing else in the file tells later: where a portion of the end of a day stopped, how far an
//! accrual had grown, which number a statement got. They are kept under the command's sequence number, so that its key
//! gives the first result again however much happened since.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::books::load;
use crate::ledger::books::rows::KeptResult;
use crate::ledger::outcome::Outcome;
use crate::ledger::state::Ledger;
use crate::ledger::transfer::Checked;

impl Ledger {
    /// Passes an answer on and keeps its number and amount where its key may ask for them again. No row says zero.
    pub(super) fn kept(&mut self, applied: Checked<Outcome>) -> Checked<Outcome> {
        if let Ok(outcome) = &applied
            && outcome.status.is_ok()
            && !outcome.id.is_none()
            && (outcome.number, outcome.amount) != (0, 0)
        {
            let row = KeptResult {
                number: outcome.number,
                amount: outcome.amount,
            };
            self.books.results.put(outcome.sequence, Some(row));
        }
        applied
    }

    /// What [`Ledger::kept`] kept of the command with a sequence number, in flight or durable.
    pub(super) fn kept_result(&mut self, reader: &Connection, sequence: i64) -> Result<KeptResult> {
        let row = self.books.results.get(&sequence, || {
            load::<KeptResult>(
                reader,
                "SELECT * FROM command_result WHERE seq = ?",
                [sequence],
            )
        })?;
        Ok(row.copied().unwrap_or_default())
    }
}

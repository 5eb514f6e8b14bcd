//! Legal entities: each has its own business date and closed periods, and every asset sums to zero in it.

use crate::base::id::Id;
use crate::base::time::Date;

/// A legal entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// 1 and up, in the order of creation.
    pub number: u32,
    pub id: Id,
    pub name: String,
    /// Asset number of the functional currency.
    pub functional_currency: u32,
    /// IANA name; "UTC" when the host named none.
    pub time_zone: String,
    /// The open business date; moved only by a recorded change.
    pub business_date: Date,
    /// The business date follows the UTC day of the command's time.
    pub follows_clock: bool,
    /// Booking dates up to this day are closed.
    pub closed_through: Option<Date>,
    /// Number of its calendar; 0: every day is a business day.
    pub calendar: u32,
    /// Days without a customer's movement after which a customer's account is dormant; 0: never.
    pub dormant_after: u32,
    /// Days up to this one are sealed.
    pub sealed_through: Option<Date>,
    /// The day that is being sealed.
    pub sealing: Option<Date>,
    /// Sequence number at which the close of a year began that is not over; 0: there is none.
    pub year_end: i64,
}

impl Entity {
    /// Whether a booking may bear `date`.
    #[inline]
    pub fn may_book(&self, date: Date) -> bool {
        date <= self.business_date && self.closed_through.is_none_or(|closed| date > closed)
    }

    /// The last day that is sealed, is being sealed, or is closed: a posting that reaches into it is a correction.
    pub fn settled_through(&self) -> Option<Date> {
        self.sealing
            .max(self.sealed_through)
            .max(self.closed_through)
    }
}

//! Values, errors and encodings that every other layer is made of; no state, nothing domain-specific, and no
//! clock or randomness except at the named edges (`SystemClock`, `os_seed`).

pub mod amount;
pub mod canonical;
pub mod card_number;
pub mod constants;
pub mod currency;
mod decimal_text;
pub mod error;
pub mod hash;
pub mod id;
pub mod rate;
pub mod rounding;
pub mod status;
pub mod time;
pub mod wide;

pub use amount::Amount;
pub use error::{Error, Result};
pub use id::Id;
pub use rate::Rate;
pub use rounding::Rounding;
pub use status::Status;
pub use time::{Date, Timestamp};

//! Assets: what an amount counts. A narrow asset keeps amounts and turnovers within 63 bits, so that SQL can sum
//! them; a wide one has 127 bits and is stored as order-preserving bytes.

/// What an asset is; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssetKind {
    Currency,
    Metal,
    Security,
    Token,
    Unit,
}

impl AssetKind {
    pub const ALL: [AssetKind; 5] = [
        AssetKind::Currency,
        AssetKind::Metal,
        AssetKind::Security,
        AssetKind::Token,
        AssetKind::Unit,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            AssetKind::Currency => 1,
            AssetKind::Metal => 2,
            AssetKind::Security => 3,
            AssetKind::Token => 4,
            AssetKind::Unit => 5,
        }
    }

    /// The kind with a stored number.
    pub fn from_number(number: u8) -> Option<AssetKind> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// An asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// ISO 4217 number of a currency, 1000 and up for others.
    pub number: u32,
    pub code: String,
    /// Decimals, 0 to 18.
    pub scale: u8,
    pub kind: AssetKind,
    pub wide: bool,
}

impl Asset {
    /// The largest amount and turnover in minor units.
    #[inline]
    pub fn maximum(&self) -> u128 {
        if self.wide {
            i128::MAX as u128
        } else {
            i64::MAX as u128
        }
    }
}

/// First number of assets that ISO 4217 does not number.
pub const FIRST_OWN_NUMBER: u32 = 1000;

//! Who asks, on whose behalf, when, and with which randomness: everything that a command's outcome may depend
//! on besides the state. It is made at the edge of the engine; nothing below reads a clock or a random source.

use crate::base::hash::KeyHasher;
use crate::base::time::Timestamp;

/// The context in which a command is applied.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The time of the command, never before that of an earlier one.
    pub time: Timestamp,
    /// Number of the session's principal in the table of principals.
    pub actor: u32,
    /// Number of the principal on whose behalf the session acts; 0 is nobody.
    pub on_behalf_of: u32,
    /// Source of salts: 16 unpredictable bytes made at the edge, recorded with what they were used for.
    pub seed: [u8; 16],
    /// Evaluate, answer, and undo: nothing is recorded.
    pub dry_run: bool,
    /// The salt to use instead of a derived one: what a change feed recorded.
    pub salt: Option<[u8; 16]>,
}

impl Context {
    /// A salt for the command that gets `sequence`: unpredictable to who does not know the seed, and never the
    /// same for two sequences.
    pub fn salt(&self, sequence: i64) -> [u8; 16] {
        if let Some(salt) = self.salt {
            return salt;
        }
        let low = KeyHasher::from_seed(self.seed);
        let bytes = sequence.to_be_bytes();
        let mut salt = [0u8; 16];
        salt[..8].copy_from_slice(&low.hash(0x53, &bytes).to_be_bytes());
        salt[8..].copy_from_slice(&low.hash(0x54, &bytes).to_be_bytes());
        salt
    }
}

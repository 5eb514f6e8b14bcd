//! Hashes: SHA3-256 for the chain and the Merkle log, BLAKE2b-256 for commitments and fingerprints (both published
//! standards, from their crates), and a fast keyed 64-bit hash for tables in memory and filters, which proves nothing.

mod key;

use blake2::Blake2b256;
use sha3::{Digest, Sha3_256};

pub use key::KeyHasher;

/// SHA3-256 (FIPS 202).
pub fn sha3_256(bytes: &[u8]) -> [u8; 32] {
    Sha3_256::digest(bytes).into()
}

/// SHA3-256 of parts: the same as of their concatenation.
#[derive(Clone, Default)]
pub struct Sha3(Sha3_256);

impl Sha3 {
    pub fn new() -> Sha3 {
        Sha3::default()
    }

    pub fn update(&mut self, bytes: &[u8]) -> &mut Sha3 {
        self.0.update(bytes);
        self
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// BLAKE2b with 32 bytes of output (RFC 7693), without a key.
pub fn blake2b_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b256::digest(bytes).into()
}

/// Binds to texts without showing them: erase the salt, and nobody can tell what was committed to, not even by
/// trying all names. BLAKE2b-256 of a domain, the salt, the number of texts, and each text with its length in front
/// (64 bits, big-endian), so that no two lists of texts share an input.
pub fn commitment(salt: &[u8; 16], texts: &[&[u8]]) -> [u8; 32] {
    const DOMAIN: &[u8; 16] = b"qenex commitment";
    let mut hasher = Blake2b256::new();
    hasher.update(DOMAIN);
    hasher.update(salt);
    hasher.update((texts.len() as u64).to_be_bytes());
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// FIPS 202 examples of NIST.
    #[test]
    fn sha3_has_the_published_values() {
        let empty = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a";
        let abc = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532";
        let long = "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376";
        let a3 = "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787";
        let million = "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1";
        let text = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(&sha3_256(b"")), empty);
        assert_eq!(hex(&sha3_256(b"abc")), abc);
        assert_eq!(hex(&sha3_256(text)), long);
        assert_eq!(hex(&sha3_256(&[0xa3; 200])), a3);
        let mut hasher = Sha3::new();
        for _ in 0..1000 {
            hasher.update(&[b'a'; 1000]);
        }
        assert_eq!(hex(&hasher.finish()), million);
    }

    /// Known values for 32 bytes of output; the pinned commitment was computed with another implementation.
    #[test]
    fn blake2b_has_the_published_values() {
        let empty = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
        let abc = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
        assert_eq!(hex(&blake2b_256(b"")), empty);
        assert_eq!(hex(&blake2b_256(b"abc")), abc);
    }

    #[test]
    fn a_commitment_is_pinned_and_depends_on_every_part() {
        let salt = *b"0123456789abcdef";
        let pinned = "bfcb4c9e4fe3ead0d483449c93db30d2bb7ad6a14a1c9a8123fa6bf7e9847346";
        assert_eq!(hex(&commitment(&salt, &[b"Ada", b"Lovelace"])), pinned);
        let others = [
            commitment(&salt, &[b"AdaLovelace"]),
            commitment(&salt, &[b"AdaL", b"ovelace"]),
            commitment(&salt, &[b"Ada", b"Lovelace", b""]),
            commitment(&salt, &[b"", b"Ada", b"Lovelace"]),
            commitment(&salt, &[b"Lovelace", b"Ada"]),
            commitment(b"0123456789abcdeg", &[b"Ada", b"Lovelace"]),
            commitment(&salt, &[]),
            commitment(&salt, &[b""]),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(hex(other), pinned);
            assert!(others.iter().skip(index + 1).all(|later| later != other));
        }
    }

    proptest! {
        #[test]
        fn parts_hash_as_their_concatenation(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6)) {
            let mut hasher = Sha3::new();
            for part in &parts {
                hasher.update(part);
            }
            prop_assert_eq!(hasher.finish(), sha3_256(&parts.concat()));
        }
    }
}

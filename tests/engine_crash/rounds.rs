//! How much is run: a bounded number of rounds by default, more when asked, one seed alone when named.

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `usual` rounds, times QENEX_CRASH_ROUNDS.
pub fn rounds(usual: u64) -> u64 {
    usual * number("QENEX_CRASH_ROUNDS").unwrap_or(1).max(1)
}

/// The seeds to run: QENEX_SEED alone, or as many as [`rounds`] says.
pub fn seeds(usual: u64) -> Vec<u64> {
    match number("QENEX_SEED") {
        Some(seed) => vec![seed],
        None => (1..=rounds(usual)).collect(),
    }
}

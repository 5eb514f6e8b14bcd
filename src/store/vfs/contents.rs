//! The bytes of one simulated file, in fixed blocks so that a large file grows without copying what it has. Every
//! allocation is tried, never assumed: a database in memory reports that memory is exhausted instead of aborting.
//! Bytes past the end, and holes, read as zero.

/// 64 KiB: large enough that a block list stays short, small enough that tiny files waste little.
const BLOCK: usize = 64 * 1024;

/// Memory for the file's bytes could not be reserved.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutOfMemory;

#[derive(Default)]
pub(super) struct Contents {
    blocks: Vec<Vec<u8>>,
    len: u64,
}

impl Contents {
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Copies bytes from `offset` into `into`; returns how many there were before the end. The rest is untouched.
    pub fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let available = self.len.saturating_sub(offset).min(into.len() as u64) as usize;
        let mut done = 0;
        while done < available {
            let (block, at) = position(offset + done as u64);
            let n = (available - done).min(BLOCK - at);
            match self.blocks.get(block) {
                Some(bytes) => into[done..done + n].copy_from_slice(&bytes[at..at + n]),
                None => into[done..done + n].fill(0),
            }
            done += n;
        }
        available
    }

    /// Writes `bytes` at `offset`, extending the file (with zeros up to `offset`) where needed.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), OutOfMemory> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(OutOfMemory)?;
        self.reserve(end)?;
        let mut done = 0;
        while done < bytes.len() {
            let (block, at) = position(offset + done as u64);
            let n = (bytes.len() - done).min(BLOCK - at);
            self.blocks[block][at..at + n].copy_from_slice(&bytes[done..done + n]);
            done += n;
        }
        self.len = self.len.max(end);
        Ok(())
    }

    /// Cuts the file to `len`, or extends it with zeros.
    pub fn set_len(&mut self, len: u64) -> Result<(), OutOfMemory> {
        if len < self.len {
            let (block, at) = position(len);
            self.blocks
                .truncate(if at == 0 { block } else { block + 1 });
            if at != 0
                && let Some(last) = self.blocks.get_mut(block)
            {
                last[at..].fill(0);
            }
        } else {
            self.reserve(len)?;
        }
        self.len = len;
        Ok(())
    }

    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len as usize];
        self.read(0, &mut bytes);
        bytes
    }

    pub fn duplicate(&self) -> Result<Contents, OutOfMemory> {
        let mut copy = Contents::default();
        copy.reserve(self.len)?;
        for (from, to) in self.blocks.iter().zip(&mut copy.blocks) {
            to.copy_from_slice(from);
        }
        copy.len = self.len;
        Ok(copy)
    }

    fn reserve(&mut self, len: u64) -> Result<(), OutOfMemory> {
        let needed = usize::try_from(len.div_ceil(BLOCK as u64)).map_err(|_| OutOfMemory)?;
        if let Some(more) = needed.checked_sub(self.blocks.len()) {
            self.blocks.try_reserve(more).map_err(|_| OutOfMemory)?;
        }
        while self.blocks.len() < needed {
            let mut block = Vec::new();
            block.try_reserve_exact(BLOCK).map_err(|_| OutOfMemory)?;
            block.resize(BLOCK, 0);
            self.blocks.push(block);
        }
        Ok(())
    }
}

fn position(offset: u64) -> (usize, usize) {
    (
        (offset / BLOCK as u64) as usize,
        (offset % BLOCK as u64) as usize,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_impossible_size_is_refused_and_changes_nothing() {
        let mut contents = Contents::default();
        contents.write(0, b"abc").unwrap();
        assert_eq!(contents.write(u64::MAX, b"x"), Err(OutOfMemory));
        assert_eq!(contents.set_len(u64::MAX), Err(OutOfMemory));
        assert_eq!(contents.to_vec(), b"abc");
    }

    #[derive(Clone, Debug)]
    enum Change {
        Write(u64, Vec<u8>),
        SetLen(u64),
    }

    proptest! {
        #[test]
        fn behaves_like_a_flat_vector(changes in proptest::collection::vec(
            prop_oneof![
                (0u64..200_000, proptest::collection::vec(any::<u8>(), 0..70_000))
                    .prop_map(|(offset, bytes)| Change::Write(offset, bytes)),
                (0u64..200_000).prop_map(Change::SetLen),
            ], 1..8), probe in 0u64..250_000)
        {
            let mut contents = Contents::default();
            let mut model: Vec<u8> = Vec::new();
            for change in changes {
                match change {
                    Change::Write(offset, bytes) => {
                        contents.write(offset, &bytes).unwrap();
                        let end = offset as usize + bytes.len();
                        if model.len() < end {
                            model.resize(end, 0);
                        }
                        model[offset as usize..end].copy_from_slice(&bytes);
                    }
                    Change::SetLen(len) => {
                        contents.set_len(len).unwrap();
                        model.resize(len as usize, 0);
                    }
                }
                prop_assert_eq!(contents.len(), model.len() as u64);
                prop_assert!(contents.to_vec() == model);
            }
            let mut some = [7u8; 100];
            let n = contents.read(probe, &mut some);
            let expected = model.get(probe as usize..).unwrap_or(&[]);
            prop_assert_eq!(n, expected.len().min(100));
            prop_assert_eq!(&some[..n], &expected[..n]);
            prop_assert!(contents.duplicate().unwrap().to_vec() == model);
        }
    }
}

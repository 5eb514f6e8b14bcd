//! Where pages of balances lie in memory: the balances of all frames side by side in a few large segments, so that
//! finding one takes as few steps as can be, and what is known of each page in a small table apart.

use super::{Balance, PAGE_BALANCES};
use crate::tx::BatchNumber;

/// Frames of a segment: some 100 KB of balances.
const SEGMENT_FRAMES: usize = 256;
const FRAME_BALANCES: usize = PAGE_BALANCES as usize;

/// Bytes that a page in memory takes beside its balances.
pub(super) const FRAME_BYTES: usize = size_of::<Frame>() + 2 * size_of::<u32>();

const ABSENT: u32 = u32::MAX;

/// A page in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub number: u64,
    /// Sequence number of the first change that is not written yet; 0: clean.
    pub dirty_since: i64,
    /// The batch whose commit writes the page's present content.
    pub written_in: BatchNumber,
    /// How many balances it has; 0: the frame is free.
    count: u8,
    pub referenced: bool,
}

/// The pages in memory.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Frame of each page; [`ABSENT`] when it is not in memory. Indexed by page number.
    table: Vec<u32>,
    frames: Vec<Frame>,
    segments: Vec<Vec<Balance>>,
    free: Vec<u32>,
}

impl Frames {
    /// No pages of a file that has `pages`.
    pub fn new(pages: usize) -> Frames {
        Frames {
            table: vec![ABSENT; pages],
            ..Frames::default()
        }
    }

    /// Pages in memory.
    pub fn resident(&self) -> usize {
        self.frames.len() - self.free.len()
    }

    /// Frames, free ones included.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Bytes of memory in use, roughly.
    pub fn memory_bytes(&self) -> usize {
        let balances = self.segments.len() * SEGMENT_FRAMES * FRAME_BALANCES;
        balances * size_of::<Balance>()
            + self.frames.len() * size_of::<Frame>()
            + self.table.len() * size_of::<u32>()
    }

    /// The frame of a page in memory.
    #[inline]
    pub fn find(&self, page: u64) -> Option<u32> {
        let frame = self.table.get(page as usize).copied();
        frame.filter(|frame| *frame != ABSENT)
    }

    /// What is known of the page in a frame; `None`: the frame is free.
    #[inline]
    pub fn frame(&mut self, frame: u32) -> Option<&mut Frame> {
        let frame = self.frames.get_mut(frame as usize);
        frame.filter(|frame| frame.count != 0)
    }

    /// What is known of a page in memory.
    #[inline]
    pub fn page(&mut self, page: u64) -> Option<&mut Frame> {
        self.frame(self.find(page)?)
    }

    /// The balance at a place of the page in a frame, with what is known of the page.
    #[inline]
    pub fn balance(&mut self, frame: u32, place: u64) -> Option<(&mut Frame, &mut Balance)> {
        let found = self.frames.get_mut(frame as usize)?;
        if place >= u64::from(found.count) {
            return None;
        }
        let (segment, first) = place_of(frame);
        let balance = self
            .segments
            .get_mut(segment)?
            .get_mut(first + place as usize)?;
        Some((found, balance))
    }

    /// Some bits of a balance, from its beginning and its end; 0: it is not in memory.
    #[inline]
    pub fn touch(&self, page: u64, place: u64) -> u64 {
        let balance = self.find(page).and_then(|frame| {
            let (segment, first) = place_of(frame);
            self.segments.get(segment)?.get(first + place as usize)
        });
        balance.map_or(0, |balance| balance.events ^ balance.epoch)
    }

    /// The balances of the page in a frame.
    pub fn balances(&self, frame: u32) -> &[Balance] {
        let count = self
            .frames
            .get(frame as usize)
            .map_or(0, |frame| frame.count);
        let (segment, first) = place_of(frame);
        self.segments
            .get(segment)
            .and_then(|segment| segment.get(first..first + usize::from(count)))
            .unwrap_or(&[])
    }

    /// Puts a page with its balances, 1 to [`PAGE_BALANCES`] of them, into memory.
    pub fn insert(&mut self, page: u64, balances: impl IntoIterator<Item = Balance>) {
        let frame = self.free.pop().unwrap_or_else(|| {
            self.frames.push(Frame::default());
            (self.frames.len() - 1) as u32
        });
        let (segment, first) = place_of(frame);
        while self.segments.len() <= segment {
            let balances = vec![Balance::new(0, 0); SEGMENT_FRAMES * FRAME_BALANCES];
            self.segments.push(balances);
        }
        let mut count = 0;
        if let Some(segment) = self.segments.get_mut(segment) {
            let places = segment.iter_mut().skip(first).take(FRAME_BALANCES);
            for (place, balance) in places.zip(balances) {
                *place = balance;
                count += 1;
            }
        }
        if let Some(found) = self.frames.get_mut(frame as usize) {
            *found = Frame {
                number: page,
                count,
                referenced: true,
                ..Frame::default()
            };
        }
        let index = page as usize;
        if self.table.len() <= index {
            self.table.resize(index + 1, ABSENT);
        }
        if let Some(entry) = self.table.get_mut(index) {
            *entry = frame;
        }
    }

    /// Adds a balance to a page in memory that has room for it.
    pub fn push(&mut self, page: u64, balance: Balance) {
        let Some(frame) = self.find(page) else {
            return;
        };
        if let Some(found) = self.frames.get_mut(frame as usize) {
            found.count += 1;
            let place = u64::from(found.count) - 1;
            if let Some((_, free)) = self.balance(frame, place) {
                *free = balance;
            }
        }
    }

    /// Takes the newest balance of a page in memory away, and the page with its last one.
    pub fn pop(&mut self, page: u64) {
        let Some(frame) = self.page(page) else {
            return;
        };
        if frame.count > 1 {
            frame.count -= 1;
        } else {
            self.remove(page);
        }
    }

    /// Frees the frame of a page.
    pub fn remove(&mut self, page: u64) {
        let Some(frame) = self.find(page) else {
            return;
        };
        let (segment, first) = place_of(frame);
        if let Some(segment) = self.segments.get_mut(segment) {
            // High halves of wide balances are memory of their own.
            for balance in segment.iter_mut().skip(first).take(FRAME_BALANCES) {
                balance.high = None;
            }
        }
        if let Some(found) = self.frames.get_mut(frame as usize) {
            found.count = 0;
        }
        if let Some(entry) = self.table.get_mut(page as usize) {
            *entry = ABSENT;
        }
        self.free.push(frame);
    }
}

/// The segment of a frame, and the place of its first balance there.
#[inline]
fn place_of(frame: u32) -> (usize, usize) {
    let frame = frame as usize;
    (
        frame / SEGMENT_FRAMES,
        frame % SEGMENT_FRAMES * FRAME_BALANCES,
    )
}

//! Reading the postings of a balance in either direction, within bounds: from the newest back along the chain, or from
//! the oldest on, window by window between posting marks, so that the middle of a long history costs no more than its
//! end. Both look at a bounded number of events and say where to go on.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::{Link, Point, link};
use crate::ledger::query::marks::{self, Days};

/// Most events that one call looks at, roughly.
pub const STEPS: usize = 32_768;

/// Which postings are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Sequence numbers above this and up to this.
    pub after: i64,
    pub up_to: i64,
    pub days: Days,
}

/// A posting and the balance after it.
#[derive(Clone, Copy, Debug)]
pub struct Posting {
    pub link: Link,
    pub after: Turnovers,
}

/// What a call found, and where the next one goes on; `None`: that was all.
pub struct Read<T> {
    pub postings: Vec<Posting>,
    pub rest: Option<T>,
}

/// Up to `wanted` postings from `point` back, the newest first; the rest begins at a point.
pub fn newest_first(
    reader: &Connection,
    mut point: Point,
    span: &Span,
    wanted: usize,
) -> Result<Read<Point>> {
    let mut postings = Vec::with_capacity(wanted.min(1024));
    point.back_to(reader, span.up_to)?;
    // Where the window that the point lies in begins; marks are asked about days alone.
    let mut window = match span.days.are_all() {
        true => 0,
        false => marks::up_to(reader, &point, point.sequence, &Days::default())?
            .map_or(0, |mark| mark.point.sequence),
    };
    let mut steps = 0;
    while point.sequence > span.after {
        if point.sequence <= window {
            match marks::up_to(reader, &point, point.sequence, &span.days)? {
                Some(mark) if mark.point.sequence > span.after => {
                    (point, window) = (mark.point, mark.before);
                }
                _ => break,
            }
        }
        let event = link(reader, point.sequence, point.account)?;
        let wanted_too = span.days.hold(&event);
        if steps == STEPS || wanted_too && postings.len() == wanted {
            let rest = Some(point);
            return Ok(Read { postings, rest });
        }
        if wanted_too {
            postings.push(Posting {
                link: event,
                after: point.turnovers,
            });
        }
        steps += 1;
        point.step_back(&event);
    }
    Ok(Read {
        postings,
        rest: None,
    })
}

/// Up to `wanted` postings after the start of the span, the oldest first, of the balance whose newest event is `head`;
/// the rest begins after a sequence number.
pub fn oldest_first(
    reader: &Connection,
    mut head: Point,
    span: &Span,
    wanted: usize,
) -> Result<Read<i64>> {
    head.back_to(reader, span.up_to)?;
    let mut postings: Vec<Posting> = Vec::with_capacity(wanted.min(1024));
    let mut done = span.after;
    let mut steps = 0;
    loop {
        let mark = marks::after(reader, &head, done, &span.days)?
            .filter(|mark| mark.point.sequence < head.sequence);
        let last = mark.is_none();
        let (mut point, before) = match mark {
            Some(mark) => (mark.point, mark.before),
            None => (head, marks::newest_before(reader, &head, head.sequence)?),
        };
        let (end, begin) = (point.sequence, done.max(before));
        let found = postings.len();
        while point.sequence > begin {
            let event = link(reader, point.sequence, point.account)?;
            if span.days.hold(&event) {
                postings.push(Posting {
                    link: event,
                    after: point.turnovers,
                });
            }
            steps += 1;
            point.step_back(&event);
        }
        if let Some(window) = postings.get_mut(found..) {
            window.reverse();
        }
        done = end;
        if postings.len() > wanted {
            postings.truncate(wanted);
            let rest = postings
                .last()
                .map_or(span.after, |last| last.link.sequence);
            return Ok(Read {
                postings,
                rest: Some(rest),
            });
        }
        if last || steps >= STEPS {
            let rest = (!last).then_some(done);
            return Ok(Read { postings, rest });
        }
    }
}

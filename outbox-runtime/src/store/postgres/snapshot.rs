//! A `pg_snapshot` in its text form, `xmin:xmax:xip,…`: top-level transactions only, as the log's `xid` is.

use crate::store::StoreError;

/// Which transactions had ended at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// The oldest transaction that was running.
    pub(super) xmin: i64,
    /// One above the last transaction that had ended.
    pub(super) xmax: i64,
    /// Those in between that had not.
    pub(super) running: Vec<i64>,
}

impl Snapshot {
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged { what: format!("`{text}` is not a pg_snapshot") };
        let xid = |text: &str| text.parse().map_err(|_| damaged());
        let mut parts = text.splitn(3, ':');
        let mut part = || parts.next().ok_or_else(damaged);
        let (xmin, xmax, running) = (xid(part()?)?, xid(part()?)?, part()?);
        let running = running.split(',').filter(|xid| !xid.is_empty()).map(xid).collect::<Result<_, _>>()?;
        Ok(Self { xmin, xmax, running })
    }

    /// Whether a transaction had ended.
    pub(super) fn has_ended(&self, xid: i64) -> bool {
        xid < self.xmax && !self.running.contains(&xid)
    }

    /// The oldest transaction from `xid` on that had not ended.
    pub(super) fn oldest_from(&self, xid: i64) -> i64 {
        self.running.iter().copied().filter(|running| *running >= xid).min().unwrap_or(self.xmax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_read() {
        let snapshot = Snapshot::parse("734:740:734,736").unwrap();
        assert_eq!(snapshot, Snapshot { xmin: 734, xmax: 740, running: vec![734, 736] });
        assert_eq!((snapshot.oldest_from(0), snapshot.oldest_from(735), snapshot.oldest_from(737)), (734, 736, 740));
        assert!(snapshot.has_ended(735) && !snapshot.has_ended(736) && !snapshot.has_ended(740));
        assert_eq!(Snapshot::parse("1:1:").unwrap().running, [0_i64; 0]);
        for text in ["x", "1:2", "1:2:x", "1::"] {
            assert!(matches!(Snapshot::parse(text), Err(StoreError::Damaged { .. })), "{text}");
        }
    }
}

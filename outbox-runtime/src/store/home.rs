//! Which database a log is in. A copy, by a template or a dump, has all of its tables, and its name with them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A database, as no copy of it has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Home {
    /// System identifier of the cluster.
    pub cluster: i64,
    /// Its number there.
    pub database: i64,
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database {} of cluster {}", self.database, self.cluster)
    }
}

#[cfg(test)]
mod tests {
    use super::Home;
    use crate::store::{Position, StoreError};

    #[test]
    fn a_position_says_where_it_was_written_and_one_that_does_not_is_taken() {
        let (here, there) = (Home { cluster: 7, database: 5 }, Home { cluster: 7, database: 6 });
        let earlier: Position<i64> =
            serde_json::from_str(r#"{"transaction":3,"cursor":9,"rows":[]}"#).expect("no home");
        assert!(earlier.home.is_none() && earlier.check_home(Some(here)).is_ok());
        let position = Position { home: Some(here), ..earlier };
        let text = serde_json::to_string(&position).expect("JSON");
        let read: Position<i64> = serde_json::from_str(&text).expect("what was written");
        assert_eq!(read, position);
        assert!(read.check_home(Some(here)).is_ok() && read.check_home(None).is_ok());
        let refused = read.check_home(Some(there)).expect_err("a copy");
        assert!(matches!(refused, StoreError::Copy { .. }) && !refused.is_transient(), "{refused}");
        assert!(refused.to_string().contains("outbox adopt --copy"), "{refused}");
    }
}

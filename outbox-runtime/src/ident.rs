//! Names that go into the text of a statement: checked when they are made, so that nothing has to be escaped later.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// PostgreSQL's limit; a longer name would be cut off, and could be another's.
const BYTES_MAX: usize = 63;

/// A validated PostgreSQL identifier: the name of a schema.
///
/// 1 to 63 letters, digits, `_`, `-` or `$` of ASCII, and not beginning with `pg_`. It is always quoted, so case counts:
/// `Tenant` is not what `CREATE SCHEMA Tenant` makes, which is `tenant`.
///
/// ```
/// # use outbox_runtime::Ident;
/// let schema: Ident = "tenant-42".parse()?;
/// assert_eq!(schema.as_str(), "tenant-42");
/// assert!("x; DROP TABLE accounts".parse::<Ident>().is_err());
/// # Ok::<_, outbox_runtime::InvalidIdent>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ident(Arc<str>);

/// A name that is no [`Ident`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be the name of a schema: write 1 to 63 of a–z, A–Z, 0–9, `_`, `-`, `$`, not beginning with `pg_`; \
     nothing was read or written [OBX-134]"
)]
pub struct InvalidIdent {
    /// The name.
    pub name: String,
}

impl Ident {
    /// Checks `name`.
    ///
    /// # Errors
    /// [`InvalidIdent`].
    pub fn new(name: &str) -> Result<Self, InvalidIdent> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$');
        let fits = (1..=BYTES_MAX).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with("pg_");
        if fits { Ok(Self(name.into())) } else { Err(InvalidIdent { name: name.to_owned() }) }
    }

    /// The name, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ident {
    type Err = InvalidIdent;

    fn from_str(name: &str) -> Result<Self, InvalidIdent> {
        Self::new(name)
    }
}

impl TryFrom<&str> for Ident {
    type Error = InvalidIdent;

    fn try_from(name: &str) -> Result<Self, InvalidIdent> {
        Self::new(name)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Ident;

    #[test]
    fn what_would_need_an_escape_is_refused() {
        for name in ["a", "Tenant-42", "_x$", "0", &"x".repeat(63)] {
            assert_eq!(Ident::new(name).expect(name).as_str(), name);
        }
        for name in ["", "a b", "a.b", "a\"b", "a'b", "ä", "pg_temp", "a\0", "a;", &"x".repeat(64)] {
            let error = Ident::new(name).expect_err(name);
            assert!(error.to_string().ends_with(" [OBX-134]"), "{error}");
        }
    }
}

//! Finds raw BEGIN, COMMIT and ROLLBACK in a statement's text: they would end the handler's transaction behind its back.

/// The keyword of the first statement in `sql` that begins or ends a transaction. SAVEPOINT, RELEASE and ROLLBACK TO are
/// none of them. What stands inside quotes, comments and bodies of `CREATE` is not looked at.
pub(super) fn keyword(sql: &str, nested_comments: bool) -> Option<&'static str> {
    let mut text = Text { rest: sql, nested_comments };
    loop {
        let first = text.word();
        let control = CONTROL.iter().find(|keyword| first.eq_ignore_ascii_case(keyword)).copied();
        match control {
            Some("ROLLBACK") if text.rolls_back_to_savepoint() => {}
            Some("START" | "PREPARE") if !text.word().eq_ignore_ascii_case("TRANSACTION") => {}
            Some(keyword) => return Some(keyword),
            // A trigger or function holds statements of its own, with BEGIN and END.
            None if first.eq_ignore_ascii_case("CREATE") => return None,
            None => {}
        }
        if !text.skip_statement() {
            return None;
        }
    }
}

const CONTROL: [&str; 7] = ["COMMIT", "ROLLBACK", "BEGIN", "END", "ABORT", "START", "PREPARE"];

struct Text<'s> {
    rest: &'s str,
    nested_comments: bool,
}

impl<'s> Text<'s> {
    fn word(&mut self) -> &'s str {
        self.skip_blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn rolls_back_to_savepoint(&mut self) -> bool {
        let mut word = self.word();
        if word.eq_ignore_ascii_case("WORK") || word.eq_ignore_ascii_case("TRANSACTION") {
            word = self.word();
        }
        word.eq_ignore_ascii_case("TO")
    }

    /// Skips white space, comments and empty statements.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
            if !self.skip_comment() {
                return;
            }
        }
    }

    fn skip_comment(&mut self) -> bool {
        if self.rest.starts_with("--") {
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            return true;
        }
        let Some(mut rest) = self.rest.strip_prefix("/*") else { return false };
        let mut depth = 1;
        while depth > 0 {
            if let Some(inside) = rest.strip_prefix("*/") {
                (rest, depth) = (inside, depth - 1);
            } else if let Some(inside) = rest.strip_prefix("/*").filter(|_| self.nested_comments) {
                (rest, depth) = (inside, depth + 1);
            } else {
                let mut chars = rest.chars();
                if chars.next().is_none() {
                    break;
                }
                rest = chars.as_str();
            }
        }
        self.rest = rest;
        true
    }

    /// Moves behind the next `;` outside of quotes and comments; `false` when there is none.
    fn skip_statement(&mut self) -> bool {
        // Most texts are one statement: found out without a walk.
        if !self.rest.contains(';') {
            return false;
        }
        let mut before = ' ';
        loop {
            if self.skip_comment() {
                continue;
            }
            let mut chars = self.rest.chars();
            let Some(now) = chars.next() else { return false };
            self.rest = chars.as_str();
            match now {
                ';' => return true,
                '\'' => self.skip_quoted('\'', matches!(before, 'e' | 'E')),
                '"' | '`' => self.skip_quoted(now, false),
                '$' => self.skip_dollar_quoted(),
                _ => {}
            }
            before = now;
        }
    }

    /// Behind the closing quote. A doubled quote is read as two quoted texts, to the same effect.
    fn skip_quoted(&mut self, quote: char, backslash: bool) {
        let mut chars = self.rest.chars();
        while let Some(now) = chars.next() {
            if now == quote {
                break;
            }
            if backslash && now == '\\' {
                chars.next();
            }
        }
        self.rest = chars.as_str();
    }

    /// `self.rest` is behind a `$`: of `$tag$ … $tag$`, or of a parameter.
    fn skip_dollar_quoted(&mut self) {
        let Some((tag, body)) = self.rest.split_once('$') else { return };
        let is_tag =
            !tag.starts_with(|c: char| c.is_ascii_digit()) && tag.chars().all(|c| c == '_' || c.is_alphanumeric());
        if is_tag {
            let end = format!("${tag}$");
            self.rest = body.split_once(&end).map_or("", |(_, rest)| rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::keyword;

    #[test]
    fn transaction_control_is_found_anywhere() {
        for (sql, expected) in [
            ("COMMIT", "COMMIT"),
            ("  commit;", "COMMIT"),
            ("-- a\n/* b /* c */ d */ ; Rollback", "ROLLBACK"),
            ("ROLLBACK AND CHAIN", "ROLLBACK"),
            ("rollback prepared 'x'", "ROLLBACK"),
            ("END", "END"),
            ("ABORT", "ABORT"),
            ("begin isolation level serializable", "BEGIN"),
            ("start transaction", "START"),
            ("PREPARE TRANSACTION 'x'", "PREPARE"),
            ("UPDATE a SET b = ';' ; COMMIT", "COMMIT"),
            (r"SELECT E'\';'; SELECT $a$ ; $a$; SELECT 'it''s'; END", "END"),
            ("COMMIT/**/", "COMMIT"),
        ] {
            assert_eq!(keyword(sql, true), Some(expected), "{sql}");
        }
        assert_eq!(keyword("/* /* */ COMMIT", false), Some("COMMIT"));
    }

    #[test]
    fn everything_else_passes() {
        for sql in [
            "",
            "/* open",
            "SELECT 1",
            "SAVEPOINT a; RELEASE SAVEPOINT a",
            "ROLLBACK TO a",
            "rollback work to savepoint a",
            "PREPARE stmt AS SELECT 1",
            "DO $$ BEGIN PERFORM 1; END; $$",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; END;",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
            "SELECT '; COMMIT'",
            "SELECT 1 -- ; COMMIT",
            "INSERT INTO commits VALUES ($1, $2); SELECT \"; ROLLBACK\"",
            "commitment",
        ] {
            assert_eq!(keyword(sql, true), None, "{sql}");
        }
    }
}

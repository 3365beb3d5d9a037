//! Writes the crates: handlers of five kinds, as services have them.

use std::fmt::Write;
use std::path::Path;

/// How a crate stores its events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// With the attribute and `emit!`.
    Ours,
    /// With sqlx, each INSERT written out.
    ByHand,
    /// With sqlx, and one function for the INSERT.
    ByHelper,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::ByHand, Self::ByHelper];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::ByHand => "by-hand",
            Self::ByHelper => "by-helper",
        }
    }
}

pub(super) fn manifest(way: Way, root: &Path) -> String {
    format!(
        r#"[package]
name = "bench-check-{}"
edition = "2024"
publish = false

[dependencies]
outbox = {{ path = '{}', features = ["postgres"] }}
rdkafka = {{ version = "0.39", default-features = false, features = ["libz", "tokio"] }}
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
sqlx = {{ version = "0.9", default-features = false, features = ["macros", "postgres", "runtime-tokio", "uuid"] }}
tokio = {{ version = "1", features = ["full"] }}
uuid = {{ version = "1", features = ["v7"] }}

[workspace]

[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#,
        way.name(),
        root.display()
    )
}

const TOP: &str = r"
#[derive(Debug)]
pub enum BankError {
    Database(sqlx::Error),
    NoMoney,
}

impl From<sqlx::Error> for BankError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

pub struct Bank {
    pool: PgPool,
}
";

/// The outbox INSERT: `CONNECTION`, `NAME` and `EVENT` are filled in.
const INSERT: &str = r#"sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, $2, $3, $4, $5)")
        .bind(uuid::Uuid::now_v7())
        .bind("bank.accounts")
        .bind(account.to_string().into_bytes())
        .bind(NAME.as_bytes())
        .bind(serde_json::to_vec(EVENT).map_err(|error| sqlx::Error::Encode(error.into()))?)
        .execute(CONNECTION)
        .await"#;

/// Kinds of events of a crate.
const EVENTS: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Opens,
    Method,
    Joins,
}

#[derive(Clone, Copy)]
enum Statement {
    Select,
    Update,
    Insert,
}

/// Form, statements, events, and whether it tells a channel.
type Kind = (Form, &'static [Statement], usize, bool);

const KINDS: [Kind; 5] = [
    (Form::Opens, &[Statement::Update], 1, false),
    (Form::Opens, &[Statement::Select, Statement::Update, Statement::Insert], 2, true),
    (Form::Joins, &[Statement::Update, Statement::Insert], 1, false),
    (Form::Method, &[Statement::Select, Statement::Update], 1, false),
    (Form::Joins, &[Statement::Select, Statement::Update, Statement::Insert], 2, false),
];

impl Statement {
    fn text(self, connection: &str) -> String {
        match self {
            Self::Select => format!(
                r#"let balance: i64 = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1")
        .bind(account)
        .fetch_one({connection})
        .await?;
    if balance < amount {{
        return Err(BankError::NoMoney);
    }}"#
            ),
            Self::Update => format!(
                r#"sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2")
        .bind(amount)
        .bind(account)
        .execute({connection})
        .await?;"#
            ),
            Self::Insert => format!(
                r#"sqlx::query("INSERT INTO movements (account, amount) VALUES ($1, $2)")
        .bind(account)
        .bind(amount)
        .execute({connection})
        .await?;"#
            ),
        }
    }
}

/// `src/lib.rs` with that many handlers.
pub(super) fn crate_of(way: Way, handlers: usize) -> String {
    let mut text = String::from("#![allow(dead_code)]\n");
    if way == Way::Ours {
        text.push_str("use outbox::{Event, emit, transactional_event};\n");
    }
    text.push_str("use sqlx::{PgPool, Postgres, Transaction};\nuse tokio::sync::mpsc;\n");
    text.push_str(TOP);
    for event in 0..EVENTS {
        let derive = match way {
            Way::Ours => format!(
                "#[derive(serde::Serialize, Event)]\n\
                 #[event(name = \"bank.moved{event}\", version = 1, topic = \"bank.accounts\", key = account)]"
            ),
            Way::ByHand | Way::ByHelper => "#[derive(serde::Serialize)]".to_owned(),
        };
        let fields = "    account: i64,\n    amount: i64,\n    memo: &'static str,\n";
        add(&mut text, format_args!("\n{derive}\nstruct Moved{event} {{\n{fields}}}\n"));
    }
    if way == Way::ByHelper {
        let insert = INSERT.replace("CONNECTION", "connection").replace("NAME", "name").replace("EVENT", "event");
        add(
            &mut text,
            format_args!(
                "\nasync fn insert<E: serde::Serialize>(\n    connection: &mut sqlx::PgConnection,\n    name: &str,\n    \
                 account: i64,\n    event: &E,\n) -> Result<(), sqlx::Error> {{\n    {insert}.map(drop)\n}}\n"
            ),
        );
    }
    for (number, kind) in (0..handlers).zip(KINDS.iter().cycle()) {
        handler(&mut text, way, number, *kind);
    }
    text
}

fn handler(text: &mut String, way: Way, number: usize, (form, statements, events, tells): Kind) {
    let connection = if form == Form::Joins { "&mut **tx" } else { "&mut *tx" };
    let (first, pool) = match form {
        Form::Opens => ("pool: &PgPool", "pool"),
        Form::Method => ("&self", "self.pool"),
        Form::Joins => ("tx: &mut Transaction<'_, Postgres>", ""),
    };
    let mut body: Vec<String> = statements.iter().map(|statement| statement.text(connection)).collect();
    for event in 0..events {
        let event = (number + event) % EVENTS;
        let value = format!("Moved{event} {{ account, amount, memo: \"bench\" }}");
        let name = format!("\"bank.moved{event}\"");
        body.push(match way {
            Way::Ours => format!("emit!({value});"),
            Way::ByHelper => format!("insert({connection}, {name}, account, &{value}).await?;"),
            Way::ByHand => {
                let insert = INSERT.replace("CONNECTION", connection).replace("NAME", &name).replace("EVENT", "&event");
                format!("let event = {value};\n    {insert}?;")
            }
        });
    }
    if tells {
        body.push("told.send(account).await.ok();".to_owned());
    }
    let attribute = match (way, form) {
        (Way::Ours, Form::Joins) => "#[transactional_event]\n".to_owned(),
        (Way::Ours, _) => format!("#[transactional_event(tx = {pool})]\n"),
        (_, Form::Joins) => String::new(),
        _ => {
            body.insert(0, format!("let mut tx = {pool}.begin().await?;"));
            body.push("tx.commit().await?;".to_owned());
            String::new()
        }
    };
    let more = if tells { ", told: &mpsc::Sender<i64>" } else { "" };
    let (open, close) = if form == Form::Method { ("impl Bank {\n", "}\n") } else { ("", "") };
    add(
        text,
        format_args!(
            "\n{open}{attribute}pub async fn handler{number}({first}, account: i64, amount: i64{more}) \
             -> Result<(), BankError> {{\n    {}\n    Ok(())\n}}\n{close}",
            body.join("\n    ")
        ),
    );
}

fn add(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Into a String it cannot fail.
    let _ = text.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::{Way, crate_of};

    #[test]
    fn each_way_has_the_same_handlers() {
        for way in Way::ALL {
            let text = crate_of(way, 10);
            assert_eq!(text.matches("pub async fn handler").count(), 10, "{}", way.name());
            let begins = text.matches(".begin()").count() + text.matches("#[transactional_event(tx").count();
            assert_eq!(begins, 6, "{}", way.name());
        }
        assert_eq!(crate_of(Way::Ours, 5).matches("emit!(").count(), 7);
        assert_eq!(crate_of(Way::ByHand, 5).matches("INSERT INTO outbox_log").count(), 7);
        assert_eq!(crate_of(Way::ByHelper, 5).matches("INSERT INTO outbox_log").count(), 1);
    }
}

//! What a PostgreSQL database can have. Each check is one statement; those of the catalog come first, because they need no
//! rights on the tables.

use std::time::Duration;

use outbox_runtime::migrate::{check_schema, missing_rights};
use sqlx::{PgExecutor, PgPool, Postgres};

use super::finding::Finding;
use super::sqlite::schema;
use open::{prepared, prepared_findings, transaction_findings, transactions};
use place::{cluster_finding, clusters, sequence, sequence_finding};
use server::{commit_finding, frozen, frozen_finding, publication_finding, publications, unsafe_commits};
use tables::{
    hidden, hidden_finding, key_finding, persistence, persistence_finding, position, position_finding, without_key,
};

pub(super) use place::topics;

mod open;
mod place;
mod server;
mod tables;

/// Whether rows may be looked at.
pub(super) async fn examine(pool: &PgPool, old: Duration, findings: &mut Vec<Finding>) -> bool {
    match is_standby(pool).await {
        Ok(false) => {}
        Ok(true) => {
            findings.push(Finding::error(
                "OBX-125",
                "this server is a standby: snapshots there are not safe to read from",
                "connect to the primary, or to the name that follows it",
            ));
            return false;
        }
        Err(error) => findings.push(Finding::unknown("whether this is the primary", &error)),
    }
    let found = missing_rights(pool).await;
    let lacking = matches!(&found, Ok(lacking) if !lacking.is_empty());
    note(findings, "the rights", found.map(|lacking| rights_finding(&lacking)));
    if !lacking && let Err(error) = check_schema::<Postgres>(pool).await {
        findings.push(schema(&error));
        return false;
    }
    note(findings, "the default of outbox_log.position", position(pool).await.map(position_finding));
    note(findings, "primary keys", without_key(pool).await.map(|tables| key_finding(&tables)));
    note(findings, "outbox_incarnation", persistence(pool).await.map(persistence_finding));
    note(findings, "row-level security", hidden(pool).await.map(|tables| hidden_finding(&tables)));
    note(findings, "what commits wait for", unsafe_commits(pool).await.map(|places| commit_finding(&places)));
    note(findings, "the age of the tables", frozen(pool).await.map(frozen_finding));
    note(findings, "publications", publications(pool).await.map(|names| publication_finding(&names)));
    note(findings, "open transactions", transactions(pool, old).await.map(transaction_findings));
    note(findings, "prepared transactions", prepared(pool, old).await.map(prepared_findings));
    if lacking {
        return false;
    }
    note(findings, "the sequence", sequence(pool).await.map(sequence_finding));
    note(findings, "the cluster", clusters(pool).await.map(cluster_finding));
    true
}

fn note(findings: &mut Vec<Finding>, subject: &str, found: sqlx::Result<impl IntoIterator<Item = Finding>>) {
    match found {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::unknown(subject, &error)),
    }
}

async fn is_standby(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(executor).await
}

fn rights_finding(lacking: &[String]) -> Option<Finding> {
    (!lacking.is_empty()).then(|| {
        Finding::error(
            "OBX-144",
            format!("this role cannot relay the log, it lacks {}", lacking.join(", ")),
            "GRANT it, or run the relay as the owner of the tables",
        )
    })
}

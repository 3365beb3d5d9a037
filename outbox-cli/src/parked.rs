//! `outbox parked`: records that could not be sent, and the commands about them. The relay that owns the log executes them.

use std::time::Duration;

use anyhow::{Result, bail};
use outbox_runtime::store::{Mark, ParkedState, ParkedView};
use uuid::Uuid;

use crate::Outcome;
use crate::database::{Database, Log, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show parked records in the order of the log.
    List(List),
    /// Have failed records tried again, each by itself: after the topic's limit was raised, for example.
    Retry(Marks),
    /// Give records up, so that those behind them flow; they are kept in `outbox_skipped`.
    Skip(Marks),
}

#[derive(clap::Args)]
struct List {
    #[command(flatten)]
    database: Database,
    /// One line of JSON for each record.
    #[arg(long)]
    json: bool,
    /// Show records that only wait, too.
    #[arg(long)]
    all: bool,
}

#[derive(clap::Args)]
struct Marks {
    #[command(flatten)]
    database: Database,
    /// Ids, as `outbox parked list` shows them.
    #[arg(required = true)]
    ids: Vec<Uuid>,
    /// Do it. Without it, only what would be done is said.
    #[arg(long)]
    yes: bool,
}

/// Records read at once.
const PAGE: usize = 500;

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    match &args.command {
        Command::List(list) => block_on(show(list)),
        Command::Retry(marks) => block_on(mark(marks, Mark::Retry)),
        Command::Skip(marks) => block_on(mark(marks, Mark::Skip)),
    }
}

/// Calls `each` with every parked record.
async fn walk(log: &Log, mut each: impl FnMut(&ParkedView)) -> Result<()> {
    let mut after = 0;
    loop {
        let page = log.parked(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.parked.record.position;
        page.iter().for_each(&mut each);
    }
}

async fn show(args: &List) -> Result<Outcome> {
    let log = args.database.open().await?;
    let (mut failed, mut waiting) = (0_u64, 0_u64);
    walk(&log, |row| {
        let is_failed = row.parked.state == ParkedState::Failed;
        *(if is_failed { &mut failed } else { &mut waiting }) += 1;
        if !is_failed && !args.all {
            return;
        }
        if args.json {
            println!("{}", json(row));
        } else {
            print(row);
        }
    })
    .await?;
    if !args.json {
        let more = if args.all || waiting == 0 { "" } else { " (`--all` shows them)" };
        println!("{failed} failed, {waiting} waiting{more}");
    }
    Ok(if failed > 0 { Outcome::Found } else { Outcome::Clean })
}

async fn mark(args: &Marks, mark: Mark) -> Result<Outcome> {
    let log = args.database.open().await?;
    let word = match mark {
        Mark::Retry => "tried again",
        Mark::Skip => "skipped",
    };
    let mut found = Vec::new();
    walk(&log, |row| {
        if args.ids.contains(&row.parked.record.id) {
            found.push(row.clone());
        }
    })
    .await?;
    if let Some(missing) = args.ids.iter().find(|id| found.iter().all(|row| row.parked.record.id != **id)) {
        bail!("{missing} is not parked; nothing was changed");
    }
    found.iter().for_each(print);
    if !args.yes {
        println!("{} would be {word}; `--yes` does it", found.len());
        return Ok(Outcome::Found);
    }
    let marked = log.mark(&args.ids, mark).await?;
    println!("{marked} will be {word} by the relay that owns the log, within about a second");
    if marked < found.len() as u64 {
        println!("the others only wait for records before them: retry or skip those");
        return Ok(Outcome::Found);
    }
    Ok(Outcome::Clean)
}

fn print(row: &ParkedView) {
    let record = &row.parked.record;
    let state = match (row.parked.state, row.mark) {
        (_, Some(Mark::Skip)) => "to be skipped",
        (_, Some(Mark::Retry)) => "to be tried again",
        (ParkedState::Failed, None) => "failed",
        (ParkedState::Auto, None) => "waiting",
    };
    let key = record.key.as_deref().map_or("no key".into(), |key| format!("key {}", String::from_utf8_lossy(key)));
    let age = row.since.elapsed().unwrap_or_default().as_secs();
    println!("{}  {state}  {}  {key}  since {age} s\n    {}", record.id, record.topic, row.parked.cause);
}

fn json(row: &ParkedView) -> serde_json::Value {
    let record = &row.parked.record;
    serde_json::json!({
        "id": record.id.to_string(),
        "position": record.position,
        "topic": record.topic,
        "key": record.key.as_deref().map(String::from_utf8_lossy),
        "payload_bytes": record.payload.as_ref().map(Vec::len),
        "state": row.parked.state.as_str(),
        "mark": row.mark.map(Mark::as_str),
        "cause": row.parked.cause,
        "parked_seconds": row.since.elapsed().unwrap_or(Duration::ZERO).as_secs_f64(),
    })
}

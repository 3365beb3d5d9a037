//! Order, completeness, resuming, and values as they were.

use futures_util::future::join_all;
use outbox_runtime::Record;
use outbox_runtime::store::{Store, StoredRecord};
use uuid::Uuid;

use crate::harness::{Harness, Note, note, notes};
use crate::relay::{Relay, numbers, texts};

pub(crate) async fn records_come_in_order_and_complete_over_pages<H: Harness>(harness: &H) {
    for start in [0, 1, 9] {
        harness.append(notes(start..(start * 8 + 1))).await;
    }
    harness.append(notes(73..100)).await;
    let mut relay = Relay::start(harness).await;
    let records = relay.read_all(100, 7).await;
    assert_eq!(texts(&records), numbers(0..100));
    assert!(records.windows(2).all(|pair| pair[0].position < pair[1].position), "positions ascend");
    harness.append(notes(100..103)).await;
    assert_eq!(texts(&relay.read_all(3, 7).await), numbers(100..103), "reading goes on where it ended");
}

/// A7: a limit in records says nothing about memory.
pub(crate) async fn a_page_of_large_records_ends_early<H: Harness>(harness: &H) {
    let large = |n: usize| Note { key: None, payload: Some(vec![n as u8; 900_000]) };
    let records: Vec<_> = (0..50).map(|n| Record::new(&large(n)).expect("a valid event")).collect();
    for part in records.chunks(10) {
        harness.append(part.to_vec()).await;
    }
    let mut relay = Relay::start(harness).await;
    let mut seen = Vec::new();
    while seen.len() < 50 {
        let page = relay.read(1_000).await;
        let bytes: usize = page.records.iter().filter_map(|record| record.payload.as_ref()).map(Vec::len).sum();
        assert!(bytes < 18 << 20, "{bytes} B in one page");
        assert!(!page.records.is_empty() && (page.more || seen.len() + page.records.len() == 50), "nothing is skipped");
        seen.extend(page.records.iter().filter_map(|record| record.payload.as_ref()?.first().copied()));
    }
    assert_eq!(seen, (0..50).collect::<Vec<u8>>());
}

pub(crate) async fn an_empty_log_gives_an_empty_page<H: Harness>(harness: &H) {
    let mut relay = Relay::start(harness).await;
    let page = relay.read(10).await;
    assert!(page.records.is_empty() && !page.more);
    relay.settle().await;
    harness.append(notes(0..1)).await;
    assert_eq!(texts(&relay.read_all(1, 10).await), ["0"], "the very first record comes");
}

/// Settles at each record in turn, always inside of what a longer page held.
pub(crate) async fn a_new_owner_resumes_behind_any_settled_record<H: Harness>(harness: &H) {
    harness.append(notes(0..12)).await;
    let mut relay = Relay::start(harness).await;
    for settled in 0..12 {
        let page = relay.read(5).await;
        let first = page.records.first().expect("not all is settled");
        assert_eq!(texts(&page.records), numbers(settled..(settled + 5).min(12)));
        relay.settle_at(Some(H::Store::cursor_at(&page.window, first.position))).await;
        relay = relay.restart(harness).await;
    }
    assert!(relay.read(5).await.records.is_empty(), "all is settled");
    harness.append(notes(12..14)).await;
    assert_eq!(texts(&relay.read_all(2, 5).await), numbers(12..14));
}

pub(crate) async fn what_was_not_settled_is_read_again<H: Harness>(harness: &H) {
    harness.append(notes(0..4)).await;
    let mut relay = Relay::start(harness).await;
    let settled = relay.read(4).await;
    relay.settle_at(Some(settled.end)).await;
    harness.append(notes(4..20)).await;
    let first = relay.read_all(16, 3).await;
    // The same owner after a rebuild of its producer, then another owner.
    relay.cursor = relay.store.load(&relay.lease).await.expect("the lease is ours").cursor;
    assert_eq!(relay.read_all(16, 5).await, first);
    let mut relay = relay.restart(harness).await;
    assert_eq!(relay.read_all(16, 100).await, first);
    assert_eq!(texts(&first), numbers(4..20));
}

pub(crate) async fn a_record_comes_back_as_it_was_appended<H: Harness>(harness: &H) {
    let shapes = [
        Note { key: None, payload: None },
        Note { key: None, payload: Some(vec![]) },
        Note { key: Some(vec![]), payload: Some(b"\0\xff\n'".to_vec()) },
        Note { key: Some(vec![0, 255, 0]), payload: None },
        Note { key: Some(b"big".to_vec()), payload: Some((0..1_000_000u32).map(|n| n as u8).collect()) },
    ];
    let mut records: Vec<Record> = shapes.iter().map(|note| Record::new(note).expect("a valid event")).collect();
    for record in &mut records {
        record.headers.push("tenant", None);
        record.headers.push("empty", Some(b""));
        record.headers.push("bytes", Some(&[0, 255, 128]));
    }
    harness.append(records.clone()).await;
    let mut relay = Relay::start(harness).await;
    let read = relay.read_all(records.len(), 2).await;
    assert_eq!(read.len(), records.len());
    for (read, record) in read.iter().zip(&records) {
        let expected = StoredRecord {
            position: read.position,
            id: record.id,
            topic: record.topic.clone().into_owned(),
            key: record.key.clone(),
            headers: record.headers.as_bytes().to_vec(),
            payload: record.payload.clone(),
        };
        assert!(*read == expected, "a record of {:?} B came back changed", record.payload.as_ref().map(Vec::len));
    }
}

const WRITERS: usize = 8;
const TRANSACTIONS: usize = 25;
const TOTAL: usize = WRITERS * TRANSACTIONS * 3;

pub(crate) async fn appending_while_reading_loses_nothing<H: Harness>(harness: &H) {
    let writers = join_all((0..WRITERS).map(|writer| async move {
        for transaction in 0..TRANSACTIONS {
            let first = transaction * 3;
            let records = (first..first + 3).map(|number| note(format!("{writer}:{number}")));
            harness.append(records.collect()).await;
            tokio::task::yield_now().await;
        }
    }));
    let reader = async {
        let mut relay = Relay::start(harness).await;
        let mut read: Vec<StoredRecord> = Vec::new();
        let mut pages = 0;
        while read.len() < TOTAL {
            read.extend(relay.read(7).await.records);
            pages += 1;
            if pages % 5 == 0 {
                relay.settle().await;
                relay.make_room().await;
            }
            if pages % 20 == 0 {
                // A crash after the settle: a new owner starts from what is stored.
                relay = relay.restart(harness).await;
            }
            tokio::task::yield_now().await;
        }
        read.extend(relay.read_all(0, 7).await);
        read
    };
    let both = async { tokio::join!(writers, reader).1 };
    let read = tokio::time::timeout(crate::relay::PATIENCE, both).await.expect("all records come");
    let ids: std::collections::HashSet<Uuid> = read.iter().map(|record| record.id).collect();
    assert_eq!((read.len(), ids.len()), (TOTAL, TOTAL), "each record once");
    for writer in 0..WRITERS {
        let prefix = format!("{writer}:");
        let own: Vec<_> =
            texts(&read).iter().filter_map(|text| text.strip_prefix(&prefix)).map(str::to_owned).collect();
        assert_eq!(own, numbers(0..TRANSACTIONS * 3), "the order of writer {writer}");
    }
}

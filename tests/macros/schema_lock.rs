//! The schema lock: its file, over changes of real types; and the events of this crate's own `events.lock`.

use std::path::PathBuf;

use outbox::Event;
use outbox::schema_lock::{EventSchema, Locked, Mode, check_file, schema};
use schemars::JsonSchema;
use serde::Serialize;
use tempfile::TempDir;

/// Locked in `events.lock` of this repository, by the test that `schema_lock` writes.
#[derive(Serialize, JsonSchema, Event)]
#[event(name = "test.account-opened", version = 2, topic = "test", key = account, schema_lock)]
pub(crate) struct AccountOpened<'a> {
    account: i64,
    owner: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<u16>,
}

/// An enum: each variant is locked by itself, as it is written.
#[derive(Serialize, Event)]
#[event(topic = "test", key = account, schema_lock)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum AccountChanged {
    #[event(name = "test.account-moved", version = 1)]
    Moved { account: i64, to: Place },
    #[event(name = "test.account-closed", version = 1, tombstone)]
    Closed { account: i64 },
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    post_code: String,
}

#[test]
fn the_events_of_this_crate_are_in_its_lock() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("events.lock");
    let read = || std::fs::read_to_string(&path).expect("`events.lock` is in the repository");
    schema_lock_account_opened();
    schema_lock_account_changed();
    let text = read();
    for name in ["test.account-opened", "test.account-moved", "test.account-closed"] {
        assert!(text.contains(&format!("\"name\": \"{name}\"")), "{name} is not in\n{text}");
    }
    assert!(text.contains("\"const\": \"moved\""), "the tag of the variant is on the wire:\n{text}");
    assert!(text.contains("postCode"), "as serde writes it:\n{text}");
    let events = [AccountOpened { account: 1, owner: "ada", branch: None }];
    assert_eq!(events[0].version(), 2);
    let _ = (AccountChanged::Moved { account: 1, to: Place { post_code: String::new() } }).version();
    let _ = (AccountChanged::Closed { account: 1 }).version();
}

/// A lock file of its own.
struct Lock {
    directory: TempDir,
}

fn event<T: Locked>(name: &str, version: u32) -> EventSchema {
    EventSchema::new("bank::events::Opened", name, version, schema::<T>())
}

impl Lock {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    /// With `T` as version 1 of `bank.opened`.
    fn of<T: Locked>() -> Self {
        let lock = Self::new();
        lock.check::<T>(1).expect("the first run writes");
        lock
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("events.lock")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).expect("a lock file")
    }

    fn run(&self, mode: Mode, event: EventSchema) -> Result<(), String> {
        check_file(&self.path(), mode, &[event]).map_err(|error| error.to_string())
    }

    fn check<T: Locked>(&self, version: u32) -> Result<(), String> {
        self.run(Mode::Write, event::<T>("bank.opened", version))
    }

    /// The check of `T` fails with all of `parts` in its message, and the file stays as it is.
    #[track_caller]
    fn refuses<T: Locked>(&self, parts: &[&str]) {
        let before = self.text();
        let message = self.check::<T>(1).expect_err("old consumers cannot read this");
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in\n{message}");
        }
        assert_eq!(self.text(), before);
    }
}

/// As consumers know it.
#[derive(JsonSchema, Serialize)]
struct Opened {
    account: i64,
    owner: String,
    payment: Payment,
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<i64>,
}

#[allow(dead_code)]
#[derive(JsonSchema, Serialize)]
enum Payment {
    Cash,
    Card { number: String },
}

/// `Opened` with one field changed: `changed!(Name { field: type, … } Payment)`.
macro_rules! changed {
    ($name:ident { $($(#[$attribute:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        #[derive(JsonSchema, Serialize)]
        struct $name { $($(#[$attribute])* $field: $ty,)* }
    };
}

const REMEDY: &str = "or write `version = 2` on `events::Opened`";

#[test]
fn the_first_run_writes_and_the_second_changes_nothing() {
    let lock = Lock::of::<Opened>();
    let first = lock.text();
    lock.check::<Opened>(1).expect("nothing changed");
    lock.run(Mode::Frozen, event::<Opened>("bank.opened", 1)).expect("up to date, so CI passes");
    assert_eq!(lock.text(), first);
    assert!(first.contains("\"type\": \"events::Opened\""), "without the crate's name:\n{first}");
}

#[test]
fn an_added_field_passes_and_is_written() {
    changed!(Added {
        account: i64, owner: String, payment: Payment, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        branch: Option<i64>,
        currency: Option<String>,
        amount: i64,
    });
    let lock = Lock::of::<Opened>();
    lock.check::<Added>(1).expect("old consumers skip it");
    assert!(lock.text().contains("\"currency\""), "{}", lock.text());
    // From now on it is what consumers know.
    lock.refuses::<Opened>(&["`amount` was removed or renamed", "`currency` was removed or renamed"]);
}

#[test]
fn a_removed_field_fails_with_a_diff_and_the_remedy() {
    changed!(Removed { account: i64, payment: Payment, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    Lock::of::<Opened>().refuses::<Removed>(&[
        "event `bank.opened` version 1 (`events::Opened`)",
        "* `owner` was removed or renamed: consumers that use it find nothing\n",
        "\n  -     \"owner\": {\n  -       \"type\": \"string\"\n  -     },\n",
        REMEDY,
    ]);
}

#[test]
fn an_optional_field_that_is_renamed_fails() {
    changed!(Renamed { account: i64, owner: String, payment: Payment, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] office: Option<i64>, });
    Lock::of::<Opened>().refuses::<Renamed>(&["`branch` was removed or renamed", "\n  +     \"office\": {\n", REMEDY]);
}

#[test]
fn another_type_fails() {
    changed!(Retyped { account: String, owner: String, payment: Payment, note: Option<i32>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    Lock::of::<Opened>().refuses::<Retyped>(&[
        "`account` was integer (int64), is string",
        "`note` can be integer (int32), which old consumers do not know: they know string, null",
        REMEDY,
    ]);
}

#[test]
fn a_field_that_may_be_missing_or_null_now_fails() {
    changed!(Loose { account: Option<i64>, #[serde(skip_serializing_if = "String::is_empty")] owner: String,
        payment: Payment, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    Lock::of::<Opened>().refuses::<Loose>(&[
        "`account` can be null",
        "`owner` was always there, and may be missing now",
        REMEDY,
    ]);
}

#[test]
fn a_field_that_is_always_there_now_passes() {
    changed!(Strict { account: i32, owner: String, payment: Payment, note: String, branch: i64 });
    Lock::of::<Opened>().check::<Strict>(1).expect("old consumers read all of it");
}

mod more {
    use super::{JsonSchema, Serialize};

    #[allow(dead_code)]
    #[derive(JsonSchema, Serialize)]
    pub(super) enum Payment {
        Cash,
        Card { number: String },
        Cheque(i64),
    }

    #[allow(dead_code)]
    #[derive(JsonSchema, Serialize)]
    pub(super) enum Fewer {
        /// With documentation, which is not on the wire.
        Card { number: String },
    }

    #[allow(dead_code)]
    #[derive(JsonSchema, Serialize)]
    pub(super) enum Deep {
        Cash,
        Card { number: i64 },
    }
}

#[test]
fn a_new_variant_fails_and_one_less_passes() {
    changed!(More { account: i64, owner: String, payment: more::Payment, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    changed!(Less { account: i64, owner: String, payment: more::Fewer, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    changed!(Deep { account: i64, owner: String, payment: more::Deep, note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] branch: Option<i64>, });
    let lock = Lock::of::<Opened>();
    lock.refuses::<More>(&["`payment` can be object with Cheque, which old consumers do not know", REMEDY]);
    lock.refuses::<Deep>(&["`payment.Card.number` was string, is integer (int64)", REMEDY]);
    lock.check::<Less>(1).expect("old consumers wait for it in vain");
}

/// Shapes of all sorts, twice: in `after` a field is added wherever one can be.
macro_rules! shapes {
    ($module:ident { $($more:tt)* }) => {
        mod $module {
            use std::collections::{BTreeMap, HashSet};

            use schemars::JsonSchema;

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            pub(super) struct Shapes {
                id: Inner,
                #[serde(flatten)]
                common: Inner,
                #[serde(flatten)]
                tagged: Internal,
                by_number: BTreeMap<i64, Inner>,
                by_name: BTreeMap<String, Vec<Inner>>,
                pair: (Inner, Option<u8>),
                fixed: [Inner; 2],
                set: HashSet<String>,
                adjacent: Adjacent,
                any: Untagged,
                tree: Option<Box<Tree>>,
                nothing: (),
                duration: std::time::Duration,
                result: Result<Inner, String>,
            }

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            struct Inner { title: String, $($more)* }

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            struct Tree { value: Inner, children: Vec<Tree> }

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            #[serde(tag = "kind")]
            enum Internal { One { one: i64, $($more)* }, Two(Inner), Three }

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            #[serde(tag = "t", content = "c")]
            enum Adjacent { One { one: i64, $($more)* }, Two(Inner, f32), Three }

            #[allow(dead_code)]
            #[derive(JsonSchema)]
            #[serde(untagged)]
            enum Untagged { One { one: i64, $($more)* }, Two(String), Three }
        }
    };
}

shapes!(before {});
shapes!(after { description: Option<String>, });

#[test]
fn a_field_may_be_added_at_any_depth_and_not_removed() {
    let lock = Lock::of::<before::Shapes>();
    lock.check::<before::Shapes>(1).expect("nothing changed");
    lock.check::<after::Shapes>(1).expect("old consumers skip what is new");
    let removed = |place: &str| format!("`{place}` was removed or renamed");
    let places = ["id.description", "by_name.*[].description", "pair[0].description", "fixed[].description"];
    let places = places.map(removed);
    let mut parts: Vec<&str> = places.iter().map(String::as_str).collect();
    let others = ["by_number.*.description", "adjacent.c.description", "tree.value.description"].map(removed);
    parts.extend(others.iter().map(String::as_str));
    lock.refuses::<before::Shapes>(&parts);
}

#[test]
fn a_new_version_passes_and_keeps_the_old_entry() {
    changed!(Other { number: String });
    let lock = Lock::of::<Opened>();
    lock.check::<Other>(2).expect("another version");
    let text = lock.text();
    assert!(text.contains("\"version\": 1") && text.contains("\"version\": 2"), "{text}");
    lock.check::<Opened>(1).expect("the old version is what it was");
    lock.refuses::<Other>(&[REMEDY]);
    assert_eq!(lock.text(), text);
}

#[test]
fn a_renamed_event_fails_until_it_is_accepted() {
    let lock = Lock::of::<Opened>();
    let renamed = event::<Opened>("bank.started", 1);
    let message = lock.run(Mode::Write, renamed.clone()).expect_err("consumers choose events by name");
    for part in ["event `bank.opened` (`events::Opened`) is called `bank.started` now", "OUTBOX_UPDATE_LOCK=1"] {
        assert!(message.contains(part), "`{part}` is not in\n{message}");
    }
    lock.run(Mode::Accept, renamed.clone()).expect("accepted");
    lock.run(Mode::Frozen, renamed).expect("and then known");
    assert!(lock.text().contains("bank.opened"), "the old entry stays: its records may still be read");
}

#[test]
fn another_type_with_another_name_is_a_new_event() {
    let lock = Lock::of::<Opened>();
    let schema = schema::<Opened>();
    lock.run(Mode::Write, EventSchema::new("bank::events::Closed", "bank.closed", 1, schema)).expect("a new event");
    assert!(lock.text().find("bank.closed") < lock.text().find("bank.opened"), "in the order of names");
}

#[test]
fn a_payload_does_not_become_a_tombstone() {
    let lock = Lock::of::<Opened>();
    let tombstone = EventSchema::new("bank::events::Opened", "bank.opened", 1, outbox::schema_lock::Value::Null);
    let message = lock.run(Mode::Write, tombstone).expect_err("old consumers expect a payload");
    assert!(message.contains("it had a payload, and is a tombstone now"), "{message}");
}

#[test]
fn in_ci_nothing_is_written_and_a_lock_out_of_date_fails() {
    let lock = Lock::new();
    let message = lock.run(Mode::Frozen, event::<Opened>("bank.opened", 1)).expect_err("there is no file");
    assert!(message.contains("is not up to date") && message.contains("commit the file"), "{message}");
    assert!(!lock.path().exists());

    let lock = Lock::of::<Opened>();
    let before = lock.text();
    lock.run(Mode::Frozen, event::<Opened>("bank.opened", 2)).expect_err("a version that is not in the file");
    assert_eq!(lock.text(), before);
}

#[test]
fn a_damaged_file_is_not_overwritten() {
    let lock = Lock::new();
    for damaged in ["<<<<<<< ours\n{", "{}", r#"{ "format": 2, "events": [] }"#, r#"{ "format": 1, "events": [{}] }"#] {
        std::fs::write(lock.path(), damaged).expect("a file");
        let message = lock.check::<Opened>(1).expect_err("not readable");
        assert!(message.contains("is damaged") && message.contains("version control"), "{message}");
        assert_eq!(lock.text(), damaged);
    }
}

#[test]
fn no_update_is_lost_when_many_write_at_once() {
    let lock = Lock::new();
    let alone = Lock::new();
    let name = |number: usize| format!("bank.event-{number:02}");
    let entry = |number: usize| EventSchema::new(&format!("bank::T{number}"), &name(number), 1, schema::<Opened>());
    std::thread::scope(|scope| {
        for number in 0..24 {
            let lock = &lock;
            scope.spawn(move || lock.run(Mode::Write, entry(number)).expect("written"));
        }
    });
    for number in (0..24).rev() {
        alone.run(Mode::Write, entry(number)).expect("written");
    }
    assert_eq!(lock.text(), alone.text(), "the same in any order");
    for number in 0..24 {
        assert!(lock.text().contains(&name(number)), "{number} is lost");
    }
}

//! The result for people: a small table, then some of the topic.

use std::io::IsTerminal;

use crate::tally::Tally;

/// Messages shown of the topic.
const MESSAGES_SHOWN: usize = 6;

/// Text in a colour where the output is a terminal.
fn paint(colour: u8, text: impl std::fmt::Display) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{colour}m{text}\x1b[0m")
    } else {
        text.to_string()
    }
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const CYAN: u8 = 36;
const GREY: u8 = 90;

pub(crate) fn print(dual_write: &Tally, outbox: &Tally) {
    println!("\nThe same crashes, twice:\n");
    println!("              committed  published  lost  phantom");
    for (name, tally) in [("dual write", dual_write), ("outbox", outbox)] {
        let counts = tally.counts();
        let mark = |width: usize, count: usize| paint(if count == 0 { GREEN } else { RED }, format!("{count:>width$}"));
        println!(
            "  {name:<10}  {:>9}  {:>9}  {}  {}",
            counts.committed,
            counts.published,
            mark(4, counts.lost),
            mark(7, counts.phantom)
        );
    }
    println!("\nWhat the relay published (first {MESSAGES_SHOWN} of {} messages):\n", outbox.published.len());
    for message in outbox.published.iter().take(MESSAGES_SHOWN) {
        println!(
            "  {} {} {} {}",
            paint(GREY, format!("{}@{:<3}", message.partition, message.offset)),
            paint(YELLOW, format!("key={}", message.key)),
            paint(CYAN, &message.kind),
            message.payload
        );
    }
    let counts = outbox.counts();
    match outbox.published.len() - counts.published {
        0 => println!("\n  Every event was delivered once.\n"),
        more => println!(
            "\n  {more} repeated: a crash between Kafka's answer and the cursor sends again, with the same id.\n"
        ),
    }
}

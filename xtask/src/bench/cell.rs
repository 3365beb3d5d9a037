//! The cells of the bench, by name.

/// What `--only` takes.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Cell {
    /// W1: a transaction with events, against one without, against hand-written inserts; WAL of an event.
    Overhead,
    /// W2: the relay empties a log of PostgreSQL into Kafka, against its halves and against others.
    Drain,
    /// W2: memory of the relay with a backlog, above that of an idle one.
    Memory,
    /// W3: from commit to consumer at a steady rate.
    Latency,
    /// W4: minutes with a transaction held open.
    Held,
    /// W5: several relays of one log, and kills.
    Fleet,
    /// W6: the price of headers.
    Headers,
    /// `cargo check` of 200 handlers, against the same by hand.
    Check,
    /// Time and allocations of one handler, against the same by hand.
    Handler,
}

impl Cell {
    /// In the order in which they run.
    pub(super) const ALL: [Self; 9] = [
        Self::Overhead,
        Self::Drain,
        Self::Memory,
        Self::Latency,
        Self::Held,
        Self::Fleet,
        Self::Headers,
        Self::Check,
        Self::Handler,
    ];

    /// As in `--only`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Overhead => "overhead",
            Self::Drain => "drain",
            Self::Memory => "memory",
            Self::Latency => "latency",
            Self::Held => "held",
            Self::Fleet => "fleet",
            Self::Headers => "headers",
            Self::Check => "check",
            Self::Handler => "handler",
        }
    }

    /// Which servers it needs.
    pub(super) fn servers(self) -> &'static [&'static str] {
        match self {
            Self::Drain | Self::Memory | Self::Latency | Self::Held | Self::Fleet => &["DATABASE_URL", "KAFKA_BROKERS"],
            Self::Headers => &["KAFKA_BROKERS"],
            Self::Overhead | Self::Handler => &["DATABASE_URL"],
            Self::Check => &[],
        }
    }

    /// Whether it is measured in this process, which has to be optimised then. The others measure programs that they
    /// build themselves.
    pub(super) fn is_measured_here(self) -> bool {
        !matches!(self, Self::Check | Self::Handler)
    }
}

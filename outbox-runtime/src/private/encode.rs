//! From the events of an `emit!` to records, before the transaction is borrowed.

use crate::record::Emission;
use crate::telemetry::trace;
use crate::{Error, Event, Record};

/// One event, encoded or not, and its name for errors about its options.
pub struct Encoded {
    record: Result<Record, Error>,
    event: &'static str,
}

/// `emit!(event)`
pub fn record<E: Event + ?Sized>(event: &E) -> Encoded {
    Encoded { record: Record::new(event), event: event.name() }
}

impl Encoded {
    /// Without options.
    pub fn rows(self) -> Result<[Record; 1], Error> {
        self.plain().map(|record| [record])
    }

    fn plain(self) -> Result<Record, Error> {
        let mut record = self.record?;
        trace::created(&mut record);
        Ok(record)
    }

    /// With options.
    pub fn with(self, options: Emission) -> Result<[Record; 1], Error> {
        self.applied(&options).map(|record| [record])
    }

    fn applied(self, options: &Emission) -> Result<Record, Error> {
        let mut record = self.record?;
        options.apply(self.event, &mut record)?;
        trace::created(&mut record);
        Ok(record)
    }
}

/// Events of one `emit!`.
pub struct Several<I>(I);

/// `emit!([a, b])`
pub fn array<const N: usize>(events: [Encoded; N]) -> Several<[Encoded; N]> {
    Several(events)
}

/// `emit!(..events)`: the events of an iterator.
pub fn records<I: IntoIterator>(events: I) -> Several<Vec<Encoded>>
where
    I::Item: Event,
{
    Several(events.into_iter().map(|event| record(&event)).collect())
}

impl<I: IntoIterator<Item = Encoded>> Several<I> {
    /// Without options.
    pub fn rows(self) -> Result<Vec<Record>, Error> {
        self.0.into_iter().map(Encoded::plain).collect()
    }

    /// With options, which all of them get.
    pub fn with(self, options: Emission) -> Result<Vec<Record>, Error> {
        self.0.into_iter().map(|encoded| encoded.applied(&options)).collect()
    }
}

/// What may be an iterator: `Probe(value).each()` finds [`Each`] by value if it is, else [`NotEach`] one reference later,
/// where our words are.
pub struct Probe<I>(pub I);

/// For iterators.
pub trait Each<I> {
    /// The iterator.
    fn each(self) -> I;
}

impl<I: IntoIterator> Each<I> for Probe<I> {
    fn each(self) -> I {
        self.0
    }
}

/// For anything else.
pub trait NotEach<I> {
    /// Does not compile.
    fn each<T>(&self) -> std::iter::Empty<T>
    where
        I: Iterates,
    {
        super::never()
    }
}

impl<I> NotEach<I> for Probe<I> {}

/// What no value is that is no iterator.
#[diagnostic::on_unimplemented(
    message = "`emit!` needs an iterator here, and `{Self}` is none [OBX-033]",
    label = "not an iterator",
    note = "`emit!(..events)` takes an iterator of events, `headers = pairs` one of names and values; \
            for one event write `emit!(event)`, for one header `headers = {{ \"name\" => value }}`"
)]
pub trait Iterates {}

// Without any impl rustc proposes to add one.
impl Iterates for Encoded {}

//! From the machine to the sink, and back.

use super::Shell;
use super::slot::Slot;
use crate::relay::machine::{Event, Seq};
use crate::sink::{Class, SendError, Sink, SinkError};
use crate::store::Store;

impl<S: Store, K: Sink> Shell<S, K> {
    /// Hands over what the machine wants sent, in its order, as far as the sink takes it.
    pub(super) fn publish(&mut self) {
        self.scratch.clear();
        self.machine.take_sends(&mut self.scratch);
        self.queue.extend(self.scratch.drain(..));
        if !self.machine.is_sending() {
            // Nothing more for a producer that is about to be dropped: behind a record that failed it would overtake.
            self.answers.extend(self.queue.drain(..).map(|seq| (seq, Err(Class::Fatal))));
            return;
        }
        if self.full {
            self.full = self.machine.in_flight() > self.queue.len();
        }
        let Slot::Ready(sink) = &mut self.sink else { return };
        self.sending.begin();
        while let Some(seq) = self.queue.front().copied() {
            let Some((record, lane)) = self.pages.get(seq) else {
                self.queue.pop_front();
                continue;
            };
            let partition = self.topics.partition(lane);
            match self.messages.with(record, seq, partition, |message| sink.send(message)) {
                Ok(()) => {
                    self.queue.pop_front();
                    if let Some((topic, name)) = self.topics.of_lane(lane) {
                        self.sending.sent(lane, topic, name);
                    }
                }
                Err(SendError::Full) => {
                    self.full = true;
                    return;
                }
                Err(SendError::Refused(error)) => {
                    // What stands behind it must not overtake it: the machine will send it again, by the next producer.
                    self.answer(seq, Err(error));
                    self.queue.pop_front();
                    self.answers.extend(self.queue.drain(..).map(|seq| (seq, Err(Class::Fatal))));
                    return;
                }
            }
        }
    }

    /// Answers of the sink, as the machine knows them.
    pub(super) fn take_deliveries(&mut self) {
        let mut deliveries = std::mem::take(&mut self.deliveries);
        self.observe(&deliveries);
        for delivery in deliveries.drain(..) {
            match delivery.result {
                Ok(()) => self.answers.push((delivery.token, Ok(()))),
                error => self.answer(delivery.token, error),
            }
        }
        self.deliveries = deliveries;
        self.hand_over_answers();
    }

    pub(super) fn hand_over_answers(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        self.machine.handle(self.now(), Event::Delivered(&answers));
        self.answers = answers;
        self.answers.clear();
    }

    fn answer(&mut self, seq: Seq, result: Result<(), SinkError>) {
        let result = result.map_err(|error| {
            self.meter.failed(error.class);
            if error.class == Class::Topic
                && let Some((record, _)) = self.pages.get(seq)
            {
                self.lost.insert(record.topic.clone());
            }
            match error.class {
                Class::Outage | Class::Topic => self.note_outage(None, error.message),
                Class::Park => drop(self.causes.insert(seq, error.message)),
                Class::Retry | Class::Fatal => {
                    tracing::warn!(error = %error.message, "the producer is made anew and what it had in flight sent again");
                }
            }
            error.class
        });
        self.answers.push((seq, result));
    }
}

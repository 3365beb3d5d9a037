//! From the machine to the sink, and back.

use super::Shell;
use super::slot::Slot;
use crate::relay::machine::{Event, Seq};
use crate::sink::{Class, Delivery, SendError, Sink, SinkError};
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
        self.topics_take_records(&deliveries);
        for delivery in deliveries.drain(..) {
            match delivery.result {
                Ok(()) => self.answers.push((delivery.token, Ok(()))),
                error => self.answer(delivery.token, error),
            }
        }
        self.deliveries = deliveries;
        self.hand_over_answers();
    }

    /// Topics that had taken none take records again.
    fn topics_take_records(&mut self, deliveries: &[Delivery]) {
        if self.waiting.is_empty() {
            return;
        }
        for delivery in deliveries.iter().filter(|delivery| delivery.result.is_ok()) {
            let lane = self.pages.lane(delivery.token);
            if let Some((_, topic)) = lane.and_then(|lane| self.topics.of_lane(lane)) {
                self.waiting.acknowledged(topic);
            }
        }
    }

    pub(super) fn hand_over_answers(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        self.machine.handle(self.now(), Event::Delivered(&answers));
        self.answers = answers;
        self.answers.clear();
    }

    fn answer(&mut self, seq: Seq, result: Result<(), SinkError>) {
        let result = result.map_err(|mut error| {
            self.meter.failed(error.class);
            // Whatever it is about this record, others must not wait for it (rule 16).
            let nameless = matches!(error.class, Class::Retry | Class::Fatal);
            if nameless && self.machine.is_culprit() {
                error.class = Class::Topic;
            }
            match error.class {
                Class::Topic => {
                    let topic = self.pages.get(seq).map(|(record, _)| record.topic.clone());
                    self.lost.extend(topic.clone());
                    self.note_outage(topic, error.message);
                }
                Class::Outage => self.note_outage(None, error.message),
                Class::Park => drop(self.causes.insert(seq, error.message)),
                Class::Retry | Class::Fatal => {
                    if self.machine.is_fruitless() {
                        self.note_outage(None, format!("transactions fail one after the other: {}", error.message));
                    }
                    tracing::warn!(error = %error.message, "the producer is made anew and what it had in flight sent again");
                }
            }
            error.class
        });
        self.answers.push((seq, result));
    }
}

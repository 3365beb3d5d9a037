//! rdkafka's producers are raw.

use rdkafka::ClientContext;
use rdkafka::producer::{BaseProducer, FutureProducer, Partitioner, ProducerContext, ThreadedProducer};

use super::ty::{Direct, Raw};

impl<C, P> Raw<Direct> for BaseProducer<C, P>
where
    C: ProducerContext<P>,
    P: Partitioner,
{
    type Root = Self;
}

impl<C, P> Raw<Direct> for ThreadedProducer<C, P>
where
    C: ProducerContext<P> + 'static,
    P: Partitioner + Send + Sync + 'static,
{
    type Root = Self;
}

impl<C, R> Raw<Direct> for FutureProducer<C, R>
where
    C: ClientContext + 'static,
{
    type Root = Self;
}

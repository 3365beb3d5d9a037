//! rdkafka's producers are raw.

use rdkafka::producer::{Partitioner, Producer, ProducerContext};

use super::ty::{Client, Raw, Ty};

/// By its trait: its three producers, and parameters that have nothing but the bound.
impl<T, C, P> Raw<Client<0, (C, P)>> for Ty<T>
where
    T: Producer<C, P> + ?Sized,
    C: ProducerContext<P>,
    P: Partitioner,
{
}

/// Methods that take precedence over the producers' own: by value comes before by reference. They are imported by
/// handlers with macros whose arguments send, and have the real types, so that one error is all there is.
pub mod shadow {
    use std::future::Pending;

    use ::rdkafka::ClientContext;
    use ::rdkafka::error::KafkaError;
    use ::rdkafka::message::ToBytes;
    use ::rdkafka::producer::future_producer::OwnedDeliveryResult;
    use ::rdkafka::producer::{
        BaseProducer, BaseRecord, DeliveryFuture, FutureProducer, FutureRecord, Partitioner, ProducerContext,
        ThreadedProducer,
    };
    use ::rdkafka::util::IntoOpaque;

    use super::super::{InTransaction, Ty, never};

    /// Of the future producer.
    pub trait OutboxShadowOfFuture: Sized {
        /// Does not compile.
        fn send<K: ToBytes + ?Sized, P: ToBytes + ?Sized, T>(
            self,
            _: FutureRecord<'_, K, P>,
            _: T,
        ) -> Pending<OwnedDeliveryResult>
        where
            Ty<Self>: InTransaction,
        {
            never()
        }

        /// Does not compile.
        #[allow(clippy::result_large_err, clippy::type_complexity)]
        fn send_result<'a, K: ToBytes + ?Sized, P: ToBytes + ?Sized>(
            self,
            _: FutureRecord<'a, K, P>,
        ) -> Result<DeliveryFuture, (KafkaError, FutureRecord<'a, K, P>)>
        where
            Ty<Self>: InTransaction,
        {
            never()
        }
    }

    impl<C: ClientContext + 'static, R, P: Partitioner> OutboxShadowOfFuture for FutureProducer<C, R, P> {}

    /// Of the other producers.
    pub trait OutboxShadowOfBase: Sized {
        /// See `ProducerContext::DeliveryOpaque`.
        type Opaque: IntoOpaque;

        /// Does not compile.
        #[allow(clippy::result_large_err, clippy::type_complexity)]
        fn send<'a, K: ToBytes + ?Sized, P: ToBytes + ?Sized>(
            self,
            _: BaseRecord<'a, K, P, Self::Opaque>,
        ) -> Result<(), (KafkaError, BaseRecord<'a, K, P, Self::Opaque>)>
        where
            Ty<Self>: InTransaction,
        {
            never()
        }
    }

    impl<C: ProducerContext<P>, P: Partitioner> OutboxShadowOfBase for BaseProducer<C, P> {
        type Opaque = C::DeliveryOpaque;
    }

    impl<C, P> OutboxShadowOfBase for ThreadedProducer<C, P>
    where
        C: ProducerContext<P> + 'static,
        P: Partitioner + Send + Sync + 'static,
    {
        type Opaque = C::DeliveryOpaque;
    }
}

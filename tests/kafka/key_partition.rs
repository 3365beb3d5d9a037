//! T26: a key has the partition that the Java client and librdkafka's `murmur2_random` give it.

use outbox_runtime::sink::kafka::{murmur2, partition};
use outbox_runtime::sink::{KafkaSink, Sink};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use crate::common::{PATIENCE, brokers, create_topic, read};

/// From `org.apache.kafka.common.utils.Utils.murmur2` of kafka-clients 4.3.1.
const JAVA: [(&str, i32); 15] = [
    ("", 275_646_681),
    ("a", -1_563_381_124),
    ("ab", 316_155_434),
    ("abc", 479_470_107),
    ("abcd", -1_323_649_548),
    ("21", -973_932_308),
    ("foobar", -790_332_482),
    ("a-little-bit-long-string", -985_981_536),
    ("a-little-bit-longer-string", -1_486_304_829),
    ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
    ("account-1", 1_835_529_620),
    ("account-42", 201_584_324),
    ("9223372036854775807", -1_221_667_907),
    ("grüße", 1_943_707_148),
    ("键", -1_325_745_572),
];

#[test]
fn t26_the_hash_is_the_java_clients() {
    for (key, hash) in JAVA {
        assert_eq!(murmur2(key.as_bytes()) as i32, hash, "key {key:?}");
    }
}

#[tokio::test]
async fn t26_partitions_are_those_of_murmur2_random() {
    let topic = create_topic("t26", 7, &[]).await;
    let (brokers, name) = (brokers(), topic.clone());
    tokio::task::spawn_blocking(move || {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &brokers)
            .set("partitioner", "murmur2_random")
            .create()
            .expect("producer");
        for number in 0..200 {
            let key = format!("key-{number}");
            producer.send(BaseRecord::to(&name).key(&key).payload("")).expect("queued");
        }
        producer.flush(PATIENCE).expect("delivered");
    })
    .await
    .unwrap();
    let read = read(crate::common::brokers(), &topic).await;
    assert_eq!(read.len(), 200);
    for read in read {
        assert_eq!(partition(read.key.as_deref().unwrap(), 7), read.partition, "key {:?}", read.key);
    }
}

#[tokio::test]
async fn messages_without_a_key_stay_together_and_spread_in_the_long_run() {
    let mut sink = KafkaSink::new("127.0.0.1:1").unwrap();
    let partitions: Vec<_> = (0..50_000).map(|_| sink.partition(None, 4)).collect();
    assert!(partitions.iter().all(|partition| (0..4).contains(partition)));
    let changes = partitions.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((1..200).contains(&changes), "{changes} changes");
    sink.close().await;
}

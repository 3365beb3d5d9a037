//! The hash of Kafka's Java client, so that a key has the same partition whoever publishes it.
//!
//! Used by [`KafkaSink`](super::KafkaSink) before a message is handed to librdkafka, with the partition made explicit.

const SEED: u32 = 0x9747_b28c;
const MULTIPLIER: u32 = 0x5bd1_e995;

/// `org.apache.kafka.common.utils.Utils.murmur2`, bit for bit.
pub fn murmur2(key: &[u8]) -> u32 {
    let mut hash = SEED ^ key.len() as u32;
    let mut words = key.chunks_exact(4);
    for word in &mut words {
        let word = word.iter().rev().fold(0, |word: u32, &byte| word << 8 | u32::from(byte)).wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ (word ^ word >> 24).wrapping_mul(MULTIPLIER);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0, |tail: u32, &byte| tail << 8 | u32::from(byte));
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(MULTIPLIER);
    hash ^ hash >> 15
}

/// The partition the Java client chooses for `key`: the hash made positive by its mask, modulo the number of partitions.
pub fn partition(key: &[u8], partitions: i32) -> i32 {
    (murmur2(key) & 0x7fff_ffff) as i32 % partitions.max(1)
}

//! Topics and partitions as dense lanes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::sink::TopicInfo;

/// No page: the topic is to be asked for.
const NEVER: u64 = u64::MAX;

/// Numbers of lanes, and what the sink said about topics.
pub(super) struct Topics {
    by_name: HashMap<String, usize>,
    topics: Vec<Topic>,
    /// Partition of each lane, and its topic.
    lanes: Vec<(i32, usize)>,
    /// Topics checked before this page are asked for again.
    page: u64,
    last: usize,
    hasher: RandomState,
}

pub(super) struct Topic {
    name: String,
    pub(super) info: TopicInfo,
    lanes: HashMap<i32, u32>,
    checked: u64,
    /// It is away; its records wait in the table.
    is_away: bool,
    /// The number of partitions changed: equal keys may have moved.
    pub(super) moved: bool,
}

impl Topic {
    /// It is to be asked for.
    fn forget(&mut self) {
        (self.is_away, self.checked) = (false, NEVER);
    }
}

impl Topics {
    pub(super) fn new() -> Self {
        Self {
            by_name: HashMap::new(),
            topics: Vec::new(),
            lanes: Vec::new(),
            page: 0,
            last: 0,
            hasher: RandomState::new(),
        }
    }

    /// A page begins: every topic in it is asked for again (the sink has a cache).
    pub(super) fn next_page(&mut self) {
        self.page += 1;
    }

    /// The topic's index, if it was asked for since the page began.
    pub(super) fn fresh(&mut self, name: &str) -> Option<usize> {
        if self.topics.get(self.last).is_none_or(|topic| topic.name != name) {
            self.last = *self.by_name.get(name)?;
        }
        self.topics.get(self.last).filter(|topic| topic.checked == self.page && !topic.is_away).map(|_| self.last)
    }

    /// The topic's index, if it is known to be away.
    pub(super) fn away(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().filter(|index| self.topics.get(*index).is_some_and(|topic| topic.is_away))
    }

    /// Any topic that is away.
    pub(super) fn any_away(&self) -> bool {
        self.topics.iter().any(|topic| topic.is_away)
    }

    /// The topic is away until [`Topics::set`].
    pub(super) fn set_away(&mut self, name: &str) {
        if !self.by_name.contains_key(name) {
            self.set(name, TopicInfo { partitions: 1, message_bytes_max: usize::MAX });
        }
        if let Some(topic) = self.by_name.get(name).and_then(|index| self.topics.get_mut(*index)) {
            topic.is_away = true;
        }
    }

    /// Nothing of the topic waits any more: whether it is there is asked when a record comes.
    pub(super) fn forget(&mut self, name: &str) {
        if let Some(topic) = self.by_name.get(name).and_then(|index| self.topics.get_mut(*index)) {
            topic.forget();
        }
    }

    /// What was known of topics that are away is of earlier times.
    pub(super) fn forget_away(&mut self) {
        for topic in self.topics.iter_mut().filter(|topic| topic.is_away) {
            topic.forget();
        }
    }

    /// The lanes that the topic has so far.
    pub(super) fn lanes(&self, name: &str) -> Vec<u32> {
        let topic = self.by_name.get(name).and_then(|index| self.topics.get(*index));
        topic.map(|topic| topic.lanes.values().copied().collect()).unwrap_or_default()
    }

    /// The sink's answer.
    pub(super) fn set(&mut self, name: &str, info: TopicInfo) {
        let page = self.page;
        match self.by_name.get(name).and_then(|index| self.topics.get_mut(*index)) {
            Some(topic) => {
                topic.moved |= topic.info.partitions != info.partitions;
                topic.info = info;
                topic.checked = page;
                topic.is_away = false;
            }
            None => {
                self.by_name.insert(name.to_owned(), self.topics.len());
                let lanes = HashMap::new();
                self.topics.push(Topic {
                    name: name.to_owned(),
                    info,
                    lanes,
                    checked: page,
                    is_away: false,
                    moved: false,
                });
            }
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Topic> {
        self.topics.get(index)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Topic> {
        self.topics.get_mut(index)
    }

    /// The lane of a partition.
    pub(super) fn lane(&mut self, index: usize, partition: i32) -> u32 {
        let Some(topic) = self.topics.get_mut(index) else { return 0 };
        *topic.lanes.entry(partition).or_insert_with(|| {
            self.lanes.push((partition, index));
            self.lanes.len() as u32 - 1
        })
    }

    pub(super) fn partition(&self, lane: u32) -> i32 {
        self.lanes.get(lane as usize).map_or(0, |(partition, _)| *partition)
    }

    /// Index and name of a lane's topic.
    pub(super) fn of_lane(&self, lane: u32) -> Option<(usize, &str)> {
        let (_, index) = *self.lanes.get(lane as usize)?;
        self.topics.get(index).map(|topic| (index, topic.name.as_str()))
    }

    /// Hash of topic and key; equal records of one process have equal hashes.
    pub(super) fn key_hash(&self, topic: &str, key: Option<&[u8]>) -> Option<u64> {
        key.map(|key| self.hasher.hash_one((topic, key)))
    }
}

//! A table that is gone with the process: for tests, and where there is no file.

use std::collections::HashMap;

use async_trait::async_trait;
use call::Timestamp;
use parking_lot::Mutex;

use crate::{Entry, LONGEST_VALUE, Table};

/// A table that is gone with the process.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, (Vec<u8>, Timestamp)>>);

#[async_trait]
impl Table for Memory {
    fn load(&self, now: Timestamp) -> Vec<Entry> {
        let mut kept = self.0.lock();
        kept.retain(|_, (_, until)| *until > now);
        let entry = |(key, (value, until)): (&String, &(Vec<u8>, Timestamp))| Entry {
            key: key.clone(),
            value: value.clone(),
            until: *until,
        };
        kept.iter().map(entry).collect()
    }

    fn put(&self, key: &str, value: Vec<u8>, until: Timestamp) {
        if value.len() > LONGEST_VALUE {
            return self.remove(key);
        }
        self.0.lock().insert(key.to_owned(), (value, until));
    }

    fn remove(&self, key: &str) {
        self.0.lock().remove(key);
    }

    async fn durable(&self) -> bool {
        true
    }

    fn pending(&self) -> usize {
        0
    }
}

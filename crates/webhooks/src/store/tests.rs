//! What is on disk is what is in memory, whoever writes meanwhile.

use std::{thread, time::Duration};

use async_trait::async_trait;
use keyvalue::Memory;
use parking_lot::Condvar;

use super::*;

const ACCOUNT: AccountId = AccountId(1);
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// A disk where a write takes long: until something has been removed meanwhile, if anybody can.
#[derive(Debug, Default)]
struct Slow {
    kept: Memory,
    state: Mutex<Disk>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Disk {
    is_slow: bool,
    has_begun_to_write: bool,
    has_removed: bool,
}

#[async_trait]
impl Table for Slow {
    fn load(&self, now: Timestamp) -> Vec<Entry> {
        self.kept.load(now)
    }

    fn put(&self, key: &str, value: Vec<u8>, until: Timestamp) {
        let mut state = self.state.lock();
        if state.is_slow {
            state.has_begun_to_write = true;
            self.changed.notify_all();
            self.changed.wait_while_for(&mut state, |disk| !disk.has_removed, Duration::from_millis(200));
        }
        drop(state);
        self.kept.put(key, value, until);
    }

    fn remove(&self, key: &str) {
        self.kept.remove(key);
        self.state.lock().has_removed = true;
        self.changed.notify_all();
    }

    async fn durable(&self) -> bool {
        true
    }

    fn pending(&self) -> usize {
        0
    }
}

fn hook(hooks: &Webhooks) -> HookId {
    let new = NewHook { url: "https://example.org/".to_owned(), ..NewHook::default() };
    hooks.register(ACCOUNT, new, (NOW, 0)).unwrap().id
}

/// While `write` is under way, the hook is removed.
fn removed_during(write: impl FnOnce(&Webhooks, HookId)) {
    let table = Arc::new(Slow::default());
    let hooks = Webhooks::new(table.clone(), Outward::Public, NOW);
    let id = hook(&hooks);
    table.state.lock().is_slow = true;
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut state = table.state.lock();
            table.changed.wait_while(&mut state, |disk| !disk.has_begun_to_write);
            drop(state);
            assert!(hooks.remove(ACCOUNT, id));
        });
        write(&hooks, id);
    });
    let again = Webhooks::new(table.clone(), Outward::Public, NOW);
    assert_eq!((again.ids(), table.load(NOW).len()), (Vec::new(), 0));
}

#[test]
fn a_hook_that_is_removed_while_its_place_is_written_does_not_come_back() {
    removed_during(|hooks, id| hooks.note(id, |delivery| delivery.advance(5)));
}

#[test]
fn what_is_put_aside_of_a_hook_goes_with_it() {
    let letter = DeadLetter { number: 1, name: None, at: 0, status: 422, body: String::new() };
    removed_during(|hooks, id| hooks.put_aside(id, letter.clone(), NOW));
    let hooks = Webhooks::new(Arc::new(Memory::default()), Outward::Public, NOW);
    let id = hook(&hooks);
    hooks.remove(ACCOUNT, id);
    hooks.put_aside(id, letter, NOW);
    assert_eq!(hooks.count(), Count::default(), "nothing is put aside of a hook that is gone");
}

#[test]
fn the_latest_that_were_put_aside_are_kept() {
    let hooks = Webhooks::new(Arc::new(Memory::default()), Outward::Public, NOW);
    let id = hook(&hooks);
    for number in 0..PUT_ASIDE as u64 + 2 {
        hooks.put_aside(id, DeadLetter { number, name: None, at: 0, status: 422, body: String::new() }, NOW);
    }
    assert_eq!((hooks.count_letters(id), hooks.letters(id)[0].number), (PUT_ASIDE, 2));
}

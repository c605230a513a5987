//! Reports, exports and sealing yield to what calls wait for: signalling, sound and the journal.

use rustix::process::{getpriority_process, setpriority_process};

/// How nice their threads are (setpriority(2)): of a processor that both want, the others get three quarters.
const NICE: i32 = 5;

/// Lets this thread yield, from now on.
pub(super) fn yield_to_calls() {
    if getpriority_process(None).is_ok_and(|nice| nice < NICE) {
        // Where a thread may not be polite, all are served alike.
        let _ = setpriority_process(None, NICE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_yields_and_those_beside_it_do_not() {
        let nice = || getpriority_process(None).unwrap();
        let before = nice();
        let yielding = std::thread::spawn(move || {
            yield_to_calls();
            yield_to_calls();
            nice()
        });
        assert_eq!((yielding.join().unwrap(), nice()), (before.max(NICE), before));
    }
}

//! Phones of other makers, unmodified, on the wire: what the switch's own test agents say that phones do is done
//! by these.
//!
//! Each stack is a program beside this file that takes a line for each thing to do, and prints one for each that
//! happens. `cargo xtask interop` runs these tests and writes what came of them into `docs/interop.md`.

mod behaviours;
mod phone;
#[cfg(feature = "peers")]
mod trunks;

mod pjsip {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Pjsip;

    behaviours::common!();
    behaviours::early_replaces!();
    behaviours::each!(encrypted_to_a_feature_code, keys_with_plain,);
}

#[cfg(feature = "peers")]
mod baresip {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Baresip;

    behaviours::each!(
        answers_and_ends,
        answers_at_once,
        refuses_and_gives_up,
        hold_and_resume,
        a_bye_behind_the_answer,
        answered_elsewhere,
        blind_transfer_by_the_caller,
        blind_transfer_by_the_called,
        parks_and_is_taken,
        shows_that_messages_wait,
        keys_with_plain,
        handshake_with_plain,
    );
}

/// Linphone has no way to refuse a call with 486: it says 603.
#[cfg(feature = "peers")]
mod linphone {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Linphone;

    behaviours::each!(
        answers_and_ends,
        answers_at_once,
        hold_and_resume,
        a_bye_behind_the_answer,
        answered_elsewhere,
        blind_transfer_by_the_called,
        blind_transfer_by_the_caller,
        attended_transfer,
        parks_and_is_taken,
        keys_with_plain,
        handshake_with_plain,
    );
}

/// Asterisk as a phone does not hold by itself, and transfers without a consultation.
#[cfg(feature = "peers")]
mod asterisk {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Asterisk;

    behaviours::each!(
        answers_and_ends,
        answers_at_once,
        refuses_and_gives_up,
        a_bye_behind_the_answer,
        answered_elsewhere,
        blind_transfer_by_the_called,
        blind_transfer_by_the_caller,
        parks_and_is_taken,
        keys_with_plain,
        handshake_with_plain,
    );
}

/// What baresip does, through a proxy (Path, Record-Route).
#[cfg(feature = "peers")]
mod kamailio {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Kamailio;

    behaviours::each!(
        answers_and_ends,
        answers_at_once,
        refuses_and_gives_up,
        hold_and_resume,
        a_bye_behind_the_answer,
        answered_elsewhere,
        blind_transfer_by_the_called,
        blind_transfer_by_the_caller,
        parks_and_is_taken,
    );
}

mod jssip {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::JsSip;

    behaviours::common!();
    behaviours::each!(lights_a_key,);
}

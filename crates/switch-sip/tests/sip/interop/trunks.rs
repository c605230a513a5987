//! A phone system of another maker at a trunk: an Asterisk, alone, and behind a Kamailio that stays in the way and
//! checks all that is said. What it does with a call, the last three digits of the number say (`phone_system.py`).

mod behaviours;
mod system;

/// A test of `KIND` for each behaviour that is named.
macro_rules! each {
    ($($behaviour:ident,)*) => {
        $(#[tokio::test]
        async fn $behaviour() {
            super::behaviours::$behaviour(KIND).await;
        })*
    };
}

/// What both can be asked to do.
macro_rules! common {
    () => {
        each!(
            answers_and_ends,
            acknowledges_early_media,
            hangs_up_behind_the_answer,
            refuses_and_is_given_up,
            sends_a_call_on,
            refers_a_call,
            holds_and_resumes,
            holds_in_an_acknowledgement,
            is_told_who_hides,
            hides_who_calls,
            tells_who_is_connected,
            wants_longer_sessions,
            refreshes_a_session,
            asks_whether_the_switch_is_there,
            hears_digits_and_is_heard,
        );
    };
}

mod asterisk {
    use super::system::Kind;

    const KIND: Kind = Kind::Alone;

    common!();
    each!(registers_the_switch, talks_by_keys, talks_by_handshake,);
}

mod kamailio {
    use super::system::Kind;

    const KIND: Kind = Kind::BehindProxy;

    common!();
    each!(asks_who_calls,);
}

//! Calls as event tables. Each file in `scenarios/` says what happens and what the record must tell of it;
//! its name is the behaviour. `testkit::event_table` explains how to read one.

use std::{collections::BTreeSet, fs};

use testkit::event_table::assert_table;

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let file = concat!("scenarios/", stringify!($name), ".txt");
                assert_table(file, include_str!(concat!("scenarios/", stringify!($name), ".txt")));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

scenarios! {
    an_outbound_call_is_answered
    an_inbound_call_is_answered
    an_internal_call_is_answered
    a_call_between_two_accounts_of_a_customer_is_seen_from_both_sides
    the_called_party_hangs_up
    the_called_party_is_busy
    the_called_party_does_not_answer
    the_caller_gives_up_while_it_rings
    the_called_party_rejects
    nobody_has_the_number
    no_phone_is_registered
    the_next_trunk_takes_over_when_the_first_fails
    no_trunk_answers
    two_phones_ring_and_one_answers
    two_phones_answer_at_once_and_the_first_has_the_call
    one_phone_is_busy_and_the_other_does_not_answer
    a_call_is_held_twice
    both_parties_hold_at_once
    a_caller_on_hold_hangs_up
    a_call_is_transferred_blind
    a_blind_transfer_fails_and_the_parties_are_back_together
    the_transferred_party_hangs_up_before_the_target_answers
    a_call_is_transferred_after_a_consultation
    a_consultation_ends_without_a_transfer
    a_transfer_that_failed_in_the_consultation_is_not_forgotten
    a_call_is_parked_and_retrieved
    a_parked_caller_gives_up
    a_held_caller_is_parked
    a_transfer_is_tried_from_hold
    both_parties_hang_up_at_once
    the_api_places_a_call_that_is_answered
    the_api_places_a_call_and_its_own_party_does_not_answer
    the_api_places_a_call_and_the_called_party_is_busy
    the_api_places_a_call_and_its_own_party_hangs_up_while_the_other_rings
    the_api_rings_two_phones_and_one_answers
    a_command_hangs_up
    a_command_hangs_up_a_ringing_call
    a_crash_interrupts_an_answered_call
    a_crash_interrupts_a_call_that_is_being_set_up
    a_crash_interrupts_a_call_that_has_no_leg_yet
    a_crash_after_the_parties_parted_does_not_change_who_hung_up
    a_stopping_server_ends_its_calls
    a_stopping_server_ends_a_call_that_is_being_set_up
    a_party_that_was_left_alone_is_joined_by_another
    the_caller_gives_up_as_the_called_party_answers
    the_called_party_hangs_up_before_the_caller_knows_of_the_answer
    a_limit_refuses_a_call
    rfc_5359_2_16_call_pick_up
    rfc_5359_2_15_call_park
    rfc_5359_2_18_click_to_dial
    rfc_5359_2_1_call_hold
    rfc_5359_2_2_consultation_hold
    rfc_5359_2_3_music_on_hold
    rfc_5359_2_4_unattended_transfer
    rfc_5359_2_4_unattended_transfer_to_a_busy_party
    rfc_5359_2_5_attended_transfer
    who_transferred_hangs_up_before_the_target_refuses
    a_called_account_transfers_its_caller_out
    a_consultation_by_a_trunk_is_joined_and_paid_for_to_the_end
    a_crash_interrupts_what_was_sent_on
    a_parked_caller_is_retrieved_by_somebody_outside
    a_phone_redirects_an_inbound_call_out
    a_redirected_call_tries_one_trunk_after_the_other
    a_transfer_out_fails_and_is_an_attempt
    a_transfer_to_another_account_is_its_call
    a_trunk_that_leaves_is_paid_for_until_then
    an_internal_call_is_transferred_out_by_the_called_party
    each_address_of_a_trunk_that_is_tried_is_an_attempt
    each_trunk_that_is_tried_is_an_attempt
    no_trunk_carries_the_call_and_each_is_an_attempt
    phones_of_another_account_that_ring_together_are_one_attempt
    the_api_rings_somebody_outside_first
    the_calling_party_transfers_the_called_one_out
    two_inbound_calls_are_merged_and_each_is_paid_for
}

#[test]
fn every_scenario_file_is_a_test() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let listed = NAMES.iter().map(|name| format!("{name}.txt"));
    assert_eq!(files.collect::<BTreeSet<_>>(), listed.collect());
}

//! What every store must do: the suite that each adapter's tests run, by one line of
//! [`conformance_suite!`](crate::conformance_suite).
//!
//! It is divided as the [port](crate::port) is, so that an adapter that has some parts of it runs those. Each test has
//! an empty [`Store`] of its own.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(missing_docs, reason = "a test's name says what it is about")]

pub mod activity;
pub mod annotations;
pub mod balances;
pub mod billing;
pub mod calls;
pub mod exports;
pub mod journal;
pub mod log;
pub mod outages;
pub mod records;
pub mod search;
mod stage;
pub mod statistics;

pub use self::stage::{Starts, Store, events, formats, now, records, store, told};

/// Runs the suite on the stores that an expression makes, which is a future of a
/// [`Store`](crate::conformance::Store): `conformance_suite!(sqlite: staged());` for the whole port,
/// `conformance_suite!(sqlite: staged() => records reports);` for parts of it.
#[macro_export]
macro_rules! conformance_suite {
    ($name:ident: $store:expr) => {
        $crate::conformance_suite! { $name: $store => journal event_log records reports annotator exports }
    };
    ($name:ident: $store:expr => $($part:ident)+) => {
        mod $name {
            use super::*;
            $( $crate::conformance_suite! { @$part $store } )+
        }
    };
    (@tests $store:expr => $($module:ident: { $($test:ident),* $(,)? })*) => {
        $( $(
            #[tokio::test]
            async fn $test() {
                $crate::conformance::$module::$test($store.await).await;
            }
        )* )*
    };
    (@journal $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            journal: {
                events_come_back_in_the_order_in_which_they_were_appended,
                a_record_removes_the_events_of_its_call,
                events_in_the_batch_of_the_record_are_not_kept,
                a_record_removes_the_events_of_calls_that_were_merged_into_it,
                events_appended_after_the_record_stay,
            }
            outages: {
                a_gap_between_two_runs_is_an_outage,
                before_the_first_run_and_after_the_last_heartbeat_there_is_none,
                a_run_whose_wall_clock_was_set_covers_its_time_by_either_setting,
                what_a_run_left_comes_with_its_own_span,
            }
        }
    };
    (@event_log $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            log: {
                events_are_numbered_and_kept_when_their_call_is_over,
                any_cursor_and_page_gives_what_comes_after_it_once,
                nobody_sees_events_of_others,
                what_happens_beside_calls_is_in_the_log,
                a_filter_gives_what_it_wants,
                what_is_too_old_is_a_gap_and_calls_that_go_on_are_kept,
                a_number_that_is_not_there_yet_is_a_gap,
            }
        }
    };
    (@records $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            records: {
                a_record_comes_back_as_it_was,
                a_stored_record_is_seen_at_once,
                storing_a_record_again_replaces_it,
                a_record_is_found_by_the_id_of_a_call_that_was_merged_into_it,
                a_record_that_moved_to_other_accounts_leaves_the_old_ones,
                a_stranger_finds_no_record,
                without_accounts_no_record_is_found,
                a_record_is_found_by_its_serial_number_from_its_own_side_alone,
                a_replaced_record_keeps_its_serial_number,
            }
            search: {
                newest_calls_come_first,
                calls_of_one_instant_are_ordered_by_id,
                a_call_between_two_of_the_accounts_is_found_once_and_seen_from_the_caller,
                an_account_that_has_only_parts_of_a_call_finds_it_once_with_all_of_them,
                the_side_that_is_asked_for_decides_who_sees_a_shared_call,
                several_accounts_are_merged_in_order_of_time,
                wildcards_in_a_text_are_ordinary_characters,
                a_search_of_any_size_is_answered,
                seconds_are_rounded_to_the_nearest,
                without_accounts_nothing_is_found,
                a_value_of_another_kind_is_refused,
            }
        }
    };
    (@reports $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            activity: {
                a_call_is_active_from_its_start_to_just_before_its_end,
                a_long_call_that_began_days_before_is_found,
                each_side_has_calls_of_its_own,
                a_call_that_goes_on_is_counted_until_its_record_is,
                a_filter_on_the_price_counts_a_call_once_it_costs_so_much,
                numbers_are_tested_without_their_plus,
            }
            statistics: {
                calls_are_counted_in_the_minute_in_which_they_began,
                the_range_of_statistics_has_its_beginning_but_not_its_end,
                each_side_has_statistics_and_a_price_of_its_own,
                filters_keep_the_calls_that_they_describe,
            }
            billing: {
                each_account_is_billed_for_its_own_calls,
                only_the_parts_that_are_billed_count,
                each_call_is_rounded_up,
                calls_outside_the_bounds_are_not_billed,
                what_was_sent_on_within_a_call_is_not_billed_as_another,
            }
            balances: {
                a_call_moves_the_balances_of_both_sides,
                a_call_inside_an_account_moves_its_balance_by_both_prices,
                a_record_that_is_stored_again_moves_nothing_again,
                a_replaced_record_takes_back_what_the_old_one_moved,
                an_account_without_calls_has_not_moved,
            }
        }
    };
    (@annotator $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            annotations: {
                where_nothing_was_noted_there_is_nothing,
                what_was_noted_comes_back_in_the_order_that_was_asked_for,
                notes_outlive_a_new_record_and_a_restart,
                each_account_has_notes_of_its_own,
                only_what_becomes_different_is_a_change,
                no_more_changes_are_told_than_asked_for_the_latest_first,
                notes_about_a_merged_call_are_handed_to_that_which_took_it_in,
                notes_that_come_with_a_record_are_stored_with_it,
                records_are_sorted_by_what_was_noted_about_them,
                records_are_found_by_what_was_noted_about_them,
            }
        }
    };
    (@exports $store:expr) => {
        $crate::conformance_suite! { @tests $store =>
            exports: {
                an_export_holds_the_header_and_a_row_for_each_record_in_order,
                an_export_longer_than_a_portion_has_each_record_once,
                an_export_holds_records_of_its_own_account_alone,
                an_export_without_records_has_the_header_alone,
                the_same_export_gives_the_same_bytes,
                an_export_that_cannot_be_done_fails_and_the_next_one_is_done,
                exports_are_listed_newest_first_for_their_accounts_alone,
                an_account_has_no_more_exports_than_it_may_and_old_ones_go,
                an_export_outlives_the_store,
                a_deleted_export_stays_in_the_list_without_its_file,
                an_export_that_is_not_there_cannot_be_deleted,
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_test_of_the_suite_is_run() {
        let run = include_str!("conformance.rs");
        let sources = [
            include_str!("conformance/activity.rs"),
            include_str!("conformance/annotations.rs"),
            include_str!("conformance/balances.rs"),
            include_str!("conformance/billing.rs"),
            include_str!("conformance/exports.rs"),
            include_str!("conformance/journal.rs"),
            include_str!("conformance/log.rs"),
            include_str!("conformance/outages.rs"),
            include_str!("conformance/records.rs"),
            include_str!("conformance/search.rs"),
            include_str!("conformance/statistics.rs"),
        ];
        let tests = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
        for test in tests {
            assert!(run.contains(&format!("                {test},\n")), "{test}");
        }
    }
}

//! The movement of balances.

use std::collections::HashMap;

use call::{AccountId, CallRecord, event::Side, rating::Rate};
use rust_decimal::Decimal;

use crate::{
    Journal, Reports,
    conformance::{
        calls::{Script, at, owner, rate},
        stage::{self, Store},
    },
};

/// A call from account 1 to account 2 that costs 0.0876 and brings 0.5.
fn paid() -> CallRecord {
    let flat = Rate {
        initial_rate: Decimal::ZERO,
        next_rate: Decimal::ZERO,
        fee: Decimal::new(5, 1),
        attempt_fee: Decimal::ZERO,
        vat: Decimal::ZERO,
        ..rate()
    };
    CallRecord { termination_rate: Some(flat), ..Script::new(1, at(0), 1, 2).record() }
}

fn pays() -> Decimal {
    paid().charge(Side::Origination).unwrap().price
}

/// What the accounts 1, 2 and 3 have moved by.
async fn moved(history: &(impl Journal + Reports)) -> [Decimal; 3] {
    let accounts = [1, 2, 3].map(AccountId);
    let moved = history.balance_movements(accounts.to_vec()).await.unwrap();
    accounts.map(|account| moved[&account])
}

pub async fn a_call_moves_the_balances_of_both_sides(store: Store<impl Journal + Reports>) {
    assert!(pays() > Decimal::ZERO);
    stage::store(&store.history, [paid()]).await;
    assert_eq!(moved(&store.history).await, [-pays(), Decimal::new(5, 1), Decimal::ZERO]);
    let second = CallRecord { termination_rate: None, ..Script::new(2, at(9), 1, 3).record() };
    stage::store(&store.history, [second]).await;
    assert_eq!(moved(&store.history).await, [-pays() * Decimal::TWO, Decimal::new(5, 1), Decimal::ZERO]);
}

pub async fn a_call_inside_an_account_moves_its_balance_by_both_prices(store: Store<impl Journal + Reports>) {
    let inside = CallRecord { termination: Some(owner(1)), ..paid() };
    stage::store(&store.history, [inside]).await;
    assert_eq!(moved(&store.history).await, [Decimal::new(5, 1) - pays(), Decimal::ZERO, Decimal::ZERO]);
}

pub async fn a_record_that_is_stored_again_moves_nothing_again(store: Store<impl Journal + Reports>) {
    for _ in 0..3 {
        stage::store(&store.history, [paid(), paid()]).await;
    }
    assert_eq!(moved(&store.history).await, [-pays(), Decimal::new(5, 1), Decimal::ZERO]);
}

pub async fn a_replaced_record_takes_back_what_the_old_one_moved(store: Store<impl Journal + Reports>) {
    stage::store(&store.history, [paid()]).await;
    let elsewhere = CallRecord { termination: Some(owner(3)), origination_rate: None, ..paid() };
    stage::store(&store.history, [elsewhere]).await;
    assert_eq!(moved(&store.history).await, [Decimal::ZERO, Decimal::ZERO, Decimal::new(5, 1)]);
}

pub async fn an_account_without_calls_has_not_moved(store: Store<impl Journal + Reports>) {
    let moved = store.history.balance_movements(vec![AccountId(9)]).await.unwrap();
    assert_eq!(moved, HashMap::from([(AccountId(9), Decimal::ZERO)]));
    assert_eq!(store.history.balance_movements(Vec::new()).await.unwrap(), HashMap::new());
}

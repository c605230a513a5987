//! Data that another release has written.

use anyhow::{Result, ensure};

use super::place::Place;

/// What brought the tables from the version before to the present one, undone.
const BACK: &str = "DROP TABLE deleted_before;";

/// Data of a later release are refused, and open again once they are as they were; data of an earlier one are
/// brought up to date. Leaves the server stopped.
pub fn change(place: &mut Place) -> Result<()> {
    let own = place.layout()?;
    place.sql(&format!("PRAGMA user_version = {}", own + 1))?;
    let refusal = place.start().err().map(|error| error.to_string()).unwrap_or_default();
    let reason =
        format!("the call history has version {} and this release knows versions up to {own}", own + 1);
    ensure!(refusal.contains(&reason), "a later layout is not refused clearly: {refusal}");
    place.sql(&format!("PRAGMA user_version = {own}"))?;
    place.start()?;
    place.stop(1)?;
    place.sql(&format!("{BACK} PRAGMA user_version = {}", own - 1))?;
    place.start()?;
    place.stop(1)?;
    ensure!(place.layout()? == own, "the earlier layout was not brought up to date");
    Ok(())
}

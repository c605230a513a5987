//! `docs/bounds.md` names options and metrics that are there.

use crate::scene::Scene;

const BOUNDS: &str = include_str!("../../../../docs/bounds.md");
const OPTIONS: &str = include_str!("../../../../config/default.toml");

/// What stands in backticks in a column of the table, from 0.
fn column(number: usize) -> Vec<&'static str> {
    let rows = BOUNDS.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = rows.map(|row| row.split('|').nth(number + 1).unwrap());
    cells.filter_map(|cell| cell.split('`').nth(1)).collect()
}

#[test]
fn each_option_of_a_bound_is_there() {
    let options = column(2);
    assert!(options.len() > 8);
    for option in options {
        let (section, name) = option.split_once(' ').unwrap();
        let (_, from_section) =
            OPTIONS.split_once(&format!("\n{section}\n")).unwrap_or_else(|| panic!("no {section}"));
        let own = from_section.split("\n[").next().unwrap();
        assert!(own.lines().any(|line| line.trim_start_matches("# ").starts_with(name)), "no {option}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_metric_of_a_bound_is_there() {
    let scene = Scene::new();
    let metrics = scene.server.get("/metrics").await;
    let names = column(4);
    assert!(names.len() > 8);
    for name in names {
        let is_it = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        assert!(metrics.lines().any(is_it), "no {name}");
    }
}

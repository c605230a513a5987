//! The README's questions, asked as they stand there.

use std::process::{Command, Stdio};

use super::Demo;
use crate::harness::wait_until;

const README: &str = include_str!("../../../../../README.md");
/// What stands between two outputs.
const RULE: &str = "----8<----";

/// A command of the README and the answer that is shown below it.
struct Question {
    command: &'static str,
    answer: Option<&'static str>,
}

fn questions() -> Vec<Question> {
    let (_, text) = README.split_once("## Five questions, five answers\n").unwrap();
    let (text, _) = text.split_once("\n## ").unwrap();
    let blocks = text.split("```sh\n").skip(1);
    let question = |block: &'static str| {
        let (command, rest) = block.split_once("\n```\n").unwrap();
        let answer = rest.split_once("```text\n").map(|(_, answer)| answer.split_once("\n```").unwrap().0);
        Question { command, answer }
    };
    blocks.map(question).collect()
}

/// The member names of JSON text, and for a table its first line.
fn shape(text: &str) -> Vec<&str> {
    let quoted = text.split('"').collect::<Vec<_>>();
    let names = quoted.windows(2).skip(1).step_by(2).filter(|pair| pair[1].starts_with(':'));
    let titles = text.lines().filter(|line| line.starts_with("Time Start,"));
    names.map(|pair| pair[0]).chain(titles).collect()
}

fn ask(demo: &Demo, questions: &[Question]) -> Vec<String> {
    let mut script = format!("set -eu\n. {}\n", demo.env_file().display());
    for question in questions {
        script.push_str(&format!("{}\necho; echo '{RULE}'\n", question.command));
    }
    let asked = Command::new("sh").arg("-c").arg(script).stderr(Stdio::null()).output().unwrap();
    String::from_utf8(asked.stdout).unwrap().split(RULE).map(str::to_owned).collect()
}

/// The names that are in the README's answer and not in the real one.
fn missing<'a>(question: &Question, answer: &'a str) -> Vec<&'static str> {
    let found: Vec<&'a str> = shape(answer);
    let shown = question.answer.map(shape).unwrap_or_default();
    shown.into_iter().filter(|name| !found.contains(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_of_the_readme_has_its_answer() {
    let demo = Demo::start(&["--rate", "4"]).await;
    let questions = questions();
    assert_eq!(questions.iter().filter(|question| question.answer.is_some()).count(), 5);
    for question in &questions {
        assert!(question.answer.is_none_or(|answer| shape(answer).len() > 2), "{}", question.command);
    }
    wait_until("every answer is there", async || {
        let answers = ask(&demo, &questions);
        questions.iter().zip(&answers).all(|(question, answer)| missing(question, answer).is_empty())
            && answers.len() == questions.len() + 1
    })
    .await;
}

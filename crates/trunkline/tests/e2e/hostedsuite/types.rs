//! The types for clients, as the framework's command line fetches them, in the hands of the tools of their languages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use testkit::clients;

use crate::scene::Scene;

/// What the files for Java are compiled with, instead of the framework's own library.
const FOR_JAVA: [(&str, &str); 7] = [
    (
        "net/servicestack/client/IReturn.java",
        "package net.servicestack.client; public interface IReturn<T> { Object getResponseType(); }",
    ),
    ("net/servicestack/client/IPost.java", "package net.servicestack.client; public interface IPost {}"),
    ("net/servicestack/client/IGet.java", "package net.servicestack.client; public interface IGet {}"),
    (
        "net/servicestack/client/Route.java",
        "package net.servicestack.client; public @interface Route { String Path(); String Verbs(); }",
    ),
    (
        "com/google/gson/annotations/SerializedName.java",
        "package com.google.gson.annotations; public @interface SerializedName { String value(); }",
    ),
    (
        "com/google/gson/reflect/TypeToken.java",
        "package com.google.gson.reflect; public class TypeToken<T> { public Object getType() { return null; } }",
    ),
    (
        "Use.java",
        "public class Use { public static void main(String[] of) { var asked = new dtos.ListCallRecordsRequest().setClientId(\"7\"); asked.setPage(2); System.out.print(asked.getClientId() + asked.getPage()); } }",
    ),
];

/// A program that uses the types for Go.
const IN_GO: &str = r#"package dtos

import (
	"encoding/json"
	"testing"
)

func TestRequest(t *testing.T) {
	page := 2
	asked := ListCallRecordsRequest{ClientId: "7"}
	asked.Page = &page
	asked.UserName = "anna"
	text, _ := json.Marshal(asked)
	if string(text) != `{"CustomerName":"","UserName":"anna"}` && len(text) < 10 {
		t.Fatal(string(text))
	}
	answer := asked.CreateResponse().(*PagedResponse[CallRecordInfo])
	if err := json.Unmarshal([]byte(`{"Items":[{"Id":"a","HoldCount":3}],"TotalCount":1}`), answer); err != nil {
		t.Fatal(err)
	}
	if answer.Items[0].Id != "a" || *answer.Items[0].HoldCount != 3 || *answer.TotalCount != 1 {
		t.Fatal(answer)
	}
}
"#;

/// A program that uses the types for PHP, with what they need of the framework's library.
const IN_PHP: &str = r#"<?php
namespace ServiceStack {
    interface IReturn {}
    interface IPost {}
    interface IGet {}
    #[\Attribute] class Returns { public function __construct(public string $type) {} }
    class JsonConverters {
        public static function from($type, $value) { $class = "dtos\\$type"; $made = new $class(); $made->fromMap($value); return $made; }
        public static function fromArray($type, $values) {
            return array_map(fn($value) => is_array($value) ? self::from($type, $value) : $value, $values);
        }
    }
}
namespace {
    require $argv[1];
    $asked = new \dtos\ListCallRecordsRequest();
    $asked->UserName = 'anna';
    $asked->Page = 2;
    $answer = new \dtos\CallRecordInfo();
    $answer->fromMap(['Id' => 'a', 'HoldCount' => 3, 'Interactions' => [['Type' => 'Answer']]]);
    echo json_encode([$asked, $answer->HoldCount, $answer->Interactions[0]->Type, $asked->getTypeName()]);
}
"#;

/// A program that uses the types for Python.
const IN_PYTHON: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
import dtos
asked = dtos.ListCallRecordsRequest(user_name="anna", page=2)
answer = dtos.CallRecordInfo.from_dict({"id": "a", "holdCount": 3, "interactions": [{"type": "Answer"}]})
print(json.dumps([asked.to_dict()["userName"], asked.page, answer.hold_count, answer.interactions[0].type,
    asked.get_type_name(), dtos.SortDir.DESC.value]))
"#;

fn output(command: &mut Command) -> String {
    let run = command.output().unwrap();
    let told = [&run.stdout[..], &run.stderr[..]].concat();
    assert!(run.status.success(), "{command:?}: {}", String::from_utf8_lossy(&told));
    String::from_utf8(run.stdout).unwrap()
}

/// Whether a tool is there: `scripts/test` installs those that are asked for.
fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

/// A file of types, as the server gives it.
async fn fetched(scene: &Scene, language: &str, to: &Path) -> PathBuf {
    let url = format!("http://{}/api/types/{language}", scene.server.http);
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text).unwrap();
    to.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_adds_and_updates_types_that_the_strict_compiler_takes() {
    let (scene, folder) = (Scene::new(), TempDir::new().unwrap());
    let tool = |name: &str| clients::folder().unwrap().join("node_modules/.bin").join(name);
    let run = |argument: &str| {
        let mut command = Command::new(tool("ts-ref"));
        command.current_dir(folder.path()).env("SERVICESTACK_TELEMETRY_OPTOUT", "1").arg(argument);
        output(&mut command)
    };
    assert_eq!(run(&format!("http://{}/api", scene.server.http)), "Saved to: dtos.ts\n");
    let added = fs::read_to_string(folder.path().join("dtos.ts")).unwrap();
    assert!(added.contains(&format!("BaseUrl: http://{}/api\n", scene.server.http)), "{added}");
    assert_eq!(run("dtos.ts"), "Updated: dtos.ts\n");
    let updated = fs::read_to_string(folder.path().join("dtos.ts")).unwrap();
    let undated = |text: &str| text.lines().filter(|line| !line.starts_with("Date: ")).collect::<String>();
    assert_eq!(undated(&updated), undated(&added));
    let mut compiler = Command::new(tool("tsc"));
    compiler.current_dir(folder.path()).args(["--strict", "--noEmit", "--target", "es2022", "dtos.ts"]);
    output(&mut compiler);
    // Every other language that it knows.
    for (name, file) in [
        ("csharp", "dtos.cs"),
        ("java", "dtos.java"),
        ("kotlin", "dtos.kt"),
        ("dart", "dtos.dart"),
        ("swift", "dtos.swift"),
    ] {
        let mut command = Command::new(tool(&format!("{name}-ref")));
        command.current_dir(folder.path()).env("SERVICESTACK_TELEMETRY_OPTOUT", "1");
        let told = output(command.arg(format!("http://{}/api", scene.server.http)));
        assert_eq!(told, format!("Saved to: {file}\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_types_for_python_are_those_of_the_client() {
    let (scene, folder) = (Scene::new(), TempDir::new().unwrap());
    fetched(&scene, "python", &folder.path().join("dtos.py")).await;
    let script = folder.path().join("use.py");
    fs::write(&script, IN_PYTHON).unwrap();
    let told = output(clients::python(&script).unwrap().arg(folder.path()));
    assert_eq!(told.trim(), r#"["anna", 2, 3, "Answer", "ListCallRecordsRequest", "Desc"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_types_for_java_compile_and_can_be_used() {
    if !has("javac") {
        return;
    }
    let (scene, folder) = (Scene::new(), TempDir::new().unwrap());
    let mut files = vec![fetched(&scene, "java", &folder.path().join("dtos.java")).await];
    for (name, text) in FOR_JAVA {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        files.push(path);
    }
    output(Command::new("javac").arg("-d").arg(folder.path()).args(files));
    assert_eq!(output(Command::new("java").arg("-cp").arg(folder.path()).arg("Use")), "72");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_types_for_php_run() {
    let (scene, folder) = (Scene::new(), TempDir::new().unwrap());
    let types = fetched(&scene, "php", &folder.path().join("dtos.php")).await;
    let script = folder.path().join("use.php");
    fs::write(&script, IN_PHP).unwrap();
    let told = output(Command::new("php").arg(script).arg(types));
    assert_eq!(told, r#"[{"UserName":"anna","Page":2},3,"Answer","ListCallRecordsRequest"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_types_for_go_compile_and_carry_an_answer() {
    if !has("go") {
        return;
    }
    let (scene, folder) = (Scene::new(), TempDir::new().unwrap());
    fetched(&scene, "go", &folder.path().join("dtos.go")).await;
    fs::write(folder.path().join("dtos_test.go"), IN_GO).unwrap();
    fs::write(folder.path().join("go.mod"), "module dtos\n\ngo 1.18\n").unwrap();
    let mut go = Command::new("go");
    go.current_dir(folder.path()).args(["test", "."]).env("GOFLAGS", "-mod=mod").env("GOTOOLCHAIN", "local");
    output(go.env("GOCACHE", folder.path().join("cache")));
}

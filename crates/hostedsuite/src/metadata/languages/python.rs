//! Python.

use std::collections::BTreeSet;

use super::{
    catalogue::{Asks, Class, Declared, Words, all, lines},
    head::Head,
};

const WORDS: Words = Words {
    text: "str",
    bool: "bool",
    int: "int",
    long: "int",
    double: "float",
    dictionary: "Dict[str, str]",
    list: |item| format!("List[{item}]"),
    generic: |name, argument| format!("{name}[{argument}]"),
};

const IMPORTS: &str = "\nfrom typing import *\nfrom servicestack import *\nfrom dataclasses import dataclass, field\n\
    from dataclasses_json import dataclass_json, LetterCase, Undefined, config\nfrom enum import Enum\n";

/// The file.
pub fn print(head: &Head) -> String {
    let types = all();
    let parameters: BTreeSet<_> = types
        .iter()
        .filter_map(|of| match of {
            Declared::Class(class) => class.parameter,
            Declared::Words(_) => None,
        })
        .collect();
    let parameters: String =
        parameters.into_iter().map(|name| format!("{name} = TypeVar('{name}')\n")).collect();
    let types: String = types.iter().map(declared).collect();
    format!("{}{IMPORTS}\n{parameters}{types}", head.in_python())
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let word = |word: &&str| format!("    {} = '{word}'\n", snake(word).to_ascii_uppercase());
            format!(
                "\n\nclass {}(str, Enum):\n{}",
                choice.name,
                choice.words.iter().map(word).collect::<String>()
            )
        }
    }
}

fn class(class: &Class) -> String {
    let generic = class.parameter.map(|parameter| format!("Generic[{parameter}]"));
    let returns = class
        .asks
        .as_ref()
        .map(|asks| format!("IReturn[{}], {}", asks.response.print(&WORDS), asks.marker()));
    let parents: Vec<_> = class.base_name(&WORDS).into_iter().chain(returns).chain(generic).collect();
    let parents = if parents.is_empty() { String::new() } else { format!("({})", parents.join(", ")) };
    let members = lines(&class.members, |member| {
        let comment = member.comment("    # ", "");
        format!("{comment}    {}: Optional[{}] = None\n", snake(member.name), member.ty.print(&WORDS))
    });
    let members = if members.is_empty() { "    pass\n".to_owned() } else { members };
    let route =
        class.asks.as_ref().map(|asks| format!("# @Route(\"{}\", \"{}\")\n", asks.path, asks.verb.word()));
    let methods = class.asks.as_ref().map(|asks| methods(class, asks)).unwrap_or_default();
    format!(
        "\n\n{}@dataclass_json(letter_case=LetterCase.CAMEL, undefined=Undefined.EXCLUDE)\n@dataclass\nclass \
         {}{parents}:\n{members}{methods}",
        route.unwrap_or_default(),
        class.name,
    )
}

fn methods(class: &Class, asks: &Asks) -> String {
    format!(
        "    @staticmethod\n    def response_type(): return {}\n    def get_type_name(self): return '{}'\n",
        asks.response.print(&WORDS),
        class.name
    )
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

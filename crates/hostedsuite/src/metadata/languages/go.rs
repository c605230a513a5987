//! Go.

use super::{
    catalogue::{Asks, Class, Declared, Ty, Words, all, lines},
    head::Head,
};

const WORDS: Words = Words {
    text: "string",
    bool: "bool",
    int: "int",
    long: "int64",
    double: "float64",
    dictionary: "map[string]string",
    list: |item| format!("[]{item}"),
    generic: |name, argument| format!("{name}[{argument}]"),
};

/// The file.
pub fn print(head: &Head) -> String {
    let types: String = all().iter().map(declared).collect();
    format!("{}\npackage {}\n{types}", head.in_c(), head.option("Package"))
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let name = choice.name;
            let word = |word: &&str| format!("\t{name}{word} {name} = \"{word}\"\n");
            let words: String = choice.words.iter().map(word).collect();
            format!("\ntype {name} string\n\nconst (\n{words})\n")
        }
    }
}

fn class(class: &Class) -> String {
    let asks = class.asks.as_ref();
    let name = match class.parameter {
        Some(parameter) => format!("{}[{parameter} any]", class.name),
        None => class.name.to_owned(),
    };
    let route = asks
        .map(|asks| format!("// {}.\n// @Route(\"{}\", \"{}\")\n", asks.about, asks.path, asks.verb.word()));
    let base = class.base_name(&WORDS).map(|base| format!("\t{base}\n")).unwrap_or_default();
    let members = lines(&class.members, |member| {
        let comment = member.comment("\t// ", "");
        let pointer = match &member.ty {
            // Zero says less than nothing at all.
            Ty::Bool | Ty::Int | Ty::Long | Ty::Double | Ty::Named(_) | Ty::Generic(..) => "*",
            Ty::Text | Ty::List(_) | Ty::Dictionary => "",
        };
        let (name, ty) = (member.name, member.ty.print(&WORDS));
        format!("{comment}\t{name} {pointer}{ty} `json:\"{name},omitempty\"`\n")
    });
    format!(
        "\n{}type {name} struct {{\n{base}{members}}}\n{}",
        route.unwrap_or_default(),
        asks.map(|asks| methods(class, asks)).unwrap_or_default()
    )
}

fn methods(class: &Class, asks: &Asks) -> String {
    let (name, response) = (class.name, asks.response.print(&WORDS));
    let make = match &asks.response {
        Ty::List(_) => format!("{response}{{}}"),
        _ => format!("&{response}{{}}"),
    };
    format!(
        "\nfunc ({name}) GetTypeName() string {{ return \"{name}\" }}\nfunc ({name}) GetMethod() string {{ return \
         \"{}\" }}\nfunc ({name}) CreateResponse() interface{{}} {{ return {make} }}\n",
        asks.verb.word()
    )
}

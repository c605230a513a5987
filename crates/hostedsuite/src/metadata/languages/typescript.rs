//! TypeScript.

use super::{
    catalogue::{ANGLED, Asks, Class, Declared, Ty, Words, all, lines},
    head::Head,
};

const WORDS: Words = Words {
    text: "string",
    bool: "boolean",
    int: "number",
    long: "number",
    double: "number",
    dictionary: "{ [index: string]: string; }",
    list: |item| format!("{item}[]"),
    ..ANGLED
};

/// What the client needs of each request.
const MARKERS: &str = "\nexport interface IReturn<T>\n{\n    createResponse(): T;\n}\n\n\
    export interface IPost\n{\n}\n\nexport interface IGet\n{\n}\n";

/// The file.
pub fn print(head: &Head) -> String {
    let types = all().iter().map(declared).collect::<String>();
    format!("{}{MARKERS}{types}", head.in_c())
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words = lines(choice.words, |word| format!("    {word} = '{word}',\n"));
            format!("\nexport enum {}\n{{\n{words}}}\n", choice.name)
        }
    }
}

fn class(class: &Class) -> String {
    let name = class.full_name(&WORDS);
    let extends = class.base_name(&WORDS).map(|base| format!(" extends {base}")).unwrap_or_default();
    let members = lines(&class.members, |member| {
        let comment = member.comment("    /** ", " */");
        let mark = if member.is_required { "!" } else { "?" };
        format!("{comment}    public {}{mark}: {};\n", member.name, member.ty.print(&WORDS))
    });
    let parent = if class.base.is_some() { "super(init); " } else { "" };
    let (route, implements, methods) =
        class.asks.as_ref().map(|asks| request(class, asks)).unwrap_or_default();
    format!(
        "\n{route}export class {name}{extends}{implements}\n{{\n{members}    public constructor(init?: \
         Partial<{name}>) {{ {parent}(Object as any).assign(this, init); }}\n{methods}}}\n"
    )
}

fn request(class: &Class, asks: &Asks) -> (String, String, String) {
    let (verb, response) = (asks.verb.word(), asks.response.print(&WORDS));
    let make = match &asks.response {
        Ty::List(item) => format!("new Array<{}>()", item.print(&WORDS)),
        _ => format!("new {response}()"),
    };
    let methods = format!(
        "    public getTypeName() {{ return '{}'; }}\n    public getMethod() {{ return '{verb}'; }}\n    \
         public createResponse() {{ return {make}; }}\n",
        class.name
    );
    let route = format!("// @Route(\"{}\", \"{verb}\")\n", asks.path);
    (route, format!(" implements IReturn<{response}>, {}", asks.marker()), methods)
}

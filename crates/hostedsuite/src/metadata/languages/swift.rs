//! Swift.

use super::{
    catalogue::{ANGLED, Class, Declared, Words, all, camel, lines},
    head::Head,
};

const WORDS: Words = Words {
    bool: "Bool",
    long: "Int",
    dictionary: "[String:String]",
    list: |item| format!("[{item}]"),
    ..ANGLED
};

/// The file.
pub fn print(head: &Head) -> String {
    let types: String = all().iter().map(declared).collect();
    format!("{}\nimport Foundation\nimport ServiceStack\n{types}", head.in_c())
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words = lines(choice.words, |word| format!("    case {word}\n"));
            format!("\npublic enum {} : String, Codable\n{{\n{words}}}\n", choice.name)
        }
    }
}

fn class(class: &Class) -> String {
    let asks = class.asks.as_ref();
    let name = match class.parameter {
        Some(parameter) => format!("{}<{parameter} : Codable>", class.name),
        None => class.name.to_owned(),
    };
    let markers = asks.map(|asks| format!("IReturn, {}", asks.marker()));
    let base = class.base_name(&WORDS);
    let parents: Vec<_> =
        [base.clone().unwrap_or_else(|| "Codable".to_owned())].into_iter().chain(markers).collect();
    let route = asks.map(|asks| format!("// @Route(\"{}\", \"{}\")\n", asks.path, asks.verb.word()));
    let returns = asks.map(|asks| format!("    public typealias Return = {}\n", asks.response.print(&WORDS)));
    let members = lines(&class.members, |member| {
        let comment = member.comment("    /** ", " */");
        format!("{comment}    public var {}:{}?\n", camel(member.name), member.ty.print(&WORDS))
    });
    format!(
        "\n{}public class {name} : {}\n{{\n{}{members}{}}}\n",
        route.unwrap_or_default(),
        parents.join(", "),
        returns.unwrap_or_default(),
        coding(class, base.is_some()),
    )
}

/// Names on the wire begin with an upper-case letter, and what is extended is coded with the type itself.
fn coding(class: &Class, extends: bool) -> String {
    let over = if extends { "override " } else { "" };
    let required = "required public init(from decoder: Decoder) throws";
    if class.members.is_empty() {
        let (decode, init) =
            if extends { ("try super.init(from: decoder)", "super.init()") } else { ("", "") };
        return format!("    {over}public init(){{ {init} }}\n    {required} {{ {decode} }}\n");
    }
    let keys: String = class
        .members
        .iter()
        .map(|member| format!("        case {} = \"{}\"\n", camel(member.name), member.name))
        .collect();
    let (decode, encode, init) = match extends {
        true => (
            "        try super.init(from: decoder)\n",
            "        try super.encode(to: encoder)\n",
            "super.init()",
        ),
        false => ("", "", ""),
    };
    let decodes = lines(&class.members, |member| {
        let (field, ty) = (camel(member.name), member.ty.print(&WORDS));
        format!("        {field} = try container.decodeIfPresent({ty}.self, forKey: .{field})\n")
    });
    let encodes = lines(&class.members, |member| {
        let field = camel(member.name);
        format!("        try container.encodeIfPresent({field}, forKey: .{field})\n")
    });
    format!(
        "    {over}public init(){{ {init} }}\n    private enum CodingKeys : String, CodingKey {{\n{keys}    }}\n    \
         {required} {{\n{decode}        let container = try decoder.container(keyedBy: CodingKeys.self)\n{decodes}    \
         }}\n    {over}public func encode(to encoder: Encoder) throws {{\n{encode}        var container = \
         encoder.container(keyedBy: CodingKeys.self)\n{encodes}    }}\n"
    )
}

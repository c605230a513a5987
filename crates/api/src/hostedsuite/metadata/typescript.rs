//! The types in TypeScript, for the framework's own client.

use super::types::known_types;
use crate::hostedsuite::{
    dto::{Choice, Dto, Kind, Member},
    operation::{OPERATIONS, Operation, Type, Verb},
};

/// What the client needs of each request.
const HEAD: &str = "/* Types of the HostedSuite service. */\n\n\
    export interface IReturn<T>\n{\n    createResponse(): T;\n}\n\n\
    export interface IPost\n{\n}\n\nexport interface IGet\n{\n}\n";

/// The file. A type stands before those that extend it.
pub fn print() -> String {
    let mut bases: Vec<_> =
        OPERATIONS.iter().flat_map(|operation| operation.request.lineage().skip(1)).collect();
    bases.sort_by_key(|dto| (dto.lineage().count(), dto.name));
    bases.dedup_by_key(|dto| dto.name);
    let is_base = |of: &Type| matches!(of, Type::Dto(dto) if bases.iter().any(|base| base.name == dto.name));
    let others = known_types().into_iter().filter(|of| !is_base(of)).map(|of| match of {
        Type::Dto(dto) => class(dto, "", ""),
        Type::Choice(choice) => words(choice),
    });
    let bases = bases.iter().map(|dto| class(dto, "", ""));
    let parts = bases.chain(others).chain(OPERATIONS.iter().map(request));
    format!("{HEAD}\n{}", parts.collect::<Vec<_>>().join("\n"))
}

fn request(operation: &'static Operation) -> String {
    let (verb, marker) = match operation.method {
        Verb::Get => ("GET", "IGet"),
        Verb::Post => ("POST", "IPost"),
    };
    let response = name_of(&operation.response);
    let make = match operation.response {
        Kind::List(_) => format!("new Array<{}>()", response.trim_end_matches("[]")),
        _ => format!("new {response}()"),
    };
    let methods = format!(
        "    public getTypeName() {{ return '{}'; }}\n    public getMethod() {{ return '{verb}'; }}\n    \
         public createResponse() {{ return {make}; }}\n",
        operation.name()
    );
    let routes = format!("// @Route(\"{}\", \"{verb}\")\n", operation.path);
    routes + &class(operation.request, &format!(" implements IReturn<{response}>, {marker}"), &methods)
}

fn class(dto: &'static Dto, implements: &str, methods: &str) -> String {
    let name = dto.full_name();
    let extends =
        dto.base.as_ref().map(|base| format!(" extends {}<{}>", base.dto.name, argument(base.argument)));
    let members: String = dto.members.iter().map(|member| property(dto, member)).collect();
    let parent = if dto.base.is_some() { "super(init); " } else { "" };
    format!(
        "export class {name}{}{implements}\n{{\n{members}    public constructor(init?: Partial<{name}>) \
         {{ {parent}(Object as any).assign(this, init); }}\n{methods}}}\n",
        extends.unwrap_or_default()
    )
}

/// The vendor's lists are arrays.
fn argument(name: &str) -> String {
    match name.strip_prefix("List<").and_then(|name| name.strip_suffix('>')) {
        Some(item) => format!("{item}[]"),
        None => name.to_owned(),
    }
}

fn property(dto: &Dto, member: &Member) -> String {
    let said = member.said.about;
    let comment = if said.is_empty() { String::new() } else { format!("    /** {said} */\n") };
    let shown = name_of(&member.kind);
    let of_parameter = dto.parameter.filter(|parameter| !parameter.argument.is_empty());
    let shown = of_parameter.map_or(shown.clone(), |of| shown.replace(of.argument, of.name));
    let optional = if member.said.is_required { "" } else { "?" };
    format!("{comment}    public {}{optional}: {shown};\n", member.name)
}

fn name_of(kind: &Kind) -> String {
    match kind {
        Kind::Text => "string".to_owned(),
        Kind::Bool => "boolean".to_owned(),
        Kind::Int | Kind::Long | Kind::Double => "number".to_owned(),
        Kind::Choice(choice) => choice.name.to_owned(),
        Kind::Nullable(kind) => name_of(kind),
        Kind::List(kind) | Kind::Collection(kind) => format!("{}[]", name_of(kind)),
        Kind::Dictionary => "{ [index: string]: string; }".to_owned(),
        Kind::Object(dto) => match dto.parameter {
            Some(parameter) => format!("{}<{}>", dto.name, parameter.argument),
            None => dto.name.to_owned(),
        },
    }
}

fn words(choice: &Choice) -> String {
    let words: String = choice.words.iter().map(|word| format!("    {word} = '{word}',\n")).collect();
    format!("export enum {}\n{{\n{words}}}\n", choice.name)
}

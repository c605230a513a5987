//! PHP.

use super::{
    catalogue::{ANGLED, Asks, Class, Declared, Field, Ty, Words, all, lines},
    head::Head,
};

const WORDS: Words = Words {
    text: "string",
    bool: "bool",
    int: "int",
    long: "int",
    double: "float",
    dictionary: "array<string,string>",
    list: |item| format!("array<{item}>"),
    ..ANGLED
};

/// The file.
pub fn print(head: &Head) -> String {
    let types: String = all().iter().map(declared).collect();
    format!(
        "<?php namespace {};\n{}\nuse JsonSerializable;\nuse ServiceStack\\{{IReturn,IGet,IPost,JsonConverters,Returns}};\n{types}",
        head.option("GlobalNamespace"),
        head.in_c()
    )
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words: String =
                choice.words.iter().map(|word| format!("    case {word} = '{word}';\n")).collect();
            format!("\nenum {} : string\n{{\n{words}}}\n", choice.name)
        }
    }
}

fn class(class: &Class) -> String {
    let asks = class.asks.as_ref();
    let extends = class.base.as_ref().map(|(name, _)| format!(" extends {name}")).unwrap_or_default();
    let markers = asks.map(|asks| format!("IReturn, {}, ", asks.marker())).unwrap_or_default();
    let template = class.parameter.map(|parameter| format!("/**\n * @template {parameter}\n */\n"));
    let of_base = class.base_name(&WORDS).map(|base| format!("/** @extends {base} */\n"));
    let members: String = class.members.iter().map(member).collect();
    format!(
        "\n{}{}{}class {}{extends} implements {markers}JsonSerializable\n{{\n{members}{}{}}}\n",
        template.unwrap_or_default(),
        of_base.unwrap_or_default(),
        asks.map(route).unwrap_or_default(),
        class.name,
        coding(class),
        asks.map(|asks| methods(class, asks)).unwrap_or_default(),
    )
}

fn route(asks: &Asks) -> String {
    format!(
        "// @Route(\"{}\", \"{}\")\n#[Returns('{}')]\n",
        asks.path,
        asks.verb.word(),
        head_of(&asks.response)
    )
}

fn member(member: &Field) -> String {
    let about = if member.about.is_empty() { String::new() } else { format!(" {}", member.about) };
    let shown = member.ty.print(&WORDS);
    let hint = match &member.ty {
        Ty::Named(name) => name.clone(),
        Ty::Generic(name, _) => name.clone(),
        Ty::List(_) | Ty::Dictionary => "array".to_owned(),
        Ty::Text | Ty::Bool | Ty::Int | Ty::Long | Ty::Double => shown.clone(),
    };
    format!("    /** @var {shown}|null{about} */\n    public ?{hint} ${} = null;\n", member.name)
}

/// From and to what `json_decode` gives.
fn coding(class: &Class) -> String {
    let (reads, writes) = match class.base.is_some() {
        true => ("        parent::fromMap($o);\n", "parent::jsonSerialize()"),
        false => ("", "[]"),
    };
    let each = lines(&class.members, |member| {
        let name = member.name;
        let value = match &member.ty {
            Ty::Text | Ty::Bool | Ty::Int | Ty::Long | Ty::Double | Ty::Dictionary => {
                format!("$o['{name}']")
            }
            Ty::Named(_) | Ty::Generic(..) => {
                format!("JsonConverters::from('{}', $o['{name}'])", head_of(&member.ty))
            }
            Ty::List(item) => {
                format!("JsonConverters::fromArray('{}', $o['{name}'])", head_of(item))
            }
        };
        format!("        if (isset($o['{name}'])) $this->{name} = {value};\n")
    });
    let sets = lines(&class.members, |member| {
        let name = member.name;
        format!("        if (isset($this->{name})) $o['{name}'] = $this->{name};\n")
    });
    format!(
        "    public function fromMap($o): void\n    {{\n{reads}{each}    }}\n    public function jsonSerialize(): \
         mixed\n    {{\n        $o = {writes};\n{sets}        return $o;\n    }}\n"
    )
}

fn head_of(ty: &Ty) -> String {
    match ty {
        Ty::Named(name) | Ty::Generic(name, _) => name.clone(),
        Ty::List(item) => head_of(item),
        Ty::Text | Ty::Bool | Ty::Int | Ty::Long | Ty::Double | Ty::Dictionary => ty.print(&WORDS),
    }
}

fn methods(class: &Class, asks: &Asks) -> String {
    let make = match &asks.response {
        Ty::List(_) => "[]".to_owned(),
        response => format!("new {}()", head_of(response)),
    };
    format!(
        "    public function getTypeName(): string {{ return '{}'; }}\n    public function getMethod(): string \
         {{ return '{}'; }}\n    public function createResponse(): mixed {{ return {make}; }}\n",
        class.name,
        asks.verb.word()
    )
}

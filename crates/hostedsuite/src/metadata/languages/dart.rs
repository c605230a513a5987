//! Dart.

use super::{
    catalogue::{ANGLED, Asks, Class, Declared, Field, Ty, Words, all, camel, lines},
    head::Head,
};

const WORDS: Words = Words {
    bool: "bool",
    int: "int",
    long: "int",
    double: "double",
    dictionary: "Map<String,String?>",
    list: |item| format!("List<{item}>"),
    ..ANGLED
};

/// The file.
pub fn print(head: &Head) -> String {
    let types = all();
    let declared: String = types.iter().map(declared).collect();
    let infos: String = types.iter().map(info).collect();
    format!(
        "{}\nimport 'package:servicestack/servicestack.dart';\n{declared}\nTypeContext _ctx = TypeContext(types: \
         <String, TypeInfo> {{\n{infos}}});\n",
        head.in_c()
    )
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words = lines(choice.words, |word| format!("    {word},\n"));
            format!("\nenum {}\n{{\n{words}}}\n", choice.name)
        }
    }
}

fn info(of: &Declared) -> String {
    match of {
        Declared::Words(choice) => {
            let name = choice.name;
            format!("    '{name}': TypeInfo(TypeOf.Enum, enumValues: {name}.values),\n")
        }
        Declared::Class(class) => {
            let name = class.name;
            match class.parameter {
                Some(_) => {
                    format!("    '{name}<dynamic>': TypeInfo(TypeOf.GenericDef, create: () => {name}()),\n")
                }
                None => format!("    '{name}': TypeInfo(TypeOf.Class, create: () => {name}()),\n"),
            }
        }
    }
}

fn class(class: &Class) -> String {
    let base = class.base_name(&WORDS);
    let asks = class.asks.as_ref();
    let returns = asks.map(|asks| format!("IReturn<{}>, {}", asks.response.print(&WORDS), asks.marker()));
    let interfaces: Vec<_> = returns.into_iter().chain(["IConvertible".to_owned()]).collect();
    let extends = base.as_ref().map(|base| format!(" extends {base}")).unwrap_or_default();
    let route = asks.map(|asks| format!("// @Route(\"{}\", \"{}\")\n", asks.path, asks.verb.word()));
    let (name, has_base) = (class.name, base.is_some());
    let members: String = class.members.iter().map(member).collect();
    let named: Vec<_> = class.members.iter().map(|member| format!("this.{}", camel(member.name))).collect();
    let constructor =
        if named.is_empty() { format!("{name}();") } else { format!("{name}({{{}}});", named.join(",")) };
    let reads: String = class.members.iter().map(read).collect();
    let parent = |text: &'static str| if has_base { text } else { "" };
    let writes = lines(&class.members, |member| {
        format!(
            "        '{}': JsonConverters.toJson({},'{}',context!),\n",
            member.name,
            camel(member.name),
            member.ty.print(&WORDS)
        )
    });
    format!(
        "\n{}class {}{extends} implements {}\n{{\n{members}\n    {constructor}\n    {name}.fromJson(Map<String, \
         dynamic> json) {{ fromMap(json); }}\n\n    fromMap(Map<String, dynamic> json) {{\n{}{reads}        return \
         this;\n    }}\n\n    Map<String, dynamic> toJson() => {}{{\n{writes}    }}{};\n{}    TypeContext? context = \
         _ctx;\n}}\n",
        route.unwrap_or_default(),
        class.full_name(&WORDS),
        interfaces.join(", "),
        parent("        super.fromMap(json);\n"),
        parent("super.toJson()..addAll("),
        parent(")"),
        methods(class, asks),
    )
}

fn member(member: &Field) -> String {
    let comment = member.comment("    /// ", "");
    format!("{comment}    {}? {};\n", member.ty.print(&WORDS), camel(member.name))
}

fn read(member: &Field) -> String {
    let (field, ty) = (camel(member.name), member.ty.print(&WORDS));
    let name = member.name;
    match member.ty {
        Ty::Double => format!("        {field} = JsonConverters.toDouble(json['{name}']);\n"),
        Ty::Text | Ty::Bool | Ty::Int | Ty::Long => format!("        {field} = json['{name}'];\n"),
        Ty::Named(_) | Ty::Generic(..) | Ty::List(_) | Ty::Dictionary => {
            format!("        {field} = JsonConverters.fromJson(json['{name}'],'{ty}',context!);\n")
        }
    }
}

fn methods(class: &Class, asks: Option<&Asks>) -> String {
    let name = class.name;
    let of_request = asks.map(|asks| {
        let make = match &asks.response {
            Ty::List(_) => "[]".to_owned(),
            response => format!("{}()", response.print(&WORDS)),
        };
        format!(
            "    createResponse() => {make};\n    getResponseTypeName() => \"{}\";\n",
            asks.response.print(&WORDS)
        )
    });
    format!("{}    getTypeName() => \"{name}\";\n", of_request.unwrap_or_default())
}

//! Java.

use super::{
    catalogue::{ANGLED, Asks, Class, Declared, Words, all, camel, lines},
    head::Head,
};

const WORDS: Words = Words { int: "Integer", ..ANGLED };

/// The file.
pub fn print(head: &Head) -> String {
    let package = match head.option("Package") {
        "" => String::new(),
        package => format!("package {package};\n\n"),
    };
    let types: String = all().iter().map(declared).collect();
    format!(
        "{}\n{package}import java.util.*;\nimport com.google.gson.annotations.SerializedName;\n\
         import com.google.gson.reflect.TypeToken;\nimport net.servicestack.client.*;\n\n\
         public class dtos\n{{\n{types}}}\n",
        head.in_c()
    )
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            format!(
                "\n    public static enum {}\n    {{\n        {};\n    }}\n",
                choice.name,
                choice.words.join(",\n        ")
            )
        }
    }
}

fn class(class: &Class) -> String {
    let extends = class.base_name(&WORDS).map(|base| format!(" extends {base}")).unwrap_or_default();
    let (route, implements, methods) = class.asks.as_ref().map(request).unwrap_or_default();
    let members = lines(&class.members, |member| {
        let comment = member.comment("        /** ", " */");
        let (ty, field) = (member.ty.print(&WORDS), camel(member.name));
        format!("{comment}        @SerializedName(\"{}\") public {ty} {field} = null;\n", member.name)
    });
    let accessors = lines(&class.members, |member| {
        let (ty, field, name) = (member.ty.print(&WORDS), camel(member.name), member.name);
        let own = class.full_name(&WORDS);
        format!(
            "        public {ty} get{name}() {{ return {field}; }}\n        public {own} set{name}({ty} value) \
             {{ this.{field} = value; return this; }}\n"
        )
    });
    format!(
        "\n{route}    public static class {}{extends}{implements}\n    {{\n{members}{accessors}{methods}    }}\n",
        class.full_name(&WORDS)
    )
}

fn request(asks: &Asks) -> (String, String, String) {
    let response = asks.response.print(&WORDS);
    let route = format!("    @Route(Path=\"{}\", Verbs=\"{}\")\n", asks.path, asks.verb.word());
    let methods = format!(
        "        private static Object responseType = new TypeToken<{response}>(){{}}.getType();\n        \
         public Object getResponseType() {{ return responseType; }}\n"
    );
    (route, format!(" implements IReturn<{response}>, {}", asks.marker()), methods)
}

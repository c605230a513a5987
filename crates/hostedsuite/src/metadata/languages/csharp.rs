//! C#.

use super::{
    catalogue::{ANGLED, Class, Declared, Words, all, lines},
    head::Head,
};

const WORDS: Words = Words {
    text: "string",
    bool: "bool?",
    int: "int?",
    long: "long?",
    double: "double?",
    dictionary: "Dictionary<string, string>",
    list: |item| format!("List<{}>", item.trim_end_matches('?')),
    ..ANGLED
};

/// The file.
pub fn print(head: &Head) -> String {
    let types = all().iter().map(declared).collect::<Vec<_>>().join("\n");
    format!(
        "{}\nusing System;\nusing System.Collections.Generic;\nusing ServiceStack;\n\nnamespace {}\n{{\n{types}}}\n",
        head.in_c(),
        head.option("GlobalNamespace"),
    )
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words = lines(choice.words, |word| format!("        {word},\n"));
            format!("    public enum {}\n    {{\n{words}    }}\n", choice.name)
        }
    }
}

fn class(class: &Class) -> String {
    let asks = class.asks.as_ref();
    let route = asks.map(|asks| format!("    [Route(\"{}\", \"{}\")]\n", asks.path, asks.verb.word()));
    let returns = asks.map(|asks| format!("IReturn<{}>, {}", asks.response.print(&WORDS), asks.marker()));
    let parents: Vec<_> = class.base_name(&WORDS).into_iter().chain(returns).collect();
    let parents = if parents.is_empty() { String::new() } else { format!(" : {}", parents.join(", ")) };
    let members = lines(&class.members, |member| {
        let about = if member.about.is_empty() {
            String::new()
        } else {
            format!(
                "        [ApiMember(Description=\"{}\", IsRequired={})]\n",
                member.about, member.is_required
            )
        };
        format!("{about}        public virtual {} {} {{ get; set; }}\n", member.ty.print(&WORDS), member.name)
    });
    format!(
        "{}    public partial class {}{parents}\n    {{\n{members}    }}\n",
        route.unwrap_or_default(),
        class.full_name(&WORDS)
    )
}

//! Kotlin.

use super::{
    catalogue::{ANGLED, Asks, Class, Declared, Words, all, camel, lines},
    head::Head,
};

const WORDS: Words = ANGLED;

/// The file.
pub fn print(head: &Head) -> String {
    let package = match head.option("Package") {
        "" => String::new(),
        package => format!("package {package}\n\n"),
    };
    let types: String = all().iter().map(declared).collect();
    format!(
        "{}\n{package}import java.util.*\nimport com.google.gson.annotations.SerializedName\n\
         import com.google.gson.reflect.TypeToken\nimport net.servicestack.client.*\n{types}",
        head.in_c()
    )
}

fn declared(of: &Declared) -> String {
    match of {
        Declared::Class(class) => self::class(class),
        Declared::Words(choice) => {
            let words = lines(choice.words, |word| format!("    {word},\n"));
            format!("\nenum class {}\n{{\n{words}}}\n", choice.name)
        }
    }
}

fn class(class: &Class) -> String {
    let base = class.base_name(&WORDS).map(|base| format!("{base}()"));
    let asks = class.asks.as_ref();
    let returns = asks.map(|asks| format!("IReturn<{}>, {}", asks.response.print(&WORDS), asks.marker()));
    let parents: Vec<_> = base.into_iter().chain(returns).collect();
    let parents = if parents.is_empty() { String::new() } else { format!(" : {}", parents.join(", ")) };
    let route = asks.map(|asks| format!("@Route(Path=\"{}\", Verbs=\"{}\")\n", asks.path, asks.verb.word()));
    let members = lines(&class.members, |member| {
        let comment = member.comment("    /** ", " */");
        let ty = member.ty.print(&WORDS);
        format!(
            "{comment}    @SerializedName(\"{}\") open var {}:{ty}? = null\n",
            member.name,
            camel(member.name)
        )
    });
    format!(
        "\n{}open class {}{parents}\n{{\n{members}{}}}\n",
        route.unwrap_or_default(),
        class.full_name(&WORDS),
        asks.map(|asks| methods(class, asks)).unwrap_or_default()
    )
}

fn methods(class: &Class, asks: &Asks) -> String {
    format!(
        "    companion object {{ private val responseType = object : TypeToken<{}>(){{}}.type }}\n    \
         override fun getResponseType(): Any? = {}.responseType\n",
        asks.response.print(&WORDS),
        class.name
    )
}

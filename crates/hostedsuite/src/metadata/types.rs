//! The types as JSON, for programs that write clients.

use serde_json::{Value as Json, json};

use crate::{
    dto::{Choice, Dto, Kind},
    operation::{OPERATIONS, Operation, Type},
};

/// The document.
pub fn print() -> Json {
    json!({
        "Config": { "BaseUrl": "/api" },
        "Namespaces": [NAMESPACE],
        "Types": known_types().into_iter().map(describe).collect::<Vec<_>>(),
        "Operations": OPERATIONS.iter().map(operation).collect::<Vec<_>>(),
    })
}

/// Every type beside the requests, once.
pub fn known_types() -> Vec<Type> {
    let bases = OPERATIONS.iter().flat_map(|operation| operation.request.lineage().skip(1).map(Type::Dto));
    let others = OPERATIONS.iter().flat_map(|operation| operation.types.iter().copied());
    let mut types: Vec<_> = bases.chain(others).collect();
    types.sort_by_key(|of| name(*of));
    types.dedup_by_key(|of| name(*of));
    types
}

fn name(of: Type) -> &'static str {
    match of {
        Type::Dto(dto) => dto.name,
        Type::Choice(choice) => choice.name,
    }
}

fn operation(operation: &'static Operation) -> Json {
    json!({
        "Request": object(operation.request),
        "Method": operation.method.word(),
        "Actions": [operation.method.word()],
        "Routes": [{ "Path": operation.path, "Verbs": operation.method.word() }],
        "ReturnType": { "Name": operation.response.to_string() },
        "Description": operation.about,
    })
}

fn describe(of: Type) -> Json {
    match of {
        Type::Dto(dto) => object(dto),
        Type::Choice(choice) => words(choice),
    }
}

fn object(dto: &'static Dto) -> Json {
    let members = dto.members.iter().map(|member| {
        json!({
            "Name": member.name,
            "Type": dto.type_of(member),
            "IsRequired": member.said.is_required,
            "IsEnum": matches!(member.kind, Kind::Choice(_) | Kind::Nullable(Kind::Choice(_))),
            "ParamType": member.said.place,
            "Description": member.said.about,
        })
    });
    json!({
        "Name": dto.full_name(),
        "Namespace": NAMESPACE,
        "Inherits": dto.base.as_ref().map(|base| json!({
            "Name": base.dto.name, "Namespace": NAMESPACE, "GenericArgs": [base.argument],
        })),
        "Properties": members.collect::<Vec<_>>(),
    })
}

fn words(choice: &Choice) -> Json {
    json!({ "Name": choice.name, "Namespace": NAMESPACE, "IsEnum": true, "EnumNames": choice.words })
}

/// The vendor's namespace as his language writes it: the end of that of its XML.
pub const NAMESPACE: &str = "Evo.HostedSuite.Core.ServiceModel";

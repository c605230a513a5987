//! The types for clients (section 4).

use super::world::World;

#[tokio::test]
async fn typescript_has_a_class_for_each_request_with_what_the_client_needs() {
    let world = World::new().await;
    let answer = world.server.get("/api/types/typescript").send().await;
    let text = answer.text();
    for expected in [
        "// @Route(\"/calls\", \"POST\")\nexport class ListCallRecordsRequest extends PagedRequest<CallRecordInfo> implements IReturn<PagedResponse<CallRecordInfo>>, IPost\n{",
        "    public CallType?: ReceptionCallTypesApi;\n",
        "    public getTypeName() { return 'ListCallRecordsRequest'; }\n    public getMethod() { return 'POST'; }\n    public createResponse() { return new PagedResponse<CallRecordInfo>(); }\n",
        "export class PagedRequest<TItemType> extends RequestBase<PagedResponse<TItemType>>\n{\n    public Page?: number;\n",
        "export class RequestBase<TResponse>\n{\n    /** The HostedSuite Customer Name */\n    public CustomerName!: string;\n",
        "export class PagedResponse<TItemType>\n{\n    public Items?: TItemType[];\n",
        "    public Interactions?: CallRecordInteractionInfo[];\n",
        "export enum SortDir\n{\n    Asc = 'Asc',\n    Desc = 'Desc',\n}\n",
        "    public CustomFieldsFilter?: { [index: string]: string; };\n",
        "implements IReturn<ClientInfo[]>, IPost",
        "    public createResponse() { return new Array<ClientInfo>(); }\n",
        "implements IReturn<TimeZoneInfo[]>, IGet",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    for once in
        ["export class RequestBase<", "export class CallRecordInfo\n", "export enum CallAllowanceType\n"]
    {
        assert_eq!(text.matches(once).count(), 1, "{once}");
    }
}

#[tokio::test]
async fn the_types_as_json_tell_the_same() {
    let world = World::new().await;
    let types = world.server.get("/api/types/metadata").send().await.json();
    let operations = types["Operations"].as_array().unwrap();
    assert_eq!(operations.len(), hostedsuite::operation::OPERATIONS.len());
    let calls = operations.iter().find(|it| it["Request"]["Name"] == "ListCallRecordsRequest").unwrap();
    assert_eq!(calls["Routes"][0]["Path"], "/calls");
    assert_eq!(calls["Request"]["Inherits"]["Name"], "PagedRequest");
    assert_eq!(calls["Request"]["Properties"][0]["Name"], "StartDate");
    let record = types["Types"].as_array().unwrap().iter().find(|it| it["Name"] == "CallRecordInfo").unwrap();
    assert_eq!(record["Properties"].as_array().unwrap().len(), 25);
    let sort = types["Types"].as_array().unwrap().iter().find(|it| it["Name"] == "SortDir").unwrap();
    assert_eq!(sort["EnumNames"], serde_json::json!(["Asc", "Desc"]));
}

const LANGUAGES: [&str; 9] =
    ["csharp", "typescript", "python", "java", "kotlin", "dart", "swift", "php", "go"];

#[tokio::test]
async fn every_language_has_every_type_and_the_head_that_the_command_line_wants() {
    let world = World::new().await;
    let types = world.server.get("/api/types/metadata").send().await.json();
    let names = |list: &str, at: &str| -> Vec<String> {
        let all = types[list].as_array().unwrap();
        all.iter().map(|of| of.pointer(at).unwrap().as_str().unwrap().to_owned()).collect()
    };
    let all = [names("Types", "/Name"), names("Operations", "/Request/Name")].concat();
    for language in LANGUAGES {
        let answer = world.server.get(&format!("/api/types/{language}")).send().await;
        let text = answer.text();
        assert!(answer.header("content-type").starts_with("text/plain"), "{language}");
        let head = "Options:\nDate: 2026-01-02 12:00:00\nVersion: ";
        assert!(
            text.contains(head) && text.contains("\nBaseUrl: http://example.org/api\n"),
            "{language}: {text}"
        );
        for name in &all {
            let bare = name.split('<').next().unwrap();
            assert!(text.contains(&format!(" {bare}")), "{bare} in {language}");
        }
        assert_eq!(world.server.get(&format!("/types/{language}")).send().await.text(), text);
    }
}

#[tokio::test]
async fn an_option_that_is_given_is_kept_in_the_head_and_heeded() {
    let world = World::new().await;
    let get = async |path: &str| world.server.get(path).send().await.text().to_owned();
    let plain = get("/api/types/java").await;
    assert!(plain.contains("\n//Package: \n*/") && !plain.contains("\npackage "), "{plain}");
    let given = get("/api/types/java?Package=com.acme.calls&Nonsense=1").await;
    assert!(given.contains("\nPackage: com.acme.calls\n*/") && given.contains("\npackage com.acme.calls;\n"));
    let foul = get("/api/types/java?Package=a;%20System.exit(1)").await;
    assert!(foul.contains("\n//Package: \n*/") && !foul.contains("exit"));
}

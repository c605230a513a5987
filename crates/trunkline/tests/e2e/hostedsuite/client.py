"""What a program does with ServiceStack's own client for Python. Prints what it got, as one JSON object."""
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import List, Optional

from dataclasses_json import LetterCase, Undefined, dataclass_json
from servicestack import IReturn, JsonServiceClient, WebServiceException

BASE, GIVEN = sys.argv[1:]
CREDENTIALS = json.loads(GIVEN)
ARGS = {"jsconfig": "eccn"}
dto = dataclass_json(letter_case=LetterCase.CAMEL, undefined=Undefined.EXCLUDE)


@dto
@dataclass
class CallRecordInteractionInfo:
    start_time: Optional[str] = None
    type: Optional[str] = None
    description: Optional[str] = None


@dto
@dataclass
class CallRecordInfo:
    id: Optional[str] = None
    client_name: Optional[str] = None
    start_time: Optional[str] = None
    notes: Optional[str] = None
    duration_in_seconds: float = 0
    hold_count: int = 0
    interactions: Optional[List[CallRecordInteractionInfo]] = None
    flagged: bool = False
    type: Optional[str] = None


@dto
@dataclass
class CallRecords:
    items: List[CallRecordInfo] = field(default_factory=list)
    page: int = 0
    total_count: int = 0
    total_pages: int = 0


@dto
@dataclass
class Credentials:
    customer_name: Optional[str] = None
    user_name: Optional[str] = None
    password: Optional[str] = None


@dto
@dataclass
class ListCallRecordsRequest(Credentials, IReturn[CallRecords]):
    start_date: Optional[str] = None
    call_type: Optional[str] = None
    page: int = 0
    items_per_page: int = 3
    sort_field: str = "StartTime"


@dto
@dataclass
class UpdateCallRecordRequest(Credentials, IReturn[CallRecordInfo]):
    id: Optional[str] = None
    notes: Optional[str] = None


@dto
@dataclass
class NoSuchRequest(Credentials, IReturn[CallRecordInfo]):
    pass


def request(kind, **members):
    own = {"customer_name": "CustomerName", "user_name": "UserName", "password": "Password"}
    known = {name: CREDENTIALS[member] for name, member in own.items()}
    return kind(**{**known, **members})


def every(client):
    pages, page, total = [], 0, 1
    while page < total:
        answer = client.post(request(ListCallRecordsRequest, page=page), args=ARGS)
        pages.append(asdict(answer))
        page, total = page + 1, answer.total_pages
    return pages


def refusal(client, kind=ListCallRecordsRequest, **members):
    try:
        client.post(request(kind, **members), args=ARGS)
    except WebServiceException as error:
        status = error.response_status
        fields = [[entry.error_code, entry.field_name] for entry in status.errors or []]
        return {"status": error.status_code, "code": status.error_code, "message": status.message, "errors": fields}
    return None


client = JsonServiceClient(BASE)
replies = JsonServiceClient(BASE + "/api").set_base_path()
pages = every(client)
told = {
    "pages": pages,
    "samePages": every(replies),
    "updated": asdict(
        client.post(request(UpdateCallRecordRequest, id=pages[0]["items"][0]["id"], notes="Rückruf"), args=ARGS)
    ),
    "refusals": {
        "nobody": refusal(client, customer_name="", user_name=None, password=None),
        "wrong": refusal(client, password="wrong"),
        "client": refusal(client, user_name="cleo"),
        "date": refusal(client, start_date="yesterday"),
        "sort": refusal(client, sort_field="Interactions"),
        "page": refusal(client, page=-1),
        "type": refusal(client, call_type="Sideways"),
        "unknown": refusal(client, UpdateCallRecordRequest, id="nobody", notes="x"),
        "operation": refusal(client, NoSuchRequest),
    },
}
print(json.dumps(told))

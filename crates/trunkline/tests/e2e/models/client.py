"""What a program that works with a language model does with the official SDK of the Model Context Protocol. Prints what it
was told, as one JSON object."""
import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL, OWN, OTHER, MODE = sys.argv[1:]


def connect(token):
    http = httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30)
    return Client(streamable_http_client(URL, http_client=http), mode=MODE)


async def found(client, tool, **arguments):
    """What a tool says, and whether it failed."""
    result = await client.call_tool(tool, arguments)
    return result.structured_content if not result.is_error else {"failed": json.loads(result.content[0].text)}


async def main():
    told = {}
    async with connect(OWN) as client:
        told["server"] = client.server_info.name
        told["revision"] = client.protocol_version
        told["tools"] = [tool.name for tool in (await client.list_tools()).tools]
        told["live"] = await found(client, "live_calls", group_by="state")
        call = told["live"]["calls"][0]["id"]
        told["call"] = await found(client, "get_call", call=call)
        told["unknown"] = await found(client, "get_call", call="none")
        async with connect(OTHER) as other:
            told["otherLive"] = await found(other, "live_calls")
            told["otherCall"] = await found(other, "get_call", call=call)
            told["otherHangUp"] = await found(other, "hang_up_call", call=call)
        told["still"] = await found(client, "get_call", call=call)
        told["hangUp"] = await found(client, "hang_up_call", call=call)
        told["finished"] = await found(client, "search_calls", count=True)
        told["series"] = await found(client, "active_calls_over_time", step=60)
        told["cost"] = await found(client, "cost_of_number", number="+14155550100")
    print(json.dumps(told))


asyncio.run(main())

// What a program does with ServiceStack's own client for JavaScript. Prints what it got, as one JSON object.
import { JsonServiceClient } from "@servicestack/client";

const [base, given] = process.argv.slice(2);
const credentials = JSON.parse(given);

class Operation {
  constructor(members) {
    Object.assign(this, credentials, members);
  }
  getMethod() {
    return "POST";
  }
  createResponse() {
    return {};
  }
}
class ListCallRecordsRequest extends Operation {
  getTypeName() {
    return "ListCallRecordsRequest";
  }
}
class UpdateCallRecordRequest extends Operation {
  getTypeName() {
    return "UpdateCallRecordRequest";
  }
}
class NoSuchRequest extends Operation {
  getTypeName() {
    return "NoSuchRequest";
  }
}

async function every(client) {
  const pages = [];
  for (let page = 0, total = 1; page < total; page++) {
    const request = new ListCallRecordsRequest({ Page: page, ItemsPerPage: 3, SortField: "StartTime" });
    const answer = await client.post(request);
    total = answer.TotalPages;
    pages.push(answer);
  }
  return pages;
}

async function refusal(client, request) {
  try {
    await client.post(request);
    return null;
  } catch (error) {
    return { type: error.type ?? error.name, ...error.responseStatus };
  }
}

const client = new JsonServiceClient(base);
const replies = new JsonServiceClient(base + "/api").useBasePath();
const pages = await every(client);
const first = pages[0].Items[0];
const list = (members) => refusal(client, new ListCallRecordsRequest(members));
const told = {
  pages,
  samePages: await every(replies),
  batch: await replies.sendAll([0, 1].map((Page) => new ListCallRecordsRequest({ Page, ItemsPerPage: 3 }))),
  updated: await client.post(new UpdateCallRecordRequest({ Id: first.Id, Notes: "Rückruf “heute”" })),
  refusals: {
    nobody: await list({ CustomerName: "", UserName: null, Password: undefined }),
    wrong: await list({ Password: "wrong" }),
    client: await list({ UserName: "cleo" }),
    date: await list({ StartDate: "yesterday" }),
    sort: await list({ SortField: "Interactions" }),
    page: await list({ Page: -1 }),
    type: await list({ CallType: "Sideways" }),
    unknown: await refusal(client, new UpdateCallRecordRequest({ Id: "nobody", Notes: "x" })),
    operation: await refusal(client, new NoSuchRequest()),
  },
};
process.stdout.write(JSON.stringify(told));

# Runs the examples of docs/sealed-days.md (the first argument) as they stand, in a folder where `data` is a store, and
# prints what they give as JSON.
import contextlib, io, json, re, sys

import chdb, duckdb

text = open(sys.argv[1]).read()


def example(heading):
    return re.search(rf"## {heading}\n\n```\w+\n(.*?)```", text, re.S).group(1)


def numbers(rows):
    return [[str(row[0])] + [float(value) for value in row[1:]] for row in rows]


told = {"duckdb": numbers(duckdb.sql(example("DuckDB")).fetchall())}
printed, names = io.StringIO(), {}
with contextlib.redirect_stdout(printed):
    exec(example("pandas"), names)
calls = names["calls"]
told["pandas"] = {
    "rows": len(calls),
    "seconds": int(calls.connected_seconds.sum()),
    "first": calls.started_at.min().isoformat(),
    "printed": "mean" in printed.getvalue(),
}
answer = chdb.query(example("ClickHouse").rstrip().rstrip(";"), "JSONCompact")
told["clickhouse"] = numbers(json.loads(str(answer))["data"])
print(json.dumps(told))

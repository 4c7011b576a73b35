import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { SourceError } from "../../../src/source/error.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { contents, exported, logged, makeRetry, retry, tryRetry, unresolved } from "../retrying.ts";

const ITEMS = "create table items (id int, v text check (v not like 'bad%'))";
const DEFINITION = "table: items\noptions: { log_rows: all }\n";
/** Rows 2, 4 and 5 fail. */
const FILE = "id,v\n1,a\n2,bad2\n3,c\n4,bad4\n5,bad5\n";
const HEADER = "id,v,_error_message,_row_number,_run_id";

async function failedRun(shop: Workshop, file = FILE, definition = DEFINITION): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

Deno.test("an edited export is loaded; other rows stay as they were", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const lines = (await exported(shop, run)).split("\r\n");
  assert.equal(lines.length, 5);
  const file = [lines[0], lines[3].replace("bad5", "e"), lines[1].replace("bad2", "b")].join(
    "\r\n",
  );
  const second = await retry(shop, run.id, { file });
  assert.equal(second.status, "completed");
  assert.deepEqual(await logged(shop, second.id), ["2/3 created", "5/6 created"]);
  assert.deepEqual(await contents(shop), ["1=a", "2=b", "3=c", "5=e"]);
  assert.equal(await unresolved(shop, run.id), 1);
});

Deno.test("rows that fail again can be exported from the retry, edited and retried again", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const file = (await exported(shop, run)).replace("bad2", "b").replaceAll("bad", "bad again ");
  const second = await retry(shop, run.id, { file });
  assert.deepEqual(await logged(shop, second.id), ["2/3 created", "4/5 failed", "5/6 failed"]);
  const again = await exported(shop, second);
  assert.match(again, /,4,bad again 4,4,2\r$/m);
  await assert.rejects(
    tryRetry(shop, run.id, { file: again }),
    /line 2: _run_id is 2, so this row is from run 2, not run 1\. .*ingest retry 2/,
  );
  const third = await retry(shop, second.id, { file: again.replaceAll("bad again ", "good") });
  assert.equal(third.status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
  assert.deepEqual(await contents(shop), ["1=a", "2=b", "3=c", "4=good4", "5=good5"]);
  // A retry of the second retry tries what that one tried, not what the file had.
  const raw = await shop.session.query<{ raw: string }>(
    "select convert_from(raw, 'utf8') as raw from ingest.rows where run_id = 2 and row_number = 4",
  );
  assert.deepEqual(raw, [{ raw: "4,bad again 4" }]);
});

Deno.test("an export is loaded whatever a spreadsheet has done to it", async () => {
  await using shop = await workshop("create table items (id int, v text, w text)");
  const values = [
    "=1+1",
    "-5",
    "+x",
    "@a",
    "'quoted",
    "'=b",
    "a\tb",
    'say "hi"',
    "x;y",
    "ä€",
    "l1\nl2",
  ];
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const source = values.map((value, i) => `x${i},${cell(value)},w`).join("\n");
  const run = await failedRun(shop, `id,v,w\n${source}\n`);
  const text = (await exported(shop, run)).replace(/^(The [^,]*,)x(\d+)/gm, "$1$2");
  assert.match(text, /'=1\+1/);
  const utf16 = (text: string) => {
    const units = Uint16Array.from(text, (_, i) => text.charCodeAt(i));
    return new Uint8Array([0xff, 0xfe, ...new Uint8Array(units.buffer)]);
  };
  const semicolons = text.split("\r\n").map((line) =>
    line.replace(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ";")
  );
  for (const file of [text, utf16(text), `\ufeff${text}\r\n,,,,,\r\n`, semicolons.join("\r\n")]) {
    await shop.session.execute("truncate items");
    const dry = await retry(shop, run.id, { file, dryRun: true });
    assert.equal(dry.status, "completed");
    const logged = await shop.session.query<{ v: string }>(
      `select data ->> 'v' as v from ingest.rows where run_id = ${dry.id} order by row_number`,
    );
    assert.deepEqual(logged.map(({ v }) => v), values);
  }
  assert.equal((await retry(shop, run.id, { file: text })).status, "completed");
  const loaded = await shop.session.query<{ v: string }>("select v from items order by id");
  assert.deepEqual(loaded.map(({ v }) => v), values);
});

Deno.test("columns may be in another order; unknown ones are ignored with a warning", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const file = "_run_id,note,v,_row_number,id,my note\n1,x,b,2,22,\n";
  const second = await retry(shop, run.id, { file });
  assert.deepEqual(second.warnings.map((warning) => warning.replace(/^.*: /, "")), [
    `the columns "note", "my note" are not in run 1's source and will be ignored.`,
  ]);
  assert.ok((await contents(shop)).includes("22=b"));
});

Deno.test("a surplus field is dropped only if its cell is empty", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "id,v\n1,a\n2,b,b\n3,c,c\n");
  const text = await exported(shop, run);
  assert.match(text, /^_error_message,id,v,column_3,/);
  const edited = text.replace(",2,b,b,", ",2,b b,,");
  const second = await retry(shop, run.id, { file: edited });
  assert.deepEqual(await logged(shop, second.id), ["2/3 created", "3/4 failed"]);
});

Deno.test("rows that could not be read and were not edited fail as before", async () => {
  await using shop = await workshop(ITEMS);
  const broken = new TextEncoder().encode('id,v\n1,B?d\n2,N?L\n3\n4,d,d\n5,e\n6,B?d\n7,"open');
  // A byte that isn't UTF-8, and a NUL.
  for (const [byte, text] of [[0xff, "B?d"], [0, "N?L"], [0xfe, "6,B?d"]] as const) {
    const at = new TextDecoder("latin1").decode(broken).indexOf(text) + text.indexOf("?");
    broken[at] = byte;
  }
  const run = await shop.drive(
    await shop.create(`${DEFINITION}source: { encoding: utf-8 }\n`, broken),
  );
  assert.deepEqual(
    (await logged(shop, run.id)).filter((row) => row.endsWith("failed")),
    ["1/2 failed", "2/3 failed", "3/4 failed", "4/5 failed", "6/7 failed", "7/8 failed"],
  );
  const file = (await exported(shop, run)).replace("6,B\ufffdd", "6,Bad no more");
  const second = await retry(shop, run.id, { file });
  assert.deepEqual(await logged(shop, second.id), [
    // The row that was short has all its cells in the file.
    ...["1/2 failed", "2/3 failed", "3/4 created", "4/5 failed", "6/7 created", "7/8 failed"],
  ]);
  const [{ same }] = await shop.session.query<{ same: number }>(
    `select count(*) as same from ingest.rows one join ingest.rows other using (row_number, raw)
     where one.run_id = 1 and other.run_id = 2 and other.status = 'failed'`,
  );
  assert.equal(same, 4);
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ["empty", "", /the file is empty/],
  ["only a header", `${HEADER}\n`, /has no rows/],
  ["only blank rows", `${HEADER}\n,,,,\n`, /has no rows/],
  [
    "no _row_number",
    "id,v,_run_id\n2,b,1\n",
    /has no column "_row_number"\. .*--export failed\.csv/,
  ],
  ["no _run_id", "id,v,_row_number\n2,b,2\n", /has no column "_run_id"\. /],
  ["no source column", "id,_row_number,_run_id\n2,2,1\n", /has no column "v"\. /],
  ["nothing of it", "a,b\n2,2\n", /has no column "id", "v", "_row_number", "_run_id"\. /],
  [
    "another run's",
    `${HEADER}\n2,b,,2,1\n4,d,,4,7\n`,
    /line 3: _run_id is 7, .* from run 7, not run 1/,
  ],
  ["no run id", `${HEADER}\n2,b,,2,\n`, /line 2: _run_id is "", not 1/],
  [
    "no number",
    `${HEADER}\n2,b,,two,1\n`,
    /line 2: _row_number is "two", which is not a row number/,
  ],
  ["a fraction", `${HEADER}\n2,b,,2.5,1\n`, /line 2: _row_number is "2\.5"/],
  ["row 0", `${HEADER}\n2,b,,0,1\n`, /line 2: _row_number is "0"/],
  ["a huge one", `${HEADER}\n2,b,,99999999999999999999,1\n`, /line 2: _row_number is "9+"/],
  ["unknown row", `${HEADER}\n2,b,,99,1\n`, /line 2: run 1 has no failed row 99/],
  ["a row that is well", `${HEADER}\n1,b,,1,1\n`, /line 2: run 1 has no failed row 1\./],
  ["twice", `${HEADER}\n2,b,,2,1\n4,d,,4,1\n2,c,,2,1\n`, /line 4: row 2 is already on line 2/],
  ["broken", `${HEADER}\n2,b,,2,1\n4,"d,,4,1\n`, /line 3: /],
  ["ragged", `${HEADER}\n2,b,,2\n`, /line 2: .*4 fields/],
];

Deno.test("a file that can't be right is refused in one line, and no retry is made", async (t) => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  for (const [what, file, expected] of WRONG) {
    await t.step(what, async () => {
      await assert.rejects(tryRetry(shop, run.id, { file }), (error) => {
        assert.ok(error instanceof Refused || error instanceof SourceError, String(error));
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
      assert.equal(await count(shop.session, "ingest.runs"), 1);
      assert.equal(await count(shop.session, "ingest.corrections"), 0);
    });
  }
});

Deno.test("a row that is already fixed is refused, naming the run that fixed it", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await retry(shop, run.id, { file: `${HEADER}\n2,b,,2,1\n` });
  await assert.rejects(
    tryRetry(shop, run.id, { file: `${HEADER}\n4,d,,4,1\n2,b,,2,1\n` }),
    /line 3: run 2 has already fixed row 2\. .*ingest errors 1 --export/,
  );
});

Deno.test("once a retry is created, it no longer needs the edited file", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const made = await makeRetry(shop, run.id, { file: `${HEADER}\n4,d,,4,1\n` });
  await Deno.remove(`${shop.file}.fixed.csv`);
  await shop.drive(made);
  assert.deepEqual(await contents(shop), ["1=a", "3=c", "4=d"]);
});

Deno.test("a copy in UTF-8 that was made to read the file is removed afterwards", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  await retry(shop, run.id, { file: bytes(`${HEADER}\n2,stra\xdfe,,2,1\n`) });
  assert.ok((await contents(shop)).includes("2=straße"));
  await assert.rejects(tryRetry(shop, run.id, { file: bytes("id,stra\xdfe\n2,b\n") }), Refused);
  assert.deepEqual([...Deno.readDirSync(`${shop.file}.spool`)], []);
});

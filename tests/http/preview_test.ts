/** `POST /preview`: what a file would become, told without a run. Wrong files first. */
import assert from "node:assert/strict";
import { documentOf } from "./documented.ts";
import { connectRaw, FORM, RAW, uploadHead } from "./raw_connection.ts";
import type { PreviewReport } from "../../src/report/preview_schema.ts";
import { type Answer, type Serving, serving, type ServingOptions } from "./serving.ts";
import { assertNoTrace, assertRefused, type Content, filesIn, part, until } from "./uploading.ts";

const TABLES = `create table people (
  id int primary key, full_name text not null, joined date, amount numeric, note text default 'x')`;

const PEOPLE = `table: people
key: [id]
columns:
  id: { from: Nr, type: integer }
  full_name: { from: Name, transform: [upper] }
  joined: { from: Joined, type: date, format: dd.MM.yyyy }
  amount: { from: Amount, type: numeric, decimal: "," }
`;

const HEADER = "Nr;Name;Joined;Amount;Extra\n";

function previewing(options: ServingOptions = {}): Promise<Serving> {
  const importers = { people: PEOPLE, broken: "tabel: people\n" };
  return serving({ tables: TABLES, importers, ...options });
}

function previewOf(
  api: Serving,
  content: Content,
  path = "/preview/people",
  token?: string,
): Promise<Answer> {
  const body = new FormData();
  body.append("file", new Blob([content]), "people.csv");
  return api.ask(path, { method: "POST", body, ...token !== undefined && { token } });
}

async function shown(
  api: Serving,
  content: Content,
  path = "/preview/people",
): Promise<PreviewReport> {
  const { status, body } = await previewOf(api, content, path);
  assert.equal(status, 200, JSON.stringify(body));
  await assertNoTrace(api);
  return body.data;
}

Deno.test("what is no table is refused, with what it is, and nothing stays behind", async () => {
  await using api = await previewing();
  const bytes = (...values: readonly number[]) => new Uint8Array(values);
  const cases: readonly (readonly [Content, RegExp])[] = [
    ["", /people\.csv: the file is empty/],
    ["%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n", /PDF/],
    [bytes(0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0, 0, 0), /zip archive is incomplete/],
    [bytes(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /not text/],
    [new Uint8Array(5_000), /NUL bytes and no text/],
  ];
  for (const [content, why] of cases) {
    const answer = await previewOf(api, content);
    await assertRefused(api, answer, 422, "source", String(why));
    assert.match(answer.body.message, why);
    assert.doesNotMatch(answer.body.message, /--|ingest /);
  }
});

Deno.test("wrong requests are refused before anything is stored", async () => {
  await using api = await previewing({ maxUpload: 5_000 });
  const expect = async (path: string, status: number, code: string, field?: string) => {
    const answer = await previewOf(api, HEADER, path);
    await assertRefused(api, answer, status, code, path);
    if (field !== undefined) assert.deepEqual(Object.keys(answer.body.errors), [field], path);
    assert.doesNotMatch(JSON.stringify(answer.body), /--/);
  };
  await expect("/preview/none", 404, "unknown_importer");
  await expect("/preview/broken", 422, "definition");
  await expect("/preview", 422, "validation", "table");
  await expect("/preview?table=", 422, "validation", "table");
  await expect("/preview?table=a.b.c.d", 422, "validation", "table");
  await expect("/preview?table=ingest.runs", 422, "validation", "table");
  await expect("/preview?table=people&table=other", 422, "validation", "table");
  await expect("/preview?table=people&on_duplicate=update", 422, "validation", "on_duplicate");
  await expect("/preview?table=people&on_duplicate=nonsense", 422, "validation", "on_duplicate");
  await expect("/preview/people?table=people", 422, "validation", "table");
  await expect("/preview/people?delimiter=word", 422, "validation", "delimiter");
  await expect("/preview/people?delimiter=;&quote=;", 422, "validation", "quote");
  await expect("/preview/people?encoding=klingon", 422, "validation", "encoding");
  await expect("/preview/people?skip_lines=-1", 422, "validation", "skip_lines");
  await expect("/preview/people?skip_lines=1001", 422, "validation", "skip_lines");

  await assertRefused(api, await previewOf(api, "x".repeat(6_000)), 413, "too_large");
  const xml = { headers: { "content-type": "application/xml" }, body: "<x/>", method: "POST" };
  const answer = await api.ask("/preview/people", xml);
  await assertRefused(api, answer, 415, "unsupported_media_type");
});

Deno.test("an upload that breaks off is refused and leaves nothing behind", async () => {
  await using api = await previewing();
  const form = part('; name="file"; filename="p.csv"', HEADER);
  for (const [type, body] of [[RAW, HEADER], [FORM, form]]) {
    using connection = await connectRaw(api.port);
    const length = `Content-Length: ${body.length + 100}`;
    const head = uploadHead(api.port, type, length).replace("/upload/customers", "/preview/people");
    await connection.send(head + body);
    await until(api, () => filesIn(api.storage).length === 1, "the file begins");
    await connection.end();
    await until(api, () => filesIn(api.storage).length === 0, "the file is gone");
    await assertNoTrace(api, type);
  }
});

Deno.test("tokens see only the importers that they may use, and need the scope run", async () => {
  await using api = await previewing({ tokens: true });
  const status = async (token: string, path: string) => {
    const { status } = await previewOf(api, HEADER, path, token);
    await assertNoTrace(api, path);
    return status;
  };
  const limited = await api.token("run", { importers: ["others-*"] });
  assert.equal(await status(limited, "/preview/people"), 403);
  assert.equal(await status(limited, "/preview?table=people"), 403);
  const own = await api.token("run", { importers: ["people"] });
  assert.equal(await status(own, "/preview/people"), 200);
  // Its definition could be of any table.
  assert.equal(await status(own, "/preview?table=people"), 403);
  assert.equal(await status(await api.token("read"), "/preview/people"), 403);
  assert.equal(await status(await api.token("run"), "/preview?table=people"), 200);
});

Deno.test("what a run would be refused for is told, with the table's columns to choose from", async () => {
  await using api = await previewing();
  const missing = await shown(api, "id,joined\n1,2024-01-01\n", "/preview?table=people");
  assert.equal(missing.ok, false);
  assert.match(missing.problems.join("\n"), /no column for full_name, which people requires/);
  assert.equal(missing.mapping, null);
  assert.deepEqual(missing.table_columns, [
    { name: "id", type: "integer", required: true, has_default: false },
    { name: "full_name", type: "text", required: true, has_default: false },
    { name: "joined", type: "date", required: false, has_default: false },
    { name: "amount", type: "numeric", required: false, has_default: false },
    { name: "note", type: "text", required: false, has_default: true },
  ]);
  assert.deepEqual(missing.rows, [
    { row_number: 1, line: 2, cells: ["1", "2024-01-01"], values: null, errors: [] },
  ]);

  const absent = await shown(api, "a,b\n1,2\n", "/preview?table=nowhere");
  assert.deepEqual(absent.problems, ["There is no table nowhere in this database."]);
  assert.equal(absent.table_columns, null);

  const titled = await shown(api, `People of May\n${HEADER}1;A;;;\n`);
  assert.match(titled.problems[0], /line 2 has the names: load the file with `skip_lines=1`/);
  assert.equal((await shown(api, `x\n${HEADER}1;A;;;\n`, "/preview/people?skip_lines=1")).ok, true);

  const { session } = api.database;
  await session.execute("create view seen as select * from people; drop table people cascade");
  const gone = await shown(api, HEADER);
  assert.deepEqual(gone.problems, ["There is no table people in this database."]);
});

Deno.test("a preview says how a file is read, what fills what, and which cells are wrong", async () => {
  await using api = await previewing();
  const file = new Uint8Array([
    ...new TextEncoder().encode(HEADER),
    ...[..."1;Jürgen;15.07.2024;1,50;x\n2;;7/8/2024;abc;\n3;x\n"].map((letter) =>
      letter.charCodeAt(0)
    ),
  ]);
  const report = await shown(api, file);
  assert.equal(report.ok, true);
  assert.equal(report.file, "people.csv");
  assert.equal(report.only_beginning, false);
  assert.deepEqual(report.read_as, {
    ...{ encoding: "windows-1252", format: "csv", delimiter: ";", quote: '"' },
    ...{ line_end: "lf", first_line: 2, unpacked: null },
  });
  assert.deepEqual(report.mapping, [
    { column: "id", type: "integer", required: true, from: ["Nr"] },
    { column: "full_name", type: "text", required: true, from: ["Name"] },
    { column: "joined", type: "date", required: false, from: ["Joined"] },
    { column: "amount", type: "numeric", required: false, from: ["Amount"] },
  ]);
  assert.deepEqual([report.not_used, report.not_filled], [["Extra"], ["note"]]);
  const [good, bad, short] = report.rows;
  assert.deepEqual(good.cells, ["1", "Jürgen", "15.07.2024", "1,50", "x"]);
  assert.deepEqual(good.values, {
    ...{ id: "1", full_name: "JÜRGEN", joined: "2024-07-15", amount: "1.50" },
  });
  assert.deepEqual(
    bad.errors.map(({ column, from, code, value }) => [column, from, code, value]),
    [
      ["full_name", ["Name"], "required", ""],
      ["joined", ["Joined"], "type", "7/8/2024"],
      ["amount", ["Amount"], "type", "abc"],
    ],
  );
  assert.deepEqual([short.cells, short.values], [null, null]);
  assert.deepEqual([report.looked_at, report.failing], [3, 2]);
  assert.match(report.warnings.join("\n"), /name the encoding with `encoding`, or in the def/);
  assert.match(report.warnings.join("\n"), /would fit format: \[dd\.MM\.yyyy, /);
  assert.doesNotMatch(report.warnings.join("\n"), /--/);

  const told = await shown(api, file, "/preview/people?encoding=latin2&delimiter=%3B&quote=none");
  assert.deepEqual([told.read_as.encoding, told.read_as.quote], ["iso-8859-2", null]);

  const document = await documentOf(api);
  document.check("POST /api/v1/ingest/preview/{importer}", await previewOf(api, file));
  document.check(
    "POST /api/v1/ingest/preview",
    await previewOf(api, file, "/preview?table=people"),
  );
});

Deno.test("only a header, wide rows, long cells and NUL bytes are shown as they are", async () => {
  await using api = await previewing();
  const empty = await shown(api, HEADER);
  assert.deepEqual([empty.ok, empty.rows, empty.looked_at], [true, [], 0]);

  const names = Array.from({ length: 300 }, (_, column) => `column ${column}`);
  const { session } = api.database;
  await session.execute(`create table wide (${names.map((name) => `"${name}" text`).join(", ")})`);
  const values = names.map((_, column) => `v${column}`);
  const wide = `${names.join(",")}\n${`${values.join(",")}\n`.repeat(60)}`;
  const report = await shown(api, wide, "/preview?table=wide");
  assert.equal(report.mapping?.length, 300);
  assert.equal(report.rows.length, 50);
  assert.deepEqual(report.rows[49].cells, values);

  const long = "ü".repeat(10_000);
  const [row] = (await shown(api, `${HEADER}1;${long};;;\n`)).rows;
  assert.equal(row.cut, true);
  assert.equal(row.cells?.[1], "ü".repeat(1_000));
  assert.equal(row.values?.full_name, "Ü".repeat(1_000));

  const [nul] = (await shown(api, `${HEADER}1;a\0b;;;\n`)).rows;
  assert.deepEqual([nul.cells, nul.errors.map(({ code }) => code)], [null, ["encoding"]]);
});

Deno.test("of a file cut after a megabyte, what is cut doesn't count, wherever that is", async () => {
  await using api = await previewing();
  const filler = "ö ".repeat(500);
  const ends: number[] = [];
  let file = HEADER;
  while (file.length < 800_000) {
    const n = ends.length + 1;
    file += `${n};"Zoë; called ""Ü""\nof ${n} ${filler}";15.07.2024;1,5;x\n`;
    ends.push(new TextEncoder().encode(file).length);
  }
  const bytes = new TextEncoder().encode(file);
  assert.ok(bytes.length > 1_048_576 && ends.length < 1_000);
  const rowsIn = (size: number) => ends.filter((end) => end <= size).length;
  const whole = await shown(api, bytes);
  assert.equal(whole.only_beginning, true);
  assert.equal(whole.looked_at, rowsIn(1_048_576));
  const end = ends[rowsIn(1_000_000)];
  // One byte after the other: in the middle of a row, a quoted value, a line end, a character.
  for (let size = end - 10; size <= end + 10; size++) {
    const { looked_at, ...cut } = await shown(api, bytes.subarray(0, size));
    assert.deepEqual({ ...cut, looked_at: whole.looked_at }, whole, String(size));
    assert.equal(looked_at, rowsIn(size), String(size));
    assert.deepEqual([cut.failing, cut.warnings], [0, []], String(size));
  }
});

Deno.test("a cut file with few long rows, in UTF-16, or with a footer, has no wrong row", async () => {
  await using api = await previewing({
    importers: { people: `${PEOPLE}source: { skip_footer: 1 }\n` },
  });
  const rows = Array.from({ length: 30 }, (_, n) => `${n};${"ë".repeat(20_000)};;;\n`).join("");
  const text = HEADER + rows;
  const utf8 = new TextEncoder().encode(text).subarray(0, 1_048_576);
  const wide = new Uint8Array(
    new Uint16Array(
      [0xfeff, ...text].map((letter) => typeof letter === "number" ? letter : letter.charCodeAt(0)),
    ).buffer,
  ).subarray(0, 1_000_001);
  for (const [cut, encoding] of [[utf8, "utf-8"], [wide, "utf-16le"]] as const) {
    const report = await shown(api, cut);
    assert.equal(report.read_as.encoding, encoding);
    assert.equal(report.failing, 0, encoding);
    assert.ok((report.looked_at ?? 0) > 20, encoding);
  }
  const endless = await shown(api, `${HEADER}1;"${"never closed\n".repeat(90_000)}`);
  assert.deepEqual([endless.looked_at, endless.only_beginning], [0, true]);
  assert.match(endless.warnings.join("\n"), /first row doesn't end in the first megabyte/);
});

Deno.test("a table that somebody has locked is told as for uploads, and later requests wait less", async () => {
  await using api = await previewing();
  const { session } = api.database;
  await session.execute("begin; lock table people in access exclusive mode");
  for (let i = 0; i < 2; i++) {
    await assertRefused(api, await previewOf(api, HEADER), 503, "table_locked");
  }
  await session.execute("rollback");
  assert.equal((await shown(api, HEADER)).ok, true);
});

Deno.test("a view that can't be written to is told, without SQL", async () => {
  await using api = await previewing();
  await api.database.session.execute(
    "create view seen as select id, count(*) from people group by id",
  );
  const view = await shown(api, "id\n1\n", "/preview?table=seen");
  assert.equal(view.ok, false);
  assert.match(view.problems[0], /seen/);
  assert.doesNotMatch(view.problems.join(), /grant |--/);
});

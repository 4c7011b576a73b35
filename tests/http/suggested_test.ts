/** Suggestions that correct the rows of a run, and leave the definition as it is. */
import assert from "node:assert/strict";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { applySuggestions } from "../../src/run/request/suggest/apply.ts";
import { propose } from "../../src/run/request/suggest/suggest.ts";
import { sendJson } from "./customer_runs.ts";
import { load } from "./pages/browsing.ts";
import { type Serving, serving } from "./serving.ts";

interface Kind {
  readonly what: string;
  readonly table: string;
  readonly columns: string;
  readonly file: string;
  /** The suggestion that is taken: its column, and a part of what the definition would say. */
  readonly take: readonly [string | null, string];
  /** What is loaded then, beside what was loaded before. */
  readonly loaded: readonly string[];
}

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

const KINDS: readonly Kind[] = [
  {
    what: "a decimal comma",
    table: "id int primary key, v numeric",
    columns: "id: {}\n  v: { type: decimal }",
    file: `id;v\n${lines(4, (i) => `${i};1.00${i},50`)}\n9;9.25\n`,
    take: ["v", "decimal:"],
    loaded: ["0=1000.50", "1=1001.50", "2=1002.50", "3=1003.50", "9=9.25"],
  },
  {
    what: "a point where the definition wants a comma",
    table: "id int primary key, v numeric",
    columns: 'id: {}\n  v: { type: decimal, decimal: "," }',
    file: `id;v\n${lines(3, (i) => `${i};${i}.25`)}\n9;9,5\n`,
    take: ["v", "decimal:"],
    loaded: ["0=0.25", "1=1.25", "2=2.25", "9=9.5"],
  },
  {
    what: "dates, as the format of the definition has them",
    table: "id int primary key, v date",
    columns: "id: {}\n  v: { type: date, format: dd.MM.yy }",
    file: `id,v\n1,2026-03-04\n2,2026-12-31\n9,05.06.26\n`,
    take: ["v", "format:"],
    loaded: ["1=2026-03-04", "2=2026-12-31", "9=2026-06-05"],
  },
  {
    what: "dates, where the definition names no format",
    table: "id int primary key, v date",
    columns: "id: {}\n  v: {}",
    file: `id,v\n1,31/12/2026\n2,28/02/2025\n9,2026-01-02\n`,
    take: ["v", "dd/MM/yyyy"],
    loaded: ["1=2026-12-31", "2=2025-02-28", "9=2026-01-02"],
  },
  {
    what: "other words for the same",
    table: "id int primary key, v text",
    columns: "id: {}\n  v: { one_of: [red, green] }",
    file: "id,v\n1,RED\n2,Green \n3,GREEN\n9,red\n",
    take: ["v", "transform:"],
    loaded: ["1=red", "2=green", "3=green", "9=red"],
  },
  {
    what: "rows that are too short",
    table: "id int primary key, v text, w text",
    columns: "id: {}\n  v: {}\n  w: {}",
    file: `id,v,w\n1,a\n2,b\n3,"c ""x"""\n9,z,z\n`,
    take: [null, "short_rows"],
    loaded: ["1=a", "2=b", '3=c "x"', "9=z"],
  },
];

async function given({ table, columns, file }: Kind): Promise<{ api: Serving; run: number }> {
  const api = await serving({
    tables: `create table t (${table})`,
    importers: { people: `table: t\nkey: id\ncolumns:\n  ${columns}\n` },
  });
  return { api, run: await load(api, file) };
}

async function suggestion(api: Serving, run: number, [column, part]: Kind["take"]) {
  const { status, body } = await api.ask(`/${run}/suggestions`);
  assert.equal(status, 200, JSON.stringify(body));
  // deno-lint-ignore no-explicit-any -- as JSON
  const found = body.data.suggestions.find((each: any) =>
    each.column === column && each.definition.join("\n").includes(part)
  );
  assert.ok(found !== undefined, JSON.stringify(body.data));
  return found;
}

const contents = async ({ database }: Serving) =>
  (await database.session.query<{ row: string }>(
    "select id || '=' || v as row from t order by id",
  )).map(({ row }) => row);

for (const kind of KINDS) {
  Deno.test(`${kind.what}: the rows are corrected, retried, and the definition stays`, async () => {
    const { api, run } = await given(kind);
    await using _ = api;
    const { column, definition, cells } = await suggestion(api, run, kind.take);
    const fixed = kind.loaded.length - 1;
    assert.equal(cells.rows, fixed);
    const path = `/${run}/corrections/suggested`;
    const { status, body } = await api.ask(path, sendJson({ column, definition }));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.rows, fixed);
    assert.deepEqual(
      body.data.rows.map(({ errors }: { errors: unknown }) => errors),
      Array(fixed).fill(null),
    );
    // It is done.
    assert.equal((await suggestion(api, run, kind.take)).cells.rows, 0);
    assert.equal((await api.ask(path, sendJson({ column, definition }))).body.rows, 0);
    // And back again.
    const undone = await api.ask(path, sendJson({ column, definition, undo: true }));
    assert.equal(undone.body.rows, fixed);
    assert.deepEqual((await api.ask(`/${run}/corrections`)).body.data, []);
    assert.equal((await suggestion(api, run, kind.take)).cells.rows, fixed);
    await api.ask(path, sendJson({ column, definition }));
    const retried = await api.ask(`/${run}/retry`, sendJson({ corrected: true }));
    await api.drive(retried.body.data.id);
    assert.deepEqual(await contents(api), kind.loaded);
  });
}

Deno.test("what only the definition can say can't be corrected in the rows", async () => {
  await using api = await serving({
    tables: "create table t (id int primary key, v text)",
    importers: { people: "table: t\nkey: id\ncolumns: { id: {}, v: { max_length: 3 } }\n" },
  });
  const run = await load(api, "id,v\n1,long words\n2,longer words\n9,z\n");
  const { column, definition, cells } = await suggestion(api, run, ["v", "max_length"]);
  assert.equal(cells, null);
  const { status, body } = await api.ask(
    `/${run}/corrections/suggested`,
    sendJson({ column, definition }),
  );
  assert.equal(status, 409);
  assert.match(body.message, /no cell can say it, only the importer's definition/u);
});

Deno.test("what somebody has typed stays, and a suggestion that is gone is refused", async () => {
  const { api, run } = await given(KINDS[0]);
  await using _ = api;
  await api.ask(
    `/${run}/corrections`,
    sendJson({ corrections: [{ row_number: 2, column: "v", value: "77" }] }),
  );
  const { column, definition, cells } = await suggestion(api, run, KINDS[0].take);
  assert.equal(cells.rows, 3);
  assert.deepEqual(cells.example, { line: 2, before: "1.000,50", after: "1000.50" });
  const path = `/${run}/corrections/suggested`;
  assert.equal((await api.ask(path, sendJson({ column, definition }))).body.rows, 3);
  assert.equal((await api.ask(path, sendJson({ column, definition, undo: true }))).body.rows, 3);
  const { body: left } = await api.ask(`/${run}/corrections`);
  assert.deepEqual(left.data.map((row: { values: unknown }) => row.values), [{ v: "77" }]);
  const gone = await api.ask(path, sendJson({ column, definition: ["format: yyyy"] }));
  assert.equal(gone.status, 409);
  assert.match(gone.body.message, /no such suggestion any more/u);
});

Deno.test("where a column came from in one run stays out of the definition", async () => {
  await using api = await serving({
    tables: "create table t (id int primary key, amount numeric)",
    importers: { people: "table: t\nkey: id\n" },
  });
  const run = await load(api, "id;Betrag\n1;1,5\n2;2,5\n", {
    query: { mapping: JSON.stringify({ amount: "Betrag" }) },
  });
  const importers = { importersFolder: `${api.folder}/importers`, ownSchema: "ingest" };
  const known = await requireRun(api.ledger, run);
  const found = await propose(api.ledger, known, importers);
  assert.equal(found.report.together, 2);
  const asked = { ...importers, numbers: null };
  const { rows, after } = await applySuggestions(api.ledger, known, found, asked);
  assert.equal(rows, 2);
  assert.match(after, /amount: \{ from: amount, decimal: "," \}|from: amount\n\s+decimal: ","/u);
  assert.doesNotMatch(after, /Betrag/u);
});

Deno.test("a suggestion is written into the definition, where that is allowed", async () => {
  const importers = { people: "# of the bank\ntable: t\nkey: id\ncolumns: { id: {}, v: {} }\n" };
  const tables = "create table t (id int primary key, v numeric)";
  for (const savesDefinitions of [false, true]) {
    await using api = await serving({ tables, importers, savesDefinitions });
    const run = await load(api, "id;v\n1;1,5\n2;2,5\n9;3,5\n");
    const { column, definition } = await suggestion(api, run, ["v", "decimal"]);
    const path = `/${run}/suggestions/apply`;
    const { status, body } = await api.ask(path, sendJson({ column, definition }));
    const file = await Deno.readTextFile(`${api.folder}/importers/people.yaml`);
    if (!savesDefinitions) {
      assert.equal(`${status} ${body.code}`, "403 not_enabled");
      assert.equal(file, importers.people);
      continue;
    }
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.message, "Saved in people.yaml. 3 rows would be right now.");
    assert.match(file, /^# of the bank\n[^]*decimal: ","/u);
    const again = await api.ask(path, sendJson({ column, definition }));
    assert.equal(again.status, 409);
    assert.doesNotMatch(again.body.message, /ingest retry|\/importers\//u);
    const retried = await api.ask(`/${run}/retry`, { method: "POST" });
    await api.drive(retried.body.data.id);
    assert.deepEqual(await contents(api), ["1=1.5", "2=2.5", "9=3.5"]);
  }
});

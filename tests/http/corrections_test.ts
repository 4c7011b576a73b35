/** Corrections of failed rows: wrong ones first, then what becomes of the others. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { until } from "../support/until.ts";
import { cell, correct, correcting, FILE, loaded, pending } from "./correcting.ts";
import { outcome, sendJson } from "./customer_runs.ts";
import type { Serving } from "./serving.ts";

Deno.test("corrections that can't be used are refused by their place, and none is kept", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const good = cell(2, "E-Mail", "b@x.de");
  const refused = async (corrections: readonly object[], field: string, why: RegExp) => {
    const answer = await api.ask(`/${id}/corrections`, sendJson({ corrections }));
    assert.equal(outcome(answer), "422 validation", JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body.errors), [field]);
    assert.match(answer.body.message, why);
    assert.doesNotMatch(answer.body.message, /--|ingest /);
    assert.deepEqual(await pending(api, id), {}, field);
  };
  await refused([], "corrections", /expected a correction/);
  await refused([good, {}], "corrections.1.row_number", /expected/);
  await refused([good, { row_number: 3 }], "corrections.1", /expected column and value, or drop_s/);
  await refused([{ ...good, drop_surplus: true }], "corrections.0", /column and value, or drop_/);
  await refused([{ ...good, value: 3 }], "corrections.0.value", /expected string/);
  await refused([{ ...good, value: null }], "corrections.0.value", /expected string/);
  await refused([{ ...good, colum: "x" }], "corrections.0.colum", /no such field/);
  await refused([good, good], "corrections.1.row_number", /E-Mail of row 2 is given twice/);
  await refused(
    [good, cell(1, "Age", "1")],
    "corrections.1.row_number",
    /row 1 is none of the fail/,
  );
  await refused([cell(99, "Age", "1")], "corrections.0.row_number", /row 99 is none of the failed/);
  await refused(
    [cell(2, "Mail", "x")],
    "corrections.0.column",
    /no column "Mail"; did you mean "E-/,
  );
  await refused([cell(2, "email", "x")], "corrections.0.column", /did you mean "E-Mail"/);
  await refused([cell(2, "zzz", "x")], "corrections.0.column", /it has Nr, E-Mail, Team, Age/);
  await refused([cell(2, "__proto__", "x")], "corrections.0.column", /no column "__proto__"/);
  await refused([cell(2, "Team", "a\0b")], "corrections.0.value", /NUL/);
  await refused([cell(2, "Team", "a\ud800b")], "corrections.0.value", /half a character/);
  await refused([cell(2, "Team", "x".repeat(1_000_001))], "corrections.0.value", /1000001 char/);
  const many = Array.from({ length: 10_001 }, () => good);
  await refused(many, "corrections", /at most 10000 corrections: send the others/);

  const large = await api.ask(
    `/${id}/corrections`,
    sendJson({ corrections: [cell(2, "Team", "x".repeat(10_000_000))] }),
  );
  assert.equal(outcome(large), "413 too_large");
  assert.match(large.body.message, /larger than 8388608 bytes/);
  const nearly = await api.ask(
    `/${id}/corrections`,
    sendJson({ corrections: [cell(2, "Team", "x".repeat(8_300_000))] }),
  );
  assert.equal(outcome(nearly), "422 validation");
  const bare = await api.ask(`/${id}/corrections`, sendJson([good]));
  assert.equal(outcome(bare), "422 validation");

  const unquoted = await loaded(api, "Nr,E-Mail,Team,Age\n9,x,red,3\n", "unquoted");
  const delimiter = await correct(api, unquoted, [cell(1, "E-Mail", "a,b@x.de")]);
  assert.match(
    delimiter.body.message,
    /holds a delimiter or a line break.*\(source\.quote: none\)/,
  );
});

Deno.test("rows of some runs can't be corrected, and the answer says why", async () => {
  await using api = await correcting();
  const refused = async (id: number, expected: string, why: RegExp) => {
    for (
      const answer of [
        await correct(api, id, [cell(2, "E-Mail", "b@x.de")]),
        await api.ask(`/${id}/corrections`, { method: "DELETE" }),
        await api.ask(`/${id}/corrections/2`, { method: "DELETE" }),
        await api.ask(
          `/${id}/corrections/replace`,
          sendJson({ column: "Team", from: "", to: "x" }),
        ),
      ]
    ) {
      assert.equal(outcome(answer), expected, JSON.stringify(answer.body));
      assert.match(answer.body.message, why);
    }
  };
  await refused(999, "404 no_such_run", /no run 999/);
  await refused(
    await loaded(api, FILE, "players", "?dry_run=1"),
    "409 conflict",
    /dry run, whose f/,
  );
  const unlogged = await loaded(api, FILE.replace("1,a@", "10,a@"), "unlogged");
  await refused(unlogged, "409 conflict", /logs no rows/);
  const id = await loaded(api, FILE.replace("1,a@", "11,a@"));
  const { body } = await api.ask(`/${id}/retry`, { method: "POST" });
  await refused(
    id,
    "409 conflict",
    new RegExp(`run ${body.data.id} is pending. Wait until it has`),
  );
  await refused(body.data.id, "409 conflict", /it is pending/);
  await api.drive(body.data.id);
  assert.equal((await correct(api, body.data.id, [cell(2, "E-Mail", "b@x.de")])).status, 200);
  assert.deepEqual(await pending(api, id), { 2: { "E-Mail": "b@x.de" } });
  const undo = await api.ask(`/${id}/undo`, { method: "POST" });
  assert.equal(undo.status, 202, JSON.stringify(undo.body));
  await api.drive(undo.body.data.id);
  await refused(id, "409 conflict", /has taken it back/);
  await refused(undo.body.data.id, "409 conflict", /is an undo/);
});

Deno.test("rows that are fixed or waived can't be corrected", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  await correct(api, id, [cell(2, "E-Mail", "b@x.de")]);
  const { body } = await api.ask(`/${id}/retry`, { method: "POST" });
  await api.drive(body.data.id);
  await api.ask(`/${id}/waive`, sendJson({ rows: "4", reason: "a test" }));
  const answer = await correct(api, id, [cell(2, "Age", "5"), cell(4, "Age", "5")]);
  assert.deepEqual(answer.body.errors, {
    "corrections.0.row_number": [`row 2 is fixed: run ${body.data.id} has loaded it`],
    "corrections.1.row_number": ["row 4 is waived: take that back first"],
  });
});

Deno.test("corrected rows are tried at once, by the checks and by the database, and nothing stays", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const { status, body } = await correct(api, id, [
    cell(2, "E-Mail", "b@x.de"),
    cell(3, "Team", "gren"),
    cell(4, "Age", "old"),
    cell(5, "Age", "7"),
    cell(6, "Team", "blue"),
    { row_number: 7, drop_surplus: true },
  ]);
  assert.equal(status, 200);
  const { rows, ...counts } = body.data;
  assert.deepEqual(counts, { checked: true, right: 3, wrong: 3, notes: [] });
  const details = (row: number) =>
    rows.find((each: { row_number: number }) => each.row_number === row).errors?.details
      .map(({ code, column, source_column, value }: Record<string, unknown>) => [
        ...[code, column, source_column, value],
      ]) ?? null;
  assert.deepEqual(details(2), null);
  assert.deepEqual(details(3), [["foreign_key", "team", "Team", "gren"]]);
  assert.deepEqual(details(4), [["type", "age", "Age", "old"]]);
  assert.deepEqual(details(5), null);
  assert.deepEqual(details(6), [["duplicate", "id", "Nr", "1"]]);
  assert.deepEqual(details(7), null);
  // Two rows of a request may stand in each other's way.
  const again = await correct(api, id, [cell(6, "Nr", "8"), cell(7, "Nr", "8")]);
  assert.deepEqual([again.body.data.right, again.body.data.wrong], [1, 1]);

  const { session } = api.database;
  assert.deepEqual(await session.query("select id from players"), [{ id: 1 }]);
  assert.deepEqual(await session.query("select id from ingest.runs"), [{ id }]);
  const listed = (await api.ask(`/${id}/rows`)).body.data;
  const corrections = listed.map((row: { correction?: { values: object } }) =>
    row.correction?.values ?? null
  );
  assert.deepEqual(corrections, [
    { "E-Mail": "b@x.de" },
    { Team: "gren" },
    { Age: "old" },
    { Age: "7" },
    { Nr: "8", Team: "blue" },
    { Nr: "8" },
  ]);
  assert.deepEqual(
    listed.map((row: { correction: { drop_surplus: boolean; by: string } }) => [
      row.correction.drop_surplus,
      row.correction.by,
    ]),
    [...Array(5).fill([false, "local"]), [true, "local"]],
  );
});

Deno.test("a retry takes the corrections, and what it has loaded is no longer corrected", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  await correct(api, id, [
    cell(2, "E-Mail", '"b"@x.de'),
    cell(3, "Team", "gren"),
    { row_number: 7, drop_surplus: true },
  ]);
  await correct(api, id, [cell(2, "E-Mail", "b@x.de", '"b"@x.de')]);
  const { body } = await api.ask(`/${id}/retry`, { method: "POST" });
  assert.match(
    body.data.warnings.join("\n"),
    /^3 rows of upload\.csv are tried as they were corrected\. The file itself/m,
  );
  await api.drive(body.data.id);
  const rows = await api.database.session.query("select id, email from players order by id");
  assert.deepEqual(rows, [
    { id: 1, email: "a@x.de" },
    { id: 2, email: "b@x.de" },
    { id: 7, email: "g@x.de" },
  ]);
  assert.deepEqual(await pending(api, id), { 3: { Team: "gren" } });
  const [first, second] = (await api.ask(`/${id}/rows`)).body.data;
  assert.deepEqual([first.resolved_by_run_id, first.correction], [body.data.id, undefined]);
  assert.equal(second.correction.values.Team, "gren");
});

Deno.test("a retry tries only the rows that were corrected, if it is told to", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const retry = (body: object) => api.ask(`/${id}/retry`, sendJson(body));
  const nothing = await retry({ corrected: true });
  assert.equal(outcome(nothing), "400 nothing_to_retry");
  assert.match(nothing.body.message, /no failed row of run 1 that is meant is corrected/);
  assert.equal(outcome(await retry({ corrected: "yes" })), "422 validation");

  await correct(api, id, [
    cell(2, "E-Mail", "b@x.de"),
    cell(3, "Team", "gren"),
    cell(4, "Age", "1"),
  ]);
  await api.ask(`/${id}/waive`, sendJson({ rows: "4", reason: "a test" }));
  const none = await retry({ corrected: true, code: "malformed" });
  assert.equal(outcome(none), "400 nothing_to_retry");
  const { body } = await retry({ corrected: true });
  assert.deepEqual(body.data.only, { rows: 2, of: 6, errors: "corrections" });
  await api.drive(body.data.id);
  const { progress } = (await api.ask(`/${body.data.id}`)).body.data;
  assert.deepEqual([progress.processed, progress.created, progress.failed], [2, 1, 1]);
  const both = await retry({ corrected: true, code: "foreign_key" });
  assert.deepEqual(both.body.data.only, {
    ...{ rows: 1, of: 6, errors: "code foreign_key and corrections" },
  });
  await api.drive(both.body.data.id);
  await api.ask(`/${id}/corrections/3`, { method: "DELETE" });
  assert.match(
    (await retry({ corrected: true })).body.message,
    /2 failed .* have corrections|is corr/,
  );
});

Deno.test("who corrects a cell that somebody has corrected must say so", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const status = async (...args: Parameters<typeof correct>) => (await correct(...args)).status;
  assert.equal(await status(api, id, [cell(2, "E-Mail", "b@x.de")]), 200);
  // The same again changes nothing, and other cells of the row are nobody else's.
  assert.equal(await status(api, id, [cell(2, "E-Mail", "b@x.de"), cell(2, "Age", "9")]), 200);
  const refused = await correct(api, id, [cell(3, "Team", "red"), cell(2, "E-Mail", "c@x.de")]);
  assert.equal(outcome(refused), "409 conflict");
  assert.match(
    refused.body.message,
    /^Somebody has corrected E-Mail in row 2 meanwhile\. Nothing was/,
  );
  assert.deepEqual(refused.body.current, [{ row_number: 2, column: "E-Mail", value: "b@x.de" }]);
  assert.equal(await status(api, id, [cell(2, "E-Mail", "c@x.de", "b@")]), 409);
  assert.deepEqual(await pending(api, id), { 2: { "E-Mail": "b@x.de", Age: "9" } });
  assert.equal(await status(api, id, [cell(2, "E-Mail", "c@x.de", "b@x.de")]), 200);
  assert.equal(await status(api, id, [cell(2, "E-Mail", "d@x.de")], { overwrite: true }), 200);
  // Of a cell that nobody has corrected, the file's own value is expected.
  assert.equal(await status(api, id, [cell(3, "Team", "red", "blue")]), 409);
  assert.equal(await status(api, id, [cell(3, "Team", "red", "green")]), 200);
  assert.deepEqual(await pending(api, id), {
    2: { "E-Mail": "d@x.de", Age: "9" },
    3: { Team: "red" },
  });

  // Of several at once, one wins, and the others are told.
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, n) => correct(api, id, [cell(4, "Age", `${n}`, "-1")])),
  );
  const won = all.findIndex(({ status }) => status === 200);
  assert.deepEqual(
    all.map(outcome),
    all.map((_, n) => n === won ? "200" : "409 conflict"),
  );
  assert.deepEqual((await pending(api, id))[4], { Age: `${won}` });
});

Deno.test("whoever corrects a cell that somebody is just correcting waits, and is told", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const { session, config } = api.database;
  await using other = await Session.open(config);
  for (const row of [2, 3]) {
    await other.query(
      `begin; insert into ingest.corrections (run_id, row_number, cells, made_by)
       values (${id}, ${row}, '{"Team": "theirs"}', 'them')
       on conflict (run_id, row_number) do update set cells = excluded.cells`,
    );
    const answers = [
      correct(api, id, [cell(row, "Team", "mine")]),
      // Another cell of the row isn't theirs.
      correct(api, id, [cell(row, "Age", "9")]),
    ];
    const isWaiting = `(select count(*) = 2 from pg_locks where not granted)`;
    await until(session, isWaiting);
    await other.query("commit");
    const [team, age] = await Promise.all(answers);
    assert.equal(outcome(team), "409 conflict", JSON.stringify(team.body));
    assert.equal(team.body.current[0].value, "theirs");
    assert.equal(outcome(age), "200", JSON.stringify(age.body));
    assert.deepEqual((await pending(api, id))[row], { Team: "theirs", Age: "9" });
  }
});

Deno.test("corrections are taken back by cell, by row, by column, and all together", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const corrections = [
    ...[cell(2, "E-Mail", "b@x.de"), cell(2, "Age", "9"), cell(3, "Team", "red")],
    ...[cell(4, "Team", "red"), cell(4, "Age", "2"), {
      row_number: 7,
      drop_surplus: true as const,
    }],
  ];
  const remove = async (path: string) => {
    const { status, body } = await api.ask(`/${id}/corrections${path}`, { method: "DELETE" });
    return [status, body.rows, body.cells];
  };
  await correct(api, id, corrections);
  assert.deepEqual(await remove("/2?column=Age"), [200, 1, 1]);
  assert.deepEqual(await remove("/2?column=Age"), [200, 0, 0]);
  assert.deepEqual(await remove("/99"), [200, 0, 0]);
  assert.deepEqual(await remove("/7"), [200, 1, 1]);
  assert.deepEqual(await remove("?column=Team"), [200, 2, 2]);
  assert.deepEqual(await pending(api, id), { 2: { "E-Mail": "b@x.de" }, 4: { Age: "2" } });
  // The file's own value takes a correction back, too.
  assert.equal((await correct(api, id, [cell(4, "Age", "-1", "2")])).status, 200);
  assert.deepEqual(await remove(""), [200, 1, 1]);
  assert.deepEqual(await pending(api, id), {});
  assert.deepEqual(await api.database.session.query("select from ingest.corrections"), []);

  // After a retry, the next one has to take the file's bytes again.
  await correct(api, id, [cell(3, "Team", "gren")]);
  const { body } = await api.ask(`/${id}/retry`, { method: "POST" });
  await api.drive(body.data.id);
  assert.deepEqual(await remove("/3"), [200, 1, 1]);
  await api.database.session.execute("insert into teams values ('green')");
  const next = await api.ask(`/${body.data.id}/retry`, { method: "POST" });
  await api.drive(next.body.data.id);
  const [{ team }] = await api.database.session.query<{ team: string }>(
    "select team from players where id = 3",
  );
  assert.equal(team, "green");
});

Deno.test("pages of corrections follow one another, and the first says how many there are", async () => {
  await using api = await correcting();
  const rows = Array.from({ length: 25 }, (_, n) => `${n + 10},x,red,1\n`).join("");
  const id = await loaded(api, `Nr,E-Mail,Team,Age\n${rows}`);
  await correct(api, id, Array.from({ length: 25 }, (_, n) => cell(n + 1, "E-Mail", `m${n}@x.de`)));
  const seen: number[] = [];
  for (let cursor = "", page = 0;; page++) {
    const { body } = await api.ask(`/${id}/corrections?limit=10${cursor}`);
    assert.equal(body.meta.total, page === 0 ? 25 : null);
    seen.push(...body.data.map((row: { row_number: number }) => row.row_number));
    if (body.meta.next_cursor === null) break;
    cursor = `&cursor=${body.meta.next_cursor}`;
  }
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, n) => n + 1));
});

Deno.test("corrections are kept where they can't be tried, and the answer says why", async () => {
  await using api = await correcting();
  const id = await loaded(api);
  const note = async (corrections = [cell(2, "E-Mail", "b@x.de")]) => {
    const { status, body } = await correct(api, id, corrections);
    assert.equal(status, 200, JSON.stringify(body));
    const { checked, right, wrong, rows, notes } = body.data;
    assert.deepEqual([checked, right, wrong, rows], [false, null, null, []]);
    assert.deepEqual(await pending(api, id), { 2: { "E-Mail": "b@x.de" } });
    assert.ok(!notes[0].includes(api.folder), notes[0]);
    return notes.join("\n");
  };
  const file = `${api.folder}/importers/players.yaml`;
  const definition = await Deno.readTextFile(file);
  await Deno.remove(file);
  assert.match(await note(), /importer's definition is gone/);
  await Deno.writeTextFile(file, "tabel: players\n");
  assert.match(await note(), /^players\.yaml:1: tabel: unknown key/);
  await Deno.writeTextFile(file, definition.replace("from: Age", "from: Years, required: true"));
  assert.match(await note(), /no column "Years" for age/);
  await Deno.writeTextFile(file, definition);

  const { session } = api.database;
  await session.execute("begin; lock table players in access exclusive mode");
  assert.match(await note(), /locked by another session|could not be checked/);
  await session.execute("rollback; begin; insert into players values (2, 'a', 'red', 1)");
  assert.match(await note(), /could not be checked: somebody holds rows of the table/);
  await session.execute("rollback; drop table players");
  assert.match(await note(), /no table players/);
});

async function statusOf(api: Serving, token: string, path: string, init: RequestInit = {}) {
  return outcome(await api.ask(path, { ...init, token }));
}

Deno.test("who may only read sees corrections and makes none", async () => {
  await using api = await correcting({ tokens: true });
  const run = await api.token("run", { name: "ann" });
  const upload = await api.ask("/upload/players", {
    ...{ method: "POST", body: FILE, token: run },
    headers: { "content-type": "text/csv" },
  });
  const { id } = upload.body.data;
  await api.drive(id);
  const body = sendJson({ corrections: [cell(2, "E-Mail", "b@x.de")] });
  const read = await api.token("read");
  const other = await api.token("run", { importers: ["others"] });
  assert.equal(await statusOf(api, read, `/${id}/corrections`, body), "403 forbidden");
  assert.equal(await statusOf(api, other, `/${id}/corrections`, body), "404 no_such_run");
  assert.equal(await statusOf(api, run, `/${id}/corrections`, body), "200");
  assert.equal(await statusOf(api, read, `/${id}/corrections`), "200");
  const [row] = (await api.ask(`/${id}/corrections`, { token: read })).body.data;
  assert.deepEqual([row.by, row.before], ["ann", { "E-Mail": "b@" }]);
  assert.match(row.at, /^\d{4}-.*Z$/);
});

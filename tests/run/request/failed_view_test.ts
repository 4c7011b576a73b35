import assert from "node:assert/strict";
import { type PostgresError, Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { otherNames } from "../../../src/report/source_names.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { requestCancel } from "../../../src/ledger/runs/run_states.ts";
import { ChainBusy, holdChain } from "../../../src/ledger/runs/retries.ts";
import { settleIdle } from "../../../src/run/request/cancel.ts";
import {
  dropFailedView,
  makeFailedView,
  viewColumns,
  viewName,
} from "../../../src/run/request/failed_view.ts";
import { propose } from "../../../src/run/request/suggest/suggest.ts";
import { createUndo } from "../../../src/run/request/undo/undo.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { type Workshop, workshop } from "../importing.ts";
import { contents, makeRetry, retry, unresolved } from "../retrying.ts";

const ITEMS = "create table items (id int primary key, v text check (v not like 'bad%'))";
const DEFINITION = "table: items\ncolumns: { id: Number, v: The Value }\n";
/** Rows 2, 4 and 5 fail. */
const FILE = "Number,The Value\n1,a\n2,bad2\n3,c\nx4,bad4\n5,bad5\n";

async function failedRun(shop: Workshop, file: string | Uint8Array = FILE, yaml = DEFINITION) {
  return await shop.drive(await shop.create(yaml, file));
}

async function view(shop: Workshop, run: Run, ledger = shop.ledger) {
  const made = await makeFailedView(ledger, run, (root) => otherNames(ledger, root));
  assert.ok(made !== null);
  return made;
}

async function rows({ session }: Workshop, columns: string): Promise<unknown[]> {
  const found = await session.query<{ row: unknown[] }>(
    `select json_build_array(${columns}) as row from ingest.failed_test order by run_id, row_number`,
  );
  return found.map(({ row }) => row);
}

function update({ session }: Pick<Workshop, "session">, set: string, where: string) {
  return session.execute(`update ingest.failed_test set ${set} where ${where}`);
}

async function refusal(doing: Promise<unknown>): Promise<string> {
  let message = "";
  await assert.rejects(doing, (error: PostgresError) => {
    message = error.message;
    return true;
  });
  return message;
}

Deno.test("the view shows the failed rows, and a retry takes them as they were edited", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const made = await view(shop, run);
  assert.equal(made.view, "ingest.failed_test");
  assert.deepEqual(await rows(shop, 'row_number, line, reason, "Number", "The Value", corrected'), [
    [
      2,
      3,
      `The items table refuses this row: items_v_check. It wants: v NOT LIKE 'bad%'.`,
      "2",
      "bad2",
      false,
    ],
    [4, 5, "The Number field (id) must be a whole number.", "x4", "bad4", false],
    [
      5,
      6,
      `The items table refuses this row: items_v_check. It wants: v NOT LIKE 'bad%'.`,
      "5",
      "bad5",
      false,
    ],
  ]);
  assert.equal(await update(shop, `"The Value" = 'b'`, "run_id = 1 and row_number = 2"), 1);
  assert.equal(await update(shop, `"Number" = '4'`, "row_number = 4"), 1);
  assert.equal(await update(shop, `"The Value" = '  d, "é"'`, "row_number = 4"), 1);
  assert.equal(await update(shop, `"The Value" = 'y'`, "run_id = 9"), 0);
  assert.deepEqual(await rows(shop, 'row_number, "Number", "The Value", corrected'), [
    [2, "2", "b", true],
    [4, "4", '  d, "é"', true],
    [5, "5", "bad5", false],
  ]);
  const second = await retry(shop, run.id);
  assert.equal(second.status, "completed_with_errors");
  assert.deepEqual(await contents(shop), ["1=a", "2=b", "3=c", '4=d, "é"']);
  const report = await runReport(shop.ledger, second.id, { rows: 0 });
  assert.deepEqual(report.warnings, [
    "2 rows of data.csv are tried as they were corrected. The file itself is not changed.",
  ]);
  assert.deepEqual(report.changed_cells, [
    {
      column: "The Value",
      cells: 2,
      by_spreadsheet: 0,
      samples: [
        { line: 3, before: "bad2", after: "b" },
        { line: 5, before: "bad4", after: '  d, "é"' },
      ],
    },
    {
      column: "Number",
      cells: 1,
      by_spreadsheet: 0,
      samples: [{ line: 5, before: "x4", after: "4" }],
    },
  ]);
  assert.deepEqual(await rows(shop, "row_number"), [[5]]);
});

Deno.test("a row that fails again keeps its correction, with the new reason, until it is loaded", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await update(shop, `"Number" = 'four'`, "row_number = 4");
  await update(shop, `"Number" = '1'`, "row_number = 5");
  const second = await retry(shop, run.id);
  assert.deepEqual(await rows(shop, '"Number", "The Value", corrected'), [
    ["2", "bad2", false],
    ["four", "bad4", true],
    ["1", "bad5", true],
  ]);
  await update(shop, `"Number" = '4', "The Value" = 'd'`, "row_number = 4");
  // Back as it was: the retry of the retry must not try what the retry has tried.
  await update(shop, `"Number" = '5'`, "row_number = 5");
  assert.deepEqual(await rows(shop, "row_number, corrected"), [[2, false], [4, true], [5, false]]);
  const third = await retry(shop, second.id);
  assert.deepEqual(await contents(shop), ["1=a", "3=c", "4=d"]);
  const tried = await shop.session.query(
    "select convert_from(raw, 'utf8') as raw from ingest.rows where run_id = $1 order by row_number",
    [third.id],
  );
  assert.deepEqual(tried, [{ raw: "2,bad2" }, { raw: "5,bad5" }]);
  assert.equal(await unresolved(shop, run.id), 2);
});

Deno.test("what nobody edits keeps its bytes, and what is wrong with a row's form can be mended", async () => {
  await using shop = await workshop("create table wide (id int, a text, b text)");
  const file = new Uint8Array([
    ...new TextEncoder().encode('id,a,b\nx,"1 ""a"" ",M'),
    0xfc,
    ...new TextEncoder().encode('ller\n2,a\n3,a,b,c,d\n4,"open,b\n5,N\0,b\n'),
  ]);
  const run = await failedRun(shop, file, "table: wide\nsource: { encoding: utf-8 }\n");
  await view(shop, run);
  assert.deepEqual(await rows(shop, "id, a, b, surplus"), [
    ["x", '1 "a" ', "M\ufffdller", null],
    ["2", "a", null, null],
    ["3", "a", "b", "c, d"],
    ["4", '"open,b', null, null],
    ["5", "N\ufffd", "b", null],
  ]);
  await update(shop, "id = '1'", "row_number = 1");
  await update(shop, "b = 'new'", "row_number = 2");
  await update(shop, "surplus = null", "row_number = 3");
  await update(shop, "a = 'open', b = 'b'", "row_number = 4");
  await update(shop, "b = 'B'", "row_number = 5");
  await retry(shop, run.id);
  const raw = await shop.session.query<{ raw: string }>(
    "select encode(raw, 'escape') as raw from ingest.corrections where run_id = 2 order by row_number",
  );
  assert.deepEqual(raw.map((row) => row.raw), [
    '1,"1 ""a"" ",M\\374ller',
    "2,a,new",
    "3,a,b",
    "4,open,b",
    "5,N\\000,B",
  ]);
  const loaded = await shop.session.query("select id, a, b from wide order by id");
  assert.deepEqual(loaded, [
    { id: 2, a: "a", b: "new" },
    { id: 3, a: "a", b: "b" },
    { id: 4, a: "open", b: "b" },
  ]);
  await update(shop, "b = 'Müller'", "row_number = 1");
  await update(shop, "a = 'N'", "row_number = 5");
  assert.equal((await retry(shop, run.id)).status, "completed");
});

Deno.test("only cells of rows that still fail can be changed, and the message says what to do", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  const { session } = shop;
  for (
    const [statement, message] of [
      [
        "update ingest.failed_test set run_id = 2 where row_number = 4",
        /^Cannot change run_id of row 4 of run 1: only/,
      ],
      [
        "update ingest.failed_test set row_number = 2 where row_number = 4",
        /^Cannot change row_number/,
      ],
      ["update ingest.failed_test set reason = 'x' where row_number = 4", /^Cannot change reason/],
      [
        "update ingest.failed_test set corrected = true where row_number = 4",
        /^Cannot change corrected/,
      ],
      ["update ingest.failed_test set surplus = 'x' where row_number = 4", /set it to null/],
      [
        "delete from ingest.failed_test",
        /^Cannot delete from ingest\.failed_test: .* ingest retry 1$/,
      ],
      [
        "insert into ingest.failed_test (run_id) values (1)",
        /^Cannot insert into ingest\.failed_test: /,
      ],
    ] as const
  ) {
    assert.match(await refusal(session.execute(statement)), message, statement);
  }
  const active = await makeRetry(shop, run.id);
  assert.match(
    await refusal(update(shop, `"The Value" = 'x'`, "row_number = 2")),
    /^Cannot correct row 2 of run 1: run 2 is pending\. Wait until it has ended: ingest wait 2$/,
  );
  await shop.drive(active);
  assert.equal(await update(shop, `"The Value" = 'x'`, "row_number = 2"), 1);
  assert.deepEqual(await session.query("select count(*) as n from ingest.corrections"), [{ n: 1 }]);
});

Deno.test("a cell that the source can't hold is refused when it is written", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, FILE, `${DEFINITION}source: { quote: none }\n`);
  await view(shop, run);
  for (const value of ["a,b", "a\nb"]) {
    assert.match(
      await refusal(shop.session.execute(
        `update ingest.failed_test set "The Value" = '${value}' where row_number = 2`,
      )),
      /^Cannot correct "The Value" of row 2 of run 1: the value holds a delimiter or a line break/,
    );
  }
});

Deno.test("two people who edit one row at once both keep their cells", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await using other = await Session.open(shop.database.config, { applicationName: "other" });
  await shop.session.execute("begin");
  await update(shop, `"The Value" = 'd'`, "row_number = 4");
  const second = update({ session: other }, `"Number" = '4'`, "row_number = 4");
  await waitsFor(shop.database.admin, "other");
  await shop.session.execute("commit");
  assert.equal(await second, 1);
  assert.deepEqual(await rows(shop, '"Number", "The Value"'), [["2", "bad2"], ["4", "d"], [
    "5",
    "bad5",
  ]]);
});

Deno.test("a retry takes no correction that is not committed: it waits, and says for whom", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await using other = await Session.open(shop.database.config);
  await other.execute("begin");
  await update({ session: other }, `"The Value" = 'b'`, "row_number = 2");
  await assert.rejects(
    shop.ledger.transaction(() => holdChain(shop.ledger, run.id, 50)),
    (error) => error instanceof ChainBusy && /correcting its failed rows/.test(error.message),
  );
  await other.execute("commit");
  await retry(shop, run.id);
  assert.deepEqual(await contents(shop), ["1=a", "2=b", "3=c"]);
});

Deno.test("a retry is not resumed if rows that it has left were edited since", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await update(shop, `"The Value" = 'b'`, "row_number = 2");
  const second = await cancelled(shop, await makeRetry(shop, run.id));
  // What was edited before it began is no news.
  await reopenForResume(shop.ledger, second.id, null, undefined);
  await cancelled(shop, second);
  await update(shop, `"The Value" = 'c'`, "row_number = 2");
  await assert.rejects(
    reopenForResume(shop.ledger, second.id, null, undefined),
    /^Refused: Cannot resume run 2: 1 of its rows was corrected .* ingest retry 1$/,
  );
  await retry(shop, run.id);
  assert.deepEqual(await contents(shop), ["1=a", "2=c", "3=c"]);
});

Deno.test("a cancelled retry that is resumed loads each edited row once", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await update(shop, `"Number" = row_number::text, "The Value" = 'v' || row_number`, "true");
  const second = await cancelled(shop, await makeRetry(shop, run.id));
  const resumed = await reopenForResume(shop.ledger, second.id, null, undefined);
  assert.equal((await shop.drive(resumed)).status, "completed");
  assert.deepEqual(await contents(shop), ["1=a", "2=v2", "3=c", "4=v4", "5=v5"]);
});

Deno.test("an edited file wins over the view, and the retry says so", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await view(shop, run);
  await update(shop, `"The Value" = 'view'`, "row_number in (2, 5)");
  const file = "Number,The Value,_row_number,_run_id\n2,file,2,1\n";
  const second = await retry(shop, run.id, { file });
  assert.deepEqual(await contents(shop), ["1=a", "2=file", "3=c"]);
  assert.match(
    second.warnings.join(),
    /1 row was also corrected in ingest: this retry takes them from/,
  );
  await retry(shop, run.id);
  assert.deepEqual(await contents(shop), ["1=a", "2=file", "3=c", "5=view"]);
});

Deno.test("edited rows that now share a key are applied in order", async () => {
  await using shop = await workshop(ITEMS);
  const yaml = `${DEFINITION}key: id\non_duplicate: update\n`;
  const run = await failedRun(shop, FILE, yaml);
  await view(shop, run);
  await update(shop, `"Number" = '7', "The Value" = 'v' || row_number`, "true");
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.deepEqual(await contents(shop), ["1=a", "3=c", "7=v5"]);
});

Deno.test("runs of the importer with the same columns share the view; others take it over", async () => {
  await using shop = await workshop(ITEMS);
  const first = await failedRun(shop);
  await failedRun(shop, FILE);
  const third = await failedRun(shop, FILE.replace("Number,", "number,"));
  const made = await view(shop, first);
  assert.deepEqual(made.shown.map(({ id }) => id), [2, 1]);
  assert.deepEqual(made.elsewhere.map(({ id }) => id), [3]);
  const { session } = shop;
  const role = `grid_${crypto.randomUUID().slice(0, 8)}`;
  await session.query(`create role ${role}; grant usage on schema ingest to ${role};
    grant select, update on ingest.failed_test to ${role}`);
  try {
    await view(shop, third);
    assert.deepEqual(
      (await rows(shop, 'run_id, row_number, "number"')).filter((row) => String(row).includes("x")),
      [[3, 4, "x4"]],
    );
    // Whoever may update the view needs no other privilege, and keeps it.
    await session.query(`set role ${role}`);
    await update(shop, `"The Value" = 'b'`, "row_number = 2");
    await session.query("reset role");
    const made = await session.query("select made_by from ingest.corrections");
    assert.deepEqual(made, [{ made_by: role }]);
  } finally {
    await session.query(`reset role; drop owned by ${role}; drop role ${role}`);
  }
  assert.deepEqual(await dropFailedView(shop.ledger, first), {
    view: "ingest.failed_test",
    dropped: true,
  });
  assert.deepEqual(await dropFailedView(shop.ledger, first), {
    view: "ingest.failed_test",
    dropped: false,
  });
});

Deno.test("a role that may not make views is told what its owner can do", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const role = `loader_${crypto.randomUUID().slice(0, 8)}`;
  await shop.session.query(`create role ${role} login password 'secret';
    grant usage on schema ingest to ${role};
    grant select, insert, update, delete on all tables in schema ingest to ${role}`);
  try {
    await using session = await Session.open({
      ...shop.database.config,
      user: role,
      password: "secret",
    });
    const ledger = new Ledger(session, "ingest");
    await assert.rejects(view(shop, run, ledger), {
      name: "Refused",
      message:
        `Cannot make or drop ingest.failed_test: the role ${role} may not (permission denied ` +
        "for schema ingest). The owner can do it (ingest view 1), or allow it: " +
        `grant create on schema "ingest" to ${role};`,
    });
    await view(shop, run);
    await assert.rejects(
      dropFailedView(ledger, run),
      /alter view ingest\.failed_test owner to loader_/,
    );
  } finally {
    await shop.session.query(`drop owned by ${role}; drop role ${role}`);
  }
});

Deno.test("dry runs, runs that log no rows and runs without failed rows get no view", async () => {
  await using shop = await workshop(ITEMS);
  const dry = await shop.drive(await shop.create(DEFINITION, FILE, { dryRun: true }));
  await assert.rejects(view(shop, dry), /Cannot make a view of run 1: it was a dry run/);
  const silent = await failedRun(shop, FILE, `${DEFINITION}options: { log_rows: none }\n`);
  await assert.rejects(view(shop, silent), /Cannot make a view of run 2: it logs no rows/);
  const good = await failedRun(shop, "Number,The Value\n9,a\n");
  assert.equal(await makeFailedView(shop.ledger, good, () => Promise.resolve({})), null);
});

Deno.test("a retry's view is that of the run it retries, and deleting the run leaves the view empty", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const second = await retry(shop, run.id);
  const made = await view(shop, second);
  assert.equal(made.run.id, run.id);
  await update(shop, `"The Value" = 'b'`, "run_id = 1 and row_number = 2");
  await retry(shop, second.id);
  assert.deepEqual(await contents(shop), ["1=a", "2=b", "3=c"]);
  await shop.session.execute("delete from ingest.runs where parent_id is not null");
  await shop.session.execute("delete from ingest.runs");
  assert.deepEqual(await rows(shop, "run_id"), []);
});

Deno.test("a run that was taken back has neither a view nor suggestions", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const undo = await createUndo(shop.ledger, { id: run.id, user: null, dryRun: false });
  const importers = { importersFolder: shop.file, ownSchema: "ingest" };
  await shop.drive(undo);
  for (const one of [run, undo]) {
    const now = await requireRun(shop.ledger, one.id);
    await assert.rejects(
      view(shop, now),
      new RegExp(`^Refused: Cannot make a view of run ${one.id}: `),
    );
    await assert.rejects(
      propose(shop.ledger, now, importers),
      new RegExp(`^Refused: Cannot suggest anything for run ${one.id}: `),
    );
  }
});

Deno.test("something else with the view's name is left alone", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute("create view ingest.failed_test as select 1 as one");
  for (const doing of [() => view(shop, run), () => dropFailedView(shop.ledger, run)]) {
    await assert.rejects(
      doing,
      /Cannot make or drop ingest\.failed_test: something else has this name/,
    );
  }
});

Deno.test("names that Postgres would cut or that the view needs itself become others", () => {
  assert.equal(viewName("customers"), "failed_customers");
  const long = viewName("c".repeat(80));
  assert.match(long, /^failed_c{47}_[0-9a-f]{8}$/);
  assert.notEqual(long, viewName("c".repeat(81)));
  const header = ["run_id", "run_id_2", "reason", "é".repeat(40), "é".repeat(41), "E-Mail", 'a"b'];
  const names = viewColumns(header).map(({ name }) => name);
  assert.deepEqual(names, [
    "run_id_3",
    "run_id_2",
    "reason_2",
    "é".repeat(31),
    `${"é".repeat(30)}_2`,
    "E-Mail",
    'a"b',
  ]);
  const wide = viewColumns(Array.from({ length: 2000 }, (_, i) => `c${i}`));
  assert.equal(wide.length, 1594);
});

Deno.test("odd names, and as many columns as a view can have, are shown and can be edited", async () => {
  await using shop = await workshop("create table odd (id int, note text)");
  const more = Array.from({ length: 1700 }, (_, i) => `c${i}`);
  const header = ["run_id", 'it\'s "quoted" \\ é', "x".repeat(70), ...more];
  const line = ["x", "note", ...header.slice(2).map(() => "")].join(",");
  const names = header.map((name) => `"${name.replaceAll('"', '""')}"`);
  const file = `${names.join(",")}\n${line}\n`;
  const yaml = "table: odd\ncolumns: { id: run_id, note: 'it''s \"quoted\" \\ é' }\n";
  const run = await failedRun(shop, file, yaml);
  const made = await view(shop, run);
  assert.equal(made.missing, 1703 - 1594);
  await update(shop, `run_id_2 = '5', "it's ""quoted"" \\ é" = 'edited'`, "row_number = 1");
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.deepEqual(await shop.session.query("select * from odd"), [{ id: 5, note: "edited" }]);
});

async function cancelled(shop: Workshop, run: Run): Promise<Run> {
  await requestCancel(shop.ledger, run.id, "tester");
  await settleIdle(shop.ledger, await requireRun(shop.ledger, run.id));
  const now = await requireRun(shop.ledger, run.id);
  assert.equal(now.status, "cancelled");
  return now;
}

/** Waits until the session waits for a lock. */
async function waitsFor(admin: Session, application: string): Promise<void> {
  for (;;) {
    const [{ n }] = await admin.query<{ n: number }>(
      "select count(*) as n from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'",
      [application],
    );
    if (n > 0) return;
  }
}

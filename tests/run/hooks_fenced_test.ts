/** What hooks do wrong reaches their batch and no further. */
import assert from "node:assert/strict";
import { DefinitionError } from "../../src/importer/definition_errors.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { Refused } from "../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { createUndo } from "../../src/run/request/undo/undo.ts";
import { verifyRun } from "../../src/run/verify/verify_run.ts";
import { hooking } from "./hooking.ts";

const NUMBERS = "create table t (n int, word text); create table log (n int unique)";
const definition = (options = "") =>
  `table: t\noptions: {batch_rows: 2, hook_timeout: 2s${options}}\n`;
const FILE = "n,word\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n";

Deno.test("a hook that never ends, or ends its process, fails its batch; the others are loaded, and a retry with mended hooks loads the rest", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition(),
    `import fs from "node:fs";
    export default () => ({
      beforeRow(row, { number }) {
        if (number === 3) for (;;);
        if (number === 6) return new Promise(() => {});
        if (number === 11) {
          Promise.reject(new Error("late"));
          return new Promise(() => {});
        }
        if (number === 13) fs.writeSync(1, "hello\\n");
        // Nothing else in the batch takes any time.
        if (number === 16) Promise.reject(new Error("nobody"));
        console.log(number);
      },
    })`,
  );
  const file = `n,word\n${Array.from({ length: 16 }, (_, index) => `${index + 1},x`).join("\n")}\n`;
  const run = await hooks.run(file);
  assert.equal(run.status, "completed_with_errors");
  const twice = (row: number, message: string) => [`${row} ${message}`, `${row + 1} ${message}`];
  assert.deepEqual(await hooks.failures(run), [
    ...twice(3, "hook_timeout - beforeRow did not return within 2 s."),
    ...twice(5, "hook_timeout - beforeRow did not return within 2 s."),
    ...twice(11, "hook - Something that no hook waits for went wrong: late"),
    ...twice(13, "hook - A hook wrote to the standard output, which it can't."),
    ...twice(15, "hook - Something that no hook waits for went wrong: nobody"),
  ]);
  const loaded = [1, 2, 7, 8, 9, 10].map((n) => ({ n }));
  assert.deepEqual(await hooks.query("select n from t order by n"), loaded);
  const [{ hint }] = await hooks.query(
    "select errors->'details'->0->>'hint' as hint from ingest.rows where row_number = 5",
  ) as { hint: string }[];
  assert.equal(hint, "It was called for row 6.");
  await hooks.write(
    definition(),
    "export default () => ({ beforeRow(row) { row.word = 'mended'; } })",
  );
  const { run: retry, notes } = await hooks.retry(run);
  assert.equal(retry.status, "completed");
  assert.deepEqual(notes, [
    "t.hooks.js has changed since: the rows are tried with the hooks as they are now.",
  ]);
  assert.deepEqual(await hooks.query("select word, count(*) from t group by 1 order by 1"), [
    { word: "mended", count: 10 },
    { word: "x", count: 6 },
  ]);
});

Deno.test("a hook that takes memory without end fails its batch", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition().replace("2s", "5m"),
    `const all = [];
    export default () => ({
      beforeRow(row, { number }) {
        while (number === 3) all.push(new Uint8Array(40_000_000).fill(1));
      },
    })`,
  );
  const run = await hooks.run(FILE);
  const message = "hook - beforeRow took more than 592 MB of memory.";
  assert.deepEqual(await hooks.failures(run), [`3 ${message}`, `4 ${message}`]);
  const loaded = [1, 2, 5, 6].map((n) => ({ n }));
  assert.deepEqual(await hooks.query("select n from t order by n"), loaded);
});

Deno.test("what a hook may not do is its row's error: to exit, to read the environment, to reach the network, to write, to start programs, to end its thread, to answer for it", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition(", batch_rows: 100").replace("batch_rows: 2, ", ""),
    `import process from "node:process";
    const doing = [
      () => Deno.exit(3),
      () => process.exit(4),
      () => Deno.env.get("HOME"),
      () => fetch("http://127.0.0.1:8123/"),
      () => Deno.writeTextFileSync("x", ""),
      () => new Deno.Command("ls").outputSync(),
      () => postMessage(JSON.stringify({ type: "rows", id: 1, done: {} })),
      () => self.close(),
      () => { throw null; },
    ];
    export default () => ({ beforeRow: (row, { number }) => { return doing[number - 1]().then?.(() => {}); } })`,
  );
  const failures = await hooks.failures(await hooks.run(`${FILE}7,g\n8,h\n9,i\n`));
  const expected = [
    /^1 hook - Deno.exit: hooks can't end the program/,
    /^2 hook - process.exit: hooks can't end the program/,
    /^3 hook - Requires env access to "HOME", which hooks don't have$/,
    /^4 hook - Requires net access to "127.0.0.1:8123", which hooks don't have$/,
    /^5 hook - Requires write access to ".*", which hooks don't have$/,
    /^6 hook - Requires run access to "ls", which hooks don't have$/,
    /^7 hook - postMessage: there is nobody/,
    /^8 hook - close: hooks can't end the program/,
    /^9 hook - beforeRow threw an error without a message\.$/,
  ];
  assert.equal(failures.length, expected.length, failures.join("\n"));
  for (const [index, form] of expected.entries()) assert.match(failures[index], form);
});

Deno.test("when afterBatch fails, its batch's rows and what it wrote are rolled back, and they fail", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition(),
    `export default () => ({
      async afterBatch({ rows, numbers, sql }) {
        await sql\`insert into log select unnest(\${numbers}::int[])\`;
        if (numbers[0] === 1) throw new Error("Not these.");
        if (numbers[0] === 3) await sql("insert into log values ($1)", [3]).catch(() => {});
        if (numbers[0] === 5) await sql("commit");
        if (numbers[0] === 7) await sql("select 1; commit");
        if (numbers[0] === 9) await new Promise(() => {});
        if (numbers[0] === 11) for (;;);
        if (numbers[0] === 15) await sql("insert into log values ($1), ($2)", [15]);
      },
    })`,
  );
  const rows = Array.from({ length: 16 }, (_, index) => `${index + 1},x`);
  const dry = await hooks.run(`n,word\n${rows.join("\n")}\n`, true);
  const run = await hooks.run(`n,word\n${rows.join("\n")}\n`);
  const twice = (row: number, message: string) => [`${row} ${message}`, `${row + 1} ${message}`];
  const expected = [
    ...twice(1, "hook - afterBatch: Not these."),
    ...twice(
      3,
      'hook - afterBatch: duplicate key value violates unique constraint "log_n_key" (SQLSTATE 23505)',
    ),
    ...twice(
      5,
      "hook - afterBatch: sql can't execute COMMIT; expected one statement of select, insert, update, delete, merge, with, values, call",
    ),
    ...twice(7, "hook - afterBatch: sql executes one statement at a time"),
    ...twice(9, "hook_timeout - afterBatch did not return within 2 s."),
    ...twice(11, "hook_timeout - afterBatch did not return within 2 s."),
    ...twice(
      15,
      'hook - afterBatch: bind message supplies 1 parameters, but prepared statement "" requires 2 (SQLSTATE 08P01)',
    ),
  ];
  assert.deepEqual(await hooks.failures(dry), expected);
  assert.deepEqual(await hooks.failures(run), expected);
  const numbers = [{ n: 13 }, { n: 14 }];
  assert.deepEqual(await hooks.query("select n from t order by n"), numbers);
  assert.deepEqual(await hooks.query("select n from log order by n"), numbers);
});

Deno.test("a run whose hooks can't be loaded is refused before it is created", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(definition(), "throw new Error('not today')");
  await assert.rejects(hooks.create(FILE), (error) => {
    assert.ok(error instanceof DefinitionError, String(error));
    assert.match(error.message, /t\.yaml:1: hooks: t\.hooks\.js can't be loaded: not today$/);
    return true;
  });
  assert.deepEqual(await hooks.query("select id from ingest.runs"), []);
});

Deno.test("a run whose hooks file has changed fails rather than mix two of them, until it is put back", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition(),
    'import { word } from "./words.js";\nexport default () => ({ beforeRow(row) { row.word = word; } });',
  ).catch(() => {});
  await Deno.writeTextFile(`${hooks.folder}/words.js`, 'export const word = "first";');
  const run = await hooks.create(FILE);
  const { ledger } = hooks.shop;
  await Deno.writeTextFile(`${hooks.folder}/words.js`, 'export const word = "second";');
  const failed = await hooks.drive(run);
  assert.equal(failed.status, "failed");
  assert.deepEqual(failed.error?.code, "hooks");
  assert.match(
    failed.error?.message ?? "",
    new RegExp(
      `^t\\.hooks\\.js on ${Deno.hostname()} is not what it was when the run began\\. Put it back`,
    ),
  );
  await assert.rejects(reopenForResume(ledger, run.id, null, undefined), (error) => {
    assert.ok(error instanceof Refused);
    assert.match(error.message, /its hooks file t\.hooks\.js has changed since the run began/);
    return true;
  });
  await Deno.remove(`${hooks.folder}/t.hooks.js`);
  await assert.rejects(reopenForResume(ledger, run.id, null, undefined), /is not there/);
  await hooks.write(
    definition(),
    'import { word } from "./words.js";\nexport default () => ({ beforeRow(row) { row.word = word; } });',
  );
  await Deno.writeTextFile(`${hooks.folder}/words.js`, 'export const word = "first";');
  await reopenForResume(ledger, run.id, null, undefined);
  const done = await hooks.drive(await requireRun(ledger, run.id));
  assert.equal(done.status, "completed");
  assert.deepEqual(await hooks.query("select word, count(*) from t group by 1"), [
    { word: "first", count: 6 },
  ]);
});

Deno.test("where a machine that works on a run doesn't have its hooks file, the failure says which machine", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(definition(), "export default () => ({ beforeRow() {} });");
  const run = await hooks.create(FILE);
  await Deno.remove(`${hooks.folder}/t.hooks.js`);
  const failed = await hooks.drive(run);
  assert.deepEqual([failed.status, failed.error?.code], ["failed", "hooks"]);
  assert.ok(failed.error?.message.includes(`gone or can't be read on ${Deno.hostname()}.`));
  assert.deepEqual(await hooks.query("select from t"), []);
});

Deno.test("verify calls the hooks once more; undo takes back what they made, but not after an afterBatch", async () => {
  await using hooks = await hooking("create table t (n int primary key, word text)");
  const { ledger, session } = hooks.shop;
  await hooks.write(
    "table: t\nkey: n\n",
    "export default () => ({ beforeRow(row) { row.word += '!'; } })",
  );
  const run = await hooks.run(FILE);
  const found = await verifyRun(ledger, run.id, { config: hooks.shop.database.config, workers: 2 });
  assert.equal(found.differs, false, JSON.stringify(found));
  await session.query("update t set word = 'x' where n = 1");
  assert.equal(
    (await verifyRun(ledger, run.id, { config: hooks.shop.database.config, workers: 2 })).differs,
    true,
  );
  const undo = await createUndo(ledger, { id: run.id, user: null, dryRun: false });
  await hooks.drive(undo);
  assert.deepEqual(await hooks.query("select * from t"), [{ n: 1, word: "x" }]);
  await hooks.write("table: t\nkey: n\n", "export default () => ({ afterBatch() {} })");
  const other = await hooks.run(FILE);
  await assert.rejects(
    createUndo(ledger, { id: other.id, user: null, dryRun: false }),
    /its hooks have an afterBatch \(t\.hooks\.js\)/,
  );
});

Deno.test("where a row takes its batch with it, so does one that a hook refuses, with what afterBatch wrote", async () => {
  await using hooks = await hooking(NUMBERS);
  await hooks.write(
    definition(", transaction: atomic"),
    `export default () => ({
      beforeRow(row, { number }) { if (number === 3) throw new Error("Three."); },
      async afterBatch({ numbers, sql }) {
        await sql\`insert into log select unnest(\${numbers}::int[])\`;
      },
    })`,
  );
  const expected = [
    "3 hook - Three.",
    "4 batch_rolled_back - Another row of the batch failed, so none of it was loaded.",
  ];
  assert.deepEqual(await hooks.failures(await hooks.run(FILE, true)), expected);
  assert.deepEqual(await hooks.failures(await hooks.run(FILE)), expected);
  const numbers = [1, 2, 5, 6].map((n) => ({ n }));
  assert.deepEqual(await hooks.query("select n from t order by n"), numbers);
  assert.deepEqual(await hooks.query("select n from log order by n"), numbers);
});

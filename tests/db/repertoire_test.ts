/** Databases whose encoding isn't UTF-8. */
import assert from "node:assert/strict";
import { migrate } from "../../src/db/migrate.ts";
import { readMigrations } from "../../src/db/migrations.ts";
import { heldBy, repertoireOf } from "../../src/db/repertoire.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { errorSummary } from "../../src/report/error_summary.ts";
import { runReport } from "../../src/report/run_report.ts";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { createRetry } from "../../src/run/request/retry/retry.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { driveRun } from "../../src/run/work/drive.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("whatever a database can't hold is escaped, and comes back as it was", () => {
  for (const encoding of ["LATIN1", "WIN1252", "EUC_JP", "KOI8R"]) {
    const { escape, unescape } = repertoireOf(encoding)!;
    for (
      const text of ["a", "Größe €", "😀日本", "<U+20AC>", "<U+003C>U+20AC>", "<U+>", "<<U+0041>"]
    ) {
      assert.equal(unescape(escape(text)), text, encoding);
    }
    assert.ok(!escape("😀日本").match(/[^\0-\x7f]/));
  }
  assert.equal(repertoireOf("LATIN1")!.escape("ü€"), "ü<U+20AC>");
  assert.equal(repertoireOf("UTF8"), null);
});

const SINGLE_BYTE = [
  ...["LATIN1", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9"],
  ...["LATIN10", "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "KOI8R", "KOI8U"],
  ...["WIN866", "WIN874", "WIN1250", "WIN1251", "WIN1252", "WIN1253", "WIN1254", "WIN1255"],
  ...["WIN1256", "WIN1257", "WIN1258"],
];

Deno.test("Postgres agrees about each character that an encoding is said to have", async () => {
  await using db = await testDatabase();
  for (const encoding of SINGLE_BYTE) {
    const held = [...heldBy(encoding)].join("");
    assert.ok(held.length > 40, encoding);
    await db.session.query("select convert(convert_to($1, 'UTF8'), 'UTF8', $2)", [held, encoding]);
  }
});

Deno.test("migrations are ASCII from the fifth on; before, only comments are not", async () => {
  for (const { number, sql } of await readMigrations()) {
    for (const line of sql.split("\n")) {
      const statement = number < 5 ? line.replace(/--.*/, "") : line;
      assert.doesNotMatch(statement, /[^\0-\x7f]/);
    }
  }
});

/** The test's database is UTF-8. This one is another on the same server. */
async function databaseIn(encoding: string): Promise<AsyncDisposable & { config: DatabaseConfig }> {
  const db = await testDatabase();
  const name = `${db.config.database}_${encoding.toLowerCase()}`;
  await db.admin.execute(
    `create database ${name} encoding '${encoding}' template template0 locale 'C'`,
  );
  return {
    config: { ...db.config, database: name },
    [Symbol.asyncDispose]: async () => {
      await db.admin.execute(`drop database ${name} with (force)`);
      await db[Symbol.asyncDispose]();
    },
  };
}

for (const encoding of ["LATIN1", "EUC_JP", "SQL_ASCII"]) {
  Deno.test(`a database in ${encoding} takes what it can, and its ledger everything`, async () => {
    await using db = await databaseIn(encoding);
    await using session = await Session.open(db.config);
    await migrate(session, "ingest");
    await session.execute("create table t (id int primary key, name text, n int check (n > 0))");
    const ledger = new Ledger(session, "ingest");
    const folder = await Deno.makeTempDir({ prefix: "ingest-encoding-" });
    try {
      const parsed = parseDefinition(
        "table: t\ncolumns: { id: id, name: Größe €, n: { from: n, message: '😀' } }",
        "test.yaml",
      );
      assert.ok("definition" in parsed);
      const { definition } = parsed;
      const file = `${folder}/日本 €.csv`;
      await Deno.writeTextFile(file, "id,Größe €,n\n1,a,1\n2,日本 €,-1\n3,b,x\n4,c,4\n");
      const spoolFolder = `${folder}/spool`;
      const { run } = await createRunFor((work) => work(ledger), {
        ...{ definition, file, spoolFolder, user: "Łukasz", detach: false, dryRun: false },
      });
      assert.deepEqual(run.definition, definition);
      assert.equal(run.original_filename, "日本 €.csv");
      assert.deepEqual(run.header, ["id", "Größe €", "n"]);
      const drive = (id: number) =>
        driveRun({ config: db.config, schemaName: "ingest", runId: id, workers: 1 });
      assert.equal((await drive(run.id)).status, "completed_with_errors");
      assert.deepEqual(await session.query("select id from t order by id"), [{ id: 1 }, { id: 4 }]);
      const { rows, user_id } = await runReport(ledger, run.id, { rows: 10 });
      assert.equal(user_id, "Łukasz");
      assert.deepEqual(rows?.map(({ data }) => data), [
        { id: "2", "Größe €": "日本 €", n: "-1" },
        { id: "3", "Größe €": "b", n: "x" },
      ]);
      assert.match(JSON.stringify(await errorSummary(ledger, run)), /😀/);
      let exported = "";
      await writeFailedRows(ledger, run, (text) => {
        exported += text;
      });
      assert.match(exported, /2,日本 €,-1/);
      await session.execute("alter table t drop constraint t_n_check");
      const made = await createRetry(ledger, {
        ...{ run, user: null, dryRun: false, file: null, spoolFolder, acceptChanges: false },
        chooseDefinition: () => Promise.resolve({ definition }),
      });
      assert.ok(made.made);
      await drive(made.run.id);
      // Only a database that doesn't look at encodings holds what it can't read.
      const [{ found }] = await session.query<{ found: number }>("select count(*) as found from t");
      assert.equal(found, encoding === "SQL_ASCII" ? 3 : 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

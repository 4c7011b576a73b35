/**
 * Each folder of `examples/` does what its `expected.json` says: tried first, and then for good, with
 * the same outcome for each row. A new example is a folder with a definition, `table.sql`, a file, and
 * what is expected, worked out by hand. It may have cases for `ingest test`, and `repaired.csv`, with
 * which it is retried.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ingest } from "../cli/start_program.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";
import { changesBetween, changesIn, tableRows } from "./table_changes.ts";

interface Expected {
  /** Unless it completes, with errors or without. */
  readonly status?: string;
  readonly counts: Readonly<Record<"created" | "updated" | "skipped" | "failed", number>>;
  /** The file has a row twice, which changes it twice: what a dry run tells of each is not compared. */
  readonly repeats?: true;
  /** What is written to other tables, by table; absent: not compared. */
  readonly related?: Readonly<Record<string, unknown>>;
  /** By row number, in the order of the messages. Empty: not compared. */
  readonly failed: Readonly<Record<string, readonly string[]>>;
  readonly table: {
    readonly query: string;
    readonly rows: readonly (readonly unknown[])[];
    /** Once the file is retried with `repaired.csv`. */
    readonly repaired?: readonly (readonly unknown[])[];
  };
}

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
/** What `run` exits with: all is well, rows failed, the run failed, it is held. */
const EXITS = [0, 2, 3, 1, 8];

const NO_DATA = ["table.sql", "expected.json", "repaired.csv"];

const names = (await readdir(EXAMPLES)).toSorted();

for (const name of names) {
  Deno.test(`examples/${name} does what it says, and what its dry run says`, async () => {
    const folder = join(EXAMPLES, name);
    const read = (file: string) => Deno.readTextFile(join(folder, file));
    const definition = (await readdir(join(folder, "importers")))
      .find((file) => /^[^_].*(?<!\.test)\.yaml$/u.test(file));
    const files = (await readdir(folder, { withFileTypes: true }))
      .flatMap((file) => file.isFile() ? [file.name] : []);
    const data = files.find((file) => !NO_DATA.includes(file));
    assert.ok(definition !== undefined && data !== undefined);
    const slug = definition.replace(".yaml", "");
    const command = `# ingest run ${slug} --file ${data}\n`;
    assert.ok((await read(`importers/${definition}`)).includes(command), command);
    const expected: Expected = JSON.parse(await read("expected.json"));

    await using database = await migratedDatabase();
    await database.session.execute(await read("table.sql"));
    const options = { database, cwd: folder };
    if ((await readdir(join(folder, "importers"))).includes(`${slug}.test.yaml`)) {
      const cases = await ingest(["test", slug], options);
      assert.equal(cases.code, 0, cases.stdout + cases.stderr);
    }
    const { query, rows } = expected.table;
    const inTable = async () => (await database.session.query<object>(query)).map(Object.values);
    const before = await inTable();

    const logged = ["--set", "options.log_rows=all"];
    const tried = await run(["run", slug, "--file", data, ...logged, "--dry-run"], options);
    assert.deepEqual(tried.counts, expected.counts, "the dry run");
    assert.deepEqual(await inTable(), before, "the dry run changes nothing");
    if (expected.related !== undefined) {
      assert.deepEqual(tried.related, expected.related, "the dry run");
    }

    const { table, marked } = await targetOf(database, tried.id);
    const rowsBefore = await tableRows(database.session, table);
    const done = await run(["run", slug, "--file", data, ...logged], options);
    if (expected.status !== undefined) assert.equal(done.status, expected.status);
    if (expected.status !== "held") assert.deepEqual(done.counts, expected.counts);
    assert.deepEqual(await inTable(), rows);
    if (expected.related !== undefined) assert.deepEqual(done.related, expected.related);
    if (Object.keys(expected.failed).length > 0) {
      const told = await failedRows(done.id, options);
      assert.deepEqual(told, expected.failed);
    }
    if (expected.status === "held") {
      const released = await run(["release", String(done.id)], options);
      assert.deepEqual(released.counts, expected.counts, "once it is released");
    }
    assert.deepEqual(await outcomes(database, tried.id), await outcomes(database, done.id));
    const changed = changesBetween(rowsBefore, await tableRows(database.session, table));
    if (tried.changes && changed && !expected.repeats) {
      assert.deepEqual(changesIn(tried.changes, marked), changed, "what would change");
    }
    if (!files.includes("repaired.csv")) return;

    // It was exported from the run of a newcomer, whose first it was.
    const repaired = await Deno.makeTempFile({ suffix: ".csv" });
    const text = await read("repaired.csv");
    await Deno.writeTextFile(repaired, text.replaceAll(/,1$/gmu, `,${done.id}`));
    const retry = ["retry", String(done.id), "--file", repaired];
    const retryTried = await run([...retry, "--dry-run"], options);
    const retried = await run(retry, options);
    assert.deepEqual(retryTried.counts, retried.counts);
    await Deno.remove(repaired);
    assert.deepEqual(await inTable(), expected.table.repaired);
  });
}

type Options = Parameters<typeof ingest>[1];

async function run(args: readonly string[], options: Options) {
  const { code, stdout, stderr } = await ingest([...args, "--json"], options);
  assert.ok(EXITS.includes(code), `${code}: ${stderr}`);
  const { data } = JSON.parse(stdout);
  const { created, updated, skipped, failed } = data.progress;
  const counts = { created, updated, skipped, failed };
  const { id, status, changes, summary } = data;
  return { id, status, counts, changes, related: summary?.related };
}

async function targetOf({ session }: TestDatabase, id: number) {
  const [target] = await session.query<{ table: string; marked: string | null }>(
    `select definition ->> 'table' as table, definition #>> '{on_absent,mark,column}' as marked
     from ingest.runs where id = ${id}`,
  );
  return target;
}

/** Of each row of the file: what became of it, and why. */
function outcomes({ session }: TestDatabase, id: number) {
  return session.query<object>(
    `select row_number, line, status, errors from ingest.rows where run_id = ${id} order by 1`,
  );
}

async function failedRows(id: number, options: Options) {
  const { stdout, stderr } = await ingest(
    ["rows", String(id), "--status", "failed", "--json"],
    options,
  );
  assert.equal(stderr, "");
  const { data } = JSON.parse(stdout);
  return Object.fromEntries(
    data.map(({ row_number, errors: { message, validation } }: FailedRow) => {
      const columns = Object.values(validation).flat();
      return [String(row_number), columns.length > 0 ? columns : [message]];
    }),
  );
}

interface FailedRow {
  readonly row_number: number;
  readonly errors: {
    readonly message: string;
    readonly validation: Readonly<Record<string, readonly string[]>>;
  };
}

/** A run that is long enough to disturb, and what must be the same after any disturbance. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { makeZip } from "../source/unpack/make_zip.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import type { Session } from "../../src/db/session.ts";
import type { TestDatabase } from "../support/database.ts";

export const ROWS = 200_000;

const TABLE = `create table people (
  id bigint primary key, email text not null unique, name text not null,
  age int check (age <> 33), score numeric(8,2), born date, active boolean)`;

const DEFINITION = `table: people
key: [email]
on_duplicate: update
columns:
  id: id
  email: { from: email, type: email, transform: [lower] }
  name: name
  age: { from: age, type: integer, max: 120 }
  score: { from: score, type: numeric }
  born: { from: born, type: date }
  active: { from: active, type: boolean, true: [ja], false: [nein] }
# Forty batches in the first phase.
options: { batch_rows: 5000 }
`;

/** The same rows in a workbook. */
export async function writeWorkbook(folder: string): Promise<void> {
  const rows = csv().trimEnd().split("\n").map((line) => textRow(...line.split(",")));
  await Deno.writeFile(`${folder}/people.xlsx`, oneSheet(rows.join("")));
}

/** The same rows, on the same lines, as an array of JSON, whose numbers are written as such. */
export async function writeJson(folder: string): Promise<void> {
  const [header, ...rows] = csv().trimEnd().split("\n").map((line) => line.split(","));
  const objects = rows.map((cells) => {
    const members = cells.map((text, i) =>
      `${JSON.stringify(header[i])}:${/^[0-9.]+$/u.test(text) ? text : JSON.stringify(text)}`
    );
    return `{${members.join(",")}}`;
  });
  await Deno.writeTextFile(`${folder}/people.json`, `[\n${objects.join(",\n")}]\n`);
}

/** The same rows, as COPY writes them. */
export async function writeCopy(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/people.copy`, csv().replaceAll(",", "\t"));
}

/** The same rows, in columns of fixed width. */
export async function writeFixed(folder: string): Promise<void> {
  const lines = csv().trimEnd().split("\n").map((line) =>
    line.split(",").map((text, i) => text.padEnd(WIDTHS[i])).join("")
  );
  await Deno.writeTextFile(`${folder}/people.txt`, lines.join("\n") + "\n");
}

const WIDTHS = [8, 24, 12, 5, 10, 11, 6];

/** What the definition says of these two. */
const SOURCES: Readonly<Record<string, string>> = {
  "people.copy": "source: { format: copy, header: true }\n",
  "people.txt": "source: { format: fixed, header: true, widths: " +
    "{ id: 8, email: 24, name: 12, age: 5, score: 10, born: 11, active: 6 } }\n",
};

/** From now on, the definition reads this file. */
export async function defineFor(folder: string, file: string): Promise<void> {
  const source = SOURCES[file] ?? "";
  await Deno.writeTextFile(`${folder}/importers/people.yaml`, DEFINITION + source);
}

/** The same file, packed, by name. */
export const PACKED: Readonly<Record<string, () => Uint8Array>> = {
  "people.csv.gz": () => gzipSync(csv()),
  "people.csv.zst": () => zstdCompressSync(csv()),
  "people.zip": () => makeZip([{ name: "data/people.csv", content: csv() }]),
};

/** Repeated keys near and far, rows that our checks refuse and rows that Postgres refuses. */
function csv(): string {
  let random = 7;
  const below = (limit: number) => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    return random % limit;
  };
  const lines = ["id,email,name,age,score,born,active"];
  for (let i = 1; i <= ROWS; i++) {
    const key = i % 50 === 0 ? 1 + below(i) : i;
    const age = i % 41 === 0 ? 33 : i % 997 === 0 ? "old" : 18 + i % 15;
    const born = `19${50 + i % 50}-0${1 + i % 9}-${10 + i % 19}`;
    lines.push(
      `${key},User${key}@example.com,Name ${i % 1000},${age},${i % 10000}.25,${born},${
        i % 2 ? "ja" : "nein"
      }`,
    );
  }
  return lines.join("\n") + "\n";
}

export interface BigRun extends AsyncDisposable {
  /** Holds `people.csv` and `importers/people.yaml`. */
  readonly folder: string;
}

export async function bigRun(): Promise<BigRun> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-chaos-" });
  await Deno.mkdir(`${folder}/importers`);
  await Deno.writeTextFile(`${folder}/importers/people.yaml`, DEFINITION);
  await Deno.writeTextFile(`${folder}/people.csv`, csv());
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

export async function makeTable(database: TestDatabase): Promise<void> {
  await database.session.execute(TABLE);
}

export const RUN_ARGUMENTS = ["run", "people", "--file", "people.csv"];

export interface Fingerprint {
  readonly table: string;
  readonly failedRows: string;
  readonly counts: string;
  readonly status: string;
}

/** The table, the outcome of each failed row, and the counts of run 1. */
export async function fingerprint(session: Session): Promise<Fingerprint> {
  const [found] = await session.query<Fingerprint>(
    `select
       (select md5(string_agg(p::text, ',' order by id)) from people p) as "table",
       (select md5(string_agg(row_number || ' ' || line || errors::text, ',' order by row_number))
        from ingest.rows where run_id = 1) as "failedRows",
       (select format('%s of %s: %s created, %s updated, %s skipped, %s failed', processed, total,
          created, updated, skipped, failed)
        from ingest.run_progress where run_id = 1) as counts,
       (select status from ingest.runs where id = 1) as status`,
  );
  return found;
}

/** SQL: this many batches of run 1 are committed. */
export function committed(batches: number): string {
  return `(select count(*) from ingest.batches where status = 'completed') >= ${batches}`;
}

/** Look-ups of whole batches have the outcome of looking each row's values up by itself. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../src/db/session.ts";
import { workshop } from "./importing.ts";

const TABLES = `
  create extension citext;
  create table tags (id int generated always as identity primary key, name citext unique);
  create table sites (code text primary key, company text, city char(6), since date);
  create index on sites (company, city);
  create table rows (n int, tag int, site text, day text);
  insert into tags (name) values ('Red'), ('blue');
  insert into sites values ('A', 'Acme', 'Rome', '2024-01-01'), ('B', 'Acme', 'Bonn', '2024-02-02'),
    ('C', 'Bolt', 'Rome', '2024-02-02'), ('D', 'Bolt', 'Rome', '2024-03-03');`;

const DEFINITION = `
table: rows
columns:
  n: n
  tag: { from: tag, lookup: { table: tags, match: name, create: true } }
  site: { from: [company, city], lookup: { table: sites, match: [company, city] } }
  day: { from: day, lookup: { table: sites, match: since, returns: code, where: "code <> 'D'" } }
options: { batch_rows: 7 }
`;

interface Row {
  readonly tag: string;
  readonly company: string;
  readonly city: string;
  readonly day: string;
}

const rows = fc.array(
  fc.record({
    tag: fc.constantFrom("red", "RED", "Blue", "green", "Green", "", "with space", 'quo"te'),
    company: fc.constantFrom("Acme", "Bolt", "acme", ""),
    city: fc.constantFrom("Rome", "Bonn", "Oslo", ""),
    day: fc.constantFrom("2024-01-01", "2024-02-02", "2024-03-03", "2024-04-04", "soon", ""),
  }),
  { minLength: 1, maxLength: 40 },
);

function fileOf(all: readonly Row[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = all.map((row, n) =>
    [String(n), row.tag, row.company, row.city, row.day].map(quoted).join(",")
  );
  return `n,tag,company,city,day\n${lines.join("\n")}\n`;
}

/** The only row, the errors' code, or null for an empty value. */
async function only(session: Session, sql: string, values: readonly string[]) {
  if (values.every((value) => value === "")) return { value: null };
  if (values.includes("")) return { code: "lookup" };
  const found = await session.query<{ value: string }>(sql, values);
  return found.length === 1
    ? found[0]
    : { code: found.length === 0 ? "lookup" : "lookup_ambiguous" };
}

/** In a transaction that is rolled back: what becomes of each row, and the tags that there are then. */
async function oneByOne(session: Session, all: readonly Row[]): Promise<readonly string[]> {
  const outcomes: string[] = [];
  await session.query("begin");
  for (const [n, { tag, company, city, day }] of all.entries()) {
    const site = await only(
      session,
      "select code as value from sites where company = $1 and city = $2::bpchar",
      [company, city],
    );
    const at = day === "soon" ? { code: "type" } : await only(
      session,
      "select code as value from sites where since = $1::date and code <> 'D'",
      [day],
    );
    const codes = [site, at].flatMap((each) => "code" in each ? [each.code] : []);
    if (codes.length > 0) {
      outcomes.push(`${n} ${codes.join()}`);
      continue;
    }
    if (tag !== "") {
      await session.query("insert into tags (name) values ($1) on conflict do nothing", [tag]);
    }
    const [named] = await session.query<{ name: string }>(
      "select lower(name::text) as name from tags where name = $1::citext",
      [tag],
    );
    outcomes.push(
      [n, named?.name, ...[site, at].map((each) => "value" in each && each.value)].join(),
    );
  }
  outcomes.push(await tags(session));
  await session.query("rollback");
  return outcomes;
}

async function tags(session: Session): Promise<string> {
  const found = await session.query<{ name: string }>(
    "select lower(name::text) as name from tags order by 1",
  );
  return found.map(({ name }) => name).join();
}

async function imported(session: Session, run: number): Promise<readonly string[]> {
  const found = await session.query<{ n: number; row: string }>(
    `select n, concat_ws(',', n, coalesce(lower(t.name::text), ''), coalesce(site, ''),
       coalesce(day, '')) as row
     from rows left join tags t on t.id = tag
     union all
     select row_number::int - 1, (row_number - 1) || ' ' || (
       select string_agg(d ->> 'code', ',') from jsonb_array_elements(errors -> 'details') d)
     from ingest.rows where run_id = ${run} and status = 'failed' order by 1`,
  );
  return [...found.map(({ row }) => row), await tags(session)];
}

Deno.test("each row has the outcome of looking its values up by itself, and the same tags are added", async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (all) => {
      await using shop = await workshop(TABLES);
      const expected = await oneByOne(shop.session, all);
      const dry = await shop.drive(
        await shop.create(DEFINITION, fileOf(all), { dryRun: true }),
      );
      const run = await shop.drive(await shop.create(DEFINITION, fileOf(all)), 3);
      assert.deepEqual(await imported(shop.session, run.id), expected);
      const { seconds: _, ...real } = run.summary ?? {};
      const { seconds: __, ...predicted } = dry.summary ?? {};
      assert.deepEqual(predicted, real);
    }),
    { numRuns: Number(Deno.env.get("REFERENCE_RUNS") ?? 5), seed: 18 },
  );
});

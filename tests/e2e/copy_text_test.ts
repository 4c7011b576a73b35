/** What Postgres's own programs write is loaded as it was. */
import assert from "node:assert/strict";
import { ingest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";

const HAS_PSQL = await new Deno.Command("psql", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

const TABLES = String.raw`
  create table src (id bigint primary key, a text, "b ""c" text, n numeric, d date, j jsonb, x bytea);
  create table dst (like src);
  insert into src select g,
    case g % 8 when 0 then null when 1 then '' when 2 then E'tab\tx' when 3 then E'line\nbreak'
      when 4 then E'back\\slash \\N' when 5 then E'cr\rff\fvt\vbs\b' when 6 then '\.' else '"q", ü😀' end,
    case g % 3 when 0 then '\N' when 1 then '\\x41' end, g * 1.25, date '2024-02-28' + g::int,
    jsonb_build_object('k', E'a"\\b\n'), decode('00ff5c0a', 'hex')
  from generate_series(1, 3000) g`;

const DEFINITION = `table: dst
source: { format: copy, header: [id, a, 'b "c', n, d, j, x] }
`;
const WITH_PIPES = `table: dst
source: { format: copy, header: true, delimiter: "|", null_values: [NIL] }
`;

Deno.test({
  name: "what psql copies out of a table is the same rows when it is loaded",
  ignore: !HAS_PSQL,
  fn: async () => {
    await using database = await testDatabase();
    const { session } = database;
    await session.query(TABLES);
    const folder = await Deno.makeTempDir({ prefix: "ingest-copy-" });
    try {
      await Deno.mkdir(`${folder}/importers`);
      await Deno.writeTextFile(`${folder}/importers/plain.yaml`, DEFINITION);
      await Deno.writeTextFile(`${folder}/importers/pipes.yaml`, WITH_PIPES);
      const how = { plain: "", pipes: " with (delimiter '|', null 'NIL', header)" };
      for (const [slug, options] of Object.entries(how)) {
        await session.query("truncate dst");
        const { success, stdout, stderr } = await new Deno.Command("psql", {
          args: [database.url, "-Xqc", `copy src to stdout${options}`],
        }).output();
        assert.ok(success, new TextDecoder().decode(stderr));
        await Deno.writeFile(`${folder}/src.copy`, stdout);
        const ended = await ingest(["run", slug, "--file", "src.copy"], { database, cwd: folder });
        assert.equal(ended.code, 0, ended.stderr);
        const [differing] = await session.query<{ rows: number }>(
          `select (select count(*) from (table src except table dst) s)
             + (select count(*) from (table dst except table src) d) as rows`,
        );
        assert.equal(differing.rows, 0, slug);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** As pg_dump 15 writes it. */
const DUMP = String.raw`--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE TABLE public.empty (
    x integer
);

COPY public.empty (x) FROM stdin;
\.

COPY public."Order items" (id, "a ""b", c) FROM stdin;
1	\N	
2	x\ty	\\N
\.

COPY public.other (x) FROM stdin;
7
\.

--
-- PostgreSQL database dump complete
--
`;

Deno.test("of a dump, the table is read that records names, on the lines that it has", async () => {
  await using database = await testDatabase();
  const { session } = database;
  await session.query('create table items (id int, "a ""b" text, c text, line int)');
  const folder = await Deno.makeTempDir({ prefix: "ingest-dump-" });
  try {
    await Deno.writeTextFile(`${folder}/dump.sql`, DUMP);
    const run = ["run", "--table", "items", "--file", "dump.sql"];
    const options = { database, cwd: folder };
    const several = await ingest(run, options);
    assert.equal(several.code, 1, several.stderr);
    assert.match(several.stderr, /rows of several tables, public\."Order items", public\.other/u);
    const unknown = await ingest([...run, "--records", "nope"], options);
    assert.match(unknown.stderr, /it has no rows of the table nope/u);
    const named = await ingest([...run, "--records", "Order items"], options);
    assert.equal(named.code, 0, named.stderr);
    assert.deepEqual(
      await session.query('select id, "a ""b" as a, c from items order by id'),
      [{ id: 1, a: null, c: "" }, { id: 2, a: "x\ty", c: "\\N" }],
    );
    const [{ line }] = await session.query<{ line: number }>(
      "select (source->>'data_line')::int as line from ingest.runs",
    );
    assert.equal(line, 15);
    await Deno.writeTextFile(`${folder}/cut.sql`, DUMP.slice(0, DUMP.indexOf("2\tx")));
    const cut = await ingest(["run", "--table", "items", "--file", "cut.sql"], options);
    assert.match(cut.stdout, /ends before the line/u);
    await Deno.writeTextFile(`${folder}/inserts.sql`, DUMP.replaceAll(/COPY.*\n/gu, "-- "));
    const none = await ingest(["run", "--table", "items", "--file", "inserts.sql"], options);
    assert.match(none.stderr, /no rows are in it as COPY writes them/u);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Columns whose values are looked up in another table. */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "./importing.ts";

const TABLES = `
  create table companies (id int generated always as identity primary key, name text unique);
  insert into companies (name) values ('Müller GmbH'), ('Acme'), ('Initech');
  create table people (name text, company_id int references companies);`;

const DEFINITION = `
table: people
columns:
  name: Name
  company_id: { from: Company, lookup: { table: companies, match: name } }
`;

async function load(shop: Workshop, definition: string, file: string): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

/** The people with the companies that they got. */
function people(session: Session): Promise<string[]> {
  return session.query<{ row: string }>(
    `select p.name || ': ' || coalesce(c.name, '-') as row
     from people p left join companies c on c.id = p.company_id order by 1`,
  ).then((rows) => rows.map(({ row }) => row));
}

interface Failed {
  readonly row: number;
  readonly error: { code: string; column: string; value: string; hint?: string };
  readonly message: string;
}

function failed({ session }: Workshop, run: Run): Promise<Failed[]> {
  return session.query<Failed>(
    `select row_number::int as row, errors -> 'details' -> 0 as error,
       coalesce(errors -> 'validation' -> (errors -> 'details' -> 0 ->> 'column') ->> 0,
         errors ->> 'message') as message
     from ingest.rows where run_id = $1 and status = 'failed' order by row_number`,
    [run.id],
  );
}

Deno.test("the id of the row with the file's value goes into the column", async () => {
  await using shop = await workshop(TABLES);
  const run = await load(
    shop,
    DEFINITION,
    "Name,Company\nAnn,Acme\nBob, Müller GmbH \nCid,Acme\nDan,\n",
  );
  assert.equal(run.status, "completed");
  assert.deepEqual(await people(shop.session), [
    "Ann: Acme",
    "Bob: Müller GmbH",
    "Cid: Acme",
    "Dan: -",
  ]);
});

Deno.test("a row whose value isn't in the table fails, and the others are loaded", async () => {
  await using shop = await workshop(TABLES);
  const run = await load(shop, DEFINITION, "Name,Company\nAnn,Acme\nBob,acme\nCid,Umbrella\n");
  assert.deepEqual(await people(shop.session), ["Ann: Acme"]);
  assert.deepEqual(
    (await failed(shop, run)).map(({ row, error, message }) => [row, error.code, message]),
    [
      [2, "lookup", "No companies row has this name."],
      [3, "lookup", "No companies row has this name."],
    ],
  );
});

Deno.test("the look-up table's column decides what is equal, and a value is checked as one of its type", async () => {
  await using shop = await workshop(`
    create extension citext;
    create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table things (
      id int generated always as identity primary key, ci citext unique, fold text collate caseless,
      padded char(8), day date, number int, code uuid, mood text, address inet, parts int[]);
    insert into things (ci, fold, padded, day, number, code, address, parts) values
      ('Acme', 'Straße', 'ab', '2024-03-04', 7, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1',
        '{1,2}');
    create table found (way text, thing int);`);
  const ways: readonly (readonly [string, string, string, string | null])[] = [
    ["ci", "ACME", "", null],
    ["fold", "STRAßE", "", null],
    ["padded", "ab", "", null],
    ["day", "04.03.2024", ", type: date, format: dd.MM.yyyy", null],
    ["day", "04.03.2024", "", "The thing field must be a date (yyyy-MM-dd)."],
    ["number", "007", "", null],
    ["number", "seven", "", "The thing field must be a whole number."],
    ["number", "99999999999", "", "The thing field must be between -2147483648 and 2147483647."],
    ["code", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "", null],
    ["code", "a0", "", "The thing field must be a UUID."],
    ["address", "10.0.0.1", "", null],
    ["address", "10.0.0.999", "", "The thing field must be a valid inet."],
    ["parts", '"{ 1, 2 }"', "", null],
    ["parts", '"{1,x}"', "", "The thing field must be a valid integer[]."],
  ];
  for (const [match, value, more, message] of ways) {
    const run = await load(
      shop,
      `table: found\ncolumns:\n  way: Way\n  thing: { from: Thing, lookup: { table: things, ` +
        `match: ${match} }${more} }\n`,
      `Way,Thing\n${match},${value}\nnone,\n`,
    );
    const [{ n }] = await shop.session.query<{ n: number }>(
      "select count(thing) as n from found where way <> 'none'",
    );
    assert.deepEqual(
      [n, (await failed(shop, run)).map((each) => each.message)],
      message === null ? [1, []] : [0, [message]],
      `${match} ${value}`,
    );
    await shop.session.query("truncate found");
  }
});

Deno.test("several columns are looked up together, any column is returned, and a condition chooses", async () => {
  await using shop = await workshop(`
    create schema "Old Crm";
    create table "Old Crm"."Sites" (
      "Site Code" varchar(9), company text, city text, closed boolean not null default false);
    create index on "Old Crm"."Sites" (company, city);
    insert into "Old Crm"."Sites" values ('A-BER', 'Acme', 'Berlin', false),
      ('A-ROM', 'Acme', 'Rome', false), ('A-ROM0', 'Acme', 'Rome', true), ('X', null, 'Berlin', false);
    create table visits (who text, site varchar(5));`);
  const definition = `
table: visits
columns:
  who: who
  site:
    from: [Company, City]
    transform: [title]
    lookup:
      table: '"Old Crm"."Sites"'
      match: [company, city]
      returns: Site Code
      where: not closed -- the others are history
`;
  const run = await load(
    shop,
    definition,
    "who,Company,City\nAnn,Acme,Rome\nBob,ACME,berlin\nCid,Acme,\nDan,,\nEve,,Berlin\n",
  );
  assert.deepEqual(
    await shop.session.query("select who, site from visits order by who"),
    [{ who: "Ann", site: "A-ROM" }, { who: "Bob", site: "A-BER" }, { who: "Dan", site: null }],
  );
  assert.deepEqual(
    (await failed(shop, run)).map(({ row, message, error }) => [row, message, error.value]),
    [
      [3, "No Sites row has this company and city.", "Acme, "],
      [5, "No Sites row has this company and city.", ", Berlin"],
    ],
  );
});

Deno.test("a value that several rows have fails its row, and the error says how many there are", async () => {
  await using shop = await workshop(
    TABLES.replace("name text unique", "name text") +
      "insert into companies (name) values ('Acme'), ('Acme');",
  );
  const run = await load(shop, DEFINITION, "Name,Company\nAnn,Acme\nBob,Initech\n");
  assert.deepEqual(await people(shop.session), ["Bob: Initech"]);
  const [{ error, message }] = await failed(shop, run);
  assert.deepEqual([error.code, message, error.hint], [
    "lookup_ambiguous",
    "Several companies rows have this name.",
    "3 rows have it.",
  ]);
  assert.deepEqual(run.warnings, [
    "importer test: columns.company_id.lookup.match: no index of companies begins with name, so each " +
    "batch reads the whole table: create index on public.companies (name)",
  ]);
});

Deno.test("an empty value is not looked up: it is NULL, the DEFAULT, or an error, as in any column", async () => {
  for (
    const [column, rule, expected] of [
      ["company_id int references companies", "", ["Ann: -"]],
      ["company_id int not null default 2 references companies", "", ["Ann: Acme"]],
      ["company_id int references companies", "default: Initech,", ["Ann: Initech"]],
      ["company_id int not null references companies", "", []],
    ] as const
  ) {
    await using shop = await workshop(
      TABLES.replace("company_id int references companies", column),
    );
    const definition = DEFINITION.replace("from: Company,", `from: Company, ${rule}`);
    const run = await load(shop, definition, "Name,Company\nAnn,\n");
    assert.deepEqual(await people(shop.session), expected, column + rule);
    assert.deepEqual(
      (await failed(shop, run)).map(({ message }) => message),
      expected.length > 0 ? [] : ["The company_id field is required."],
    );
  }
});

Deno.test("values of any length and with any characters are looked up, and none harms another's row", async () => {
  await using shop = await workshop(TABLES);
  const long = "x".repeat(1_000_000);
  const odd = ["{a,b}", 'quo"te', "back\\slash", "O'Neill", "NULL", "null", "😀", "a\tb"];
  await shop.session.query(
    "insert into companies (name) select unnest($1::text[])",
    [odd],
  );
  const quoted = odd.map((text) => `x,"${text.replaceAll('"', '""')}"`).join("\n");
  const run = await load(
    shop,
    DEFINITION,
    `Name,Company\nAnn,Acme\nlong,${long}\nnul,a\0b\n${quoted}\n`,
  );
  assert.deepEqual(
    await people(shop.session),
    ["Ann: Acme", ...odd.map((text) => `x: ${text}`)].sort(),
  );
  assert.deepEqual(
    (await failed(shop, run)).map(({ row, error }) => [row, error.code, error.value.length]),
    [[2, "lookup", 200], [3, "encoding", 6]],
  );
});

Deno.test("what a look-up needs and can't find is said before anything is loaded", async () => {
  await using shop = await workshop(`${TABLES}
    create table parts (a int, b int, doc json, primary key (a, b));
    create view all_companies as select * from companies;
    create table days (name text primary key, day date);`);
  const wrong: readonly (readonly [string, string])[] = [
    ["{ table: company, match: name }", "lookup.table: there is no table company in this database"],
    [
      "{ table: companys, match: name }",
      "lookup.table: there is no table companys in this database",
    ],
    [
      "{ table: nowhere.companies, match: name }",
      "lookup.table: there is no table nowhere.companies",
    ],
    [
      "{ table: ingest.runs, match: id }",
      'lookup.table: "ingest.runs" is one of ingest\'s own tables',
    ],
    [
      "{ table: companies, match: nam }",
      'lookup.match: the table companies has no column "nam"; did you mean "name"?',
    ],
    [
      "{ table: companies, match: name, returns: ident }",
      'lookup.returns: the table companies has no column "ident"',
    ],
    [
      "{ table: parts, match: a }",
      "lookup: parts has a primary key of 2 columns: say which of its columns is taken",
    ],
    [
      "{ table: all_companies, match: name }",
      "lookup: all_companies has no primary key: say which of its columns is taken",
    ],
    [
      "{ table: parts, match: doc, returns: a }",
      "lookup.match: doc is json, whose values Postgres can't compare",
    ],
    [
      "{ table: days, match: name, returns: day }",
      "lookup.returns: day of days is date, which can't go into company_id",
    ],
    [
      "{ table: companies, match: name, where: nam = 'x' }",
      'lookup.where: Postgres refuses the condition: column "nam" does not exist',
    ],
    [
      "{ table: companies, match: name, where: 'name = ' }",
      "lookup.where: Postgres refuses the condition: syntax error",
    ],
    [
      "{ table: companies, match: name, where: 'true) t on true; drop table people; --' }",
      "lookup.where: Postgres refuses the condition",
    ],
    [
      "{ table: companies, match: name, where: 'false) or (true' }",
      "lookup.where: Postgres refuses the condition: syntax error",
    ],
    [
      "{ table: people, match: name, returns: company_id }",
      "lookup.match: needs a unique index, because people is the table that is imported into",
    ],
    ["{ table: companies, match: [name, name] }", 'lookup.match[1]: "name" is already compared'],
    ["{ table: companies, match: [id, name] }", "company_id.from: needs 2 source columns"],
    ["{ table: companies }", "lookup.match: is missing"],
    [
      "{ table: companies, match: name, wher: x }",
      'lookup.wher: unknown key; did you mean "where"?',
    ],
  ];
  for (const [lookup, message] of wrong) {
    const definition = DEFINITION.replace("{ table: companies, match: name }", lookup);
    await assert.rejects(
      shop.create(definition, "Name,Company\nAnn,Acme\n"),
      (error: Error) => {
        assert.ok(error.message.includes(message), `${lookup}\n${error.message}`);
        return true;
      },
    );
  }
  assert.deepEqual(await people(shop.session), []);
});

Deno.test("a view, a partitioned table and a column that is not an id can be looked into", async () => {
  await using shop = await workshop(`
    create table base (code text, name text);
    insert into base values ('A', 'Acme'), ('B', 'Bolt');
    create view named as select code, name from base;
    create table split (code text, name text) partition by list (name);
    create table split_a partition of split for values in ('Acme');
    create table split_b partition of split default;
    create index on split (name);
    insert into split select * from base;
    create table people (name text, code varchar(1));`);
  for (const table of ["named", "split"]) {
    const run = await load(
      shop,
      `table: people\ncolumns:\n  name: N\n  code: { from: C, lookup: { table: ${table}, match: name, ` +
        "returns: code } }\n",
      "N,C\nAnn,Acme\nBob,Bolt\n",
    );
    assert.equal(run.status, "completed", table);
    assert.ok(!run.warnings.some((warning) => warning.includes("index")), table);
    assert.deepEqual(
      await shop.session.query("delete from people returning name, code"),
      [{ name: "Ann", code: "A" }, { name: "Bob", code: "B" }],
    );
  }
});

Deno.test("what a row returns is checked as a value of the column that it goes into", async () => {
  await using shop = await workshop(`
    create table sizes (name text primary key, amount numeric, label text);
    insert into sizes values ('small', 7, 'S'), ('large', 99999, 'XXXL'), ('half', 1.5, null);
    create table shirts (name text, amount smallint, label varchar(3) not null);`);
  const run = await load(
    shop,
    `
table: shirts
columns:
  name: N
  amount: { from: S, lookup: { table: sizes, match: name, returns: amount } }
  label: { from: S, lookup: { table: sizes, match: name, returns: label } }
`,
    "N,S\na,small\nb,large\nc,half\n",
  );
  assert.deepEqual(
    await shop.session.query("select name, amount::int as amount, label from shirts"),
    [{ name: "a", amount: 7, label: "S" }],
  );
  const errors = await shop.session.query<{ errors: unknown }>(
    "select errors -> 'validation' as errors from ingest.rows where run_id = $1 order by row_number",
    [run.id],
  );
  assert.deepEqual(errors.map((each) => each.errors), [
    {
      amount: ["The amount field must be between -32768 and 32767."],
      label: ["The label field must not be longer than 3 characters."],
    },
    {
      amount: ["The amount field must be a whole number."],
      label: ["The label field is required."],
    },
  ]);
});

Deno.test("a key that is looked up finds the rows that are there, in a run and in a dry run", async () => {
  for (const dryRun of [true, false]) {
    await using shop = await workshop(`${TABLES}
      alter table people add constraint once unique (company_id, name);
      insert into people values ('Ann', 2);`);
    const run = await shop.drive(
      await shop.create(
        `${DEFINITION}key: [company_id, name]\non_duplicate: fail\n`,
        "Name,Company\nAnn,Acme\nBob,Acme\nBob,Acme\nBob,Initech\n",
        { dryRun },
      ),
    );
    const [counts] = await shop.session.query<{ created: number; failed: number }>(
      "select sum(created)::int as created, sum(failed)::int as failed from ingest.batches",
    );
    assert.deepEqual(
      [run.status, counts],
      ["completed_with_errors", { created: 2, failed: 2 }],
      String(dryRun),
    );
  }
});

Deno.test("a look-up table that is emptied, changed or dropped between two batches is seen by the next one", async () => {
  const changes: readonly (readonly [string, string | null])[] = [
    ["truncate companies", null],
    ["alter table companies rename name to title", "has no column"],
    ["drop table companies", "there is no table companies"],
  ];
  for (const [change, failure] of changes) {
    await using shop = await workshop(TABLES.replace("references companies", ""));
    // The second batch is loaded after the first one's row has changed the look-up table.
    await shop.session.query(`
      create function change() returns trigger language plpgsql as $$ begin
        if new.name = 'Ann' then ${change}; end if; return new; end $$;
      create trigger change after insert on people for each row execute function change();`);
    const run = await shop.drive(
      await shop.create(
        `${DEFINITION}options: { batch_rows: 1 }\n`,
        "Name,Company\nAnn,Acme\nBob,Acme\n",
      ),
      1,
    );
    if (failure === null) {
      assert.deepEqual((await failed(shop, run)).map(({ row, error }) => [row, error.code]), [
        [2, "lookup"],
      ]);
    } else {
      assert.equal(run.status, "failed", change);
      assert.ok(JSON.stringify(run.error).includes(failure), JSON.stringify(run.error));
    }
  }
});

Deno.test("the error of a value that isn't there says what was probably meant, also of a large table", async () => {
  await using shop = await workshop(TABLES);
  const file = "Name,Company\na,Muller GmbH\nb,acme\nc,Init\nd,Umbrella\ne,Company 12340x\n";
  const expected = [
    "Did you mean Müller GmbH?",
    "Did you mean Acme?",
    "Did you mean Initech?",
    undefined,
  ];
  const first = await load(shop, DEFINITION, file);
  assert.deepEqual((await failed(shop, first)).map(({ error }) => error.hint), [
    ...expected,
    undefined,
  ]);
  await shop.session.query(
    "insert into companies (name) select 'Company ' || n from generate_series(10000, 20000) n",
  );
  const second = await load(shop, DEFINITION, file);
  const hints = (await failed(shop, second)).map(({ error }) => error.hint);
  assert.deepEqual([hints[3], hints[4]], [undefined, "Did you mean Company 12340?"]);
});

Deno.test("parents that are looked up by name are found among the rows of the file, in any order", async () => {
  const definition = `
table: staff
key: name
on_duplicate: update
columns:
  name: Name
  boss: { from: Boss, lookup: { table: staff, match: name } }
options: { batch_rows: 2 }
`;
  const file =
    "Name,Boss\nAda,Bea\nBea,Cleo\nCleo,\nDora,Old\nEve,Nobody\nFay,Eve\nGil,Dora\nAda,Old\n";
  for (const dryRun of [true, false]) {
    await using shop = await workshop(`
        create table staff (id int generated always as identity primary key, name text unique,
          boss int references staff);
        insert into staff (name) values ('Old');`);
    const run = await shop.drive(
      await shop.create(definition, file, { dryRun }),
      3,
    );
    const { seconds: _, ...counts } = run.summary ?? {};
    assert.deepEqual(
      counts,
      { processed: 8, created: 5, updated: 1, skipped: 0, failed: 2, untried: 0 },
    );
    assert.deepEqual(
      (await failed(shop, run)).map(({ row, error, message }) => [row, error.code, message]),
      [
        [5, "lookup", "No staff row has this name."],
        [6, "lookup", "No staff row has this name."],
      ],
    );
    const staff = await shop.session.query<{ row: string }>(
      `select concat_ws(' < ', s.name, b.name) as row from staff s
         left join staff b on b.id = s.boss order by s.name`,
    );
    assert.deepEqual(
      staff.map(({ row }) => row),
      dryRun ? ["Old"] : ["Ada < Old", "Bea < Cleo", "Cleo", "Dora < Old", "Gil < Dora", "Old"],
    );
  }
});

/** Files with some bad rows, with the real program: good rows land, bad ones are kept. */
import assert from "node:assert/strict";
import { ingest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { encode, folderWith } from "./folder.ts";
import { assertNothingLost } from "./nothing_lost.ts";

interface Landing {
  readonly name: string;
  readonly tables: string;
  readonly file: string | Uint8Array;
  readonly args?: readonly string[];
  /** The table's rows, in order. */
  readonly rows: readonly string[];
  /** By row number. */
  readonly failed: Readonly<Record<number, RegExp>>;
}

const REFUSING = `create function refuse() returns trigger language plpgsql as $$
  begin
    if new.v = 'drop' then return null; end if;
    if new.v = 'raise' then raise exception 'not this one' using errcode = 'AB123'; end if;
    return new;
  end $$;`;
const ODD_FILE = "k,v\n1,a\n2,drop\n3,raise\n4,b\n";

/** Rows that only Postgres can judge, or that are barely rows. All go into the table `t`. */
const LANDINGS: readonly Landing[] = [
  {
    name: "a partitioned table, with rows that no partition takes",
    tables: `create table t (k int, v text, primary key (k)) partition by range (k);
      create table t1 partition of t for values from (1) to (3)`,
    file: "k,v\n1,a\n3,b\n2,c\n",
    rows: ["(1,a)", "(2,c)"],
    failed: { 2: /The t table has no partition for this row/ },
  },
  {
    name: "a trigger that drops and refuses rows",
    tables: `${REFUSING} create table t (k int, v text);
      create trigger refuse before insert on t for each row execute function refuse()`,
    file: ODD_FILE,
    rows: ["(1,a)", "(4,b)"],
    failed: { 3: /The t table refuses this row: not this one/ },
  },
  {
    name: "a constraint trigger that waits for the end of the transaction",
    tables: `${REFUSING} create table t (k int, v text);
      create constraint trigger refuse after insert on t deferrable initially deferred
      for each row execute function refuse()`,
    file: ODD_FILE,
    rows: ["(1,a)", "(2,drop)", "(4,b)"],
    failed: { 3: /not this one/ },
  },
  {
    name: "a foreign key and a unique key that wait for the end of the transaction",
    tables: `create table p (id int primary key); insert into p values (1);
      create table t (k int unique deferrable initially deferred,
        p int references p deferrable initially deferred)`,
    file: "k,p\n1,1\n2,9\n1,1\n3,\n",
    rows: ["(1,1)", "(3,)"],
    failed: {
      2: /The p field refers to a row that is not in p/,
      3: /Duplicate entry found for key 'k'/,
    },
  },
  {
    name: "a column that Postgres fills, and keys that are equal but for case",
    tables: `create table t (k text, twice text generated always as (k || k) stored);
      create unique index on t (lower(k))`,
    file: "k,twice\na,x\nA,x\nb,x\n",
    rows: ["(a,aa)", "(b,bb)"],
    failed: { 2: /Duplicate entry found/ },
  },
  {
    name: "quoted names in a schema of their own",
    tables:
      `create schema "My Schema"; create table "My Schema"."t ""x""" ("select" int, "A b" text);
      create view t as select * from "My Schema"."t ""x"""`,
    args: ["--table", '"My Schema"."t ""x"""', "--key", "select"],
    file: "SELECT,a B\n1,é\nx,y\n",
    rows: ["(1,é)"],
    failed: { 2: /The select field must be a whole number/ },
  },
  {
    name: "ragged rows, an open quote, a NUL and bad UTF-8",
    tables: "create table t (k int, v text)",
    file: encode('k,v\n1,ä\n2\n3,x,y\n4,"open\n5,b\n6,\0\n7,?\n8,c\n').map((byte) =>
      byte === 63 ? 0xff : byte
    ),
    rows: ["(1,ä)", "(5,b)", "(8,c)"],
    failed: {
      2: /The row has 1 field where the header has 2/,
      3: /The row has 3 fields where the header has 2/,
      4: /A quote is not closed/,
      6: /NUL/,
      7: /not valid UTF-8/,
    },
  },
  {
    name: "columns that are called as JavaScript's own",
    tables: `create table t ("__proto__" int, "constructor" int check ("constructor" < 10),
      "toString" int not null, "a,b" int unique)`,
    file: '__proto__,constructor,toString,"a,b"\n1,1,1,1\nx,x,,x\n2,11,2,2\n3,3,3,1\n',
    args: ["--table", "t", "--key", '"a,b"', "--on-duplicate", "fail"],
    rows: ["(1,1,1,1)"],
    failed: {
      2: /toString .* required.*__proto__ field must be a whole number.*constructor field must be/,
      3: /t_constructor_check/,
      4: /Duplicate entry found for key 'a,b'/,
    },
  },
  {
    name: "numbers and dates out of range",
    tables: "create table t (k smallint, d date, n numeric(4,2))",
    file: "k,d,n\n1,2024-02-29,9.99\n32768,2024-02-28,1\n2,0000-00-00,1\n3,2023-02-29,1\n4,,100\n",
    rows: ["(1,2024-02-29,9.99)"],
    failed: {
      2: /The k field must be between -32768 and 32767/,
      3: /The d field must be a date/,
      4: /The d field must be a date/,
      5: /The n field must be between -99.99 and 99.99/,
    },
  },
  {
    name: "windows-1252, semicolons, CR alone",
    tables: "create table t (k int, v text)",
    file: new Uint8Array([...encode("k;v\r1;"), 0x80, ...encode("\r2;x;y\r")]),
    rows: ["(1,€)"],
    failed: { 2: /The row has 3 fields where the header has 2/ },
  },
];

for (const landing of LANDINGS) {
  Deno.test(`good rows land and bad ones are kept: ${landing.name}`, async () => {
    await using db = await testDatabase();
    await using dir = await folderWith({ "data.csv": landing.file });
    await db.session.query(landing.tables);
    const args = landing.args ?? ["--table", "t"];
    const file = `${dir.path}/data.csv`;
    const { code, stderr } = await ingest(["run", ...args, "--file", file], { database: db });
    assert.equal(code, 3, stderr);
    const rows = await db.session.query<{ row: string }>("select t::text as row from t order by 1");
    assert.deepEqual(rows.map(({ row }) => row), landing.rows);
    const failed = await assertNothingLost(db.session, 1, file);
    assert.deepEqual([...failed.keys()], Object.keys(landing.failed).map(Number));
    for (const [number, says] of Object.entries(landing.failed)) {
      assert.match(failed.get(Number(number)) ?? "", says);
    }
  });
}

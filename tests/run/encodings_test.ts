/** Files in other encodings: the table gets what Postgres itself would read, and guesses are told. */
import assert from "node:assert/strict";
import { findRun } from "../../src/ledger/runs/runs.ts";
import { runReport } from "../../src/report/run_report.ts";
import type { Session } from "../../src/db/session.ts";
import { Fingerprint } from "../../src/source/file/fingerprint.ts";
import { encodedAs } from "../source/encoding/encoded.ts";
import { bytesOf, concat } from "../source/records.ts";
import { count, workshop } from "./importing.ts";

const TABLE = "create table people (id int, name text)";

async function names(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string }>("select name from people order by id");
  return rows.map(({ name }) => name);
}

Deno.test("only the damaged rows of a UTF-8 file fail", async () => {
  await using shop = await workshop(TABLE);
  const { create, drive, session } = shop;
  const file = concat("id,name\n1,Müller\n2,abc", [0xe6, 0x97], "\n3,def", [0xe6, 0x97], "\n");
  const run = await drive(await create("table: people", file));
  assert.deepEqual([run.status, run.warnings], ["completed_with_errors", []]);
  assert.deepEqual(await names(session), ["Müller"]);
  assert.equal(await count(session, "ingest.rows where status = 'failed'"), 2);
});

Deno.test("a guessed encoding is a warning of the run, in the report too", async () => {
  await using shop = await workshop(TABLE);
  const { create, drive, ledger, session } = shop;
  const file = concat("id,name\n1,", [...encodedAs("windows-1252", "Müller")], "\n");
  const run = await drive(await create("table: people", file));
  assert.deepEqual(await names(session), ["Müller"]);
  assert.match(run.warnings.join("\n"), /^Read as windows-1252, since it is not UTF-8\./);
  assert.deepEqual((await runReport(ledger, run.id, { rows: 0 })).warnings, run.warnings);

  const other = concat([...file], "2,x\n");
  const told = await drive(await create("{table: people, source: {encoding: cp1252}}", other));
  assert.deepEqual(told.warnings, []);
});

Deno.test("Japanese and Chinese files load as what they are", async () => {
  for (const [encoding, text] of [["shift_jis", "処理区分、"], ["gb18030", "你好世界"]]) {
    await using shop = await workshop(TABLE);
    const { create, drive, session } = shop;
    const run = await drive(
      await create("table: people", concat("id,name\n1,", [...encodedAs(encoding, text)], "\n")),
    );
    assert.deepEqual(await names(session), [text]);
    assert.match(run.warnings[0], new RegExp(`^Read as ${encoding}, since it is not UTF-8`));
  }
});

/** By the names that Postgres gives the same encodings. */
const SINGLE_BYTE: Readonly<Record<string, string>> = {
  WIN1250: "windows-1250",
  WIN1251: "windows-1251",
  WIN1252: "windows-1252",
  WIN1253: "windows-1253",
  WIN1254: "windows-1254",
  WIN1257: "windows-1257",
  WIN866: "ibm866",
  KOI8R: "koi8-r",
  LATIN2: "iso-8859-2",
  LATIN9: "iso-8859-15",
  ISO_8859_5: "iso-8859-5",
};

Deno.test("each byte becomes what it is to Postgres, and a byte that isn't defined fails its row", async () => {
  await using shop = await workshop(
    `${TABLE};
     create function read_as(bytes bytea, encoding name) returns text language plpgsql as $$
       begin return convert_from(bytes, encoding); exception when others then return null; end $$`,
  );
  const { create, drive, session } = shop;
  for (const [theirs, ours] of Object.entries(SINGLE_BYTE)) {
    await session.query("truncate people");
    const bytes = Array.from({ length: 128 }, (_, i) => 0x80 + i);
    const lines = bytes.flatMap((byte) => [...bytesOf(`${byte},x`), byte, ...bytesOf("x\n")]);
    const file = concat("id,name\n", lines);
    await drive(await create(`{table: people, source: {encoding: ${theirs}}}`, file));
    const differing = await session.query(
      `select byte, read_as(set_byte('\\x00', 0, byte), '${theirs}') as theirs, name as ours
       from generate_series(128, 255) as byte left join people on id = byte
       where 'x' || read_as(set_byte('\\x00', 0, byte), '${theirs}') || 'x' is distinct from name`,
    );
    assert.deepEqual(differing, [], ours);
  }
});

Deno.test("a row of a converted file that Postgres refuses is logged with its letters", async () => {
  await using shop = await workshop(
    `${TABLE}; alter table people add check (name <> 'Jürgen')`,
  );
  const { create, drive, ledger, session } = shop;
  const rows = [...encodedAs("windows-1252", "1,Zoë\n2,Jürgen\n")];
  const run = await drive(await create("table: people", concat("id,name\n", rows)));
  assert.equal(run.status, "completed_with_errors");
  const { rows: logged } = await runReport(ledger, run.id, { rows: 10 });
  assert.deepEqual(logged?.map(({ data }) => data.name), ["Jürgen"]);
  assert.deepEqual(await names(session), ["Zoë"]);
});

Deno.test("a damaged row of a converted file is logged with the file's own damaged bytes", async () => {
  await using shop = await workshop(TABLE);
  const { create, drive, ledger, session } = shop;
  const encoded = (text: string) => [...encodedAs("shift_jis", text)];
  const file = concat("id,name\n1,", encoded("東京"), "\n2,", encoded("大阪"), [0x82, 0xfe], "\n");
  const run = await drive(await create("{table: people, source: {encoding: sjis}}", file));
  assert.deepEqual(await names(session), ["東京"]);
  const [{ raw }] = await session.query<{ raw: Uint8Array }>("select raw from ingest.rows");
  assert.deepEqual(new Uint8Array(raw), concat("2,大阪", [0x82, 0xfe]));
  const { rows } = await runReport(ledger, run.id, { rows: 10 });
  assert.deepEqual(rows?.map(({ data, errors }) => [data.name, errors?.details[0].value]), [
    ["大阪\ufffd\ufffd", "大阪\\x82\\xfe"],
  ]);
});

Deno.test("what is left out at a file's end is told, and is part of the file all the same", async () => {
  await using shop = await workshop(TABLE);
  const { create, drive, session } = shop;
  const file = bytesOf("id,name\n1,a\n2,b\n" + "\0".repeat(5000) + "\x1a");
  const run = await drive(await create("table: people", file));
  assert.equal(run.status, "completed");
  assert.deepEqual(await names(session), ["a", "b"]);
  assert.match(run.warnings.join(), /^The last 5001 bytes of the file are NULs and not data/);
  const fingerprint = new Fingerprint();
  fingerprint.add(file);
  assert.equal((await findRun(shop.ledger, run.id))?.fingerprint, String(fingerprint));
});

/** Files, definitions and databases come from anybody, and a terminal obeys what it is shown. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { Output } from "../../src/cli/output.ts";
import { COLOURED } from "../../src/cli/render/style.ts";
import { migratedDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput, memoryStream } from "./memory_output.ts";

/** Colours, a title, a hidden cursor, C1's own escape, a text turned around, a line of its own. */
const EVIL = "\x1b[31mred\x1b]0;pwn\x07\x9b2J\u202egnp.exe\u2066\u2028\rx";
// deno-lint-ignore no-control-regex
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]/u;

Deno.test("nothing of a file reaches the terminal as an escape code", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(`create table t (id int, note text);
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception '%', new.note; end $$;
    create trigger refuse before insert on t for each row when (new.id = 2)
      execute function refuse();`);
  const quoted = `"${EVIL}"`;
  const files: Record<string, string> = {
    "good.csv": `id,note,${quoted},"a\nb"\n1,x,y,z\n2,${quoted},y,z\nx${EVIL.slice(0, 3)},a,b,c\n`,
    "other.csv": `i${EVIL},n\n1,2\n`,
    [`n${EVIL}.csv`]: "id\nx\n",
    "t.yaml": `table: t\ncolumns: { id: ${JSON.stringify(`i${EVIL}`)}, note: note }\n`,
    "bad.yaml": `table: t\n${JSON.stringify(`k${EVIL}`)}: 1\nkey: [${JSON.stringify(EVIL)}]\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir.path}/${name}`, text);
  }
  const at = (file: string) => ["--file", `${dir.path}/${file}`, "--importers", dir.path];
  for (const size of [null, { columns: 60, rows: 24 }, { columns: 200, rows: 24 }]) {
    for (
      const line of [
        ["run", "--table", "t", ...at("good.csv")],
        ["run", "--table", "t", ...at("other.csv")],
        ["run", "--table", "t", ...at(`n${EVIL}.csv`)],
        ["run", "--table", `"${EVIL}"`, ...at("good.csv")],
        ["run", "t", ...at("good.csv")],
        ["run", "bad", ...at("good.csv")],
        ["run", EVIL, ...at("good.csv")],
        ["run", "--table", "t", ...at("good.csv"), "--delimiter", EVIL],
        ["run", "--table", "t", ...at(`${EVIL}.csv`), "--verbose"],
        ["check", "--importers", dir.path],
        ["list", "--importers", dir.path],
        ["status", "1"],
        ["status", EVIL],
        ["errors", "1"],
        ["rows", "1"],
        ["runs"],
        ["errors", "1", "--json"],
        ["rows", "1", "--json"],
        ["runs", "--json"],
      ]
    ) {
      const { output, stdout, stderr } = memoryOutput(size);
      await runCommandLine([...line, "--database-url", db.url], output);
      const drawn = (stdout.text + stderr.text)
        // What ingest itself draws: the erased progress.
        // deno-lint-ignore no-control-regex
        .replaceAll(/\r?\x1b\[\d*[AJK]/gu, "");
      assert.doesNotMatch(drawn, OBEYED, line.join(" "));
      assert.ok((stdout.text + stderr.text).length > 0, line.join(" "));
    }
  }
});

Deno.test("with --json, the file's characters are exact and can't be seen as others", () => {
  const { output, stdout } = memoryOutput();
  const value = { name: `${EVIL}\u{e0041}é🙂` };
  output.json(value);
  assert.doesNotMatch(stdout.text, OBEYED);
  assert.match(stdout.text, /\\u202e/u);
  assert.deepEqual(JSON.parse(stdout.text), value);
});

Deno.test("a line stays one line, and keeps only the colours that we give it", () => {
  const [stdout, stderr] = [memoryStream({ columns: 80, rows: 24 }), memoryStream()];
  const output = new Output(stdout, stderr, "terminals");
  output.print(`${COLOURED.red("bad")} one\ntwo ${EVIL.slice(5)}`);
  assert.equal(stdout.text.split("\n").length, 2);
  assert.ok(stdout.text.startsWith(`${COLOURED.red("bad")} one two red`));
  output.note("ingest: one\ningest: forged\x1b[1m");
  assert.equal(stderr.text, "ingest: one ingest: forged�[1m\n");
});

Deno.test("a file on standard output is exact, unless it is a terminal", () => {
  const piped = memoryOutput();
  piped.output.file(`${EVIL}\r\n`);
  assert.equal(piped.stdout.text, `${EVIL}\r\n`);
  const seen = memoryOutput({ columns: 80, rows: 24 });
  seen.output.file(`${EVIL}\r\n`);
  assert.doesNotMatch(seen.stdout.text, OBEYED);
});

Deno.test("a name in a message can't begin a line of its own", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute("create table t (id int)");
  const file = `${dir.path}/a.csv`;
  await Deno.writeTextFile(file, `"x\ningest: run 1 completed"\n1\n`);
  const { output, stderr } = memoryOutput();
  await runCommandLine(["run", "--table", "t", "--file", file, "--database-url", db.url], output);
  assert.equal(stderr.text.trimEnd().split("\n").length, 1, stderr.text);
});

/** What people type by mistake: one line that says what to do. */
import assert from "node:assert/strict";
import { toFailure } from "../../src/cli/describe_failure.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { migratedDatabase, testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

async function say(url: string, ...args: readonly string[]) {
  const { output, stdout, stderr } = memoryOutput();
  const code = await runCommandLine([...args, "--database-url", url], output);
  return { code, out: stdout.text, err: stderr.text };
}

Deno.test("in a database where ingest was never used there are no runs yet, and nothing is out of date", async () => {
  await using db = await testDatabase();
  const runs = await say(db.url, "runs");
  assert.deepEqual(runs, { code: 0, out: "", err: "There are no runs yet.\n" });
  const { data, meta } = JSON.parse((await say(db.url, "runs", "--json")).out);
  assert.deepEqual([data, meta.next_cursor], [[], null]);
  for (const line of ["status", "status 1", "errors", "rows 1", "wait 1", "cancel 1"]) {
    const { code, err } = await say(db.url, ...line.split(" "));
    assert.equal(code, 5, line);
    assert.match(
      err,
      /^ingest: There are no runs and no tokens yet: ingest was never used .* ingest run .*\n$/u,
    );
  }
  await db.session.query("create schema ingest");
  assert.equal((await say(db.url, "runs")).code, 0);
});

Deno.test("a file in the place of an importer, a pipe, a circle of links, several files: one line each", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.query("create table t (id int)");
  const at = (name: string) => `${dir.path}/${name}`;
  await Deno.writeTextFile(at("Kunden 2024.csv"), "id\n1\n");
  await Deno.writeTextFile(at("plain"), "id\n1\n");
  await Deno.symlink(at("one"), at("two"));
  await Deno.symlink(at("two"), at("one"));
  await new Deno.Command("mkfifo", { args: [at("pipe")] }).output();
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [
      ["run", at("Kunden 2024.csv")],
      2,
      /is a file, not an importer\. .*run <importer> --file '.*2024\.csv', .* --table kunden_2024 --file '/u,
    ],
    [["run", at("plain")], 2, /plain is a file, not an importer\./u],
    [["run", "absent.csv"], 2, /absent\.csv is a file, not an importer\..* --table absent /u],
    [["run", "absent"], 5, /Cannot find importer "absent"/u],
    [["run", at("plain"), "--table", "t"], 2, /is a file: ingest run --table t --file \S+plain$/mu],
    [["run", "--table", "t", "--file", at("one")], 1, /its symbolic links lead in a circle/u],
    [["run", "--table", "t", "--file", at("pipe")], 1, /it is a pipe\. .* --file - < \S+pipe$/mu],
    [
      ["run", "t", "--file", "a.csv", "b.csv", "c.csv"],
      2,
      /got 3 names: t, b\.csv, c\.csv\. A pattern belongs in quotes/u,
    ],
    [["token"], 2, /token needs a command: create, list, revoke\. See: ingest token --help/u],
    [["db"], 2, /db needs a command: start, stop, .*psql\. See: ingest db --help/u],
    [["frobnicate"], 2, /unknown command 'frobnicate'; ingest --help lists them/u],
  ];
  for (const [args, code, expected] of cases) {
    const { output, stderr } = memoryOutput();
    const needsUrl = args[0] === "run" ? ["--database-url", db.url, "--importers", dir.path] : [];
    assert.equal(await runCommandLine([...args, ...needsUrl], output), code, args.join(" "));
    assert.match(stderr.text, expected);
    assert.equal(stderr.text.trimEnd().split("\n").length, 1, stderr.text);
  }
});

Deno.test("names that look the same are told apart by the character that differs", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.query(`create table t (id int, "café" text, mail text)`);
  const file = `${dir.path}/a.csv`;
  const mapped = `table: t\ncolumns: { mail: { from: "E Mail", required: true } }\n`;
  await Deno.writeTextFile(`${dir.path}/t.yaml`, mapped);
  const load = async (header: string, ...args: readonly string[]) => {
    await Deno.writeTextFile(file, `${header}\n1,2\n`);
    return await say(db.url, "run", ...args, "--file", file, "--importers", dir.path);
  };
  const zero = await load("id,E\u200b Mail", "t");
  assert.match(zero.err, /did you mean ".*" \(it has a zero width space, U\+200B\)\?$/mu);
  const hyphen = await load("id,\u041c\u0430il", "--table", "t");
  assert.match(hyphen.out, /looks like "mail", but it has the character U\+041C/u);
  const accents = await load("id,cafe\u0301", "--table", "t");
  assert.match(accents.out, /looks like "café", but it has accents as characters of their\s+own/u);
});

Deno.test("a .tsv without tabs is read with its own delimiter, and the run says so", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.query("create table t (a int, b text)");
  const file = `${dir.path}/a.tsv`;
  await Deno.writeTextFile(file, "a;b\n1;x, y\n2;z\n");
  const { code, out } = await say(db.url, "run", "--table", "t", "--file", file);
  assert.equal(code, 0);
  assert.match(out, /name promises tabs, but its header has none: .*separated by ";"/u);
  await Deno.writeTextFile(file, "b\nx, y\nz, w\n");
  assert.equal((await say(db.url, "run", "--table", "t", "--file", file)).code, 0);
  const rows = await db.session.query<{ b: string }>("select b from t order by b");
  assert.deepEqual(rows.map(({ b }) => b), ["x, y", "x, y", "z", "z, w"]);
});

Deno.test("what the system refuses is no error in ingest itself", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "No space left on device (os error 28): copy '/a/b' -> '/home/x'",
      "Cannot copy /home/x: no space left on device. Free space on its disk.",
    ],
    [
      "Too many levels of symbolic links (os error 40): stat '/l'",
      "Cannot stat /l: too many levels of symbolic links. Its links lead in a circle: name the file itself.",
    ],
    [
      "Permission denied (os error 13): mkdir '/x'",
      "Cannot mkdir /x: permission denied. Make it accessible for this user.",
    ],
    ["Input/output error (os error 5)", "Cannot go on: input/output error."],
  ];
  for (const [said, expected] of cases) {
    const { message, code } = toFailure(new Error(said));
    assert.deepEqual([message, code], [expected, "system"]);
  }
  assert.equal(toFailure(new Error("x is not a function")).code, "internal");
});

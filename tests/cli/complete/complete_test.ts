/** What `__complete` answers, whatever is missing. */
import assert from "node:assert/strict";
import type { Command } from "commander";
import { buildCommandLine } from "../../../src/cli/command_line.ts";
import { referentOfArgument, referentOfOption } from "../../../src/cli/complete/referents.ts";
import { lookForEmbedded, startEmbedded } from "../../../src/db/embedded.ts";
import { Session } from "../../../src/db/session.ts";
import { testDatabase } from "../../support/database.ts";
import { temporaryHome } from "../../support/embedded_home.ts";
import { temporaryFolder } from "../customers.ts";
import { memoryOutput } from "../memory_output.ts";
import { ingest, type ProgramOptions } from "../start_program.ts";
import { PATIENT } from "./shells.ts";

/** The values that zsh gets. It must hear nothing else, whatever is wrong. */
async function values(words: readonly string[], options: ProgramOptions = {}) {
  const env = { ...PATIENT, ...options.env };
  const { code, stdout, stderr } = await ingest(["__complete", "zsh", ...words], {
    ...options,
    env,
  });
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  const [, , ...pairs] = stdout.split("\0").slice(0, -1);
  return pairs.filter((_, index) => index % 2 === 0);
}

Deno.test("without a database that answers, nothing is completed, said, created or started", async () => {
  await using folder = await temporaryFolder();
  await using empty = await testDatabase();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const away = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  away.close();
  const env = { INGEST_HOME: `${folder.path}/home`, INGEST_COMPLETION_TIMEOUT: "100ms" };
  const options = { env, cwd: folder.path };
  for (
    const url of [
      `postgres://u@127.0.0.1:${away.addr.port}/d`,
      `postgres://u@127.0.0.1:${silent.addr.port}/d`,
      empty.url,
      "nonsense",
      "$NO_SUCH_VARIABLE",
      "",
    ]
  ) {
    assert.deepEqual(await values(["status", "--database-url", url, ""], options), [], url);
  }
  assert.deepEqual(await values(["errors", ""], options), []);
  assert.deepEqual(await values(["errors", "--embedded", ""], options), []);
  assert.deepEqual(await values(["errors", "--embedded", "--database-url", "x", ""], options), []);
  assert.deepEqual(await values(["errors", "--schema", "Not a schema", ""], options), []);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("an embedded Postgres that runs is asked, and left as it is", async () => {
  await using home = await temporaryHome();
  const options = { env: { INGEST_HOME: home.path } };
  const config = await startEmbedded(home.path);
  {
    await using session = await Session.open(config);
    await session.execute('create table customers (id int); create table "Two words" (id int)');
  }
  assert.deepEqual(await values(["run", "--table", ""], options), ['"Two words"', "customers"]);
  assert.deepEqual(await values(["run", "--embedded", "--table=c"], options), [
    "--table=customers",
  ]);
  assert.deepEqual(await lookForEmbedded(home.path), config);
});

Deno.test("the variable that --database-url names is the environment's", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table customers (id int)");
  const options = { env: { STAGING: db.url } };
  for (const url of ["$STAGING", "${STAGING}"]) {
    const words = ["run", "--database-url", url, "--table", ""];
    assert.deepEqual(await values(words, options), ["customers"]);
  }
});

Deno.test("importers are found by name, and no definition is run", async () => {
  await using folder = await temporaryFolder();
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder.path}/${name}`, text);
  await write("plain.yaml", "table: t\ncolumns:\n  slug: title\n");
  await write("a.yml", "slug: renamed  # by hand\ntable: t\n");
  await write("b.json", '{"table": "t", "slug": "in-json", "columns": {"slug": "x"}}');
  await write("code.js", 'Deno.writeTextFileSync("RAN", ""); export default { table: "t" };');
  await write("code.hooks.js", "");
  await write("broken.json", "{");
  await write("Not a slug.yaml", "table: t\n");
  await write("notes.txt", "");
  const options = { cwd: folder.path };
  const all = ["broken", "code", "in-json", "plain", "renamed"];
  assert.deepEqual(await values(["run", "--importers", ".", ""], options), all);
  assert.deepEqual(await values(["runs", "--importer", ""], options), []);
  assert.deepEqual(await values(["run", "--table", "t", "--importers", ".", ""], options), []);
  await assert.rejects(Deno.stat(`${folder.path}/RAN`), Deno.errors.NotFound);
});

Deno.test("what stands on the line decides what is completed", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["tok", "token"],
    ["token re", "revoke"],
    ["help dele", "delete"],
    ["help token cr", "create"],
    ["nonsense ", ""],
    ["version extra x", ""],
    ["rows 1 --status s", "skipped"],
    ["rows --status=s", "--status=skipped"],
    ["rows 1 --code type,foreign", "type,foreign_key"],
    ["rows 1 --code type,typ", ""],
    ["run --dry-", "--dry-run"],
    ["run --dry-run --dry-", ""],
    ["run -qf x --dry-", "--dry-run"],
    ["rows 1 --code type --cod", "--code"],
    ["run -- --dry-", ""],
    ["errors 1 --apply --sug", "--suggest"],
    ["errors 1 --apply s", ""],
    ["run --no-such=x", ""],
    ["run --dry-run=x", ""],
    ["retry --no-d", "--no-dry-run"],
    ["completions z", "zsh"],
    ["db psql -- x", ""],
  ];
  for (const [line, expected] of cases) {
    assert.equal((await values(line.split(" "))).join(" "), expected, line);
  }
});

/** Values that nobody can know before: numbers, durations, sizes, new names, URLs. */
const FREE = [
  ...["--database-url", "--schema", "--key", "--skip-lines", "--workers", "--max-errors"],
  ...["--timeout", "--grace", "--wait", "--limit", "--after", "--apply", "--rows", "--reason"],
  ...[
    "--port",
    "--cors-origin",
    "--allow-host",
    "--max-upload",
    "--older-than",
    "--name",
    "--expires",
  ],
  ...["--sheet", "--member", "--records", "--max-unpacked", "--of-file", "--map", "--against"],
  "--set",
];

Deno.test("every argument and every option's value is completed, or known to be free", () => {
  const commands = (command: Command): readonly Command[] => [
    command,
    ...command.commands.flatMap(commands),
  ];
  const unknown = commands(buildCommandLine(memoryOutput().output, () => {})).flatMap((command) => [
    ...command.options
      .filter((option) => option.required || option.optional)
      .filter((option) => referentOfOption(option).kind === "nothing")
      .flatMap(({ long }) => long === undefined || FREE.includes(long) ? [] : [long]),
    ...command.registeredArguments
      .filter((argument) => referentOfArgument(argument).kind === "nothing")
      .map((argument) => `${command.name()} <${argument.name()}>`),
  ]);
  assert.deepEqual(unknown, ["psql <arguments>"]);
});

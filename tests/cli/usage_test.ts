import assert from "node:assert/strict";
import type { Command } from "commander";
import { runCommandLine } from "../../src/cli/main.ts";
import { Output } from "../../src/cli/output.ts";
import { buildCommandLine } from "../../src/cli/command_line.ts";
import { brokenStream, memoryOutput, memoryStream } from "./memory_output.ts";

/** Arguments, and what the one line on stderr must say. All exit with 2. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ["rum", /unknown command 'rum'; did you mean run\?/],
  ["stat", /unknown command 'stat'; did you mean status\?/],
  ["RUN", /unknown command 'RUN'; did you mean run\?/],
  ["import x.csv", /unknown command 'import'; did you mean run\?/],
  ["watch 3", /unknown command 'watch'; did you mean status --watch\?/],
  ["help rum", /unknown command 'rum'; did you mean run\?/],
  ["help nonsense", /unknown command 'nonsense'; ingest --help lists them/],
  ["a'b.csv", /a'b\.csv is a file\. Load it: ingest run --table <table> --file a\\'b\.csv/],
  ["token remove", /unknown command 'remove'; did you mean revoke\?/],
  ["--schema x status", /unknown option '--schema'/],
  ["--jsno", /unknown option '--jsno'; did you mean --json\?/],
  ["db strat", /unknown command 'strat'; did you mean start\?/],
  ["run customers --workesr 2", /unknown option '--workesr'; did you mean --workers\?/],
  ...["", "90d", "rows=90d", "failed_rows=90", "runs=0d", "runs=1y,runs=2y", "runs=1y=2", "none"]
    .flatMap((ages) =>
      ["serve", "work"].map((command): readonly [string, RegExp] => [
        `${command} --retention=${ages}`,
        /Expected off, or ages such as failed_rows=90d,runs=1y\./,
      ])
    ),
  ["run customers other", /too many arguments for 'run'/],
  ["run customers --file", /option '-f, --file <path>' argument missing/],
  ["run", /No importer given/],
  ["run --file x.csv", /No importer given/],
  ["run --table t", /No file given/],
  ["check --table t --file gopher://example.com/x", /--file: .*https:\/\/.*; got one with gopher:/],
  ["run --table t --file gopher://example.com/x", /--file: .*https:\/\/.*; got one with gopher:/],
  ["run customers --table t --file x.csv", /Cannot combine an importer/],
  ["run customers --key id --file x.csv", /--key only works with --table/],
  ["run customers --on-duplicate skip --file x.csv", /--on-duplicate only works with --table/],
  ["run --table t --on-duplicate replace --file x.csv", /Expected skip, update/],
  ["run --table t --key id, --file x.csv", /Expected names/],
  ["run customers --workers 0", /Expected a whole number from 1 to 64/],
  ["run customers --workers -1", /Expected a whole number from 1 to 64|argument missing/],
  ["run customers --workers 1.5", /Expected a whole number from 1 to 64/],
  ["run customers --workers 65", /Expected a whole number from 1 to 64/],
  ["run customers --workers two", /Expected a whole number from 1 to 64/],
  ["run --table t --file x --delimiter comma", /--delimiter: expected one character/],
  ["run --table t --file x --quote , --delimiter ,", /--quote: expected another character than/],
  ["run --table t --file x --escape ab", /--escape: expected one character/],
  ["run --table t --file x --comment # --delimiter #", /--comment: expected another beginning/],
  ["run --table t --file x --identity keap", /Expected keep or generate/],
  ["run customers --identity keep --file x.csv", /--identity only works with --table/],
  [
    "run --table t --file a.csv b.csv",
    /b\.csv comes after --file a\.csv\. To load it as well, write --file before it, too; a pattern belongs in quotes: --file /,
  ],
  ["run --table t --file x --encoding latin-17", /--encoding: expected an encoding/],
  ["run --table t --file x --max-errors many", /--max-errors: expected a number of rows/],
  ["run --table t --file x --max-errors 101%", /--max-errors: expected a number of rows/],
  ["run --table t --file x --embedded --database-url postgres://h/d", /exclude each other/],
  ["check --table a --table b --file x", /^ingest: --table was given twice; give it once\n/],
  ["errors 1 --export a.csv --export b.csv", /--export was given twice/],
  ["run --table a --table b --file x", /--table was given twice/],
  ["run c --file x --encoding utf-8 --encoding cp850", /--encoding was given twice/],
  ["run c --file x --workers 2 --workers 3", /--workers was given twice/],
  ["status 1 --database-url postgres://a/a --database-url postgres://b/b", /--database-url was/],
  ["retry 1 --dry-run --no-dry-run", /--dry-run and --no-dry-run exclude each other/],
  ["token create --name a --name b", /--name was given twice/],
  ["rows 1 --limit 1 --limit 2", /--limit was given twice/],
  ["check --encoding cp850", /--encoding needs --file/],
  ["check people --table people --file x", /Cannot combine an importer/],
  ["check people --file -", /standard input can't be checked/],
  ["status 0", /Expected the number of a run/],
  ["status -- -1", /Expected the number of a run/],
  ["status 1.0", /Expected the number of a run/],
  ["status abc", /Expected the number of a run/],
  ["status 12345678901234567890", /Expected the number of a run/],
  ["status 1 2", /too many arguments/],
  ["resume", /missing required argument 'run'/],
  ["verify", /missing required argument 'run'/],
  ["verify 1 2", /too many arguments/],
  ["verify one", /Expected the number of a run/],
  ["verify 1 --workers 0", /Expected a whole number from 1 to 64/],
  ["resume 1 --max-errors x", /--max-errors: expected/],
  ["cancel", /missing required argument 'run'/],
  ["wait 1 --timeout soon", /Expected a duration/],
  ["wait 1 --timeout 60d", /Expected a duration/],
  ["wait 1 --timeout 999999999h", /Expected a duration/],
  ["rows", /missing required argument 'run'/],
  ["rows 1 --status bad", /Expected created, updated, skipped or failed/],
  ["rows 1 --limit 0", /Expected a whole number from 1/],
  ["runs --status done", /Expected pending/],
  ["runs --limit all", /Expected a whole number/],
  ["work --grace -3s", /Expected a duration|argument missing/],
  ["serve --port 99999", /Expected a whole number from 0 to 65535/],
  ["serve --max-upload big", /--max-upload/],
  ["serve --cors-origin *", /Name the origins: with \*, any page/],
  ["serve --cors-origin https://app.example.com/page", /Expected an origin, such as https:/],
  ["serve --cors-origin app.example.com", /Expected an origin/],
  ["serve --cors-origin null", /Expected an origin/],
  ["serve --source-dir /no/such/folder --database-url postgres://h/d", /--source-dir: there is no/],
  ["token create", /required option '--name <name>' not specified/],
  ["token create --name ci --scope all", /Expected read, run or admin/],
  ["token revoke", /missing required argument 'token'/],
  ["version 2", /too many arguments/],
  [
    "status --schema public --database-url postgres://h/d",
    /--schema: expected a schema for ingest's own/,
  ],
  ["run --table t --file x --schema pg_x", /--schema: expected a schema for ingest's own/],
  ["status --database-url mysql://h/d", /--database-url: expected a URL/],
];

for (const [line, expected] of WRONG) {
  Deno.test(`\`ingest ${line}\` is wrong usage, reported in one line`, async () => {
    const { output, stdout, stderr } = memoryOutput();
    assert.equal(await runCommandLine(line.split(" "), output), 2);
    assert.match(stderr.text, /^ingest: [^\n]+\n$/);
    assert.match(stderr.text, expected);
    assert.equal(stdout.text, "");
  });
}

Deno.test("with --json wrong usage prints the HTTP API's error body, and nothing else", async () => {
  const { output, stdout, stderr } = memoryOutput();
  assert.equal(await runCommandLine(["status", "abc", "--json"], output), 2);
  const body = JSON.parse(stdout.text);
  assert.deepEqual(Object.keys(body).toSorted(), ["code", "message"]);
  assert.equal(body.code, "usage");
  assert.match(body.message, /Expected the number of a run/);
  assert.match(stderr.text, /^ingest: /);
});

Deno.test("flags and lists of names may be repeated", async () => {
  for (
    const line of [
      "version --json --json",
      "run --table t --key a --key b",
      "list --verbose --verbose",
    ]
  ) {
    const { output, stderr } = memoryOutput();
    await runCommandLine(line.split(" "), output);
    assert.doesNotMatch(stderr.text, /was given twice/);
  }
});

Deno.test("a stack trace is shown with --verbose, and only then", async () => {
  const quiet = memoryOutput();
  await runCommandLine(["run", "--table", "t"], quiet.output);
  assert.doesNotMatch(quiet.stderr.text, /\.ts:\d+/);
  const verbose = memoryOutput();
  await runCommandLine(["run", "--table", "t", "--verbose"], verbose.output);
  assert.match(verbose.stderr.text, /\.ts:\d+/);
});

/** The names of all commands, as the user types them: `token create`. */
const COMMANDS = namesOf(buildCommandLine(memoryOutput().output, () => {}));

Deno.test("a command that is declared with its group alone is the same command", () => {
  const { output } = memoryOutput();
  const all = buildCommandLine(output, () => {});
  for (const command of all.commands) {
    const alone = buildCommandLine(output, () => {}, command.name());
    assert.ok(alone.commands.length < all.commands.length, command.name());
    const same = alone.commands.find((each) => each.name() === command.name());
    assert.equal(same?.helpInformation(), command.helpInformation());
  }
});

function namesOf({ commands }: Command): readonly string[] {
  return commands.flatMap((command) => {
    const inside = namesOf(command);
    return inside.length === 0
      ? [command.name()]
      : inside.map((name) => `${command.name()} ${name}`);
  });
}

for (const command of COMMANDS) {
  Deno.test(`\`ingest ${command} --help\` ends with an example and takes --json`, async () => {
    const { output, stdout, stderr } = memoryOutput();
    assert.equal(await runCommandLine([...command.split(" "), "--help"], output), 0);
    assert.match(stdout.text, new RegExp(`Examples?:\\n(.*\\n)*.*ingest ${command}`));
    assert.match(stdout.text, /--json/);
    assert.equal(stderr.text, "");
  });
}

Deno.test("help is the same as --help, for commands of commands, too", async () => {
  const helpOf = async (line: string) => {
    const { output, stdout } = memoryOutput();
    assert.equal(await runCommandLine(line.split(" "), output), 0, line);
    return stdout.text;
  };
  for (const command of ["run", "token", "token revoke"]) {
    assert.equal(await helpOf(`help ${command}`), await helpOf(`${command} --help`));
  }
  assert.equal(await helpOf("help help"), await helpOf("--help"));
});

Deno.test("the help names every command and the exit codes", async () => {
  const { output, stdout } = memoryOutput();
  assert.equal(await runCommandLine(["--help"], output), 0);
  for (const command of COMMANDS) {
    assert.match(stdout.text, new RegExp(`^  ${command.split(" ")[0]}\\b`, "m"));
  }
  assert.match(stdout.text, /Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some rows failed/);
});

Deno.test("the help shows each command once, in a group, on a line of 80 columns", async () => {
  const { output, stdout } = memoryOutput({ columns: 80, rows: 24 });
  await runCommandLine(["--help"], output);
  const lines = stdout.text.slice(0, stdout.text.indexOf("\nExamples:")).split("\n");
  const groups = lines.filter((line) => /^\w+:$/u.test(line));
  assert.deepEqual(groups, ["Load:", "Define:", "Watch:", "Repair:", "Administer:"]);
  const commands = lines.flatMap((line) => /^ {2}(\w+) /u.exec(line)?.[1] ?? []);
  const all = COMMANDS.map((command) => command.split(" ")[0]);
  assert.deepEqual(commands.toSorted(), [...new Set([...all, "help"])].toSorted());
  assert.equal(commands[0], "run");
  assert.equal(lines.filter((line) => /^ {3}/u.test(line)).length, 0);
});

Deno.test("a reader that goes away early is not an error", async () => {
  const stderr = memoryStream();
  const output = new Output(brokenStream(), stderr, "never");
  assert.equal(await runCommandLine(["version"], output), 0);
  assert.equal(stderr.text, "");
});

Deno.test("stderr that nobody reads changes no exit code", async () => {
  const output = new Output(memoryStream(), brokenStream(), "never");
  assert.equal(await runCommandLine(["rum"], output), 2);
});

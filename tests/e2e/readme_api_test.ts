/** The README's calls of the API, by curl, to the program itself. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../cli/customers.ts";
import { PROGRAM, startIngest } from "../cli/program.ts";
import { Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";
import { assertShows, readBlocks, readCommands, readOnly } from "./readme.ts";
import { openShell } from "./shell.ts";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const ORIGIN_IN_README = "http://localhost:8080";

Deno.test("the README's calls of the API are answered as it says", async () => {
  const blocks = readBlocks(await Deno.readTextFile(README));
  const calls = readCommands(blocks, ["test", "http"]);
  assert.ok(calls.length >= 6, "the README has calls to test");
  const definition = readCommands(blocks).find(({ text }) => text.includes("customers.yaml"));
  assert.ok(definition, "the README has a definition");

  await using database = await testDatabase();
  await database.session.execute(readOnly(blocks, "sql"));
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/customers.csv`, readOnly(blocks, "csv"));
  await using shell = openShell(folder.path, {
    DATABASE_URL: database.url,
    INGEST_USER: "tester",
    NO_COLOR: "1",
  });
  await shell.run(`ingest() { ${PROGRAM.map((word) => `'${word}'`).join(" ")} "$@" </dev/null; }`);
  assertShows(await shell.run(definition.text), definition);

  const server = startIngest(["serve", "--port", "0"], { database, cwd: folder.path });
  try {
    await server.says("uploads up to");
    const origin = / at (http:\/\/[\d.:]+) /u.exec(server.heard())?.[1] ?? "";
    const [serve] = readCommands(blocks, ["serve"]);
    // Where it is, and how many workers it has, differs from machine to machine.
    const where = /Serving server .* with \d workers/u;
    const [inReadme] = where.exec(serve.shown.join("\n")) ?? [""];
    assertShows(server.heard().replace(where, () => inReadme), serve);
    // What the run that is to be cancelled waits for.
    await using holder = await Session.open(database.config);
    for (const call of calls) {
      if (call.text.includes("/cancel")) {
        await holder.execute("begin; lock table customers in exclusive mode");
      }
      const output = await shell.run(call.text.replaceAll(ORIGIN_IN_README, origin));
      if (call.text.includes("/cancel")) await holder.execute("rollback");
      assertShows(output, call);
    }
  } finally {
    server.kill("SIGTERM");
    await server.ended;
  }
  const { code, stderr } = await server.ended;
  assert.equal(code, 0, stderr);
  const rows = await database.session.query<{ email: string }>(
    "select email from customers order by email",
  );
  assert.deepEqual(rows.map(({ email }) => email.split("@")[0]), ["ada", "alan", "grace", "linus"]);
});

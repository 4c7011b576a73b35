/** The pages' calls of the API, by curl, to the program itself. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { PROGRAM, startIngest } from "../cli/start_program.ts";
import { Session } from "../../src/db/session.ts";
import { openShell } from "../e2e/shell.ts";
import { testDatabase } from "../support/database.ts";
import type { Page } from "./pages.ts";
import { assertShows, pagesWithCommands, readCommands, readExample } from "./snippets.ts";

const HTTP = ["test", "http"];
const ORIGIN_IN_PAGES = "http://localhost:8080";

const pages = await pagesWithCommands(HTTP);

Deno.test("there are calls of the API to test, each beside a server", async () => {
  assert.ok(pages.flatMap((page) => readCommands(page, HTTP)).length >= 6);
  const serving = await pagesWithCommands(["serve"]);
  assert.deepEqual(serving.map(({ path }) => path), pages.map(({ path }) => path));
});

for (const page of pages) {
  Deno.test(`the calls in ${page.path} are answered as it says`, () => callAsWritten(page));
}

async function callAsWritten(page: Page): Promise<void> {
  const { table, file, definition } = await readExample();
  await using database = await testDatabase();
  await database.session.execute(table);
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/customers.csv`, file);
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
    const [serve] = readCommands(page, ["serve"]);
    // Where it is, and how many workers it has, differs from machine to machine.
    const where = /Serving server .* with \d workers/u;
    const [inPage] = where.exec(serve.shown.join("\n")) ?? [""];
    assertShows(server.heard().replace(where, () => inPage), serve);
    // What the run that is to be cancelled waits for.
    await using holder = await Session.open(database.config);
    for (const call of readCommands(page, HTTP)) {
      if (call.text.includes("/cancel")) {
        await holder.execute("begin; lock table customers in exclusive mode");
      }
      const output = await shell.run(call.text.replaceAll(ORIGIN_IN_PAGES, origin));
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
}

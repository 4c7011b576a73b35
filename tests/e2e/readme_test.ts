/** What the README says to do does what the README says, in a copy of the repository. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { testDatabase } from "../support/database.ts";
import { assertShows, readBlocks, readCommands, readOnly } from "./readme.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const URL_IN_README = "postgres://me:secret@localhost:5432/shop";

Deno.test("the README's way from a CSV file to a table works as written", async () => {
  const blocks = readBlocks(await Deno.readTextFile(`${ROOT}README.md`));
  const commands = readCommands(blocks);
  assert.ok(commands.length >= 5, "the README has commands to test");
  await using database = await testDatabase();
  await database.session.execute(readOnly(blocks, "sql"));
  const clone = await Deno.makeTempDir({ prefix: "ingest-readme-" });
  try {
    for (const name of ["deno.json", "deno.lock", "main.ts", "src", "scripts/deno"]) {
      await cp(`${ROOT}${name}`, `${clone}/${name}`, { recursive: true });
    }
    await Deno.writeTextFile(`${clone}/customers.csv`, readOnly(blocks, "csv"));
    const outputs = await runAll(commands.map(({ text }) => text), clone, database.url);
    for (const [index, command] of commands.entries()) assertShows(outputs[index], command);
  } finally {
    await Deno.remove(clone, { recursive: true });
  }
  const rows = await database.session.query<{ email: string; plan: string; day: string }>(
    "select email, plan, signed_up::text as day from customers order by email",
  );
  assert.deepEqual(rows, [
    { email: "ada@example.com", plan: "pro", day: "2024-12-10" },
    { email: "alan@example.com", plan: "free", day: "2024-06-30" },
    { email: "grace@example.com", plan: "team", day: "2024-12-09" },
    { email: "linus@example.com", plan: "free", day: "2024-12-28" },
  ]);
});

Deno.test("the README's query for reasons is one that Postgres understands", async () => {
  const blocks = readBlocks(await Deno.readTextFile(`${ROOT}README.md`));
  const query = blocks.find(({ text }) => text.includes("from ingest.batch_errors"));
  assert.ok(query, "the README has such a query");
  await using database = await testDatabase();
  const { migrate } = await import("../../src/db/migrate.ts");
  await migrate(database.session, "ingest");
  assert.deepEqual(await database.session.query(query.text.replace(/;\s*$/u, "")), []);
});

Deno.test("the README's list of links leads to its sections", async () => {
  const text = await Deno.readTextFile(`${ROOT}README.md`);
  const sections = [...text.matchAll(/^#{2,3} (.*)$/gmu)].map(([, title]) =>
    title.toLowerCase().replace(/[^\w\s-]/gu, "").replaceAll(" ", "-")
  );
  const links = [...text.matchAll(/\]\(#([^)]*)\)/gu)].map(([, anchor]) => anchor);
  assert.ok(links.length > 5, "the README links to its sections");
  assert.deepEqual(links.filter((anchor) => !sections.includes(anchor)), []);
});

const MARK = "-- next block --";

/** In one shell, as a person would; the output of each block, in the order in which it came. */
async function runAll(
  blocks: readonly string[],
  folder: string,
  url: string,
): Promise<readonly string[]> {
  const script = ["exec 2>&1", ...blocks.flatMap((block) => [block, `echo '${MARK}'`])].join("\n")
    .replace(URL_IN_README, url);
  await Deno.writeTextFile(`${folder}/script.sh`, script);
  const { DENO_DIR, HOME, PATH, DENO_TLS_CA_STORE } = Deno.env.toObject();
  const output = await new Deno.Command("sh", {
    args: ["script.sh"],
    cwd: folder,
    clearEnv: true,
    env: {
      // `scripts/deno` takes the first that it finds: the one that runs this test.
      PATH: `${dirname(Deno.execPath())}:${PATH}`,
      NO_COLOR: "1",
      ...(HOME && { HOME }),
      ...(DENO_DIR && { DENO_DIR }),
      ...(DENO_TLS_CA_STORE && { DENO_TLS_CA_STORE }),
    },
    stdin: "null",
  }).output();
  const outputs = new TextDecoder().decode(output.stdout).split(`${MARK}\n`);
  assert.equal(outputs.length, blocks.length + 1, `all blocks were run:\n${outputs.join("")}`);
  return outputs;
}

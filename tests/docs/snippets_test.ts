/** What the pages say to do does what they say, in a copy of the repository. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseExtended } from "../../src/importer/extend.ts";
import { migratedDatabase, testDatabase } from "../support/database.ts";
import { readPages, ROOT } from "./pages.ts";
import {
  assertShows,
  type Example,
  pagesWithCommands,
  readBlocks,
  readCommands,
  readExample,
  readTested,
} from "./snippets.ts";

const URL_IN_README = "postgres://me:secret@localhost:5432/shop";

/** A block with other marks would be read by people and run by nobody. */
const KNOWN_MARKS = ["sh test", "sh test http", "sh serve", "sql test", "csv test", "yaml test"];

Deno.test("blocks are marked only as something that a test does", async () => {
  for (const page of await readPages()) {
    for (const { language, marks, text } of readBlocks(page)) {
      if (marks.length === 0) continue;
      const marked = [language, ...marks].join(" ");
      assert.ok(KNOWN_MARKS.includes(marked), `${page.path}: no test does "${marked}":\n${text}`);
    }
  }
});

for (const page of await pagesWithCommands(["test"])) {
  Deno.test(`the commands in ${page.path} do what it says`, async () => {
    const example = await readExample();
    const isReadme = page.path === "README.md";
    const commands = readCommands(page);
    const before = isReadme ? [] : [example.setup, example.definition.text];
    await using database = await testDatabase();
    await database.session.execute(example.table);
    const all = [...before, ...commands.map(({ text }) => text)];
    const outputs = await runAll(all, example, database.url);
    for (const [index, command] of commands.entries()) {
      assertShows(outputs[before.length + index], command);
    }
    if (!isReadme) return;
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
}

Deno.test("the queries in docs/ are ones that Postgres understands", async () => {
  const pages = (await readPages()).filter(({ path }) => path !== "README.md");
  const queries = pages.flatMap((page) => readTested(page, "sql"));
  assert.ok(queries.length > 0, "there are queries to test");
  await using database = await migratedDatabase();
  for (const query of queries) {
    assert.deepEqual(await database.session.query(query.replace(/;\s*$/u, "")), [], query);
  }
});

Deno.test("the definitions in docs/ are accepted as they stand there", async () => {
  const definitions = (await readPages()).flatMap((page) => readTested(page, "yaml"));
  assert.ok(definitions.length > 0, "there are definitions to test");
  const folder = await Deno.makeTempDir({ prefix: "ingest-docs-" });
  try {
    const files = definitions.map((text) => {
      const name = /^# importers\/(\S+)/u.exec(text)?.[1] ?? "customers.yaml";
      return { text, name, path: join(folder, name) };
    });
    for (const { text, path } of files) await Deno.writeTextFile(path, text);
    for (const { text, name, path } of files) {
      // What others extend.
      if (name.startsWith("_")) continue;
      const parsed = await parseExtended(text, path);
      assert.deepEqual("problems" in parsed ? parsed.problems : [], [], text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const MARK = "-- next block --";

/** In one shell, as a person would; the output of each block, in the order in which it came. */
async function runAll(
  blocks: readonly string[],
  { file }: Example,
  url: string,
): Promise<readonly string[]> {
  const clone = await Deno.makeTempDir({ prefix: "ingest-docs-" });
  try {
    for (const name of ["deno.json", "deno.lock", "main.ts", "src", "scripts/deno"]) {
      await cp(`${ROOT}${name}`, `${clone}/${name}`, { recursive: true });
    }
    await Deno.writeTextFile(`${clone}/customers.csv`, file);
    return await runScript(blocks, clone, url);
  } finally {
    await Deno.remove(clone, { recursive: true });
  }
}

async function runScript(
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

import assert from "node:assert/strict";
import { DefinitionError, UnknownImporter } from "../../src/importer/definition_errors.ts";
import { findImporter, loadImporters } from "../../src/importer/folder.ts";

/** Makes a folder with these files and removes it afterwards. `dir` has no trailing slash. */
async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "importers-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${dir}/${name}`, bytes);
    }
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function messageOf(
  work: Promise<unknown>,
  kind: typeof DefinitionError | typeof UnknownImporter,
): Promise<string> {
  const error = await work.then(() => null, (error: unknown) => error);
  assert.ok(error instanceof kind, String(error));
  return error.message;
}

Deno.test("a folder's definitions are found by slug, in every format", async () => {
  await withFolder({
    "customers.yaml": "table: crm.customers",
    "orders.yml": "table: orders\nslug: daily-orders",
    "products.json": '{"table": "products"}',
    "stock.js":
      'export default { table: "stock", key: ["sku"], columns: { sku: { from: "SKU" } } }',
  }, async (dir) => {
    const { usable, broken, exists } = await loadImporters(dir);
    assert.equal(exists, true);
    assert.deepEqual(broken, []);
    assert.deepEqual(usable.map(({ definition, file }) => [definition.slug, file]), [
      ["customers", `${dir}/customers.yaml`],
      ["daily-orders", `${dir}/orders.yml`],
      ["products", `${dir}/products.json`],
      ["stock", `${dir}/stock.js`],
    ]);
    const { definition } = await findImporter(dir, "stock");
    assert.equal(definition.table, "stock");
    assert.deepEqual(definition.columns?.sku.from, ["SKU"]);
  });
});

Deno.test("other files in the folder are left alone", async () => {
  await withFolder({
    "a.yaml": "table: a",
    "README.md": "# Read me",
    "a.csv": "x",
    ".hidden.yaml": "nonsense",
    "a.hooks.js": "throw new Error('loaded')",
    "b.hooks.ts": "",
    "types.d.ts": "",
    "a.yaml~": "",
  }, async (dir) => {
    await Deno.mkdir(`${dir}/old.yaml`);
    const { usable, broken } = await loadImporters(dir);
    assert.deepEqual(usable.map(({ definition }) => definition.slug), ["a"]);
    assert.deepEqual(broken, []);
  });
});

Deno.test("broken definitions leave the others usable", async () => {
  await withFolder({
    "good.yaml": "table: good",
    "bad.yaml": "tabel: bad\nkye: id",
    "worse.js": "export default {",
  }, async (dir) => {
    assert.equal((await findImporter(dir, "good")).definition.table, "good");
    const { broken } = await loadImporters(dir);
    assert.deepEqual(broken.map(({ slug }) => slug), ["bad", "worse"]);
    assert.equal(
      await messageOf(findImporter(dir, "bad"), DefinitionError),
      `${dir}/bad.yaml:1: tabel: unknown key; did you mean "table"?\n` +
        `${dir}/bad.yaml:1: table: is missing; expected a table such as customers or ` +
        "public.customers\n" +
        `${dir}/bad.yaml:2: kye: unknown key; did you mean "key"?`,
    );
  });
});

Deno.test("if two definitions have the same slug, neither is used", async () => {
  await withFolder({
    "a.yaml": "table: a",
    "b.yaml": "table: b\nslug: a",
    "c.yaml": "table: c",
  }, async (dir) => {
    assert.equal(
      await messageOf(findImporter(dir, "a"), DefinitionError),
      `${dir}/a.yaml: slug: "a" is also the slug of ${dir}/b.yaml\n` +
        `${dir}/b.yaml:2: slug: "a" is also the slug of ${dir}/a.yaml`,
    );
    assert.equal((await findImporter(dir, "c")).definition.table, "c");
  });
});

Deno.test("a slug in the file counts, however it is written there", async () => {
  await withFolder({
    "a.yaml": "table: a",
    "b.yaml": "table: b\nslug: wanted",
    "c.json": '{ "table": "c", "\\u0073lug": "other" }',
    "d.yaml": "table: [",
    "other.yaml": "table: d",
  }, async (dir) => {
    assert.equal((await findImporter(dir, "a")).definition.table, "a");
    assert.equal((await findImporter(dir, "wanted")).definition.table, "b");
    assert.match(
      await messageOf(findImporter(dir, "other"), DefinitionError),
      /is also the slug of .*c\.json$/mu,
    );
    const known = /which has a, d, other, wanted$/u;
    assert.match(await messageOf(findImporter(dir, "b"), UnknownImporter), known);
  });
});

Deno.test("for an unknown importer, the nearest one is suggested or all are listed", async () => {
  await withFolder({ "customers.yaml": "table: a", "broken.yaml": "tabel: b" }, async (dir) => {
    assert.equal(
      await messageOf(findImporter(dir, "custmers"), UnknownImporter),
      `Cannot find importer "custmers": it is not in ${dir}; did you mean "customers"?`,
    );
    assert.equal(
      await messageOf(findImporter(dir, "invoices"), UnknownImporter),
      `Cannot find importer "invoices": it is not in ${dir}, which has broken, customers`,
    );
  });
});

Deno.test("a folder that is empty, missing or not a folder is reported as such", async () => {
  await withFolder({ "file": "" }, async (dir) => {
    assert.equal(
      await messageOf(findImporter(dir, "a"), UnknownImporter),
      `Cannot find importer "a": the folder ${dir} has no definitions; start with a file such ` +
        `as ${dir}/a.yaml that says \`table: a\``,
    );
    assert.equal(
      await messageOf(findImporter(`${dir}/none`, "a"), UnknownImporter),
      `Cannot find importer "a": there is no folder ${dir}/none; create it with a file such as ` +
        `${dir}/none/a.yaml that says \`table: a\`, or name another with --importers`,
    );
    assert.deepEqual(await loadImporters(`${dir}/none`), {
      usable: [],
      broken: [],
      exists: false,
    });
    assert.equal(
      await messageOf(findImporter(`${dir}/file`, "a"), DefinitionError),
      `${dir}/file: is not a folder`,
    );
  });
});

Deno.test("a definition in JavaScript that isn't plain data is refused, one line per reason", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["export default {\n table: 'a',,\n}", /^x\.js:2: can't be loaded: .*[^0-9]$/u],
    ["throw new Error('no\\nno')", /^x\.js: can't be loaded: no$/u],
    ["export const table = 'a'", /^x\.js: has no default export; expected export default \{/u],
    [
      "export default () => ({ table: 'a' })",
      /^x\.js: is no definition: .* such as customers\.hooks\.js/u,
    ],
    [
      "export default { table: 'a', columns: { b: { pattern: /x/ } } }",
      /^x\.js: columns\.b\.pattern: found an object of class RegExp, expected plain data/u,
    ],
    [
      "const a = { table: 'a' }; a.columns = a; export default a",
      /^x\.js: columns: found an object that contains itself/u,
    ],
    [
      "export default { table: 'a', columns: { ['__proto__']: 'b' } }",
      /^x\.js: columns\.__proto__: can't be a key/u,
    ],
    ["export default { table: 'a', key: 1n }", /^x\.js: key: found a bigint/u],
    ["export default { tabel: 'a' }", /^x\.js: tabel: unknown key; did you mean "table"\?$/mu],
    ["import 'nowhere.invalid/x'; export default {}", /^x\.js: can't be loaded: /u],
  ];
  for (const [text, expected] of cases) {
    await withFolder({ "x.js": text }, async (dir) => {
      const message = await messageOf(findImporter(dir, "x"), DefinitionError);
      const [first] = message.replaceAll(`${dir}/`, "").split("\n", 1);
      assert.match(first, expected);
      assert.ok(!first.includes("modified="), first);
    });
  }
});

Deno.test("a definition in JavaScript that has changed is read again", async () => {
  await withFolder({ "x.js": "export default { table: 'a' }" }, async (dir) => {
    assert.equal((await findImporter(dir, "x")).definition.table, "a");
    await Deno.writeTextFile(`${dir}/x.js`, "export default { table: 'b' }");
    // The clock may be too coarse to tell the two writes apart.
    await Deno.utime(`${dir}/x.js`, new Date(), new Date(Date.now() + 5000));
    assert.equal((await findImporter(dir, "x")).definition.table, "b");
  });
});

Deno.test("a definition may be TypeScript, where the program runs from its sources", async () => {
  await withFolder({
    "a.ts": "interface A { table: string }\nexport default { table: 'a' } satisfies A;",
    "b.ts": "export default { table: 5",
  }, async (dir) => {
    const { usable, broken } = await loadImporters(dir);
    assert.deepEqual(usable.map(({ definition }) => definition.table), ["a"]);
    const [{ slug, problems }] = broken;
    assert.equal(slug, "b");
    assert.match(problems[0].message, /b\.ts.*can't be loaded/u);
  });
});

Deno.test("bytes that aren't text and unreadable files are problems", async () => {
  await withFolder({
    "b.yaml": new Uint8Array([0x74, 0xff, 0xfe]),
    "c.yaml": "table: c",
  }, async (dir) => {
    await Deno.symlink(`${dir}/nowhere`, `${dir}/d.yaml`);
    const { usable, broken } = await loadImporters(dir);
    assert.deepEqual(usable.map(({ definition }) => definition.slug), ["c"]);
    const messages = broken.flatMap(({ problems }) => problems.map(({ message }) => message));
    assert.deepEqual(messages.slice(0, 1), [
      `${dir}/b.yaml: found bytes that are not UTF-8, expected UTF-8`,
    ]);
    assert.ok(messages[1].startsWith(`${dir}/d.yaml: can't be read: No such file`), messages[1]);
  });
});

/** `extends`: definitions that begin with what other files say. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadImporters } from "../../src/importer/folder.ts";

/** The importers of a folder with these files; paths in problems are names of files. */
async function read(files: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const { usable, broken } = await loadImporters(folder);
    return {
      slugs: usable.map(({ definition }) => definition.slug),
      definition: (slug: string) => usable.find((one) => one.definition.slug === slug)!.definition,
      problems: broken.flatMap(({ problems }) =>
        problems.map(({ message }) => message.replaceAll(`${folder}/`, ""))
      ),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const CRM = `source: { delimiter: ";", encoding: windows-1252 }
on_duplicate: update
key: [email]
columns:
  email: { from: [E-Mail, Email], type: email }
  phone: Phone
  zip: { from: Zip, default: 01234 }
options: { batch_rows: 500 }
`;

Deno.test("what a definition says goes before what it extends, key by key", async () => {
  const { slugs, definition, problems } = await read({
    "_crm.yaml": CRM,
    "customers.yaml": `extends: _crm.yaml
table: customers
source: { delimiter: "|" }
columns:
  email: { required: true, from: Mail }
  phone: { max_length: 9 }
`,
    "people.json": JSON.stringify({ extends: ["_crm.yaml"], table: "people" }),
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(slugs, ["customers", "people"]);
  const { source, columns, key, on_duplicate, options } = definition("customers");
  assert.equal(source.delimiter, "|");
  assert.equal(source.encoding, "windows-1252");
  assert.deepEqual([key, on_duplicate, options.batch_rows], [["email"], "update", 500]);
  const { email, phone, zip } = columns!;
  assert.deepEqual([email.from, email.type, email.required], [["Mail"], "email", true]);
  assert.deepEqual([phone.from, phone.max_length], [["Phone"], 9]);
  // As it is written in the other file, with its zero.
  assert.equal(zip.default, "01234");
  assert.deepEqual(definition("people").columns!.email.from, ["E-Mail", "Email"]);
});

Deno.test("of several, the later one goes before the earlier; nothing takes away what they say", async () => {
  const { definition, problems } = await read({
    "_one.yaml": "columns: { a: A, b: B }\nkey: a\n",
    "_two.yaml": "extends: _three.yml\ncolumns: { b: BB }\n",
    "_three.yml": "columns: { c: C }\ndescription: three\n",
    "x.yaml": "extends: [_one.yaml, _two.yaml]\ntable: x\ncolumns: { a: null }\nkey:\n",
  });
  assert.deepEqual(problems, []);
  const { columns, key, description } = definition("x");
  assert.deepEqual(
    Object.entries(columns!).map(([name, { from }]) => [name, from]).toSorted(),
    [["b", ["BB"]], ["c", ["C"]]],
  );
  assert.deepEqual([key, description], [[], "three"]);
});

Deno.test("a slug is not inherited, and a file whose name begins with _ is an importer if it has one", async () => {
  const { slugs } = await read({
    "_base.yaml": "slug: base\ntable: base\n",
    "x.yaml": "extends: _base.yaml\n",
    "_part.yaml": "columns: { nonsense: 1 }\n",
  });
  assert.deepEqual(slugs, ["base", "x"]);
});

Deno.test("a mistake is told where it is written, also in a file that is extended", async () => {
  const { problems } = await read({
    "_crm.yaml": "columns:\n  age: { from: Age, typ: integer }\n",
    "x.yaml": "extends: _crm.yaml\ntable: x\ncolumns:\n  age: { mn: 0 }\n",
    "y.yaml": "extends: _crm.yaml\ncolumns:\n  age: { typ: null }\n",
  });
  assert.deepEqual(problems.map((text) => text.split(";")[0]), [
    "_crm.yaml:2: columns.age.typ: unknown key",
    "x.yaml:4: columns.age.mn: unknown key",
    "y.yaml:1: table: is missing",
  ]);
});

Deno.test("what can't be extended is told, and no further problems that come of it", async () => {
  const { problems } = await read({
    "_crm.yaml": CRM,
    "_empty.yaml": "",
    "_bad.yaml": "columns: {\n",
    "_a.yaml": "extends: _b.yaml\n",
    "_b.yaml": "extends: _a.yaml\n",
    "circle.yaml": "extends: _a.yaml\n",
    "elsewhere.yaml": "extends: ../../etc/passwd.yaml\n",
    "empty.yaml": "extends: _empty.yaml\ntable: t\n",
    "js.js": 'export default { table: "t", extends: "_crm.yaml" };',
    "missing.yaml": "extends: _cmr.yaml\n",
    "number.yaml": "extends: 7\n",
    "self.yaml": "extends: [_crm.yaml, self.yaml]\n",
    "syntax.yaml": "extends: _bad.yaml\ntable: t\n",
  });
  const expected =
    "expected the name of a .yaml or .json file in the same folder, such as _common.yaml";
  assert.deepEqual(problems.map((text) => text.replace(/(not valid YAML).*/su, "$1")), [
    "_b.yaml:1: extends: _a.yaml would extend itself (_a.yaml → _b.yaml → _a.yaml)",
    `elsewhere.yaml:1: extends: found "../../etc/passwd.yaml", ${expected}`,
    "empty.yaml:1: extends: _empty.yaml has nothing to extend: found nothing",
    "js.js: extends: works in YAML and JSON only: in JavaScript, import what definitions share",
    'missing.yaml:1: extends: there is no _cmr.yaml beside it; did you mean "_crm.yaml"?',
    `number.yaml:1: extends: found 7, ${expected}`,
    "self.yaml:1: extends[1]: self.yaml would extend itself (self.yaml → self.yaml)",
    "_bad.yaml:2: not valid YAML",
  ]);
});

Deno.test("a mistake in a file that is extended in two ways is told once", async () => {
  const { problems } = await read({
    "_bad.yaml": "columns: { a: [\n",
    "_one.yaml": "extends: _bad.yaml\n",
    "both.yaml": "extends: [_one.yaml, _bad.yaml]\ntable: t\n",
  });
  assert.deepEqual(problems, [...new Set(problems)]);
  assert.ok(problems.length > 0);
});

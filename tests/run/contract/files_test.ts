/** Where a file comes from: each line about `source.type`, with the real program. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../../cli/customers.ts";
import { ingest } from "../../cli/start_program.ts";
import { rawServer, whole } from "../../source/remote/raw_server.ts";
import { testDatabase } from "../../support/database.ts";

Deno.test("each line about where a file comes from holds", async (test) => {
  await using db = await testDatabase();
  await using folder = await temporaryFolder();
  await using server = await rawServer((request) =>
    /^authorization: Bearer s3cret\r$/imu.test(request)
      ? whole("id,name\n3,web\n")
      : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
  );
  await db.session.execute("create table t (id int, name text)");
  await Deno.mkdir(`${folder.path}/importers`);
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder.path}/${name}`, text);
  await write("uploaded.csv", "id,name\n1,named\n");
  await write("daily.csv", "id,name\n2,daily\n");
  await write("importers/uploads.yaml", "table: t\n");
  await write("importers/daily.yaml", "table: t\nsource: { type: file, path: daily.csv }\n");
  await write(
    "importers/web.yaml",
    `table: t
source:
  type: url
  url: http://localhost:${server.port}/x.csv
  headers: { Authorization: "Bearer \${CRM_TOKEN}" }
  env: [CRM_TOKEN]
columns: { id: id, name: name }
`,
  );
  const env = {
    ...{ INGEST_HOME: folder.path, INGEST_ALLOW_HOSTS: "localhost" },
    ...{ CRM_TOKEN: "s3cret", OTHER: "other" },
  };
  const run = (...args: readonly string[]) =>
    ingest(["run", ...args], { database: db, cwd: folder.path, env });
  const loads = async (args: readonly string[], rows: readonly string[]) => {
    await db.session.execute("truncate t");
    const { code, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    const found = await db.session.query<{ row: string }>("select t::text as row from t");
    assert.deepEqual(found.map(({ row }) => row), rows);
  };

  await test.step("upload: the file is named when the run starts", async () => {
    await loads(["uploads", "--file", "uploaded.csv"], ["(1,named)"]);
    const unnamed = await run("uploads");
    assert.notEqual(unnamed.code, 0);
    assert.match(unnamed.stderr, /--file/u);
  });
  await test.step("file: always the one at the path", () => loads(["daily"], ["(2,daily)"]));
  await test.step(
    "url: fetched, with headers that have a variable of `env`",
    () => loads(["web"], ["(3,web)"]),
  );
  for (const importer of ["daily", "web"]) {
    await test.step(`--file works for any: ${importer}`, () =>
      loads([importer, "--file", "uploaded.csv"], ["(1,named)"]));
  }
  await test.step("a variable that `env` doesn't name is not expanded", async () => {
    const file = `${folder.path}/importers/web.yaml`;
    const yaml = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, yaml.replace("Bearer ${CRM_TOKEN}", "${OTHER}"));
    const asked = server.requests.length;
    const { code, stderr } = await run("web");
    assert.equal(code, 1);
    assert.match(stderr, /\$\{OTHER\} is not named in `source\.env`/u);
    assert.equal(server.requests.length, asked);
  });
  await test.step("nor one that it names, anywhere else", async () => {
    const file = `${folder.path}/importers/web.yaml`;
    const yaml = await Deno.readTextFile(file);
    const elsewhere = yaml.replace("${OTHER}", "x")
      .replace("name: name", 'name: { value: "${CRM_TOKEN}" }');
    await Deno.writeTextFile(file, elsewhere);
    const { code, stderr } = await run("web");
    assert.equal(code, 1);
    assert.match(stderr, /columns\.name\.value: found \$\{CRM_TOKEN\}/u);
  });
});

/** `check --file` of several files, and of files that are elsewhere. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

async function world(files: Readonly<Record<string, string | Uint8Array>>) {
  const db = await testDatabase();
  const folder = await temporaryFolder();
  await db.session.execute("create table people (id int primary key, name text, note text)");
  await Deno.mkdir(`${folder.path}/in`);
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${folder.path}/in/${name}`, bytes);
  }
  return {
    in: `${folder.path}/in`,
    async ingest(...args: readonly string[]) {
      const { output, stdout, stderr } = memoryOutput();
      const code = await runCommandLine([...args, "--database-url", db.url], output);
      return { code, out: stdout.text, err: stderr.text };
    },
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How often they are sent, one after the other. */
  readonly times: number;
}

/** Counts the bytes that were asked for. */
function serve(files: Readonly<Record<string, Served>>) {
  const sent = { bytes: 0 };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const file = files[new URL(request.url).pathname.slice(1)];
    if (file === undefined) return new Response("", { status: 404 });
    let left = file.times;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) return controller.close();
        sent.bytes += file.bytes.length;
        controller.enqueue(file.bytes.slice());
      },
    });
    const length = file.bytes.length * file.times;
    return new Response(body, { headers: { "content-length": String(length) } });
  });
  return {
    sent,
    host: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const table = ["--table", "people", "--key", "id"];

Deno.test("check --file shows the first of several files, and where others differ", async () => {
  await using at = await world({
    "a1.csv": "id,name,note\n1,A,x\n",
    "a2.csv": "note;id;name\nz;2;B\n",
    "a10.csv": "id,name,note\n3,C,y\n",
    "empty.csv": "",
  });
  const { code, out } = await at.ingest("check", ...table, "--file", at.in, "--json");
  assert.equal(code, 0, out);
  const { data } = JSON.parse(out);
  assert.equal(data.file, `${at.in}/a1.csv and 3 other files`);
  assert.deepEqual(data.files, {
    count: 4,
    looked_at: 4,
    different: [
      {
        name: "a2.csv",
        missing: [],
        additional: [],
        differences: ["its columns are in another order", "delimiter ;"],
      },
      { name: "empty.csv", missing: [], additional: [], differences: ["no rows: it is empty"] },
    ],
  });
  assert.deepEqual(data.rows.map(({ cells }: { cells: unknown }) => cells), [["1", "A", "x"]]);
  const shown = await at.ingest("check", ...table, "--file", at.in);
  assert.match(shown.out, /^files {6}4: the first is shown$/m);
  assert.match(shown.out, /^ {2}a2\.csv: its columns are in another order · delimiter ;$/m);
  const one = await at.ingest("check", ...table, "--file", `${at.in}/a1*.csv`, "--json");
  assert.deepEqual(JSON.parse(one.out).data.files, { count: 2, looked_at: 2, different: [] });
});

Deno.test("check --file says what a run of several files would be refused for", async () => {
  await using at = await world({
    "a1.csv": "id,name,note\n1,A,x\n",
    "a2.csv": "id,name,more\n2,B,y\n",
    "b.json": '[{"id": 1, "name": "A", "note": "x"}]\n',
  });
  for (const pattern of [`${at.in}/*.csv`, at.in]) {
    const checked = await at.ingest("check", ...table, "--file", pattern, "--json");
    assert.equal(checked.code, 1);
    const { ok, problems, files, mapping } = JSON.parse(checked.out).data;
    assert.equal(ok, false);
    const run = await at.ingest("run", ...table, "--file", pattern);
    assert.equal(run.code, 1);
    assert.equal(run.err.trim(), `ingest: ${problems[0]}`);
    assert.equal(problems.length, 1);
    assert.deepEqual([files.different[0].missing, files.different[0].additional], [["note"], [
      "more",
    ]]);
    assert.equal(mapping.length, 3, "the first file is shown all the same");
  }
});

Deno.test("check --file names a file among others that can't be read", async () => {
  await using at = await world({
    "a.csv": "id,name,note\n1,A,x\n",
    "b.csv": Uint8Array.of(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0),
    "c.csv": "id,name,note\n2,B,x\n",
  });
  const made = await new Deno.Command("mkfifo", { args: [`${at.in}/d.csv`] }).output();
  assert.ok(made.success);
  const { code, out } = await at.ingest("check", ...table, "--file", at.in, "--json");
  assert.equal(code, 1);
  const { problems } = JSON.parse(out).data;
  assert.equal(problems.length, 2);
  assert.match(problems[0], /b\.csv/u);
  assert.match(problems[1], /d\.csv: it is a pipe/u);
});

Deno.test("check --file fetches the first megabyte of what an address has", async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `${i},n${i},x\n`);
  // So large that what the sockets hold of it is little: a slow reader gives up late.
  const large = {
    bytes: new TextEncoder().encode(["id,name,note\n", ...rows].join("")),
    times: 10_000,
  };
  const small = { bytes: new TextEncoder().encode("id,name\n1,A\n"), times: 1 };
  await using server = serve({ "large.csv": large, "small.csv": small });
  await using at = await world({});
  const args = ["check", ...table, "--file", `http://${server.host}/large.csv`, "--json"];
  const refused = await at.ingest(...args);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /private network/u, "the same hosts are refused as for a run");
  const { code, out } = await at.ingest(...args, "--allow-host", server.host);
  assert.equal(code, 0, out);
  const { data } = JSON.parse(out);
  assert.deepEqual([data.ok, data.only_beginning, data.looked_at], [true, true, 1000]);
  const { bytes } = server.sent;
  assert.ok(bytes < large.bytes.length * large.times / 4, `${bytes} bytes were sent`);
  const both = await at.ingest(
    ...args,
    ...["--file", `http://${server.host}/small.csv`, "--allow-host", server.host],
  );
  assert.equal(both.code, 1);
  const { files, problems } = JSON.parse(both.out).data;
  assert.match(problems[0], /"note" is missing in small\.csv/u);
  assert.deepEqual(files.different.map(({ name }: { name: string }) => name), ["small.csv"]);
  const gone = await at.ingest(
    ...["check", ...table, "--file", `http://${server.host}/gone.csv`],
    ...["--allow-host", server.host],
  );
  assert.deepEqual([gone.code, /no such file \(404\)/u.test(gone.err)], [1, true]);
});

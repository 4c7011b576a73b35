import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { customers } from "../cli/customers.ts";
import {
  assertNoTrace,
  assertRefused,
  codes,
  type Content,
  filesIn,
  formWith,
  takingUploads,
  UPLOAD,
  uploadForm,
  uploadRaw,
} from "./uploading.ts";
import type { Serving } from "./serving.ts";

interface Stored {
  readonly original_filename: string;
  readonly checksum: string;
  readonly dry_run: boolean;
  readonly processed_filepath: string;
}

async function storedRun(api: Serving, id: number): Promise<Stored> {
  const [run] = await api.database.session.query<Stored>(
    `select original_filename, checksum, dry_run, processed_filepath
       from ingest.runs where id = $1`,
    [id],
  );
  return run;
}

Deno.test("the stored file is what was sent, only its owner can read it, and it is deleted with its run", async () => {
  await using api = await takingUploads();
  // In more than one piece.
  const text = customers(20_000);
  const expected = createHash("sha256").update(text).digest("hex");
  const answers = [
    await uploadForm(api, formWith(text)),
    await uploadRaw(api, text, "?filename=customers.csv"),
    await uploadRaw(api, inPieces(text, 1_000), "?filename=customers.csv"),
  ];
  for (const { status, body } of answers) {
    assert.equal(status, 202, JSON.stringify(body));
    const { id, original_filename } = body.data;
    const stored = await storedRun(api, id);
    assert.deepEqual([original_filename, stored.checksum], ["customers.csv", expected]);
    assert.equal(await Deno.readTextFile(stored.processed_filepath), text);
    assert.ok(stored.processed_filepath.startsWith(`${api.storage}/`));
    const { mode, size } = await Deno.stat(stored.processed_filepath);
    assert.deepEqual([(mode ?? 0) & 0o777, size], [0o600, text.length]);
    await api.drive(id);
    assert.equal((await api.ask(`/${id}`)).body.data.progress.processed, 20_000);
    assert.equal((await api.ask(`/${id}`, { method: "DELETE" })).status, 204);
    await assert.rejects(Deno.stat(stored.processed_filepath), Deno.errors.NotFound);
  }
  await assertNoTrace(api);
});

Deno.test("the limit is exact to the byte, with or without a Content-Length", async () => {
  const text = customers(100);
  await using api = await takingUploads({ maxUpload: text.length });
  const tooLarge = `${text}\n`;
  // A form without a length is one that is streamed.
  const streamed = async (content: Content) => {
    const { headers, body } = new Request("http://x", { method: "POST", body: formWith(content) });
    assert.ok(body);
    return await api.ask(UPLOAD, { method: "POST", headers, body });
  };
  for (
    const send of [
      (content: string) => uploadForm(api, formWith(content)),
      (content: string) => uploadRaw(api, content),
      (content: string) => uploadRaw(api, inPieces(content, 1_000)),
      streamed,
    ]
  ) {
    const refused = await send(tooLarge);
    assert.match(refused.body.message, new RegExp(`larger than the ${text.length} bytes`));
    await assertRefused(api, refused, 413, "too_large");
    const { status, body } = await send(text);
    assert.equal(status, 202, JSON.stringify(body));
    assert.equal(filesIn(api.storage).length, 1);
    await api.drive(body.data.id);
    await api.ask(`/${body.data.id}`, { method: "DELETE" });
  }
});

Deno.test("a file that is not a table is refused, and nothing of it stays", async () => {
  await using api = await takingUploads();
  const zip = new Uint8Array([
    ...[0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0],
    ...new Uint8Array(20),
    ...deflateRawSync(new TextEncoder().encode(customers(50))),
  ]);
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82]);
  const refused: readonly (readonly [string, Content, string, RegExp])[] = [
    ["nothing", "", "source", /Cannot import c\.csv: the file is empty/],
    ["blank lines", "\n\r\n\n", "source", /the file is empty/],
    ["a mark alone", new Uint8Array([0xef, 0xbb, 0xbf]), "source", /the file is empty/],
    ["an image", png, "source", /it is a PNG image, not text/],
    ["half an archive", zip, "source", /the zip archive is incomplete/],
    ["zeros", new Uint8Array(100_000), "source", /it holds NUL bytes and no text/],
    ["another table", "foo,bar\n1,2\n", "header", /No column of the file matches/],
  ];
  for (const [what, content, code, says] of refused) {
    for (
      const answer of [
        await uploadForm(api, formWith(content, "c.csv")),
        await uploadRaw(api, content, "?filename=c.csv"),
      ]
    ) {
      await assertRefused(api, answer, 422, code, what);
      assert.match(answer.body.message, says, what);
    }
  }
});

Deno.test("a file with only a header is a run without rows", async () => {
  await using api = await takingUploads();
  const { status, body } = await uploadForm(api, formWith("email,name,age\n"));
  assert.equal(status, 202);
  await api.drive(body.data.id);
  const { data } = (await api.ask(`/${body.data.id}`)).body;
  assert.deepEqual([data.status, data.progress.total], ["completed", 0]);
});

Deno.test("files in other encodings are decoded, and only one copy stays", async () => {
  await using api = await takingUploads();
  const text = "email,name\nz@example.com,Zoë Müller\n";
  const wide = new Uint8Array(new Uint16Array([0xfeff, ...codes(text)]).buffer);
  for (const content of [Uint8Array.from(codes(text)), wide]) {
    const { status, body } = await uploadForm(api, formWith(content));
    assert.equal(status, 202, JSON.stringify(body));
    const { id } = body.data;
    const { checksum, processed_filepath } = await storedRun(api, id);
    // Of what was sent, not of what it was converted to.
    assert.equal(checksum, createHash("sha256").update(content).digest("hex"));
    assert.deepEqual(filesIn(api.storage), [processed_filepath.split("/").at(-1)]);
    await api.drive(id);
    assert.deepEqual(await api.database.session.query("select name from customers"), [
      { name: "Zoë Müller" },
    ]);
    await api.database.session.execute("truncate customers");
    assert.equal((await api.ask(`/${id}`, { method: "DELETE" })).status, 204);
  }
  await assertNoTrace(api);
});

Deno.test("dry_run comes before or after the file, or in the query of a raw body", async () => {
  await using api = await takingUploads();
  const after = formWith();
  after.append("dry_run", "1");
  const asked: readonly (readonly [Promise<{ status: number; body: RunAnswer }>, boolean])[] = [
    [uploadForm(api, formWith(undefined, undefined, { dry_run: "true" })), true],
    [uploadForm(api, after), true],
    [uploadForm(api, formWith(undefined, undefined, { dry_run: "false" })), false],
    [uploadForm(api, formWith(undefined, undefined, { dry_run: "" })), false],
    [uploadForm(api, formWith()), false],
    [uploadRaw(api, customers(2), "?dry_run=1"), true],
    [uploadRaw(api, customers(2), "?dry_run=0"), false],
    [uploadRaw(api, customers(2)), false],
  ];
  for (const [answer, expected] of asked) {
    const { status, body } = await answer;
    assert.equal(status, 202, JSON.stringify(body));
    assert.equal(body.data.dry_run, expected);
  }
});

interface RunAnswer {
  readonly data: { readonly dry_run: boolean };
}

Deno.test("a dry_run that is neither true nor false starts nothing", async () => {
  await using api = await takingUploads();
  const late = formWith();
  late.append("dry_run", "yes please");
  const refused = [
    await uploadForm(api, formWith(undefined, undefined, { dry_run: "TRUE" })),
    await uploadForm(api, late),
    await uploadRaw(api, customers(2), "?dry_run=2"),
  ];
  for (const answer of refused) {
    await assertRefused(api, answer, 422, "validation");
    assert.deepEqual(Object.keys(answer.body.errors), ["dry_run"]);
  }
});

Deno.test("only existing importers for uploads take an upload", async () => {
  await using api = await takingUploads();
  const cases = [["nobody", 404, "unknown_importer"], ["local", 422, "needs_trigger"]] as const;
  for (const [slug, status, code] of cases) {
    const body = formWith(customers(50_000));
    const answer = await api.ask(`/upload/${slug}`, { method: "POST", body });
    await assertRefused(api, answer, status, code, slug);
  }
});

Deno.test("an unwritable storage folder is the server's fault, and uploads work again once it is fixed", async () => {
  await using api = await takingUploads();
  // Not with permissions: they don't stop root.
  await Deno.remove(api.storage);
  await Deno.writeTextFile(api.storage, "");
  for (const send of [() => uploadForm(api, formWith()), () => uploadRaw(api, customers(2))]) {
    const { status, body } = await send();
    assert.deepEqual([status, body], [500, {
      message: "The server can't store the file.",
      code: "storage",
    }]);
  }
  // The log says where.
  assert.equal(api.log.filter(({ error }) => String(error).includes(api.storage)).length, 2);
  await Deno.remove(api.storage);
  await Deno.mkdir(api.storage);
  await assertNoTrace(api);
  assert.equal((await uploadForm(api, formWith())).status, 202);
});

Deno.test("fifty uploads at once are fifty runs, each with its own rows", async () => {
  await using api = await takingUploads({ workers: true });
  const uploads = Array.from({ length: 50 }, async (_, nr) => {
    const text = customers(nr + 1).replaceAll("@", `-${nr}@`);
    const { status, body } = await (nr % 2 === 0
      ? uploadForm(api, formWith(text, `${nr}.csv`))
      : uploadRaw(api, text, `?filename=${nr}.csv`));
    assert.equal(status, 202, JSON.stringify(body));
    await api.ended(body.data.id);
    const { data } = (await api.ask(`/${body.data.id}`)).body;
    assert.deepEqual(
      [data.status, data.original_filename, data.progress.created],
      ["completed", `${nr}.csv`, nr + 1],
    );
    return data.id;
  });
  assert.equal(new Set(await Promise.all(uploads)).size, 50);
  assert.deepEqual(
    await api.database.session.query("select count(*) as rows from customers"),
    [{ rows: (50 * 51) / 2 }],
  );
});

function inPieces(text: string, size: number): ReadableStream<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += size) {
    pieces.push(new TextEncoder().encode(text.slice(at, at + size)));
  }
  return ReadableStream.from(pieces);
}

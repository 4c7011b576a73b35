/** Packed files over HTTP: as a form, as the body, and packed on the way. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { customers } from "../cli/customers.ts";
import { makeZip } from "../source/unpack/make_zip.ts";
import type { Answer, Serving } from "./serving.ts";
import {
  assertRefused,
  type Content,
  filesIn,
  formWith,
  takingUploads,
  UPLOAD,
  uploadForm,
  uploadRaw,
} from "./uploading.ts";

function send(
  api: Serving,
  body: Content,
  type: string,
  { encoding, path = UPLOAD }: { readonly encoding?: string; readonly path?: string } = {},
): Promise<Answer> {
  const headers = {
    "content-type": type,
    ...encoding !== undefined && { "content-encoding": encoding },
  };
  return api.ask(path, { method: "POST", headers, body });
}

const gz = (text: string) => new Uint8Array(gzipSync(text));
const zst = (text: string) => new Uint8Array(zstdCompressSync(text));
const zip = (text: string) => makeZip([{ name: "c.csv", content: text }]);

async function checksumOf(api: Serving, id: number): Promise<string> {
  const [{ checksum }] = await api.database.session.query<{ checksum: string }>(
    "select checksum from ingest.runs where id = $1",
    [id],
  );
  return checksum;
}

function sha256(bytes: Content): string {
  return createHash("sha256").update(bytes).digest("hex");
}

Deno.test("a packed file is uploaded in a form and as the body, whatever it is called", async () => {
  await using api = await takingUploads();
  const text = customers(300);
  const sent: readonly (readonly [string, Content, () => Promise<Answer>])[] = [
    ["a form", gz(text), () => uploadForm(api, formWith(gz(text), "c.csv.gz"))],
    ["a form with another name", zst(text), () => uploadForm(api, formWith(zst(text), "c.csv"))],
    ["a zip in a form", zip(text), () => uploadForm(api, formWith(zip(text), "c.zip"))],
    ["gzip", gz(text), () => send(api, gz(text), "application/gzip")],
    ["zstd", zst(text), () => send(api, zst(text), "application/zstd")],
    ["zip", zip(text), () => send(api, zip(text), "application/zip")],
    ["text/csv", gz(text), () => uploadRaw(api, gz(text))],
  ];
  for (const [what, file, upload] of sent) {
    const { status, body } = await upload();
    assert.equal(status, 202, `${what}: ${JSON.stringify(body)}`);
    const { id } = body.data;
    assert.equal(await checksumOf(api, id), sha256(file), what);
    await api.drive(id);
    const { data } = (await api.ask(`/${id}`)).body;
    assert.deepEqual([data.status, data.progress.processed], ["completed", 300], what);
    assert.match(data.read_as.unpacked, /unpacked/u);
    // The plain copy is what is left, and it goes with the run.
    assert.equal(filesIn(api.storage).length, 1, what);
    await api.ask(`/${id}`, { method: "DELETE" });
    await api.database.session.query("truncate customers");
  }
  assert.deepEqual(filesIn(api.storage), []);
});

Deno.test("a body that is packed on its way is the file that is in it", async () => {
  await using api = await takingUploads();
  const text = customers(200);
  for (
    const [encoding, body] of [["gzip", gz(text)], ["X-GZIP", gz(text)], [
      "zstd",
      zst(text),
    ]] as const
  ) {
    const sent = await send(api, body, "text/csv", { encoding });
    assert.equal(sent.status, 202, JSON.stringify(sent.body));
    const { id } = sent.body.data;
    assert.equal(await checksumOf(api, id), sha256(text));
    assert.equal(sent.body.data.read_as.unpacked, null);
    await api.ask(`/${id}`, { method: "DELETE" });
  }
  // Packed twice: once for the way, once as it is.
  const twice = new Uint8Array(gzipSync(gz(text)));
  const { status, body } = await send(api, twice, "application/gzip", { encoding: "gzip" });
  assert.equal(status, 202);
  assert.equal(await checksumOf(api, body.data.id), sha256(gz(text)));
});

Deno.test("what its encoding doesn't fit is refused, and nothing stays", async () => {
  await using api = await takingUploads();
  const text = customers(3000);
  const refused: readonly (readonly [string, Content, string, number, string])[] = [
    ["plain text", text, "gzip", 400, "malformed"],
    ["half of it", gz(text).slice(0, 5000), "gzip", 400, "malformed"],
    ["half of it", zst(text).slice(0, 5000), "zstd", 400, "malformed"],
    ["more than it", new Uint8Array([...gz(text), 65, 66]), "gzip", 400, "malformed"],
    ["another", gz(text), "zstd", 400, "malformed"],
    ["unknown", gz(text), "br", 415, "unsupported_media_type"],
    ["several", gz(text), "gzip, gzip", 415, "unsupported_media_type"],
  ];
  for (const [what, body, encoding, status, code] of refused) {
    const answer = await send(api, body, "text/csv", { encoding });
    await assertRefused(api, answer, status, code, what);
  }
  const form = await api.ask(UPLOAD, {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body: formWith(),
  });
  await assertRefused(api, form, 415, "unsupported_media_type", "a form");
});

Deno.test("the limit of an upload is that of what is unpacked, too", async () => {
  const text = customers(5000);
  await using api = await takingUploads({ maxUpload: text.length - 1 });
  const cases: readonly (readonly [string, Promise<Answer>])[] = [
    ["a file", uploadForm(api, formWith(gz(text), "c.gz"))],
    ["an archive", uploadForm(api, formWith(zip(text), "c.zip"))],
    ["on its way", send(api, gz(text), "text/csv", { encoding: "gzip" })],
  ];
  for (const [what, answer] of cases) {
    const { status, body } = await answer;
    assert.deepEqual([status, body.code], [413, "too_large"], `${what}: ${JSON.stringify(body)}`);
    assert.doesNotMatch(body.message, /--|ingest /u);
  }
  assert.deepEqual(filesIn(api.storage), []);
});

Deno.test("a member of an archive is chosen in the query, and previewed", async () => {
  await using api = await takingUploads();
  const archive = makeZip([
    { name: "2023/c.csv", content: customers(2) },
    { name: "2024/c.csv", content: customers(3) },
  ]);
  const several = await send(api, archive, "application/zip");
  await assertRefused(api, several, 422, "source");
  assert.match(
    several.body.message,
    /^Cannot import upload\.zip: it has several files: "2023\/c\.csv", "2024\/c\.csv"\. Name one as source\.member in the definition\.$/u,
  );
  const preview = await send(api, archive, "application/zip", {
    path: "/preview/customers?member=2024/*",
  });
  assert.equal(preview.status, 200, JSON.stringify(preview.body));
  assert.equal(preview.body.data.rows.length, 3);
  assert.equal(preview.body.data.read_as.unpacked, "2024/c.csv, unpacked from upload.zip");
  const { body } = await send(api, archive, "application/zip", {
    path: `${UPLOAD}?member=2023/c.csv`,
  });
  await api.drive(body.data.id);
  assert.equal((await api.ask(`/${body.data.id}`)).body.data.progress.processed, 2);
});

Deno.test("the beginning of a packed file is enough for a preview", async () => {
  await using api = await takingUploads();
  const noise = Array.from(
    { length: 60_000 },
    (_, i) => `a${i}@example.com,${sha256(String(i)).slice(0, 40)},${i % 90}\n`,
  );
  const header = customers(1).split("\n")[0];
  const packed = gz(`${header}\n${noise.join("")}`);
  assert.ok(packed.length > 1_200_000, String(packed.length));
  for (const content of [packed.slice(0, 1_000_000), packed]) {
    const form = formWith(content, "c.csv.gz");
    const { status, body } = await api.ask("/preview/customers", { method: "POST", body: form });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.data.only_beginning, body.data.problems], [true, []]);
    assert.equal(body.data.rows.length, 50);
    const wrong = body.data.rows.filter(({ errors }: { errors: unknown[] }) => errors.length > 0);
    assert.deepEqual(wrong, []);
  }
  assert.deepEqual(filesIn(api.storage), []);
});

Deno.test("an upload that is damaged is loaded as far as it goes, and fails without a way to resume", async () => {
  await using api = await takingUploads();
  const text = customers(3000);
  const { body } = await uploadForm(api, formWith(gz(text).slice(0, -30), "c.csv.gz"));
  const { id } = body.data;
  await api.drive(id);
  const { data } = (await api.ask(`/${id}`)).body;
  assert.deepEqual([data.status, data.error.code], ["failed", "broken_source"]);
  assert.match(
    data.error.message,
    /^c\.csv\.gz breaks off after [\d,]+ bytes\. Only its first [\d,]+ rows/u,
  );
  const resumed = await api.ask(`/${id}/resume`, { method: "POST" });
  assert.deepEqual([resumed.status, resumed.body.code], [409, "conflict"]);
  assert.match(resumed.body.message, /nothing is left to read/u);
});

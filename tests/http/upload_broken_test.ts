/** Uploads by clients that break off, stall, or lie. */
import assert from "node:assert/strict";
import { findImporter } from "../../src/importer/folder.ts";
import { Session, SessionLost } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { storeFile } from "../../src/run/request/stored_file.ts";
import { customers } from "../cli/customers.ts";
import { chunk, CHUNKED, connectRaw, FORM, RAW, uploadHead } from "./raw_connection.ts";
import type { Serving } from "./serving.ts";
import { assertNoTrace, assertRefused, filesIn, part, takingUploads, until } from "./uploading.ts";

const FILE = '; name="file"; filename="c.csv"';
const CONTENT = customers(5_000);
const WHOLE_FORM = `${part(FILE, CONTENT)}--x--\r\n`;

const requests = (api: Serving) => api.log.filter(({ path }) => path !== "/healthz").length;

Deno.test("a client that goes away half-way leaves nothing behind", async () => {
  await using api = await takingUploads();
  const half = CONTENT.slice(0, CONTENT.length / 2);
  const halfForm = WHOLE_FORM.slice(0, WHOLE_FORM.length / 2);
  const bodies: readonly (readonly [string, string, string])[] = [
    [RAW, `Content-Length: ${CONTENT.length}`, half],
    [RAW, CHUNKED, chunk(half)],
    // In the middle of a chunk.
    [RAW, CHUNKED, chunk(half).slice(0, -100)],
    [FORM, `Content-Length: ${WHOLE_FORM.length}`, halfForm],
    [FORM, CHUNKED, chunk(halfForm)],
    // The file is complete, the form is not.
    [FORM, CHUNKED, chunk(part(FILE, CONTENT))],
    [FORM, CHUNKED, chunk(WHOLE_FORM)],
  ];
  for (const [index, [type, length, sent]] of bodies.entries()) {
    {
      using connection = await connectRaw(api.port);
      await connection.send(uploadHead(api.port, type, length) + sent);
      await until(api, () => filesIn(api.storage).length === 1, "the file begins");
    }
    await until(api, () => requests(api) === index + 1, "the request ends");
    await assertNoTrace(api, `${type} ${length}`);
  }
  assert.deepEqual(api.log.filter(({ level }) => level !== "info"), []);
});

Deno.test("a body that is shorter than its length is refused", async () => {
  await using api = await takingUploads();
  for (const [type, body] of [[RAW, CONTENT], [FORM, WHOLE_FORM]]) {
    using connection = await connectRaw(api.port);
    const before = requests(api);
    await connection.send(
      uploadHead(api.port, type, `Content-Length: ${body.length + 1}`) + body,
    );
    await until(api, () => filesIn(api.storage).length === 1, "the file begins");
    await connection.end();
    await until(api, () => requests(api) > before, "the request ends");
    await assertNoTrace(api, type);
  }
});

Deno.test("a body that is longer than its length is cut there", async () => {
  await using api = await takingUploads();
  using form = await connectRaw(api.port);
  const length = `Content-Length: ${WHOLE_FORM.length - 6}`;
  await form.send(uploadHead(api.port, FORM, length) + WHOLE_FORM);
  await assertRefused(api, await form.answer(), 400, "malformed");

  using raw = await connectRaw(api.port);
  const header = "email,name,age\n";
  await raw.send(uploadHead(api.port, RAW, `Content-Length: ${header.length}`) + CONTENT);
  const { status, body } = await raw.answer();
  assert.equal(status, 202);
  await api.drive(body.data.id);
  assert.equal((await api.ask(`/${body.data.id}`)).body.data.progress.processed, 0);
  // The rest would be the next request.
  assert.equal((await raw.answer()).status, 400);
});

Deno.test("a body that is too large is refused while it is still being sent", async () => {
  const maxUpload = 100_000;
  await using api = await takingUploads({ maxUpload });
  const huge = 1_000_000_000;
  const begun: readonly (readonly [string, string, string])[] = [
    // Known by its length alone.
    [RAW, `Content-Length: ${huge}`, ""],
    [FORM, `Content-Length: ${huge}`, ""],
    [RAW, CHUNKED, chunk("x".repeat(maxUpload + 1))],
    [FORM, CHUNKED, chunk(part(FILE, "x".repeat(maxUpload + 100)))],
  ];
  for (const [type, length, sent] of begun) {
    using connection = await connectRaw(api.port);
    await connection.send(uploadHead(api.port, type, length) + sent);
    await assertRefused(api, await connection.answer(), 413, "too_large", `${type} ${length}`);
  }
});

Deno.test("a client that sends everything before it reads learns that it was too large", async () => {
  await using api = await takingUploads({ maxUpload: 100_000 });
  // More than the system buffers for a connection that nobody reads.
  const piece = "x".repeat(1_000_000);
  for (const type of [RAW, FORM]) {
    using connection = await connectRaw(api.port);
    await connection.send(uploadHead(api.port, type, CHUNKED));
    for (let nr = 0; nr < 30; nr++) {
      await connection.send(chunk(nr === 0 ? part(FILE, piece) : piece));
    }
    await connection.send(chunk());
    await assertRefused(api, await connection.answer(), 413, "too_large");
  }
});

Deno.test("the server survives refusals at any point of a file that is still being sent", async () => {
  await using api = await takingUploads({ maxUpload: 300_000 });
  const piece = chunk("x".repeat(20_000));
  await Promise.all(Array.from({ length: 40 }, async (_, nr) => {
    using connection = await connectRaw(api.port);
    const begin = chunk(part(FILE, "").slice(0, -2));
    await connection.send(uploadHead(api.port, FORM, CHUNKED) + begin + piece.repeat(nr));
    // More than the file may have; from 20 on also more than the form may have.
    if (nr > 15) return assert.equal((await connection.answer()).status, 413);
    // Broken off.
  }));
  await until(api, () => requests(api) === 40, "all requests end");
  await assertNoTrace(api);
});

Deno.test("a connection that is lost before the run is created leaves no file", async () => {
  await using api = await takingUploads();
  const found = await findImporter(`${api.folder}/importers`, "customers", { ownSchema: "ingest" });
  const body = new Blob([CONTENT]).stream();
  const file = await storeFile(body, "c.csv", api.storage, CONTENT.length);
  const session = await Session.open(api.database.config);
  session.destroy();
  const making = createRunFor((work) => work(new Ledger(session, "ingest")), {
    ...{ definition: found.definition, file, user: null, spoolFolder: api.storage },
    ...{ detach: false, dryRun: false },
  });
  await assert.rejects(making, SessionLost);
  await assertNoTrace(api);
});

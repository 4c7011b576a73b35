import assert from "node:assert/strict";
import { downloadFailedRows } from "../../src/http/answers/download.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { connectRaw } from "./raw_connection.ts";
import type { Serving } from "./serving.ts";
import { takingUploads, uploadRaw } from "./uploading.ts";

/** More than the system buffers for a connection that nobody reads. */
const FAILED_ROWS = 2_000;

/** The id of a run with 20 MB of failed rows. */
async function failedRun(api: Serving): Promise<number> {
  const name = "n".repeat(10_000);
  const rows = Array.from({ length: FAILED_ROWS }, (_, nr) => `u${nr}@example.com,${name},x`);
  const { body } = await uploadRaw(api, ["email,name,age", ...rows, ""].join("\n"));
  await api.drive(body.data.id);
  return body.data.id;
}

Deno.test("readers of a download who go away free its connection for others", async () => {
  await using api = await takingUploads({ maxUpload: 30_000_000 });
  const path = `/${await failedRun(api)}/failed-rows/download`;
  // There are four connections for downloads: with them in use, nobody else gets one.
  for (let nr = 0; nr < 5; nr++) {
    using connection = await connectRaw(api.port);
    await connection.send(
      `GET /api/v1/ingest${path} HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\n\r\n`,
    );
    assert.equal((await connection.answer()).status, 200);
  }
  const { status, body } = await api.ask(path);
  assert.equal(status, 200);
  assert.equal(body.split("\n").length, FAILED_ROWS + 2);
});

Deno.test("a download that nobody reads any more is aborted, and frees its connection", async () => {
  await using api = await takingUploads({ maxUpload: 30_000_000 });
  const run = await requireRun(api.ledger, await failedRun(api));
  const freed = Promise.withResolvers<void>();
  const server = {
    withDownload: <T>(work: (ledger: Ledger) => Promise<T>) =>
      work(api.ledger).finally(freed.resolve),
  };
  const stream = await downloadFailedRows(server, run, { form: "csv", marked: false }, 20);
  assert.ok(stream);
  await freed.promise;
  await assert.rejects(new Response(stream).text(), /nobody read for 0\.02 seconds/);
});

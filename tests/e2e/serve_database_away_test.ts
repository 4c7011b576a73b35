/** `ingest serve` while its database is away, and when it is back. */
import assert from "node:assert/strict";
import { formatDatabaseUrl } from "../../src/config/resolve_database.ts";
import { startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { Session } from "../../src/db/session.ts";
import { customers, CUSTOMERS_TABLE } from "../cli/customers.ts";
import type { Running } from "../cli/start_program.ts";
import type { Answer } from "../http/serving.ts";
import { untilReady } from "../http/until_ready.ts";
import { temporaryHome } from "../support/embedded_home.ts";
import { halfUpload, type ServerProcess, startServing, untilTrue } from "./serve_process.ts";

const READY = "/readyz";
const LIST = "/api/v1/ingest/";

function assertAway({ status, headers, body }: Answer): void {
  assert.deepEqual([status, body.code], [503, "database_unreachable"]);
  assert.ok(Number(headers.get("retry-after")) > 0);
  // It says neither where the database should be, nor which user connects.
  assert.equal(body.message, "The database can't be reached. Try again in a moment.");
}

function becomesReady(server: ServerProcess): Promise<void> {
  return untilReady(async () => {
    const { status, body } = await server.ask(READY);
    return { status, code: body.code };
  });
}

async function endInOrder(program: Running): Promise<void> {
  program.kill("SIGTERM");
  const { code, stderr } = await program.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\nStopped\.\n$/);
  assert.doesNotMatch(stderr, /[Uu]ncaught|[Uu]nhandled| {4}at /);
}

Deno.test("serve answers while its database is away, and continues by itself when it is back", async () => {
  await using home = await temporaryHome();
  const config = await startEmbedded(home.path);
  const inDatabase = async (work: (session: Session) => Promise<void>) => {
    await using session = await Session.open(config);
    await work(session);
  };
  await inDatabase(async (session) => void await session.execute(CUSTOMERS_TABLE));
  const database = { url: formatDatabaseUrl(config) };
  await using server = await startServing({ database }, "--workers", "1");
  const pause = () => server.ask("/healthz");
  await becomesReady(server);

  for (let round = 0; round < 2; round++) {
    using upload = await halfUpload(server, customers(20_000), pause);
    await stopEmbedded(home.path);
    await upload.finish();
    assertAway(await upload.answer());
    // No run can be created.
    assert.deepEqual(server.stored(), []);
    for (let nr = 0; nr < 20; nr++) {
      assertAway(await server.ask(READY));
      assertAway(await server.ask(LIST));
      assertAway(await server.upload(customers(2)));
      assert.equal((await server.ask("/healthz")).status, 200);
    }
    assert.deepEqual(server.stored(), []);

    await startEmbedded(home.path);
    await becomesReady(server);
    const { status, body } = await server.upload(customers(1).replace("u0", `u${round}`));
    assert.equal(status, 202);
    await inDatabase(async (session) => {
      const id = Number(body.data.id);
      await untilTrue(
        { session },
        `(select status = 'completed' from ingest.runs where id = ${id})`,
      );
      const [{ n }] = await session.query<{ n: number }>("select count(*) as n from ingest.runs");
      assert.equal(n, round + 1);
    });
    const [file, ...others] = server.stored();
    assert.deepEqual(others, []);
    await Deno.remove(file);
  }
  await endInOrder(server.program);
});

Deno.test("serve ends properly on a signal that comes while its database is away", async () => {
  await using home = await temporaryHome();
  const config = await startEmbedded(home.path);
  const database = { url: formatDatabaseUrl(config) };
  await using server = await startServing({ database }, "--workers", "1");
  await stopEmbedded(home.path);
  assertAway(await server.ask(READY));
  await endInOrder(server.program);
});

import assert from "node:assert/strict";
import { startServer } from "../../src/http/server.ts";
import { silentProxy } from "../db/silent_proxy.ts";
import { migratedDatabase } from "../support/database.ts";
import { PATIENCE } from "../support/until.ts";
import { untilReady } from "./until_ready.ts";

Deno.test("a frozen database is not ready, and the client learns that", async () => {
  await using db = await migratedDatabase();
  await using proxy = await silentProxy(db.config);
  const server = startServer({
    config: proxy.config,
    schemaName: "ingest",
    ...{ host: "127.0.0.1", port: 0, maxUpload: 1, worksHere: true, isOpen: true, corsOrigins: [] },
    savesDefinitions: false,
    allowedHosts: [],
    variable: () => undefined,
    ...{ importersFolder: "/none", sourceFolder: null },
    storageFolder: () => Promise.reject(new Error("not asked for")),
    log: () => {},
  });
  try {
    const ready = async () => {
      const url = `http://127.0.0.1:${server.port}/readyz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
      return { status: answer.status, code: (await answer.json()).code };
    };
    await untilReady(ready);
    // The connection has just been in use, so nobody asks it whether it is still alive.
    proxy.fallSilent();
    for (let nr = 0; nr < 2; nr++) {
      assert.deepEqual(await ready(), { status: 503, code: "database_unreachable" });
    }
  } finally {
    await server.close(0);
  }
});

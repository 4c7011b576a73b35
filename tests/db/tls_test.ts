/** Encrypted connections, with a certificate for `localhost` that only this test trusts. */
import assert from "node:assert/strict";
import { acquireEmbedded } from "../../src/db/embedded.ts";
import { type DatabaseConfig, Session, SessionLost } from "../../src/db/session.ts";
import { LONG_NAME, temporaryHome } from "../support/embedded_home.ts";
import { TEST_SETTINGS } from "../support/settings.ts";
import { acquireTlsServer } from "./tls/server.ts";

const authority = new URL("./tls/ca.crt", import.meta.url).pathname;

async function encrypted(config: DatabaseConfig): Promise<boolean> {
  await using session = await Session.open(config);
  const [{ ssl }] = await session.query<{ ssl: boolean }>(
    "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
  );
  return ssl;
}

Deno.test("each sslmode keeps its promise, and sessions are lost under TLS as they are without", async () => {
  await using home = await temporaryHome(LONG_NAME);
  const plain = await acquireEmbedded(home.path, TEST_SETTINGS);
  assert.equal(await encrypted({ ...plain.config, ssl: "prefer" }), false);
  await assert.rejects(encrypted({ ...plain.config, ssl: "require" }), /doesn't speak TLS/);
  await plain.release();

  const server = await acquireTlsServer(home.path);
  const config = { ...server.config, host: "localhost" };
  try {
    const trusting = { ...config, ssl: "verify-full", sslRootCertificate: authority } as const;
    assert.equal(await encrypted({ ...config, ssl: false }), false);
    assert.equal(await encrypted({ ...config, ssl: "prefer" }), true);
    assert.equal(await encrypted({ ...config, ssl: "require" }), true);
    assert.equal(await encrypted(trusting), true);
    await assert.rejects(encrypted({ ...config, ssl: "verify-full" }), /certificate/);
    await assert.rejects(
      encrypted({ ...trusting, host: "127.0.0.1" }),
      /does not match|not valid for name/,
    );
    const at = { ...trusting, address: "127.0.0.1" };
    assert.equal(await encrypted(at), true);
    const other = encrypted({ ...at, host: "db.example.com" });
    await assert.rejects(other, /does not match|not valid for name/);
    // The name doesn't matter to verify-ca, whom it is from does.
    const chain = { ...trusting, ssl: "verify-ca", host: "127.0.0.1" } as const;
    assert.equal(await encrypted(chain), true);
    await assert.rejects(encrypted({ ...chain, sslRootCertificate: null }), /certificate/);
    await assert.rejects(
      encrypted({ ...chain, sslRootCertificate: "/no/such.crt" }),
      /can't read the certificates in \/no\/such.crt/,
    );
    await losesLikeAnyOther(trusting);
  } finally {
    await server.release();
  }
});

async function losesLikeAnyOther(config: DatabaseConfig): Promise<void> {
  await using admin = await Session.open(config);
  for (const end of ["terminate", "destroy"]) {
    await using session = await Session.open(config);
    const pending = assert.rejects(session.query("select pg_sleep(60)"), SessionLost);
    if (end === "destroy") session.destroy();
    await admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
    await pending;
    await assert.rejects(session.query("select 1"), SessionLost);
  }
}

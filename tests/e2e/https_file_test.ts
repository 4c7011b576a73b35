/** A file over https, from a server whose certificate an authority of the test's own has signed. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { ingest } from "../cli/start_program.ts";
import { authority, whyNoOpenssl } from "../source/remote/certificates.ts";
import { testDatabase } from "../support/database.ts";

const reason = whyNoOpenssl();
if (reason !== null) console.log(`tests of https are skipped: ${reason}`);

function serve(certificate: { readonly cert: string; readonly key: string }) {
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve({ ...options, ...certificate }, () => new Response("id,name\n1,Ana\n"));
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test({
  name:
    "https is trusted by an authority that SSL_CERT_FILE names, and otherwise refused in a line",
  ignore: reason !== null,
  async fn() {
    await using db = await testDatabase();
    await db.session.execute("create table people (id int primary key, name text)");
    await using folder = await temporaryFolder();
    await using ours = await authority();
    await using theirs = await authority();
    await using good = serve(await ours.issue("localhost"));
    await using misnamed = serve(await ours.issue("files.example"));
    await using expired = serve(await ours.issue("localhost", -2));
    const run = (port: number, trusted: string | null) =>
      ingest(["run", "--table", "people", "--file", `https://localhost:${port}/people.csv`], {
        database: db,
        env: {
          ...{ INGEST_HOME: folder.path, INGEST_ALLOW_HOSTS: "localhost" },
          ...trusted !== null && { SSL_CERT_FILE: trusted },
        },
      });
    for (
      const [port, trusted, words] of [
        [good.port, null, /isn't signed by an authority that is trusted here\..*SSL_CERT_FILE/u],
        [good.port, theirs.file, /isn't signed by an authority that is trusted here/u],
        [good.port, `${folder.path}/none.pem`, /Cannot read the certificates in SSL_CERT_FILE/u],
        [misnamed.port, ours.file, /its certificate is for another name\./u],
        [expired.port, ours.file, /its certificate has expired\./u],
      ] as const
    ) {
      const { code, stderr } = await run(port, trusted);
      assert.equal(code, 1, stderr);
      assert.match(stderr, words);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    }
    const { code, stderr } = await run(good.port, ours.file);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await db.session.query("select * from people"), [{ id: 1, name: "Ana" }]);
    const [{ runs }] = await db.session.query<{ runs: number }>(
      "select count(*)::int as runs from ingest.runs",
    );
    assert.equal(runs, 1, "what was refused has no run");
  },
});

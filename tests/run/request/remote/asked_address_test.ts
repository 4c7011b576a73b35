import assert from "node:assert/strict";
import { expectedAddress } from "../../../../src/run/request/remote/asked_address.ts";
import { accepted } from "../../../importer/accepted.ts";

function expected(url: string, asked: string): string | null {
  const source = `{type: sftp, url: '${url}', env: [HOST], override: true}`;
  return expectedAddress(accepted(`table: t\nsource: ${source}\n`).source, asked);
}

Deno.test("a request names only files in the folder of the same SFTP server", () => {
  const own = "sftp://me@files.example/out/orders-*.csv";
  for (
    const asked of ["sftp://me@files.example/out/a.csv", "sftp://me@files.example/out/x/b*.csv"]
  ) {
    assert.equal(expected(own, asked), null, asked);
  }
  const refused = [
    "sftp://me@files.example/out/../etc/passwd",
    "sftp://me@files.example/out/./a.csv",
    "sftp://me@files.example/other/a.csv",
    "sftp://me@files.example/outer/a.csv",
    "sftp://you@files.example/out/a.csv",
    "sftp://me@files.example:23/out/a.csv",
    "sftp://me@other.example/out/a.csv",
    "https://files.example/out/a.csv",
    "/out/a.csv",
  ];
  for (const asked of refused) assert.notEqual(expected(own, asked), null, asked);
  assert.notEqual(expected("sftp://files.example*", "sftp://files.example.evil/a.csv"), null);
  assert.notEqual(expected("sftp://${HOST}/in/*.csv", "sftp://files.example/in/a.csv"), null);
});

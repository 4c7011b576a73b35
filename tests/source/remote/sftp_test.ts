/** Files from OpenSSH's own server. */
import assert from "node:assert/strict";
import type { Fetched, Place, RemoteAccess } from "../../../src/source/remote/remote.ts";
import { connect, createServer } from "node:net";
import { readSftpAddress } from "../../../src/source/remote/sftp/sftp_address.ts";
import { sftpKind } from "../../../src/source/remote/sftp/sftp_kind.ts";
import { makeKey, type SshServer, startSshd, whyNoSshd } from "./sshd.ts";

const reason = whyNoSshd();
const ignore = reason !== null;
if (reason !== null) console.log(`tests of SFTP are skipped: ${reason}`);

interface Case {
  readonly key?: string;
  readonly knownHosts?: string;
  readonly maxBytes?: number;
}

async function fetchAll(
  server: SshServer,
  path: string,
  { key = server.key, knownHosts = server.knownHosts, maxBytes = 100_000_000 }: Case = {},
): Promise<readonly Fetched[]> {
  const access: RemoteAccess = {
    ...{ allowedHosts: [], maxBytes, signal: new AbortController().signal },
    variable: (name) => name === "INGEST_KNOWN_HOSTS" ? knownHosts : undefined,
    reach: { pause: 1 },
  };
  const address = `sftp://root@127.0.0.1:${server.port}${path}`;
  const place: Place = { address, headers: {}, key, variables: {} };
  const files: Fetched[] = [];
  for (const object of await sftpKind.list(place, access)) {
    const folder = `${server.folder}/../copies`;
    const file = await sftpKind.fetch(object, place, access, { known: null, folder });
    assert.ok(file);
    assert.deepEqual(file.version, object.version);
    files.push(file);
  }
  return files;
}

Deno.test({
  name: "a file of any size comes as it is, and those that fit a pattern",
  ignore,
  async fn() {
    await using server = await startSshd();
    const large = new Uint8Array(5_000_001).map((_, i) => i % 251);
    await Deno.writeFile(`${server.folder}/large.bin`, large);
    for (const name of ["b 2.csv", "b1.csv", "c.txt", ".b3.csv"]) {
      await Deno.writeTextFile(`${server.folder}/${name}`, `id\n${name}\n`);
    }
    await Deno.writeTextFile(`${server.folder}/empty.csv`, "");
    await Deno.mkdir(`${server.folder}/b9.csv`);
    await Deno.symlink("b1.csv", `${server.folder}/bl.csv`);
    const [file] = await fetchAll(server, `${server.folder}/large.bin`);
    assert.deepEqual(await Deno.readFile(file.path), large);
    assert.equal(file.name, `127.0.0.1:${server.port}${server.folder}/large.bin`);
    const names = async (pattern: string) =>
      (await fetchAll(server, `${server.folder}/${pattern}`))
        .map(({ name }) => name.split("/").at(-1)).sort();
    assert.deepEqual(await names("b*.csv"), ["b 2.csv", "b1.csv", "bl.csv"]);
    assert.deepEqual(await names("b?.csv"), ["b1.csv", "bl.csv"]);
    assert.deepEqual(await names(".b*"), [".b3.csv"]);
    assert.equal((await names("")).length, 6, "all but the hidden one and the folder");
  },
});

Deno.test({
  name: "a host whose key is unknown or has changed gets nothing, not even a name",
  ignore,
  async fn() {
    await using server = await startSshd();
    await Deno.writeTextFile(`${server.folder}/a.csv`, "id\n1\n");
    const path = `${server.folder}/a.csv`;
    const none = `${server.folder}/none`;
    await Deno.writeTextFile(none, "");
    await assert.rejects(
      fetchAll(server, path, { knownHosts: none }),
      /Cannot fetch from 127\.0\.0\.1: its host key isn't known here, so nothing was sent\. Compare/u,
    );
    await makeKey(`${server.folder}/stranger`);
    const [type, key] = (await Deno.readTextFile(`${server.folder}/stranger.pub`)).split(" ");
    await Deno.writeTextFile(none, `[127.0.0.1]:${server.port} ${type} ${key}\n`);
    await assert.rejects(
      fetchAll(server, path, { knownHosts: none }),
      /its host key is not the one in known_hosts\. Somebody may be in between, or the server/u,
    );
  },
});

Deno.test({
  name: "what can't be fetched is said in a sentence, and leaves nothing behind",
  ignore,
  async fn() {
    await using server = await startSshd();
    await Deno.writeTextFile(`${server.folder}/a.csv`, "id\n1\n");
    const cases: readonly (readonly [string, RegExp, Case?])[] = [
      ["a.csv", /it doesn't let this user in\. Check the user's name/u, { key: server.otherKey }],
      ["a.csv", /no such file with a private key/u, { key: `${server.folder}/missing` }],
      ["missing.csv", /missing\.csv: there is no such file or folder\. Check the path\./u],
      ["no/such/*.csv", /there is no such file or folder/u],
      ["*.txt", /\*\.txt: no file there has such a name/u],
      ["../files", /it is a folder\. For all files in it, end the address with a slash/u],
      ["a.csv", /larger than the 3 bytes that are allowed/u, { maxBytes: 3 }],
    ];
    for (const [path, message, how] of cases) {
      await assert.rejects(fetchAll(server, `${server.folder}/${path}`, how), message, path);
    }
    const copies = [...Deno.readDirSync(`${server.folder}/../copies`)];
    assert.deepEqual(copies, []);
    const closed = { ...server, port: 1, folder: server.folder };
    await assert.rejects(fetchAll(closed, "/a.csv"), /refuses the connection, also at further/u);
  },
});

/** Passes bytes on to a port, and breaks off each connection after so many from there. */
async function brittle(port: number, most: number) {
  let connections = 0;
  const server = createServer((client) => {
    connections++;
    const target = connect(port, "127.0.0.1");
    let passed = 0;
    const end = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) socket.on("error", end).on("close", end);
    client.on("data", (bytes) => target.write(bytes));
    target.on("data", (bytes) => {
      passed += bytes.length;
      if (passed > most) end();
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    count: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

Deno.test({
  name: "a download that breaks off is continued where it stopped",
  ignore,
  async fn() {
    await using server = await startSshd();
    await using between = await brittle(server.port, 1_500_000);
    const large = new Uint8Array(4_000_000).map((_, i) => i % 249);
    await Deno.writeFile(`${server.folder}/large.csv`, large);
    const known = await Deno.readTextFile(server.knownHosts);
    await Deno.writeTextFile(server.knownHosts, known.replace(`${server.port}`, `${between.port}`));
    const through = { ...server, port: between.port };
    const [file] = await fetchAll(through, `${server.folder}/large.csv`);
    assert.deepEqual(await Deno.readFile(file.path), large);
    // One to look, and each of the others brings at most 1.5 MB.
    assert.ok(between.count() >= 4, `${between.count()} connections`);
  },
});

Deno.test("no part of an address can be an option of ssh", () => {
  for (
    const address of ["sftp://-oProxyCommand=x/a", "sftp://-l@host/a", "sftp://h/a\nb", "sftp://h"]
  ) {
    assert.equal(readSftpAddress(address), null, address);
  }
  assert.deepEqual(readSftpAddress("sftp://me@files.example.com:2222/~/in/a b.csv"), {
    ...{ user: "me", host: "files.example.com", port: 2222, path: "in/a b.csv" },
  });
});

/** Files from servers that do what servers do, over real connections. */
import assert from "node:assert/strict";
import { fetching } from "./fetching.ts";
import { rawServer, whole } from "./raw_server.ts";

const ROWS = "id,name\n" + Array.from({ length: 500 }, (_, i) => `${i},name ${i}\n`).join("");

Deno.test("a file is fetched as it is, however the server sends it", async () => {
  const chunked = ["id\n", "1\n", "2\n"].map((part) => `${part.length}\r\n${part}\r\n`).join("");
  const ways: readonly (readonly [string, string])[] = [
    [whole(ROWS), ROWS],
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`, "id\n1\n2\n"],
    ["HTTP/1.0 200 OK\r\n\r\nid\n1\n", "id\n1\n"],
    [`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${whole("id\n1\n")}`, "id\n1\n"],
    ["HTTP/1.1 200\r\nContent-Length: 3, 3\r\n\r\nid\n", "id\n"],
    [whole(""), ""],
  ];
  await using folder = await fetching();
  for (const [answer, text] of ways) {
    await using server = await rawServer(() => answer);
    const found = await folder.fetch(`http://127.0.0.1:${server.port}/a/my%20file.csv?key=secret`);
    assert.equal(found?.text, text);
    assert.equal(found.name, `127.0.0.1:${server.port}/a/my file.csv`);
    assert.match(server.requests[0], /^GET \/a\/my%20file\.csv\?key=secret HTTP\/1\.1\r\n/u);
  }
});

Deno.test("a download that breaks off is continued where it stopped", async () => {
  for (const version of ['ETag: "v1"\r\n', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"]) {
    await using folder = await fetching();
    await using server = await rawServer((request) => {
      const from = Number(/range: bytes=(\d+)-/iu.exec(request)?.[1] ?? 0);
      const rest = ROWS.slice(from);
      const head = from === 0 ? "200 OK" : "206 Partial Content";
      const range = from === 0 ? "" : `Content-Range: bytes ${from}-${ROWS.length - 1}/*\r\n`;
      // At most 2,000 bytes each time.
      return `HTTP/1.1 ${head}\r\n${version}${range}Content-Length: ${rest.length}\r\n\r\n` +
        rest.slice(0, 2000);
    });
    const found = await folder.fetch(`http://127.0.0.1:${server.port}/a.csv`);
    assert.equal(found?.text, ROWS);
    assert.equal(server.requests.length, Math.ceil(ROWS.length / 2000));
    assert.match(server.requests[1], /if-range: ("v1"|Mon, 01 Jan 2024 00:00:00 GMT)\r\n/u);
  }
});

Deno.test("without ranges, what is known is skipped; without versions, everything begins again", async () => {
  for (const [version, least] of [['ETag: "v1"\r\n', 3], ["", 2]] as const) {
    await using folder = await fetching();
    await using server = await rawServer((_, number) =>
      `HTTP/1.1 200 OK\r\n${version}Content-Length: ${ROWS.length}\r\n\r\n` +
      (number < least ? ROWS.slice(0, 1000 * number) : ROWS)
    );
    const found = await folder.fetch(`http://127.0.0.1:${server.port}/a.csv`);
    assert.equal(found?.text, ROWS);
    assert.equal(folder.files().length, 1);
  }
});

Deno.test("a file that changes while it is read begins again, and is never two halves", async () => {
  const [old, fresh] = [ROWS, ROWS.replaceAll("name", "NAME")];
  await using folder = await fetching();
  await using server = await rawServer((_, number) =>
    number === 1
      ? `HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: ${old.length}\r\n\r\n${old.slice(0, 3000)}`
      : whole(fresh, 'ETag: "2"\r\n')
  );
  assert.equal((await folder.fetch(`http://127.0.0.1:${server.port}/a.csv`))?.text, fresh);
});

Deno.test("what can't be fetched is said in a sentence, and leaves nothing behind", async () => {
  const html = "<!DOCTYPE html>\n<html><head><title>Sign in\n &amp; go</title></head>";
  const head = "HTTP/1.1 200 OK\r\n";
  const answers: readonly (readonly [string, RegExp, number])[] = [
    ["HTTP/1.1 401 No\r\n\r\n", /\/a\.csv: the server wants to know who asks \(401\)\. Check/u, 1],
    ["HTTP/1.1 403 No\r\n\r\n", /the server doesn't allow it \(403\)\. Check that the token/u, 1],
    ["HTTP/1.1 404 No\r\n\r\n", /there is no such file \(404\)\. Check the address/u, 1],
    ["HTTP/1.1 418 No\r\n\r\n", /the server refuses the request \(418\)/u, 1],
    ["HTTP/1.1 304 No\r\n\r\n", /redirects to nowhere \(304\)/u, 1],
    [
      "HTTP/1.1 429 No\r\nRetry-After: 90\r\n\r\n",
      /too many.*\(429\)\. Try again in 90 seconds/u,
      1,
    ],
    ["HTTP/1.1 429 No\r\nRetry-After: 0\r\n\r\n", /too many requests \(429\), at each of 4/u, 4],
    ["HTTP/1.1 503 No\r\n\r\n", /the server has failed \(503\), at each of 4 attempts/u, 4],
    [whole(html), /a web page, “Sign in & go”, and no table/u, 1],
    [whole("<html>Just text"), /a web page, “Just text”/u, 1],
    [`${head}Content-Length: 100\r\n\r\nid\n`, /the connection broke, after 3 of 100 bytes/u, 12],
    [`${head}Content-Length: 2\r\n\r\nid\n1\n`, /announces 2 bytes and sends more/u, 12],
    [`${head}Content-Length: 1e3\r\n\r\n`, /a length that can't be read, at each of 4/u, 4],
    [
      `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nid\n\r\n`,
      /connection broke, after 3 bytes/u,
      12,
    ],
    [`${head}Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx`, /packed as "br"/u, 1],
    ["SSH-2.0-OpenSSH_9\r\n", /doesn't speak HTTP\/1\.1/u, 1],
    ["", /closes the connection without an answer, at each of 4 attempts/u, 4],
    [`${head}Content-Length: 2000001\r\n\r\n`, /larger than the 1 MB that are allowed/u, 1],
    [`${head}\r\n${"x".repeat(1_000_100)}`, /larger than the 1 MB that are allowed/u, 1],
    ["HTTP/1.1 302 Y\r\nLocation: /a.csv\r\n\r\n", /redirects more than 10 times/u, 11],
    ["HTTP/1.1 302 Y\r\nLocation: ftp://x/y\r\n\r\n", /neither https:\/\/ nor http:\/\//u, 1],
    ["HTTP/1.1 302 Y\r\nLocation: http://[x\r\n\r\n", /an address that can't be read/u, 1],
  ];
  for (const [answer, message, most] of answers) {
    await using folder = await fetching();
    await using server = await rawServer(() => answer);
    const address = `http://u:hidden@127.0.0.1:${server.port}/a.csv?key=hidden`;
    await assert.rejects(folder.fetch(address), (error: Error) => {
      assert.match(error.message, message, answer.slice(0, 60));
      assert.doesNotMatch(error.message, /hidden|\n/u);
      return true;
    });
    assert.ok(server.requests.length <= most, `${answer}: ${server.requests.length}`);
    assert.deepEqual(folder.files(), []);
  }
});

Deno.test("bytes beyond the announced ones are noticed, whenever they arrive", async () => {
  await using folder = await fetching();
  await using server = await rawServer(() => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nid\n1\n");
  const connect = async (hostname: string, port: number) => {
    const connection = await Deno.connect({ hostname, port });
    const read = connection.read.bind(connection);
    return Object.assign(connection, { read: (into: Uint8Array) => read(into.subarray(0, 1)) });
  };
  await assert.rejects(
    folder.fetch(`http://127.0.0.1:${server.port}/a.csv`, { reach: { connect } }),
    /announces 2 bytes and sends more/u,
  );
  assert.deepEqual(folder.files(), []);
});

Deno.test("a server that sends next to nothing is given up", async () => {
  await using folder = await fetching();
  const timers = new Set<ReturnType<typeof setInterval>>();
  await using server = await rawServer((_, __, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    const timer = setInterval(() => socket.write("x"), 10);
    timers.add(timer);
    socket.on("close", () => clearInterval(timer));
    return null;
  });
  await assert.rejects(
    folder.fetch(`http://127.0.0.1:${server.port}/a.csv`, { reach: { progress: 100 } }),
    /the server sends less than 60 kB in 0\.1 seconds, after \d+ of 100000 bytes/u,
  );
  for (const timer of timers) clearInterval(timer);
});

Deno.test("one that never answers, and one that nobody waits for any more, are given up", async () => {
  await using folder = await fetching();
  let onAsked = () => {};
  await using server = await rawServer(() => (onAsked(), null));
  const address = `http://127.0.0.1:${server.port}/a.csv`;
  await assert.rejects(
    folder.fetch(address, { reach: { answering: 50 } }),
    /sends no answer within 0\.05 seconds, at each of 4 attempts/u,
  );
  const stop = new AbortController();
  const asked = new Promise<void>((resolve) => onAsked = resolve);
  const waiting = folder.fetch(address, { signal: stop.signal });
  await asked;
  stop.abort(new Error("nobody waits"));
  await assert.rejects(waiting, /nobody waits/u);
});

Deno.test("an unchanged file is not fetched again, whether the server notices or we do", async () => {
  const known = { etag: 'W/"v1"', lastModified: null };
  const unchanged = ["HTTP/1.1 304 Same\r\n\r\n", whole(ROWS, 'ETag: "v1"\r\n')];
  for (const answer of unchanged) {
    await using folder = await fetching();
    await using server = await rawServer(() => answer);
    assert.equal(await folder.fetch(`http://127.0.0.1:${server.port}/a.csv`, { known }), null);
    assert.match(server.requests[0], /if-none-match: W\/"v1"\r\n/u);
    assert.deepEqual(folder.files(), []);
  }
  await using folder = await fetching();
  await using server = await rawServer(() => whole(ROWS, 'ETag: "v2"\r\n'));
  const changed = await folder.fetch(`http://127.0.0.1:${server.port}/a.csv`, { known });
  assert.deepEqual([changed?.text, changed?.version.etag], [ROWS, '"v2"']);
});

Deno.test("headers and passwords go to no other server than the first", async () => {
  await using folder = await fetching();
  await using other = await rawServer(() => whole("id\n1\n"));
  await using first = await rawServer((request) =>
    request.startsWith("GET /moved")
      ? `HTTP/1.1 307 Y\r\nLocation: http://127.0.0.1:${other.port}/b.csv\r\n\r\n`
      : "HTTP/1.1 301 Y\r\nLocation: moved?x=1\r\n\r\n"
  );
  const address = `http://me:p%40ss@127.0.0.1:${first.port}/a.csv`;
  const found = await folder.fetch(address, { headers: { "x-api-key": "secret" } });
  assert.equal(found?.text, "id\n1\n");
  for (const request of first.requests) {
    assert.match(request, /x-api-key: secret\r\n/u);
    assert.ok(request.includes(`authorization: Basic ${btoa("me:p@ss")}\r\n`));
  }
  assert.doesNotMatch(other.requests[0], /secret|authorization/iu);
});

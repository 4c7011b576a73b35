/** Reading a request's body, and what happens to the rest of a refused one. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { answerFailure, RequestRefused } from "../../src/http/answers/answer_failure.ts";
import { type IncomingOptions, restTimes, withIncoming } from "../../src/http/requests/incoming.ts";
import { MAX_JSON, readJson } from "../../src/http/requests/json_body.ts";
import { receiveFile } from "../../src/http/requests/receive.ts";
import { retryBody } from "../../src/http/schemas/schemas.ts";
import type { RequestEnv } from "../../src/http/server_context.ts";
import { temporaryFolder } from "../cli/customers.ts";
import { NO_SERVER } from "./no_server.ts";
import { part } from "./uploading.ts";

/** Milliseconds: so long that nothing here times out by itself. */
const LONG = 30_000;
const OPTIONS: IncomingOptions = {
  maxBody: 1_000,
  maxFile: 1_000,
  signal: new AbortController().signal,
  patience: LONG,
  rest: { quiet: LONG, total: LONG },
};

const refused = new Error("refused");

interface Sent {
  readonly body: ReadableStream<Uint8Array>;
  /** How many pieces were requested. */
  asked(): number;
  /** Why it was cancelled, if it was. */
  reason(): unknown;
}

/** Hands out a piece for each request; after the last one calls `then`. */
function sent(
  pieces: Iterable<string>,
  then: (to: ReadableStreamDefaultController<Uint8Array>) => void = (to) => to.close(),
): Sent {
  const left = pieces[Symbol.iterator]();
  let asked = 0;
  let reason: unknown;
  const body = new ReadableStream<Uint8Array>({
    pull(to) {
      asked++;
      const { done, value } = left.next();
      if (done === true) return then(to);
      to.enqueue(new TextEncoder().encode(value));
    },
    cancel: (why) => void (reason = why),
  }, { highWaterMark: 0 });
  return { body, asked: () => asked, reason: () => reason };
}

const stall = () => {};

/** Takes this many pieces, and no more. */
function refuseAfter(pieces: number) {
  return async (body: ReadableStream<Uint8Array>): Promise<never> => {
    const reader = body.getReader();
    for (let nr = 0; nr < pieces; nr++) await reader.read();
    throw refused;
  };
}

function* endless(): Generator<string> {
  for (;;) yield "x";
}

Deno.test("the rest of a refused body is read before the refusal is answered", async () => {
  for (const taken of [0, 1, 5]) {
    const { body, asked } = sent("12345");
    await assert.rejects(withIncoming(body, OPTIONS, refuseAfter(taken)), refused);
    assert.equal(asked(), 6, `${taken} taken`);
  }
});

Deno.test("a body that is too large is read to its end and discarded", async () => {
  const { body, asked } = sent("12345");
  let kept = "";
  const taking = withIncoming(body, { ...OPTIONS, maxBody: 2 }, async (body) => {
    for await (const piece of body) kept += new TextDecoder().decode(piece);
  });
  await assert.rejects(taking, { status: 413, code: "too_large" });
  assert.deepEqual([kept, asked()], ["12", 6]);
});

Deno.test("a body may be refused while a read is pending", async () => {
  const last = Promise.withResolvers<void>();
  const { body, asked } = sent("1", (to) => last.promise.then(() => to.close()));
  const taking = withIncoming(body, OPTIONS, async (body) => {
    const reader = body.getReader();
    await reader.read();
    const reading = reader.read();
    await reader.cancel();
    assert.equal((await reading).done, true);
    last.resolve();
    throw refused;
  });
  await assert.rejects(taking, refused);
  assert.equal(asked(), 2);
});

Deno.test("a client that stops sending after a refusal gets the answer", async () => {
  const { body, asked, reason } = sent("123", stall);
  const options = { ...OPTIONS, rest: { quiet: 20, total: LONG } };
  const began = performance.now();
  await assert.rejects(withIncoming(body, options, refuseAfter(1)), refused);
  assert.deepEqual([asked(), reason()], [4, refused]);
  assert.ok(performance.now() - began < LONG);
});

Deno.test("the rest of an endless body is read only for a limited time", async () => {
  const { body, reason } = sent(endless());
  const options = { ...OPTIONS, rest: { quiet: LONG, total: 20 } };
  const began = performance.now();
  await assert.rejects(withIncoming(body, options, refuseAfter(1)), refused);
  assert.equal(reason(), refused);
  assert.ok(performance.now() - began < LONG);
});

Deno.test("a server that closes reads no rest", async () => {
  const closing = new AbortController();
  const { body, asked, reason } = sent("12", () => closing.abort(new Error("closing")));
  const options = { ...OPTIONS, signal: closing.signal };
  await assert.rejects(withIncoming(body, options, refuseAfter(1)), refused);
  assert.deepEqual([asked(), reason()], [3, refused]);
  // It closes already.
  const next = sent("12");
  await assert.rejects(withIncoming(next.body, options, refuseAfter(0)), refused);
  assert.deepEqual([next.asked(), next.reason()], [0, refused]);
});

Deno.test("a client that goes away after a refusal ends the reading", async () => {
  const { body, asked } = sent("12", (to) => to.error(new Error("gone")));
  await assert.rejects(withIncoming(body, OPTIONS, refuseAfter(1)), refused);
  assert.equal(asked(), 3);
});

Deno.test("the rest is read if Deno would break the connection, and otherwise left to Deno", async () => {
  for (const version of ["2.6.10", "2.7.0", "2.8.2"]) {
    assert.deepEqual(restTimes(version), { quiet: 250, total: 5_000 }, version);
  }
  for (const version of ["2.8.3", "2.8.10", "2.9.5+98f9507", "2.10.0", "3.0.0"]) {
    assert.equal(restTimes(version), null, version);
  }
  const { body, asked, reason } = sent("123");
  await assert.rejects(withIncoming(body, { ...OPTIONS, rest: null }, refuseAfter(1)), refused);
  assert.deepEqual([asked(), reason()], [1, refused]);
});

const readAll = (body: ReadableStream<Uint8Array>) => Array.fromAsync(body);

Deno.test("a body that stalls is given up and cancelled", async () => {
  const { body, asked, reason } = sent("1", stall);
  const began = performance.now();
  await assert.rejects(
    withIncoming(body, { ...OPTIONS, patience: 20 }, readAll),
    (error) => {
      assert.ok(error instanceof RequestRefused);
      assert.deepEqual([error.status, error.code], [408, "timeout"]);
      assert.deepEqual([asked(), reason()], [2, error]);
      // Its rest is not waited for.
      assert.ok(performance.now() - began < LONG);
      return true;
    },
  );
});

Deno.test("a body that breaks off has no rest", async () => {
  const gone = new Error("gone");
  const { body, asked } = sent("1", (to) => to.error(gone));
  await assert.rejects(withIncoming(body, OPTIONS, readAll), gone);
  assert.equal(asked(), 2);
});

Deno.test("a body fails with the server's reason when the server closes", async () => {
  const closing = new AbortController();
  const options = { ...OPTIONS, signal: closing.signal };
  const why = new Error("closing");
  const { body, reason } = sent("1", () => closing.abort(why));
  await assert.rejects(withIncoming(body, options, readAll), why);
  assert.equal(reason(), why);
  const next = sent("1");
  await assert.rejects(withIncoming(next.body, options, readAll), why);
  assert.deepEqual([next.asked(), next.reason()], [0, why]);
});

/** What reads bodies, without the rest of the server. */
function takingBodies(folder: string, maxUpload: number): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>();
  app.use((c, next) => {
    c.set("server", { ...NO_SERVER, maxUpload, rest: OPTIONS.rest });
    return next();
  });
  app.post("/file", async (c) => c.json(await receiveFile(c, folder)));
  app.post("/json", async (c) => c.json(await readJson(c, retryBody)));
  app.onError((error, c) => {
    const { status, body } = answerFailure(error, "");
    return c.json(body, status);
  });
  return app;
}

const CSV = { "content-type": "text/csv" };
const FORM = { "content-type": "multipart/form-data; boundary=x" };
const JSON_BODY = { "content-type": "application/json" };
const FILE = '; name="file"; filename="c.csv"';
/** Many pieces, none of which is the end of a form. */
const REST: readonly string[] = Array.from({ length: 100 }, () => "x".repeat(1_000));

Deno.test("every body that is refused half-way is read to its end before the answer", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/storage`;
  const noFolder = `${folder.path}/file`;
  await Deno.writeTextFile(noFolder, "");
  const small = takingBodies(path, 2_000);
  const large = takingBodies(path, 1_000_000);
  const full = takingBodies(noFolder, 1_000_000);
  const cases: readonly (readonly [
    Hono<RequestEnv>,
    string,
    Readonly<Record<string, string>>,
    string,
    number,
    string,
  ])[] = [
    [small, "/file", CSV, "", 413, "too_large"],
    [small, "/file", FORM, part(FILE, ""), 413, "too_large"],
    // Known by its length alone.
    [small, "/file", { ...CSV, "content-length": "100000" }, "", 413, "too_large"],
    [small, "/file", { ...FORM, "content-length": "100000" }, "", 413, "too_large"],
    [full, "/file", CSV, "", 500, "storage"],
    [full, "/file", FORM, part(FILE, ""), 500, "storage"],
    [large, "/file", FORM, part('; name="colour"', "red") + part(FILE, ""), 422, "validation"],
    [large, "/file", FORM, part(FILE, "") + part(FILE, ""), 422, "validation"],
    [large, "/file", FORM, "--x\r\n\0\x01\r\n\r\nx\r\n", 400, "malformed"],
    [small, "/json", JSON_BODY, "x".repeat(MAX_JSON), 413, "too_large"],
  ];
  for (const [app, url, headers, begin, status, code] of cases) {
    const { body, asked } = sent([begin, ...REST].filter((piece) => piece !== ""));
    const answer = await app.request(url, { method: "POST", headers, body });
    const what = `${url} ${JSON.stringify(headers)} ${code}`;
    assert.deepEqual([answer.status, (await answer.json()).code], [status, code], what);
    assert.equal(asked(), REST.length + (begin === "" ? 1 : 2), what);
  }
});

Deno.test("a client that asks before sending too much is refused without sending it", async () => {
  await using folder = await temporaryFolder();
  const { body, asked } = sent(REST);
  const headers = { ...CSV, "content-length": "100000", expect: "100-continue" };
  const answer = await takingBodies(folder.path, 2_000)
    .request("/file", { method: "POST", headers, body });
  assert.deepEqual([answer.status, (await answer.json()).code], [413, "too_large"]);
  assert.equal(asked(), 0);
});

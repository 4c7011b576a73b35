import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AwsV4Signer } from "aws4fetch";
import { S3Client } from "../../../src/source/s3/client.ts";
import { download, type DownloadOptions } from "../../../src/source/s3/download.ts";
import { keyPattern, listObjects } from "../../../src/source/s3/list_objects.ts";
import { removeObject } from "../../../src/source/s3/objects.ts";
import { upload } from "../../../src/source/s3/upload.ts";
import { NoSuchObject } from "../../../src/source/error.ts";
import { refusal, TestS3 } from "../../support/s3.ts";
import { PATIENCE } from "../../support/until.ts";

const WAITS = { tries: 4, pause: 1, silence: PATIENCE };
const MB = 1024 * 1024;

function clientOf(s3: TestS3, more: Record<string, string> = {}, silence = WAITS.silence) {
  const environment: Record<string, string> = { ...s3.environment, ...more };
  return new S3Client((name) => environment[name], { waits: { ...WAITS, silence } });
}

/** Bytes that differ wherever they are. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4)).map((_, i) => Math.imul(i, 2654435761));
  return new Uint8Array(words.buffer, 0, length);
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fetched(s3: TestS3, key: string, options?: DownloadOptions, silence?: number) {
  let bytes = new Uint8Array();
  await inFolder(async (folder) => {
    const path = `${folder}/copy`;
    await download(clientOf(s3, {}, silence), { bucket: "data", key }, path, options);
    bytes = await Deno.readFile(path);
  });
  return bytes;
}

Deno.test("a signature is that of AWS's published examples", async () => {
  const signer = (headers: Record<string, string>, url: string) =>
    new AwsV4Signer({
      ...{ method: "GET", url, service: "s3", region: "us-east-1" },
      datetime: "20130524T000000Z",
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      headers: {
        "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ...headers,
      },
    });
  const bucket = "https://examplebucket.s3.amazonaws.com/";
  for (
    const [url, signature] of [
      ["?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
      [
        "?max-keys=2&prefix=J",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
      ],
    ]
  ) assert.equal(await signer({}, bucket + url).signature(), signature, url);
});

for (const size of [0, 5, 8 * MB, 17 * MB + 1]) {
  Deno.test(`a file of ${size} bytes is the same after it was put and fetched`, async () => {
    await using s3 = await TestS3.start("data");
    await inFolder(async (folder) => {
      const content = bytesOf(size);
      await Deno.writeFile(`${folder}/a`, content);
      const key = "a b/ü+(1)*!'&=?#%.csv";
      await upload(clientOf(s3), `${folder}/a`, { bucket: "data", key });
      // As S3 answers, and s3rver doesn't.
      if (size === 0) {
        s3.disturb = ({ method }) => method === "GET" ? refusal(416, "InvalidRange") : null;
      }
      assert.ok(Buffer.from(await fetched(s3, key)).equals(content));
      await removeObject(clientOf(s3), { bucket: "data", key });
      assert.deepEqual(await s3.keys("data"), []);
      assert.equal(s3.uploads.size, 0);
    });
  });
}

Deno.test("ranges that break off are gone on with where they ended", async () => {
  await using s3 = await TestS3.start("data");
  const content = bytesOf(20 * MB);
  await s3.write("data", "a", content);
  let broken = 0;
  s3.alter = (body) => {
    if (broken >= 6) return body;
    broken++;
    let left = 300_000;
    return body.pipeThrough(
      new TransformStream({
        transform(chunk, controller) {
          if (left <= 0) return controller.terminate();
          controller.enqueue(chunk);
          left -= chunk.length;
        },
      }),
    );
  };
  assert.ok(Buffer.from(await fetched(s3, "a")).equals(content));
  assert.equal(broken, 6);
});

Deno.test("an object that is replaced or removed while it is fetched is told", async () => {
  for (const change of ["replaced", "removed"]) {
    await using s3 = await TestS3.start("data");
    await s3.write("data", "a", bytesOf(20 * MB));
    let replaced: Promise<void> | null = null;
    s3.disturb = async ({ method, path, headers }) => {
      const isFirst = headers.get("range")?.startsWith("bytes=0-");
      if (method !== "GET" || path !== "/data/a" || isFirst) return null;
      if (change === "removed") return refusal(404, "NoSuchKey");
      // No range is read before it is replaced: all of them could have been by then.
      replaced ??= s3.write("data", "a", bytesOf(20 * MB).fill(7));
      await replaced;
      return null;
    };
    const message = change === "replaced"
      ? /^Cannot read s3:\/\/data\/a: the object changed while it was read\. Start again/u
      : /^Cannot read s3:\/\/data\/a: there is no such object\. Check the name/u;
    await assert.rejects(fetched(s3, "a"), { name: "SourceError", message });
  }
});

Deno.test("what the first range fails for is told, not what others come to by it", async () => {
  await using s3 = await TestS3.start("data");
  await s3.write("data", "a", bytesOf(20 * MB));
  const refused = Promise.withResolvers<void>();
  s3.disturb = ({ headers }) => {
    if (!headers.get("range")?.startsWith(`bytes=${16 * MB}-`)) return null;
    refused.resolve();
    return refusal(412, "PreconditionFailed");
  };
  // The range before it gets nothing any more, however often it asks.
  s3.alter = (body, { headers }) => {
    if (!headers.get("range")?.startsWith(`bytes=${8 * MB}-`)) return body;
    const nothing = async (controller: ReadableStreamDefaultController) => {
      await body.cancel();
      await refused.promise;
      controller.close();
    };
    return new ReadableStream({ start: nothing });
  };
  await inFolder(async (folder) => {
    const client = new S3Client((name) => s3.environment[name], {
      waits: { tries: 12, pause: 50, silence: PATIENCE },
    });
    await assert.rejects(download(client, { bucket: "data", key: "a" }, `${folder}/copy`), {
      message: /^Cannot read s3:\/\/data\/a: the object changed while it was read\./u,
    });
  });
});

Deno.test("what passes is tried again, and what doesn't is told in a sentence", async () => {
  await using s3 = await TestS3.start("data");
  await s3.write("data", "a", "hello");
  for (
    const [status, code] of [
      [503, "SlowDown"],
      [429, ""],
      [500, "InternalError"],
      [400, "RequestTimeout"],
    ] as const
  ) {
    let refused = 0;
    s3.disturb = () => refused++ < 3 ? refusal(status, code) : null;
    assert.equal(new TextDecoder().decode(await fetched(s3, "a")), "hello");
    s3.disturb = () => refusal(status, code);
    await assert.rejects(fetched(s3, "a"), { name: "SourceError", message: /Try again later/u });
  }
  for (
    const [status, code, extra, message] of [
      [403, "AccessDenied", "", /access denied\. Allow these credentials s3:GetObject/u],
      [404, "NoSuchBucket", "", /there is no bucket data\. Check its name/u],
      [403, "RequestTimeTooSkewed", "", /clock of this machine is wrong/u],
      [400, "ExpiredToken", "", /credentials have expired/u],
      [403, "SignatureDoesNotMatch", "", /Check AWS_SECRET_ACCESS_KEY/u],
      [301, "PermanentRedirect", "<Region>eu-west-1</Region>", /Set AWS_REGION=eu-west-1/u],
      [418, "Odd", "<Message>no &#x74;ea</Message>", /S3 answered 418 Odd: no tea\. /u],
    ] as const
  ) {
    let tries = 0;
    s3.disturb = () => (tries++, refusal(status, code, extra));
    await assert.rejects(fetched(s3, "a"), { name: "SourceError", message }, code);
    assert.equal(tries, 1, code);
  }
});

Deno.test("a region that the server names is used", async () => {
  await using s3 = await TestS3.start("data");
  await s3.write("data", "a", "hello");
  s3.disturb = ({ headers }) =>
    headers.get("authorization")!.includes("/eu-west-3/s3/")
      ? null
      : refusal(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>");
  assert.equal(new TextDecoder().decode(await fetched(s3, "a")), "hello");
});

Deno.test("a server that is silent, or not there, is given up", async () => {
  await using s3 = await TestS3.start("data");
  await s3.write("data", "a", "hello");
  const waiting = Promise.withResolvers<Response>();
  s3.disturb = () => waiting.promise;
  await assert.rejects(fetched(s3, "a", {}, 50), {
    message:
      /^Cannot read s3:\/\/data\/a: 127\.0\.0\.1:\d+ has not answered for 0 seconds\. Check/u,
  });
  waiting.resolve(new Response());
  const away = clientOf(s3, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  await assert.rejects(removeObject(away, { bucket: "data", key: "a" }), {
    message: /127\.0\.0\.1:9 can't be reached\. Check the network/u,
  });
});

Deno.test("no secret is in a message", async () => {
  await using s3 = await TestS3.start("data");
  const secret = "TOP/SECRET+KEY";
  const client = clientOf(s3, { AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: "TOKEN/1" });
  await assert.rejects(removeObject(client, { bucket: "data", key: "a" }), (error: Error) => {
    assert.match(error.message, /Check AWS_SECRET_ACCESS_KEY/u);
    assert.doesNotMatch(Deno.inspect(error, { depth: 9 }), /SECRET\+KEY|TOKEN\/1/u);
    return true;
  });
});

Deno.test("an upload that fails leaves no parts", async () => {
  await using s3 = await TestS3.start("data");
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a`, bytesOf(30 * MB));
    s3.disturb = ({ query }) =>
      query.get("partNumber") === "3" ? refusal(403, "AccessDenied") : null;
    await assert.rejects(upload(clientOf(s3), `${folder}/a`, { bucket: "data", key: "a" }), {
      message: /^Cannot write s3:\/\/data\/a: access denied/u,
    });
  });
  assert.equal(s3.uploads.size, 0);
  assert.deepEqual(await s3.keys("data"), []);
});

Deno.test("an upload whose last answer was lost is there all the same", async () => {
  await using s3 = await TestS3.start("data");
  await inFolder(async (folder) => {
    const content = bytesOf(9 * MB);
    await Deno.writeFile(`${folder}/a`, content);
    let answers = 0;
    s3.disturb = async (request) => {
      if (request.method !== "POST" || !request.query.has("uploadId")) return null;
      if (answers++ > 0) return refusal(404, "NoSuchUpload");
      await s3.write("data", "a", content);
      return refusal(500, "InternalError");
    };
    await upload(clientOf(s3), `${folder}/a`, { bucket: "data", key: "a" });
    assert.equal(answers, 2);
  });
});

Deno.test("objects are listed page by page, with whatever names they have", async () => {
  await using s3 = await TestS3.start("data");
  const keys = ["in/a&b <c>.csv", "in/a+b.csv", "in/ü.csv", "out/x.csv"];
  for (const key of keys) await s3.write("data", key, "x");
  s3.pageSize = 1;
  const found: string[] = [];
  for await (const { objects } of listObjects(clientOf(s3), "data", "in/")) {
    found.push(...objects.map(({ key }) => key));
  }
  assert.deepEqual(found, keys.slice(0, 3));
  assert.equal(s3.requests.length, 3);
  s3.disturb = () => refusal(404, "NoSuchBucket");
  await assert.rejects(listObjects(clientOf(s3), "none", "").next(), NoSuchObject);
});

Deno.test("a pattern means the keys that fit", () => {
  for (
    const [pattern, fits, others] of [
      ["in/*.csv", ["in/a.csv", "in/.csv"], ["in/b/a.csv", "in/a.csv.gz", "xin/a.csv", "in/axcsv"]],
      ["in/**/*.csv", ["in/a.csv", "in/b/c/a.csv"], ["in/a.txt", "a.csv"]],
      ["part-?.{csv,tsv}", ["part-1.csv", "part-x.tsv"], ["part-10.csv", "part-/.csv"]],
      ["[!a-c]x", ["dx"], ["ax", "/x"]],
      ["a+(b)|$.csv*", ["a+(b)|$.csv.gz"], ["aab.csv"]],
    ] as const
  ) {
    for (const key of fits) assert.match(key, keyPattern(pattern));
    for (const key of others) assert.doesNotMatch(key, keyPattern(pattern));
  }
  assert.throws(() => keyPattern("a[b"), { message: /its \[ is never closed/u });
  assert.throws(() => keyPattern("a{b"), { message: /its \{ is never closed/u });
});

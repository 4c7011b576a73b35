/**
 * An S3 server of a test: s3rver, with a gate before it that checks signatures, which s3rver doesn't,
 * knows If-Match and unfinished uploads, and can disturb what passes.
 */
import { createHash, createHmac } from "node:crypto";
import S3rver from "s3rver";
import { makeAtomic, type Store } from "./s3_store.ts";

export const KEYS = {
  AWS_ACCESS_KEY_ID: "S3RVER",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

export interface Passing {
  readonly method: string;
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
}

/** Null: it passes. */
export type Disturbance = (request: Passing) => Response | null | Promise<Response | null>;

export class TestS3 implements AsyncDisposable {
  readonly #server: S3rver;
  readonly #gate: Deno.HttpServer<Deno.NetAddr>;
  readonly #folder: string;
  readonly #target: string;
  /** Of this server alone: another test's may get the port of one that has just ended. */
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  /** Uploads that were begun and neither completed nor aborted. */
  readonly uploads = new Map<string, { key: string; begun: Date }>();
  readonly requests: Passing[] = [];
  /** Objects in a page of a list. */
  pageSize = 1000;
  /** Milliseconds by which its clock is ahead. */
  clock = 0;
  disturb: Disturbance = () => null;
  /** What to do with the bytes of an object on their way. */
  alter: (body: ReadableStream<Uint8Array>, request: Passing) => ReadableStream<Uint8Array> = (
    body,
  ) => body;

  private constructor(server: S3rver, port: number, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.#target = `http://127.0.0.1:${port}`;
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    this.#gate = Deno.serve(options, (request) => this.#pass(request));
  }

  static async start(...buckets: readonly string[]): Promise<TestS3> {
    const folder = await Deno.makeTempDir();
    const server = new S3rver({
      ...{ port: 0, address: "127.0.0.1", silent: true, directory: folder },
      configureBuckets: buckets.map((name) => ({ name, configs: [] })),
    });
    makeAtomic((server as unknown as { readonly store: Store }).store);
    const { port } = await server.run();
    return new TestS3(server, port, folder);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#gate.addr.port}`;
  }

  /** Of a process that uses it. */
  get environment(): Record<string, string> {
    return { ...KEYS, AWS_ENDPOINT_URL: this.endpoint, AWS_EC2_METADATA_DISABLED: "true" };
  }

  /** Writes an object past the gate. */
  async write(bucket: string, key: string, content: string | Uint8Array<ArrayBuffer>) {
    const answer = await fetch(
      `${this.#target}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`,
      {
        method: "PUT",
        body: content,
        client: this.#client,
      },
    );
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`${answer.status}`);
  }

  /** Keys of a bucket, in order. */
  async keys(bucket: string): Promise<string[]> {
    const answer = await fetch(`${this.#target}/${bucket}?list-type=2`, { client: this.#client });
    return [...(await answer.text()).matchAll(/<Key>([^<]*)<\/Key>/gu)].map(([, key]) => key);
  }

  async #pass(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const refused = checkSignature(request, url, body);
    if (refused !== null) return refusal(403, refused);
    const passing: Passing = {
      ...{ method: request.method, path: decodeURIComponent(url.pathname) },
      ...{ query: url.searchParams, headers: request.headers },
    };
    this.requests.push(passing);
    const disturbed = await this.disturb(passing);
    if (disturbed !== null) return disturbed;
    if (request.method === "GET" && url.searchParams.has("uploads")) {
      return this.#listUploads(url.searchParams);
    }
    if (request.method === "GET" && url.searchParams.get("list-type") === "2") {
      return await this.#list(url);
    }
    const aborted = request.method === "DELETE" ? url.searchParams.get("uploadId") : null;
    if (aborted !== null) {
      this.uploads.delete(aborted);
      return new Response(null, { status: 204 });
    }
    const headers = new Headers(request.headers);
    headers.delete("host");
    const answer = await fetch(this.#target + url.pathname + url.search, {
      ...{ method: request.method, headers, redirect: "manual", client: this.#client },
      ...(body.length > 0 && { body }),
    });
    const wanted = request.headers.get("if-match");
    if (wanted !== null && answer.ok && answer.headers.get("etag") !== wanted) {
      await answer.body?.cancel();
      return refusal(412, "PreconditionFailed");
    }
    const isObject = request.method === "GET" && answer.ok && url.pathname.split("/").length > 2;
    const sent = isObject && answer.body !== null ? this.alter(answer.body, passing) : answer.body;
    return await this.#noted(passing, new Response(sent, answer));
  }

  async #noted({ method, path, query }: Passing, answer: Response): Promise<Response> {
    const id = query.get("uploadId");
    if (id !== null && answer.ok && method !== "PUT") this.uploads.delete(id);
    if (method !== "POST" || !query.has("uploads")) return answer;
    const text = await answer.text();
    const begun = /<UploadId>([^<]*)/u.exec(text)?.[1];
    if (begun !== undefined) {
      this.uploads.set(begun, { key: path.split("/").slice(2).join("/"), begun: new Date() });
    }
    return new Response(text, answer);
  }

  /**
   * s3rver's own pages need a cipher that Deno doesn't have, and it doesn't sort. The token is the last
   * key of the page before: what is deleted meanwhile moves no other object to another page.
   */
  async #list(url: URL): Promise<Response> {
    const after = decodeURIComponent(url.searchParams.get("continuation-token") ?? "");
    url.searchParams.delete("continuation-token");
    const answer = await fetch(this.#target + url.pathname + url.search, { client: this.#client });
    const text = await answer.text();
    if (!answer.ok) return new Response(text, answer);
    const left = [...text.matchAll(/<Contents><Key>([^<]*).*?<\/Contents>/gsu)]
      .filter(([, key]) => key > after)
      .sort(([, one], [, other]) => one < other ? -1 : 1);
    const page = left.slice(0, this.pageSize);
    const token = encodeURIComponent(page.at(-1)?.[1] ?? "");
    const next = page.length < left.length
      ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`
      : "<IsTruncated>false</IsTruncated>";
    const listed = page.map(([whole]) => whole).join("");
    return new Response(`<ListBucketResult>${next}${listed}</ListBucketResult>`, {
      headers: { date: new Date(Date.now() + this.clock).toUTCString() },
    });
  }

  #listUploads(query: URLSearchParams): Response {
    const [afterKey, afterId] = [query.get("key-marker"), query.get("upload-id-marker")];
    const all = [...this.uploads].map(([id, { key, begun }]) => ({ id, key, begun }))
      .filter(({ key }) => key.startsWith(query.get("prefix") ?? ""))
      .sort((a, b) => a.key < b.key || a.key === b.key && a.id < b.id ? -1 : 1)
      .filter(({ id, key }) =>
        afterKey === null || key > afterKey || key === afterKey && id > (afterId ?? "")
      );
    const page = all.slice(0, this.pageSize);
    const last = page.at(-1);
    const next = all.length > page.length && last !== undefined
      ? `<IsTruncated>true</IsTruncated><NextKeyMarker>${last.key}</NextKeyMarker>` +
        `<NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
      : "<IsTruncated>false</IsTruncated>";
    const listed = page.map(({ id, key, begun }) =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated></Upload>`
    );
    return new Response(
      `<ListMultipartUploadsResult>${next}${listed.join("")}</ListMultipartUploadsResult>`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate.shutdown();
    await this.#server.close();
    this.#client.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

export function refusal(status: number, code: string, extra = ""): Response {
  return new Response(`<?xml version="1.0"?><Error><Code>${code}</Code>${extra}</Error>`, {
    status,
  });
}

/** As AWS describes it, from what was received. Null: it is right. */
function checkSignature(
  { method, headers }: Request,
  url: URL,
  body: Uint8Array,
): string | null {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w{64})$/u
      .exec(headers.get("authorization") ?? "");
  if (found === null) return "AccessDenied";
  const [, key, day, region, signed, signature] = found;
  if (key !== KEYS.AWS_ACCESS_KEY_ID) return "InvalidAccessKeyId";
  const hash = headers.get("x-amz-content-sha256");
  const isBody = hash === "UNSIGNED-PAYLOAD" ||
    createHash("sha256").update(body).digest("hex") === hash;
  if (!isBody) return "XAmzContentSHA256Mismatch";
  const query = url.search.slice(1).split("&").filter((part) => part !== "").sort().join("&");
  const names = signed.split(";");
  const canonical = [
    ...[method, url.pathname, query],
    ...names.map((name) => `${name}:${(headers.get(name) ?? "").trim()}`),
    ...["", signed, hash],
  ].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const text = `AWS4-HMAC-SHA256\n${
    headers.get("x-amz-date")
  }\n${day}/${region}/s3/aws4_request\n${digest}`;
  const hmac = (secret: string | Uint8Array, what: string) =>
    createHmac("sha256", secret).update(what).digest();
  const day_ = hmac(`AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`, day);
  const expected = hmac(hmac(hmac(hmac(day_, region), "s3"), "aws4_request"), text);
  return expected.toString("hex") === signature ? null : "SignatureDoesNotMatch";
}

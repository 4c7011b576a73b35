/**
 * One request over HTTP/1.1, on a connection of its own. Written by hand because the runtime's own
 * clients look names up themselves: what was checked would not be what is reached.
 */
import { SourceError } from "../../error.ts";
import { connectTo, inTime, TooLate } from "../network/connect.ts";
import { LEAST_BYTES, reachOf } from "../network/reach.ts";
import { Unavailable } from "../network/unavailable.ts";
import type { RemoteAccess } from "../remote.ts";
import { ByteReader } from "./byte_reader.ts";
import { secured } from "./tls.ts";

export interface Answer {
  readonly status: number;
  /** By lower-case name; those that came more than once are joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole body, or it throws Unavailable where it breaks off. Closes the connection at its end. */
  body(): AsyncGenerator<Uint8Array>;
  /** Without reading the body. */
  close(): void;
}

/** Bytes of all headers. */
const MAX_HEAD = 64 * 1024;

/** Throws SourceError if the host may not be reached or has a wrong certificate, and Unavailable. */
export async function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  access: RemoteAccess,
): Promise<Answer> {
  const { answering } = reachOf(access);
  const isSecure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[(.*)\]$/u, "$1");
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const plain = await connectTo(host, port, access);
  const connection = isSecure ? await secured(plain, host, access) : plain;
  const close = once(() => connection.close());
  access.signal.addEventListener("abort", close);
  const leave = () => {
    access.signal.removeEventListener("abort", close);
    close();
  };
  try {
    const reader = new ByteReader(connection);
    const head = await inTime(ask(reader, connection, url, headers), answering, access.signal);
    return { ...head, body: () => bodyOf(reader, head, access, leave), close: leave };
  } catch (error) {
    leave();
    access.signal.throwIfAborted();
    if (error instanceof SourceError || error instanceof Unavailable) throw error;
    if (error instanceof TooLate) {
      throw new Unavailable(`${url.host} sends no answer within ${answering / 1000} seconds`);
    }
    throw new Unavailable(`${url.host} breaks off the connection`, { cause: error });
  }
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

async function ask(
  reader: ByteReader,
  connection: Deno.Conn,
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Head> {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    "connection: close",
    "user-agent: ingest",
    "accept: */*",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const request = new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n");
  for (let at = 0; at < request.length;) at += await connection.write(request.subarray(at));
  for (;;) {
    const head = await readHead(reader, url);
    // Only said to keep us waiting, such as 103.
    if (head.status < 200) continue;
    // Later, nobody expects that it can't be read.
    announcedLength(head);
    return head;
  }
}

async function readHead(reader: ByteReader, url: URL): Promise<Head> {
  const first = await reader.line(MAX_HEAD);
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/u.exec(first ?? "")?.[1];
  if (first === null) throw new Unavailable(`${url.host} closes the connection without an answer`);
  if (status === undefined) {
    throw new SourceError(
      `Cannot fetch from ${url.host}: what answers there doesn't speak HTTP/1.1. Check the address ` +
        "and the port, and whether it has to begin with https:// or http://.",
    );
  }
  const headers = new Map<string, string>();
  for (let left = MAX_HEAD;;) {
    const line = await reader.line(left);
    if (line === null) throw new Unavailable(`${url.host} breaks off its answer`);
    if (line === "") return { status: Number(status), headers };
    left -= line.length + 2;
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
}

/** How many bytes the head announces; null: it doesn't. Throws Unavailable for nonsense. */
export function announcedLength({ headers }: Pick<Answer, "headers">): number | null {
  const said = headers.get("content-length");
  if (said === undefined || headers.has("transfer-encoding")) return null;
  const [length, ...others] = new Set(said.split(/\s*,\s*/u));
  if (others.length === 0 && /^\d{1,15}$/u.test(length)) return Number(length);
  throw new Unavailable("the server says a length that can't be read");
}

async function* bodyOf(
  reader: ByteReader,
  head: Head,
  access: RemoteAccess,
  leave: () => void,
): AsyncGenerator<Uint8Array> {
  const { progress } = reachOf(access);
  try {
    const pieces = piecesOf(reader, head, access);
    let deadline = performance.now() + progress;
    let got = 0;
    for (;;) {
      const patience = Math.max(0, deadline - performance.now());
      const { done, value } = await inTime(pieces.next(), patience, access.signal);
      if (done) return;
      got += value.length;
      if (got >= LEAST_BYTES) {
        got = 0;
        deadline = performance.now() + progress;
      }
      yield value;
      // Time that we took ourselves, to write it, is not the server's.
      if (got === 0) deadline = performance.now() + progress;
    }
  } catch (error) {
    access.signal.throwIfAborted();
    if (error instanceof Unavailable) throw error;
    if (error instanceof TooLate) {
      throw new Unavailable(
        `the server sends less than ${LEAST_BYTES / 1000} kB in ${progress / 1000} seconds`,
      );
    }
    throw new Unavailable("the connection broke", { cause: error });
  } finally {
    leave();
  }
}

async function* piecesOf(
  reader: ByteReader,
  head: Head,
  access: RemoteAccess,
): AsyncGenerator<Uint8Array> {
  if (head.status === 204 || head.status === 304) return;
  const coding = head.headers.get("transfer-encoding")?.toLowerCase();
  if (coding !== undefined) {
    if (coding !== "chunked") throw new Unavailable(`the server sends as ${coding}, unasked`);
    return yield* chunks(reader);
  }
  const length = announcedLength(head);
  if (length === null) return yield* reader.rest();
  yield* reader.bytes(length);
  if (await goesOn(reader, access)) {
    throw new Unavailable(`the server announces ${length} bytes and sends more`);
  }
}

/** Milliseconds. Servers that were asked to close the connection after their answer do so at once. */
const CLOSING = 1_000;

/** What is sent beyond what was announced may come later than that. */
async function goesOn(reader: ByteReader, { signal }: RemoteAccess): Promise<boolean> {
  try {
    return await inTime(reader.goesOn(), CLOSING, signal);
  } catch {
    signal.throwIfAborted();
    // It stays open, or was broken off: all that was announced is there.
    return false;
  }
}

async function* chunks(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = /^([0-9a-f]{1,12})\s*(?:;|$)/iu.exec(await reader.line(1024) ?? "")?.[1];
    if (size === undefined) throw new Unavailable("the connection broke");
    const length = parseInt(size, 16);
    if (length === 0) break;
    yield* reader.bytes(length);
    await reader.line(2);
  }
  // Without its last line, it may have been cut off there.
  for (let left = MAX_HEAD;;) {
    const line = await reader.line(left);
    if (line === null) throw new Unavailable("the connection broke");
    if (line === "") return;
    left -= line.length + 2;
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

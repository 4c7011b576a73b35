/**
 * A file's bytes, whatever happens to the connection: what breaks off is continued where it stopped, as
 * long as the server says that the file is still the same.
 */
import { reachOf } from "../network/reach.ts";
import { SourceError } from "../../error.ts";
import { Unavailable } from "../network/unavailable.ts";
import type { RemoteAccess, Version } from "../remote.ts";
import { announcedLength, type Answer } from "./exchange.ts";
import { follow } from "./follow.ts";
import { refusalOf } from "./refusals.ts";

/** Attempts that bring nothing before we give up, and in all. */
const FRUITLESS = 4, MOST = 50;

export interface Download {
  readonly url: URL;
  /** As people may see it. */
  readonly name: string;
  /** Headers that only the first server gets. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly access: RemoteAccess;
}

/** What was read of the file is of no use: it is another one now, or nobody knows. */
export class StartAgain extends Error {
  override readonly name = "StartAgain";

  /** `failure`: what to say if there are no more attempts. */
  constructor(readonly failure: SourceError) {
    super(failure.message);
  }
}

/** Bytes that are stored are what was sent: no compression, unless the file itself is packed. */
const PLAIN = { "accept-encoding": "identity" };

/** What unpacking recognises by its content; anything else would be stored as garbage. */
const HARMLESS_CODINGS = ["identity", "gzip", "x-gzip", "zstd"];

/** The first answer that has the file. Null: it hasn't changed. Throws SourceError. */
export async function begin(download: Download, known: Version | null): Promise<Answer | null> {
  const conditions = {
    ...known?.etag && { "if-none-match": known.etag },
    ...known?.lastModified && !known.etag && { "if-modified-since": known.lastModified },
  };
  const answer = await persistently(download, () => request(download, conditions));
  if (answer.status === 304 && known !== null) {
    answer.close();
    return null;
  }
  if (answer.status !== 200) {
    answer.close();
    throw refusalOf(download.name, answer);
  }
  const coding = answer.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (HARMLESS_CODINGS.includes(coding)) return answer;
  answer.close();
  throw new SourceError(
    `Cannot import ${download.name}: the server sends it packed as ${
      printable(coding)
    }, though it ` +
      "was asked not to. Ask whoever runs it to send the file as it is, or as gzip.",
  );
}

/** Throws SourceError, and StartAgain if the file has changed meanwhile. */
export async function* bytesOf(download: Download, first: Answer): AsyncGenerator<Uint8Array> {
  const version = versionOf(first);
  const size = announcedLength(first);
  let answer = first;
  let [at, fruitless] = [0, 0];
  // Of an answer that begins at the start again, so much is known.
  let skip = 0;
  for (let attempt = 1;; attempt++) {
    const before = at;
    try {
      for await (const bytes of answer.body()) {
        const fresh = skip < bytes.length ? bytes.subarray(skip) : bytes.subarray(bytes.length);
        skip -= bytes.length - fresh.length;
        at += fresh.length;
        if (fresh.length > 0) yield fresh;
      }
      if (skip > 0) throw new StartAgain(changing(download));
      return;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      fruitless = at > before ? 0 : fruitless + 1;
      const failure = broken(download, error, at, size);
      if (fruitless >= FRUITLESS || attempt >= MOST) throw failure;
      if (version.etag === null && version.lastModified === null) throw new StartAgain(failure);
      await pause(download.access, fruitless, error.wait);
    }
    ({ answer, skip } = await resume(download, version, at));
  }
}

async function resume(download: Download, version: Version, at: number) {
  const same = strong(version.etag) ?? version.lastModified;
  const range = at > 0 && same !== null
    ? { range: `bytes=${at}-`, "if-range": same }
    : {} as Record<string, string>;
  const answer = await persistently(download, () => request(download, range));
  if (answer.status === 206) {
    const start = /^bytes (\d+)-/iu.exec(answer.headers.get("content-range") ?? "")?.[1];
    if (at > 0 && Number(start) === at) return { answer, skip: 0 };
  } else if (answer.status === 200 && isSame(versionOf(answer), version)) {
    return { answer, skip: at };
  }
  answer.close();
  if (answer.status >= 400 && answer.status !== 416) throw refusalOf(download.name, answer);
  throw new StartAgain(changing(download));
}

/** As the server says it. */
export function versionOf({ headers }: Pick<Answer, "headers">): Version {
  return {
    etag: headers.get("etag") || null,
    lastModified: headers.get("last-modified") || null,
  };
}

/** Is it certain, as far as one can trust the server? */
export function isSame(one: Version, other: Version): boolean {
  if (one.etag !== null || other.etag !== null) return weak(one.etag) === weak(other.etag);
  return one.lastModified !== null && one.lastModified === other.lastModified;
}

function weak(etag: string | null): string | null {
  return etag?.replace(/^W\//u, "") ?? null;
}

function strong(etag: string | null): string | null {
  return etag !== null && !etag.startsWith("W/") ? etag : null;
}

async function request(
  { url, name, secrets, access }: Download,
  conditions: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await follow(url, { ...PLAIN, ...conditions }, secrets, access);
  const refusal = answer.status >= 400 ? refusalOf(name, answer) : null;
  if (!(refusal instanceof Unavailable)) return answer;
  answer.close();
  throw refusal;
}

/** Tries again, each time after a longer pause, what the network or the server refuses for the moment. */
async function persistently<T>(download: Download, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      if (attempt >= FRUITLESS) throw failed(download, error);
      await pause(download.access, attempt, error.wait);
    }
  }
}

/** `wait`: milliseconds that the server asks for. */
async function pause(access: RemoteAccess, attempt: number, wait: number | null): Promise<void> {
  const { signal } = access;
  signal.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const stop = () => over.reject(signal.reason);
  const patience = Math.max(wait ?? 0, reachOf(access).pause * 2 ** (attempt - 1));
  const timer = setTimeout(over.resolve, patience);
  signal.addEventListener("abort", stop);
  try {
    await over.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function failed({ name, access }: Download, { message }: Unavailable): SourceError {
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"]
    .find((variable) => access.variable(variable));
  const hint = proxy === undefined ? "" : ` ${proxy} is set, but ingest doesn't use proxies.`;
  return new SourceError(
    `Cannot fetch ${name}: ${message}, at each of ${FRUITLESS} attempts. Try again later, or check the ` +
      `address.${hint}`,
  );
}

function broken({ name }: Download, { message }: Unavailable, at: number, size: number | null) {
  const of = size === null ? "" : ` of ${size}`;
  return new SourceError(
    `Cannot fetch ${name}: ${message}, after ${at}${of} bytes, also at further attempts. Nothing of it ` +
      "was loaded. Try again later.",
  );
}

function changing({ name }: Download): SourceError {
  return new SourceError(
    `Cannot fetch ${name}: it changes again and again while it is read. Try again when it is complete.`,
  );
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

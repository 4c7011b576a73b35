/** Gets an object into a file, in several ranges at the same time, all of the same version. */
import { type S3Address, showAddress } from "./address.ts";
import { Interrupted } from "./answer.ts";
import type { S3Client } from "./client.ts";
import { CHANGED, ObjectChanged, OutOfRange } from "./failure.ts";
import { type Race, runLanes } from "./lanes.ts";
import { SourceError, StorageError, TooLarge } from "../error.ts";

/** Bytes of a range. One that breaks off is gone on with where it ended. */
const PART = 8 * 1024 * 1024;
/** Ranges at the same time. */
const LANES = 4;

export interface Downloaded {
  /** Bytes. */
  readonly size: number;
  readonly etag: string | null;
  readonly modified: string | null;
  /** There is more of it than was wanted. */
  readonly isBeginning: boolean;
}

export interface DownloadOptions {
  /** Throws TooLarge for more bytes, before they are fetched. */
  readonly maxBytes?: number;
  /** Nothing is fetched if the object still has this one. */
  readonly knownEtag?: string | null;
  /** So many bytes are enough. */
  readonly beginning?: number;
}

/**
 * Writes the object into a new file at `path`. Null: it has the known ETag. Throws SourceError,
 * NoSuchObject, ObjectChanged, StorageError and TooLarge; then the file may be half of it.
 */
export async function download(
  client: S3Client,
  address: S3Address,
  path: string,
  { maxBytes = Infinity, knownEtag = null, beginning }: DownloadOptions = {},
): Promise<Downloaded | null> {
  const from = new S3Download(client, address, path, knownEtag);
  const found = await from.begin(maxBytes, beginning ?? PART);
  if (found === null) return null;
  if (beginning !== undefined && found.size > beginning) {
    // A server that knows no ranges has sent all of it.
    await Deno.truncate(path, beginning);
    return { ...found, size: beginning, isBeginning: true };
  }
  // All of them have to end: whoever called may remove the file.
  await runLanes(LANES, (race) => from.lane(race));
  const { size } = await Deno.stat(path);
  if (size !== found.size) {
    throw new SourceError(
      `Cannot read ${
        showAddress(address)
      }: ${size} of its ${found.size} bytes have come. Try again.`,
    );
  }
  return found;
}

class S3Download {
  readonly #client: S3Client;
  readonly #address: S3Address;
  readonly #path: string;
  readonly #knownEtag: string | null;
  #etag: string | null = null;
  #size = 0;
  /** Where the next range begins. */
  #next = 0;

  constructor(client: S3Client, address: S3Address, path: string, knownEtag: string | null) {
    this.#client = client;
    this.#address = address;
    this.#path = path;
    this.#knownEtag = knownEtag;
  }

  /** Creates the file and gets the first range, which tells how long the object is. */
  async begin(maxBytes: number, wanted: number): Promise<Downloaded | null> {
    using file = await this.#open({ createNew: true, mode: 0o600 });
    const answer = await this.#ask(0, wanted).catch((error) => {
      if (error instanceof OutOfRange) return null;
      throw error;
    });
    // An empty object has no first range.
    if (answer === null) return { size: 0, etag: null, modified: null, isBeginning: false };
    this.#etag = answer.headers.get("etag");
    this.#size = sizeOf(answer.headers, answer.status);
    const isKnown = this.#knownEtag !== null && this.#etag === this.#knownEtag;
    if (isKnown || this.#size > maxBytes) {
      await answer.discard();
      if (isKnown) return null;
      throw new TooLarge(maxBytes);
    }
    // A server that knows no ranges sends all of it.
    this.#next = answer.status === 206 ? Math.min(wanted, this.#size) : this.#size;
    const modified = answer.headers.get("last-modified");
    await this.#write(file, answer.body(), { start: 0, end: this.#next });
    return { size: this.#size, etag: this.#etag, modified, isBeginning: false };
  }

  /** Gets ranges until there are none left. */
  async lane(race: Race): Promise<void> {
    if (this.#next >= this.#size) return;
    using file = await this.#open({});
    while (this.#next < this.#size && !race.hasFailed) {
      const start = this.#next;
      const end = Math.min(start + PART, this.#size);
      this.#next = end;
      const answer = await this.#ask(start, end);
      await this.#write(file, answer.body(), { start, end, race });
    }
  }

  async #ask(start: number, end: number) {
    const answer = await this.#client.send({
      ...{ ...this.#address, method: "GET", doing: "read" },
      headers: {
        range: `bytes=${start}-${end - 1}`,
        ...(this.#etag !== null && { "if-match": this.#etag }),
      },
    });
    // Some servers don't look at If-Match.
    const isOther = this.#etag !== null && answer.headers.get("etag") !== this.#etag;
    const isRange = start === 0 ||
      answer.headers.get("content-range")?.startsWith(`bytes ${start}-`);
    if (!isOther && isRange) return answer;
    await answer.discard();
    throw new ObjectChanged(`Cannot read ${showAddress(this.#address)}: ${CHANGED}`);
  }

  /** Writes a range, asking again for what is missing of it. */
  async #write(
    file: Deno.FsFile,
    first: AsyncGenerator<Uint8Array>,
    { start, end, race }: { readonly start: number; readonly end: number; readonly race?: Race },
  ): Promise<void> {
    let body = first;
    let at = start;
    await file.seek(start, Deno.SeekMode.Start);
    for (let attempt = 1;;) {
      const before = at;
      try {
        for await (const chunk of body) {
          if (at + chunk.length > end) throw this.#tooMuch();
          await this.#append(file, chunk);
          at += chunk.length;
        }
        if (at === end) return;
        throw new Interrupted(
          `Cannot read ${showAddress(this.#address)}: the connection broke off. Try again later.`,
        );
      } catch (error) {
        if (!(error instanceof Interrupted) || race?.hasFailed) throw error;
        // As long as it gets on, it is tried again.
        attempt = at > before ? 1 : attempt + 1;
        if (attempt > this.#client.waits.tries) throw error;
      }
      await this.#client.rest(attempt);
      body = (await this.#ask(at, end)).body();
    }
  }

  #tooMuch(): SourceError {
    return new SourceError(
      `Cannot read ${showAddress(this.#address)}: the server sends more than was asked for. ` +
        "Check AWS_ENDPOINT_URL.",
    );
  }

  async #append(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
    try {
      for (let from = 0; from < chunk.length;) from += await file.write(chunk.subarray(from));
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  async #open(how: Deno.OpenOptions): Promise<Deno.FsFile> {
    try {
      return await Deno.open(this.#path, { write: true, ...how });
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #unwritable(cause: unknown): StorageError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StorageError(
      `Cannot write ${this.#path}: ${reason}. Free space, or set INGEST_HOME to another folder.`,
      { cause },
    );
  }
}

function sizeOf(headers: Headers, status: number): number {
  const total = /\/(\d+)$/u.exec(headers.get("content-range") ?? "")?.[1];
  return Number(status === 206 ? total : headers.get("content-length") ?? total);
}

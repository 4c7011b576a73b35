/** Requests to S3: signed, tried again while that helps, never waiting for ever. */
import { AwsV4Signer } from "aws4fetch";
import { SourceError } from "../error.ts";
import { showAddress } from "./address.ts";
import { Interrupted, readAll, S3Answer } from "./answer.ts";
import type { Credentials, Variable } from "./keys.ts";
import { failureOf, isPassing, readRefusal, type S3Refusal } from "./failure.ts";
import { findPlace, type S3Place, urlOf } from "./place.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface S3Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  /** Empty: the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the body, in hex: then S3 checks what it gets. */
  readonly checksum?: string;
  /** For messages: `read`, `write`. */
  readonly doing: string;
}

export interface S3Waits {
  /** How often a request is tried. */
  readonly tries: number;
  /** Milliseconds before the second try; each further pause is twice as long. */
  readonly pause: number;
  /** Milliseconds without a byte. */
  readonly silence: number;
}

const WAITS: S3Waits = { tries: 6, pause: 200, silence: 60_000 };
const LONGEST_PAUSE = 10_000;
/** Bytes a second with which an upload has to come along. */
const SLOWEST = 20_000;
/** Milliseconds for which credentials have to be good. */
const MARGIN = 5 * 60_000;

export class S3Client {
  readonly waits: S3Waits;
  readonly #variable: Variable;
  readonly #signal: AbortSignal | null;
  #place: Promise<S3Place> | null = null;
  /** Of buckets that are elsewhere. */
  readonly #regions = new Map<string, string>();
  /** Keys for signing, by day and region. */
  readonly #cache = new Map<string, ArrayBuffer>();

  /** `signal`: everything is given up. */
  constructor(
    variable: Variable = (name) => Deno.env.get(name),
    { waits = WAITS, signal = null }: {
      readonly waits?: S3Waits;
      readonly signal?: AbortSignal | null;
    } = {},
  ) {
    this.#variable = variable;
    this.waits = waits;
    this.#signal = signal;
  }

  /**
   * Returns a successful answer, whose body the caller reads with `readBody`. Throws SourceError,
   * NoSuchObject, ObjectChanged.
   */
  async send(request: S3Request): Promise<S3Answer> {
    for (let attempt = 1;; attempt++) {
      const sent = await this.#try(request);
      if (sent instanceof S3Answer) return sent;
      if (sent.kind === "moved") continue;
      if (sent.kind === "failed") throw sent.failure;
      if (attempt >= this.waits.tries) throw sent.failure;
      await this.rest(attempt, sent.after);
    }
  }

  /** The answer's whole text. */
  async text(request: S3Request): Promise<string> {
    for (let attempt = 1;; attempt++) {
      try {
        return new TextDecoder().decode(await (await this.send(request)).bytes());
      } catch (error) {
        if (!(error instanceof Interrupted) || attempt >= this.waits.tries) throw error;
        await this.rest(attempt);
      }
    }
  }

  /** Waits before the next try. */
  async rest(attempt: number, atLeast = 0): Promise<void> {
    const usual = Math.min(LONGEST_PAUSE, this.waits.pause * 2 ** (attempt - 1));
    const pause = Math.max(atLeast, usual * (0.5 + Math.random() / 2));
    await new Promise<void>((resolve, reject) => {
      const signal = this.#signal;
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, pause);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }

  async #try(request: S3Request): Promise<S3Answer | Unsent> {
    const { method, bucket, key, query, body } = request;
    const place = await this.#found();
    const region = this.#regions.get(bucket) ?? place.region;
    const url = urlOf({ ...place, region }, bucket, key, query);
    const signed = await this.#sign(request, url, region, place.credentials);
    const silence = this.waits.silence + (body?.length ?? 0) / SLOWEST * 1000;
    const stop = new Stopwatch(silence, this.#signal);
    const what = showAddress({ bucket, key: key === "" ? query?.prefix ?? "" : key });
    const doing = `Cannot ${request.doing} ${what}`;
    try {
      const answer = await fetch(url, {
        ...{ method, headers: signed, signal: stop.signal, redirect: "manual" },
        ...(body !== undefined && { body }),
      });
      if (answer.ok) {
        stop.allow(this.waits.silence);
        return new S3Answer(answer, stop, doing);
      }
      const text = new TextDecoder().decode((await readAll(answer, stop)).subarray(0, 65_536));
      stop.end();
      return this.#refused(readRefusal(answer.status, answer.headers, text), request, {
        ...{ doing, isAws: place.endpoint === null, region },
        after: Number(answer.headers.get("retry-after")) * 1000 || 0,
      });
    } catch (error) {
      stop.end();
      if (this.#signal?.aborted) throw this.#signal.reason;
      return { kind: "passing", failure: unreachable(doing, url, stop, error), after: 0 };
    }
  }

  #refused(
    refusal: S3Refusal,
    { bucket }: S3Request,
    { doing, isAws, region, after }: {
      readonly doing: string;
      readonly isAws: boolean;
      readonly region: string;
      readonly after: number;
    },
  ): Unsent {
    const failure = failureOf(refusal, doing, bucket);
    const elsewhere = refusal.region !== null && refusal.region !== region &&
      !this.#regions.has(bucket) && (refusal.status === 301 || refusal.status === 400 ||
        refusal.status === 307);
    // Another server's region is only a word in the signature, so it may be as it says, too.
    if (elsewhere && (isAws || refusal.code === "AuthorizationHeaderMalformed")) {
      if (/^[a-z0-9-]{1,40}$/u.test(refusal.region!)) {
        this.#regions.set(bucket, refusal.region!);
        return { kind: "moved" };
      }
    }
    // Credentials of a role are renewed by themselves.
    if (refusal.code === "ExpiredToken") this.#place = null;
    return isPassing(refusal)
      ? { kind: "passing", failure, after: Math.min(after, LONGEST_PAUSE) }
      : { kind: "failed", failure };
  }

  async #found(): Promise<S3Place> {
    const known = await (this.#place ??= this.#find());
    const { expires } = known.credentials;
    if (expires === null || expires > Date.now() + MARGIN) return known;
    try {
      return await (this.#place = this.#find());
    } catch (error) {
      if (expires <= Date.now()) throw error;
      // They are good for some minutes yet, and the next request asks again.
      this.#place = Promise.resolve(known);
      return known;
    }
  }

  #find(): Promise<S3Place> {
    return findPlace(this.#variable).catch((error) => {
      this.#place = null;
      throw error;
    });
  }

  async #sign(
    { method, headers, body, checksum }: S3Request,
    url: URL,
    region: string,
    credentials: Credentials,
  ): Promise<Headers> {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const signer = new AwsV4Signer({
      ...{ method, url: url.href, region, service: "s3", cache: this.#cache },
      ...{ accessKeyId, secretAccessKey, sessionToken },
      headers: { ...headers, "x-amz-content-sha256": checksum ?? hashOf(body) },
    });
    return (await signer.sign()).headers;
  }
}

/** A body whose checksum isn't given is protected by TLS alone. */
function hashOf(body: Uint8Array | undefined): string {
  return body === undefined ? EMPTY_SHA256 : "UNSIGNED-PAYLOAD";
}

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

type Unsent =
  /** The bucket is in another region, which is known now. */
  | { readonly kind: "moved" }
  | { readonly kind: "passing"; readonly failure: SourceError; readonly after: number }
  | { readonly kind: "failed"; readonly failure: SourceError };

function unreachable(doing: string, url: URL, stop: Stopwatch, error: unknown): SourceError {
  const how = stop.hasRunOut ? `has not answered for ${stop.seconds} seconds` : "can't be reached";
  return new SourceError(
    `${doing}: ${url.host} ${how}. Check the network, and AWS_ENDPOINT_URL or AWS_REGION.`,
    { cause: error },
  );
}

/**
 * Requests with an Idempotency-Key are done once. Whoever does one holds its key, and gives signs of
 * life: an upload may take hours, and no connection is held meanwhile. What was done is recorded in
 * the transaction that does it. Others with the same key wait a moment, and then get the same run.
 */
import type { Context } from "hono";
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  type DoneBefore,
  type HeldKey,
  keepKey,
  recordDone,
  releaseKey,
  takeKey,
} from "../../ledger/runs/request_keys.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { Keyed } from "./keyed.ts";
import type { RequestEnv, ServerContext } from "../server_context.ts";
import { wrongField } from "../requests/validation.ts";

/** Milliseconds between looks at a key that somebody else holds, and until it is given up. */
const LOOK_INTERVAL = 100, PATIENCE = 10_000;
/** Milliseconds between signs of life. */
const SIGN_INTERVAL = 5_000;
/** Seconds after which a client may ask again for what somebody is still doing. */
const RETRY_AFTER = 5;

/** Somebody has the key, and is still at it. */
class KeyInUse extends RequestRefused<409> {
  override readonly retryAfter = RETRY_AFTER;

  constructor() {
    super(
      409,
      "key_in_use",
      "A request with this Idempotency-Key is still being done. Send it again in a moment.",
    );
  }
}

/** Ends a request whose answer is known. It is caught where the key was taken. */
export class AnsweredBefore extends Error {
  override readonly name = "AnsweredBefore";

  constructor(readonly before: DoneBefore) {
    super("the request was done before");
  }
}

const KEY = /^[\x21-\x7e]{1,255}$/u;

/**
 * As the header's draft wants it, a text in quotes, or without them, as most clients send it. Throws
 * RequestRefused.
 */
export function readKey(header: string): string {
  const key = /^"(.*)"$/u.exec(header.trim())?.[1] ?? header.trim();
  if (KEY.test(key)) return key;
  throw wrongField("Idempotency-Key", "expected 1 to 255 visible ASCII characters");
}

export class KeyedRequest implements Keyed {
  readonly #c: Context<RequestEnv>;
  readonly #key: HeldKey;
  readonly #before: DoneBefore | null;
  readonly #signs: ReturnType<typeof setInterval> | undefined;
  #request: string | null = null;
  #isRecorded = false;

  private constructor(c: Context<RequestEnv>, key: HeldKey, before: DoneBefore | null) {
    this.#c = c;
    this.#key = key;
    this.#before = before;
    if (before !== null) return;
    const { withLedger } = this.#server;
    this.#signs = setInterval(() => {
      // The next one may come through; without any, the key goes to somebody else.
      withLedger((ledger) => keepKey(ledger, key)).catch(() => {});
    }, SIGN_INTERVAL);
  }

  /** Takes the key, or waits for who has it. Throws RequestRefused. */
  static async open(c: Context<RequestEnv>, key: string): Promise<KeyedRequest> {
    const { withLedger, closing } = c.get("server");
    const held = { token: c.get("principal").token, key, holder: crypto.randomUUID() };
    for (const end = performance.now() + PATIENCE;;) {
      const found = await withLedger((ledger) => takeKey(ledger, held));
      if (found === "taken") return new KeyedRequest(c, held, null);
      if (found !== "in use") return new KeyedRequest(c, held, found);
      if (performance.now() > end) throw new KeyInUse();
      await setTimeout(LOOK_INTERVAL);
      closing.throwIfAborted();
    }
  }

  get #server(): ServerContext {
    return this.#c.get("server");
  }

  get isRecorded(): boolean {
    return this.#isRecorded;
  }

  identify(content: unknown): void {
    const { req } = this.#c;
    const query = Object.entries(req.queries()).toSorted(([a], [b]) => a < b ? -1 : 1);
    const asked = [req.method, req.path.replace(/\/+$/u, ""), query, content];
    this.#request = createHash("sha256").update(JSON.stringify(asked, inOrder)).digest("hex");
    if (this.#before === null) return;
    if (this.#before.request === this.#request) throw new AnsweredBefore(this.#before);
    throw new RequestRefused(
      422,
      "key_reused",
      "This Idempotency-Key belongs to another request. Use a new one for each request.",
    );
  }

  async record(
    ledger: Ledger,
    runId: number,
    answer?: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    if (this.#request === null) throw new Error("the request was not identified");
    const done = { request: this.#request, run_id: runId, answer: answer ?? null };
    if (!await recordDone(ledger, this.#key, done)) throw new KeyInUse();
    this.#isRecorded = true;
  }

  /** If nothing was done, the key is free again. Never fails. */
  async close(): Promise<void> {
    clearInterval(this.#signs);
    if (this.#before !== null) return;
    // Also if it seems to be recorded: the transaction may have failed since. And if the key stays,
    // its holder gives no more signs.
    await this.#server.withLedger((ledger) => releaseKey(ledger, this.#key)).catch(() => {});
  }
}

/** For JSON.stringify: objects with their keys in order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1));
}

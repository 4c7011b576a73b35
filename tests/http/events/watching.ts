/** Reads Server-Sent Events as a browser does. */
import assert from "node:assert/strict";
import type { LogEntry } from "../../../src/observe/log_entry.ts";
import type { Serving } from "../serving.ts";
import { PATIENCE, untilSeen } from "../../support/until.ts";

export interface Heard {
  readonly event: string;
  readonly id: string;
  // deno-lint-ignore no-explicit-any -- tests read the fields that they expect
  readonly data: any;
}

export interface Watching extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** So far, without what `next` and `until` have not come to yet. */
  readonly heard: readonly Heard[];
  /** The next event. Throws if the stream has ended. */
  next(): Promise<Heard>;
  /** Reads until an event of this name, for which `fits`. */
  until(event: string, fits?: (data: Heard["data"]) => boolean): Promise<Heard>;
  /** All the rest, until the server closes. */
  rest(): Promise<readonly Heard[]>;
}

export interface WatchOptions {
  readonly token?: string;
  readonly lastEventId?: string;
  readonly origin?: string;
}

export async function watch(
  api: Pick<Serving, "base">,
  path: string,
  { token, lastEventId }: WatchOptions = {},
): Promise<Watching> {
  const stop = new AbortController();
  const headers = new Headers({ accept: "text/event-stream" });
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
  const answer = await fetch(api.base + path, {
    headers,
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE)]),
  });
  const lines = answer.body === null ? null : eventsIn(answer.body);
  const heard: Heard[] = [];
  const read = async () => {
    const found = await lines?.next().catch((error) => {
      throw new Error(`${error}, after ${JSON.stringify(heard)}`);
    });
    if (found === undefined || found.done) return null;
    heard.push(found.value);
    return found.value;
  };
  const next = async () => {
    const event = await read();
    assert.ok(event, `the stream has ended after ${JSON.stringify(heard)}`);
    return event;
  };
  return {
    ...{ status: answer.status, headers: answer.headers, heard, next },
    async until(name, fits = () => true) {
      for (;;) {
        const event = await next();
        if (event.event === name && fits(event.data)) return event;
      }
    },
    async rest() {
      const from = heard.length;
      while (await read() !== null) { /* it remembers them */ }
      return heard.slice(from);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await lines?.return(undefined).catch(() => {/* aborted */});
      // If nobody has read any of it.
      await answer.body?.cancel().catch(() => {/* it is being read, or was */});
    },
  };
}

/** The log's line number `index` about requests of this path: streams are logged when they end. */
export async function streamLog(api: Serving, path: string, index = 0): Promise<LogEntry> {
  const look = () => api.log.filter((entry) => entry.path === path)[index];
  return await untilSeen(api.ledger, `the end of ${path}`, look);
}

/** The events of a body, however its bytes are cut. Comments and `retry` are left out. */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<Heard, void> {
  const decoder = new TextDecoder();
  let text = "";
  let id = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = new Map(
        text.slice(0, end).split("\n").map((line): [string, string] => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /u, "")];
        }),
      );
      text = text.slice(end + 2);
      id = fields.get("id") ?? id;
      const data = fields.get("data");
      if (data === undefined) continue;
      yield { event: fields.get("event") ?? "message", id, data: JSON.parse(data) };
    }
  }
}

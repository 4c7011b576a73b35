/** The text of Server-Sent Events. */

const encoder = new TextEncoder();

/** `id`: what the client names when it comes back; null leaves the last one in force. */
export function sseEvent(name: string, id: string | null, data: unknown): Uint8Array {
  const line = id === null ? "" : `id: ${id}\n`;
  // JSON contains no line feed.
  return encoder.encode(`event: ${name}\n${line}data: ${JSON.stringify(data)}\n\n`);
}

/** Milliseconds after which a client that was cut off comes back. */
const RETRY = 2_000;

/** The first thing that is sent: proxies pass the headers on with it. */
export const GREETING: Uint8Array = encoder.encode(`retry: ${RETRY}\n\n`);

/** A comment, which clients ignore: proxies see that the connection is in use. */
export const HEARTBEAT: Uint8Array = encoder.encode(": still here\n\n");

/** How far a client had got: the `Last-Event-ID` that it sends when it comes back. */
export interface Position {
  /** The change of status that it has seen. */
  readonly event: number;
  /** It has seen the end of the stream. */
  readonly ended: boolean;
}

export function eventId(event: number, rest: string | number): string {
  return `${event}-${rest}`;
}

/** What ends the id of the last event. */
export const END = "end";

/** Null if it is not an id of ours: then the client gets what a new one gets. */
export function readPosition(lastEventId: string | undefined): Position | null {
  const match = /^(\d{1,15})-(\w{1,50})$/u.exec(lastEventId ?? "");
  return match && { event: Number(match[1]), ended: match[2] === END };
}

/** A connection on which a test writes what no ordinary client would. */
import type { Answer } from "./serving.ts";

export interface RawConnection extends Disposable {
  send(data: string | Uint8Array): Promise<void>;
  /** Ends sending without closing the connection. */
  end(): Promise<void>;
  /** The next answer, read to its end. */
  answer(): Promise<Answer>;
}

export async function connectRaw(port: number): Promise<RawConnection> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let left = new Uint8Array();
  const more = async () => {
    const buffer = new Uint8Array(64 * 1024);
    const read = await connection.read(buffer);
    if (read === null) throw new Error(`closed after ${new TextDecoder().decode(left)}`);
    left = new Uint8Array([...left, ...buffer.subarray(0, read)]);
    return new TextDecoder("latin1").decode(left);
  };
  return {
    async send(data) {
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    },
    end: () => connection.closeWrite(),
    async answer() {
      let text = new TextDecoder("latin1").decode(left);
      while (!text.includes("\r\n\r\n")) text = await more();
      const head = text.slice(0, text.indexOf("\r\n\r\n"));
      const [first, ...lines] = head.split("\r\n");
      const headers = new Headers(
        lines.map((line): [string, string] => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        }),
      );
      const from = head.length + 4;
      const to = from + Number(headers.get("content-length") ?? 0);
      while (left.length < to) await more();
      const body = new TextDecoder().decode(left.subarray(from, to));
      left = left.slice(to);
      return {
        status: Number(first.split(" ")[1]),
        headers,
        body: headers.get("content-type")?.includes("json") === true ? JSON.parse(body) : body,
      };
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

/** The head of an upload of raw bytes or, with a boundary, of a form. */
export function uploadHead(port: number, ...headers: readonly string[]): string {
  return [
    "POST /api/v1/ingest/upload/customers HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    ...headers,
    "",
    "",
  ].join("\r\n");
}

export const RAW = "Content-Type: text/csv";
export const FORM = "Content-Type: multipart/form-data; boundary=x";
export const CHUNKED = "Transfer-Encoding: chunked";

/** One chunk of a body with `CHUNKED`; without content, the last one. */
export function chunk(content = ""): string {
  return `${content.length.toString(16)}\r\n${content}\r\n`;
}

/** Requests exactly as written: `fetch` sets some headers itself, and makes paths canonical. */

export interface RawAnswer {
  readonly status: number;
  /** Its head and its body. */
  readonly text: string;
}

/** `target` is sent as it is. Without `host` in `headers`, no Host header is sent. */
export async function rawRequest(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries({ ...headers, connection: "close" })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  for (let sent = 0; sent < head.length;) sent += await connection.write(head.subarray(sent));
  const text = await readAll(connection);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/u.exec(text)?.[1]), text };
}

async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const piece = new Uint8Array(16_384);
  let text = "";
  for (let length = await connection.read(piece); length !== null;) {
    text += decoder.decode(piece.subarray(0, length), { stream: true });
    length = await connection.read(piece);
  }
  return text;
}

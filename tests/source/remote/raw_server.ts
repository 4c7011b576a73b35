/** A server that answers each request with exactly the bytes that a test gives it. */
import { createServer, type Socket } from "node:net";

export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** The first line and the headers of each request. */
  readonly requests: readonly string[];
}

/** `answer`: of the request's text and its number, from 1. `null`: the connection stays as it is. */
export async function rawServer(
  answer: (request: string, number: number, socket: Socket) => string | Uint8Array | null,
): Promise<RawServer> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (!text.includes("\r\n\r\n")) return;
      requests.push(text);
      const said = answer(text, requests.length, socket);
      text = "";
      if (said !== null) socket.end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole answer, with its length. */
export function whole(body: string, headers = ""): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

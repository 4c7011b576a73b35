/**
 * Watches a run over many connections at once, as so many browsers would: a program of its own, so
 * that its CPU time can be told from the server's.
 *
 *     deno run --allow-net watchers.ts <port> <path> <clients>
 *
 * Prints `ready` when all have heard something, and at the end how many events they got.
 */
const [port, path, count] = Deno.args;
let ready = 0;
let events = 0;

async function watch(): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(64 * 1024);
  for (let first = true;; first = false) {
    const read = await connection.read(buffer);
    if (read === null) return;
    if (first && ++ready === Number(count)) console.log("ready");
    // Each event has an empty line behind it, and each chunk of the answer a line end of its own.
    for (let i = 1; i < read; i++) if (buffer[i] === 10 && buffer[i - 1] === 10) events++;
  }
}

await Promise.all(Array.from({ length: Number(count) }, watch));
console.log(`${events} events`);

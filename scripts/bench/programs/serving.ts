/** Runs `ingest serve` in a process of its own and measures its answers. */
import type { Bench } from "../bench.ts";
import type { BenchDatabase } from "../server.ts";

export interface Answer {
  /** From the request to the end of the body. */
  readonly seconds: number;
  readonly body: string;
}

export class Serving {
  readonly #child: Deno.ChildProcess;
  readonly #base: string;

  private constructor(child: Deno.ChildProcess, base: string) {
    this.#child = child;
    this.#base = base;
  }

  /** `workers`: null for none. */
  static async start(
    bench: Bench,
    database: BenchDatabase,
    workers: number | null = null,
  ): Promise<Serving> {
    const hands = workers === null ? ["--no-workers"] : ["--workers", String(workers)];
    const child = bench.ingest.start([
      ...["serve", ...hands, "--port", "0", "--database-url", database.url],
      ...["--importers", bench.folders.importers],
    ], "piped");
    const heard = Promise.withResolvers<string>();
    const said: string[] = [];
    const listening = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        said.push(text);
        const found = / at (http:\/\/127\.0\.0\.1:\d+) /u.exec(said.join(""));
        if (found !== null) heard.resolve(`${found[1]}/api/v1/ingest`);
      }
    })();
    const silent = () => heard.reject(new Error(`ingest serve: ${said.join("").trim()}`));
    listening.then(silent, silent);
    return new Serving(child, await heard.promise);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** `http://127.0.0.1:<port>` with the base path. */
  get base(): string {
    return this.#base;
  }

  /** Throws unless the answer is 200. */
  async get(path: string): Promise<Answer> {
    const began = performance.now();
    const response = await fetch(`${this.#base}${path}`);
    const body = await response.text();
    const seconds = (performance.now() - began) / 1000;
    if (response.status === 200) return { seconds, body };
    throw new Error(`ingest serve answered ${path} with ${response.status}: ${body}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }
}

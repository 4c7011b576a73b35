/** A bucket on this machine, with one object. */
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("s3_server.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));

export class LocalS3 implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #endpoint: string;

  private constructor(child: Deno.ChildProcess, folder: string, port: string) {
    this.#child = child;
    this.#folder = folder;
    this.#endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(temporary: string, signal: AbortSignal): Promise<LocalS3> {
    const folder = await Deno.makeTempDir({ dir: temporary });
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", `--config=${CONFIG}`, SERVER, folder],
      ...{ stdin: "null", stdout: "piped", stderr: "null", signal },
    }).spawn();
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      return new LocalS3(child, folder, text.trim());
    }
    throw new Error("The S3 server doesn't start");
  }

  /** What a program needs to know to reach it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      ...{ AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" },
      ...{ AWS_ENDPOINT_URL: this.#endpoint, AWS_EC2_METADATA_DISABLED: "true" },
    };
  }

  /** Returns the address of a copy of the file. */
  async put(path: string): Promise<string> {
    const file = await Deno.open(path);
    const answer = await fetch(`${this.#endpoint}/bench/file.csv`, {
      ...{ method: "PUT", body: file.readable },
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`The S3 server answers with ${answer.status}`);
    return "s3://bench/file.csv";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

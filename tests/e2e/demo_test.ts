/** `scripts/deno task demo`, as a user runs it right after cloning the repository. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processesThatName } from "./processes.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

Deno.test("the demo imports real files, repairs what failed until all of it is loaded, and leaves nothing running", async () => {
  await using demo = await startDemo();
  const output = await demo.readUntil(null);
  assert.equal((await demo.child.status).code, 0, output);
  for (
    const shown of [
      "created 3,314   updated 0   skipped 0   failed 62",
      /1,137 +1,138 +failed +The .* field is required/u,
      /42 +iata: The iata field must not be longer than 3 characters\./u,
      /12 +city: The city field is required\./u,
      /4 +The airports table refuses this row: guam_and_the_marianas_lie_east\./u,
      /1 +Duplicate entry found for key 'name, city, state'\./u,
      "created 9,866   updated 0   skipped 66   failed 68",
      "created 41   updated 0   skipped 0   failed 21",
      "Wrote 21 rows to",
      "created 21   updated 0   skipped 0   failed 0",
      "After retries, all 3,376 rows are loaded.",
      "would be created 0   updated 0   skipped 3,355   would fail 21",
      "created 2   updated 3   skipped 0   failed 0",
      "reverted 5 (deleted 2, restored 3)   kept 0",
      /DCA +Ronald Reagan Washington National +Arlington\nJFK +John F Kennedy Intl +New York\nORD/u,
      /Canada goose +189 +15389564/u,
    ]
  ) {
    const found = typeof shown === "string" ? output.includes(shown) : shown.test(output);
    assert.ok(found, `it shows ${shown}, but printed\n${output}`);
  }
  assert.deepEqual(await processesThatName(demo.home), []);
});

Deno.test("the demo ends on SIGTERM in the middle of a run, and leaves nothing running", async () => {
  await using demo = await startDemo();
  await demo.readUntil("Run 4: birdstrikes.csv");
  demo.child.kill("SIGTERM");
  const rest = await demo.readUntil(null);
  assert.equal((await demo.child.status).code, 130, rest);
  assert.match(rest, /Interrupted\. Postgres is stopped\./u);
  assert.deepEqual(await processesThatName(demo.home), []);
});

interface RunningDemo extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly home: string;
  /** What it prints up to the first occurrence of this text; null: to its end. */
  readUntil(text: string | null): Promise<string>;
}

async function startDemo(): Promise<RunningDemo> {
  const home = await Deno.makeTempDir({ prefix: "ingest-demo-test-" });
  const { HOME, PATH, DENO_DIR, DENO_TLS_CA_STORE } = Deno.env.toObject();
  const child = new Deno.Command("sh", {
    // One stream, so that the order is the one that people see.
    args: ["-c", 'exec "$@" 2>&1', "sh", Deno.execPath(), "run", "--allow-all", DEMO],
    clearEnv: true,
    env: {
      INGEST_HOME: home,
      NO_COLOR: "1",
      ...(PATH && { PATH }),
      ...(HOME && { HOME }),
      ...(DENO_DIR && { DENO_DIR }),
      ...(DENO_TLS_CA_STORE && { DENO_TLS_CA_STORE }),
    },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    child,
    home,
    async readUntil(text) {
      let read = "";
      while (text === null || !read.includes(text)) {
        const { value, done } = await reader.read();
        if (done) break;
        read += value;
      }
      return read;
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
      await reader.cancel();
      await Deno.remove(home, { recursive: true });
    },
  };
}

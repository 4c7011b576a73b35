/** The program as a server, over a folder of the test's own. */
import assert from "node:assert/strict";
import { customers, temporaryFolder } from "../cli/customers.ts";
import { type ProgramOptions, type Running, startIngest } from "../cli/start_program.ts";
import { type Answer } from "../http/serving.ts";
import { connectRaw, type RawConnection, uploadHead } from "../http/raw_connection.ts";
import type { TestDatabase } from "../support/database.ts";
import { PATIENCE, until } from "../support/until.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly program: Running;
  readonly folder: string;
  readonly port: number;
  /** For other commands on the same storage and importers. */
  readonly env: Readonly<Record<string, string>>;
  /** `/healthz`, or a path that begins with the base path. */
  ask(path: string, init?: RequestInit): Promise<Answer>;
  upload(text: string): Promise<Answer>;
  /** What uploads have left in storage. */
  stored(): string[];
}

const BASE = "/api/v1/ingest";

/** With the importers `customers`, for uploads, and `local`, for the file `source/local.csv`. */
export async function startServing(
  options: ProgramOptions,
  ...flags: readonly string[]
): Promise<ServerProcess> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  await Deno.mkdir(`${folder}/importers`);
  await Deno.mkdir(`${folder}/source`);
  await Deno.writeTextFile(
    `${folder}/importers/customers.yaml`,
    "table: customers\noptions: { batch_rows: 20000 }\n",
  );
  await Deno.writeTextFile(
    `${folder}/importers/local.yaml`,
    "table: customers\nsource: { type: file, path: local.csv }\n",
  );
  await Deno.writeTextFile(`${folder}/source/local.csv`, customers(10));
  const env = {
    ...options.env,
    ...{ INGEST_HOME: `${folder}/home`, INGEST_IMPORTERS: `${folder}/importers` },
  };
  const program = startIngest(["serve", "--port", "0", ...flags], { ...options, env });
  stack.defer(async () => {
    // The second signal, unless it is the same, stops it at once.
    program.kill("SIGTERM");
    program.kill("SIGINT");
    await program.ended;
  });
  await program.says("uploads up to");
  const port = Number(/ at http:\/\/127\.0\.0\.1:(\d+) /u.exec(program.heard())?.[1]);
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) };
  };
  const closing = stack.move();
  return {
    ...{ program, folder, port, env, ask },
    upload: (body) =>
      ask(`${BASE}/upload/customers`, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body,
      }),
    stored: () => storedIn(`${folder}/home/spool`),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function storedIn(spool: string): string[] {
  try {
    return [...Deno.readDirSync(spool)].flatMap(({ name }) =>
      [...Deno.readDirSync(`${spool}/${name}`)].map((file) => `${spool}/${name}/${file.name}`)
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** An upload whose second half is still to come when this returns. */
export async function halfUpload(
  server: ServerProcess,
  text: string,
  pause: () => Promise<unknown>,
): Promise<RawConnection & { finish(): Promise<void> }> {
  const connection = await connectRaw(server.port);
  const half = text.length >> 1;
  const length = `Content-Length: ${text.length}`;
  await connection.send(uploadHead(server.port, "Content-Type: text/csv", length));
  await connection.send(text.slice(0, half));
  for (const end = performance.now() + PATIENCE; server.stored().length === 0;) {
    assert.ok(performance.now() < end, "the upload doesn't begin");
    await pause();
  }
  return { ...connection, finish: () => connection.send(text.slice(half)) };
}

export function untilTrue(
  { session }: Pick<TestDatabase, "session">,
  condition: string,
): Promise<void> {
  return until(session, condition);
}

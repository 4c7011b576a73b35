/** The real server over a database of the test's own, listening on a port that was free. */
import { generateToken } from "../../src/http/identity/access_token.ts";
import { BASE_PATH } from "../../src/http/route.ts";
import { startServer } from "../../src/http/server.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { createToken, type TokenScope } from "../../src/ledger/tokens.ts";
import type { LogEntry } from "../../src/observe/log_entry.ts";
import { driveRun } from "../../src/run/work/drive.ts";
import { work } from "../../src/run/work/work.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

export interface ServingOptions {
  /** True: every request needs a token (`api.token`). Else none does until a token is created. */
  readonly tokens?: boolean;
  /** Definitions in YAML, by slug. */
  readonly importers?: Readonly<Record<string, string>>;
  /** True: workers load the runs. Else only `api.drive` does. */
  readonly workers?: boolean;
  /** Files in the folder of `--source-dir`, by name; without them there is no such folder. */
  readonly sourceFiles?: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly maxUpload?: number;
  /** SQL that creates the tables to load. */
  readonly tables?: string;
  /** Whose pages may use the API. */
  readonly corsOrigins?: readonly string[];
  /** May administrators save definitions? */
  readonly savesDefinitions?: boolean;
  readonly allowedHosts?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Serving extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Over `database.session`. */
  readonly ledger: Ledger;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** `origin` with the API's base path. */
  readonly base: string;
  readonly port: number;
  /** Has `importers`, `storage`, and `source` if there are source files. */
  readonly folder: string;
  /** Where uploads go. */
  readonly storage: string;
  /** The log so far. */
  readonly log: readonly LogEntry[];
  /**
   * `api.fetch("/12")` is for the base path, `api.fetch(api.origin + "/docs")` is not. Bodies have
   * to be read or cancelled.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * The same with a token, and with the body read: as JSON, as text, or null if there is none. Of a
   * stream of events, only the beginning.
   */
  ask(path: string, init?: RequestInit & { readonly token?: string }): Promise<Answer>;
  /** Creates a token: from then on every request needs one. */
  token(scope: TokenScope, rest?: TokenOptions): Promise<string>;
  /** Loads a run, in this process, until it has ended. */
  drive(runId: number): Promise<void>;
  /** Ends the server, and starts another one on the same port after `between`. */
  restart(between?: () => Promise<void>): Promise<void>;
  /** Waits until the run has ended; for servers with `workers`. */
  ended(runId: number): Promise<void>;
}

export interface TokenOptions {
  readonly name?: string;
  readonly importers?: readonly string[];
  readonly expiresAt?: Date;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests read the fields that they expect
  readonly body: any;
}

const SCHEMA = "ingest";

export async function serving(options: ServingOptions = {}): Promise<Serving> {
  const { tokens = false, workers = false, maxUpload = 10_000_000 } = options;
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await migratedDatabase());
  const { config, session } = database;
  const ledger = new Ledger(session, SCHEMA);
  if (options.tables !== undefined) await session.execute(options.tables);

  const folder = await Deno.makeTempDir({ prefix: "ingest-http-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const importersFolder = `${folder}/importers`;
  const storage = `${folder}/storage`;
  await Deno.mkdir(importersFolder);
  await Deno.mkdir(storage);
  for (const [slug, yaml] of Object.entries(options.importers ?? {})) {
    await Deno.writeTextFile(`${importersFolder}/${slug}.yaml`, yaml);
  }
  const sourceFolder = options.sourceFiles === undefined ? null : `${folder}/source`;
  if (sourceFolder !== null) await Deno.mkdir(sourceFolder);
  for (const [name, text] of Object.entries(options.sourceFiles ?? {})) {
    await Deno.writeTextFile(`${sourceFolder}/${name}`, text);
  }

  if (workers) stack.defer(startWorking(database));
  const log: LogEntry[] = [];
  const listen = (port: number) =>
    startServer({
      config,
      schemaName: SCHEMA,
      host: "127.0.0.1",
      port,
      importersFolder,
      storageFolder: () => Promise.resolve(storage),
      sourceFolder,
      maxUpload,
      worksHere: true,
      isOpen: !tokens,
      corsOrigins: options.corsOrigins ?? [],
      savesDefinitions: options.savesDefinitions ?? false,
      allowedHosts: options.allowedHosts ?? [],
      variable: (name) => options.variables?.[name],
      log: (entry) => log.push(entry),
    });
  let server = listen(0);
  stack.defer(() => server.close(10_000));

  const origin = `http://127.0.0.1:${server.port}`;
  const base = origin + BASE_PATH;
  const ask = (path: string, init?: RequestInit) =>
    fetch(path.startsWith("http") ? path : base + path, init);
  const closing = stack.move();
  let made = 0;
  return {
    ...{ database, ledger, origin, base, port: server.port, folder, storage, log, fetch: ask },
    async ask(path, init = {}) {
      const { token, ...rest } = init;
      const headers = new Headers(rest.headers);
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
      const answer = await ask(path, { ...rest, headers });
      const isStream = answer.headers.get("content-type") === "text/event-stream";
      const text = isStream ? await beginningOf(answer) : await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json") === true;
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === "" ? null : isJson ? JSON.parse(text) : text,
      };
    },
    async token(scope, { name, importers, expiresAt } = {}) {
      const { token, prefix, hash } = generateToken();
      await createToken(ledger, {
        ...{ prefix, hash, scope, createdBy: null },
        name: name ?? `${scope} ${++made}`,
        importers: importers ?? null,
        expiresAt: expiresAt ?? null,
      });
      return token;
    },
    async restart(between) {
      await server.close(0);
      await between?.();
      server = listen(server.port);
    },
    async drive(runId) {
      await driveRun({ config, schemaName: SCHEMA, runId, workers: 1 });
    },
    async ended(runId) {
      await until(
        session,
        `(select completed_at from ingest.runs where id = ${runId}) is not null`,
      );
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (/^data:.*\n\n/mu.test(text)) break;
  }
  return text;
}

function startWorking({ config }: TestDatabase): () => Promise<void> {
  const stop = new AbortController();
  const ended = work({
    ...{ config, schemaName: SCHEMA, workers: 1 },
    signal: stop.signal,
    graceMs: 10_000,
  });
  return async () => {
    stop.abort();
    await ended;
  };
}

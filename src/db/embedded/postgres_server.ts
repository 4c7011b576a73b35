/** Starts and stops the server of a place, and finds out whether it is running. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { DatabaseUnreachable, PostgresError } from "../connection_errors.ts";
import { Session } from "../session.ts";
import {
  EMBEDDED_DATABASE,
  EMBEDDED_ROLE,
  makeOwnFolder,
  readPassword,
  writeSettings,
} from "./cluster.ts";
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { hasSocket, type Place, SOCKET_PORT } from "./place.ts";
import { readPostmaster, removeLeftovers } from "./postmaster.ts";
import { run } from "./run_program.ts";

/** How long a server may take to come up or go down, in milliseconds. */
const PATIENCE = 60_000;

/** How to reach the server, or null if none is running. Cleans up after one that was killed. */
export async function findRunning(place: Place): Promise<DatabaseConfig | null> {
  const deadline = performance.now() + PATIENCE;
  while (true) {
    const postmaster = await readPostmaster(place);
    if (postmaster === null) return null;
    const { socketFolder, port } = postmaster;
    const config = await configFor(place, socketFolder === "" ? "127.0.0.1" : socketFolder, port);
    const answer = await ask(config);
    if (answer === "yes") return config;
    if (!postmaster.alive) {
      await removeLeftovers(place);
      return null;
    }
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(
        `Cannot reach the embedded Postgres (process ${postmaster.pid}): ${answer} ` +
          `See ${place.log}.`,
      );
    }
    await pause(50);
  }
}

/** Starts the server. None may be running, and the caller holds the place's lock. */
export async function start(
  place: Place,
  bin: string,
  settings: Readonly<Record<string, string>>,
): Promise<DatabaseConfig> {
  await makeOwnFolder(place.run, place, 0o755);
  const log = await Deno.open(place.log, { create: true, append: true });
  log.close();
  if (place.runAs) await Deno.chown(place.log, place.runAs.uid, place.runAs.gid);
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const { size } = await Deno.stat(place.log);
    const config = await tryToStart(place, bin, settings);
    if (!(config instanceof EmbeddedPostgresFailed)) {
      await createDatabase(config);
      return config;
    }
    const complaint = await lastComplaint(place, size);
    if (complaint !== null && PASSING.test(complaint) && performance.now() < deadline) {
      await pause(50);
      continue;
    }
    throw new EmbeddedPostgresFailed(
      `Cannot start the embedded Postgres: ${complaint ?? "it didn't start"}. See ${place.log}.`,
      { cause: config },
    );
  }
}

/**
 * What soon passes by itself. After a kill -9, the server's other processes need a moment to notice that
 * it is gone; and another program may have taken the port that was free.
 */
const PASSING = /^pre-existing shared memory block|^could not create any TCP\/IP sockets/u;

/** How to reach it, or why it didn't start. */
async function tryToStart(
  place: Place,
  bin: string,
  settings: Readonly<Record<string, string>>,
): Promise<DatabaseConfig | EmbeddedPostgresFailed> {
  const socket = hasSocket(place);
  const port = socket ? SOCKET_PORT : freePort();
  await writeSettings(place, {
    unix_socket_directories: socket ? place.run : "",
    listen_addresses: socket ? "" : "127.0.0.1",
    port: String(port),
    ...settings,
  });
  try {
    await run(place, `${bin}/pg_ctl`, [
      "start",
      ...["--pgdata", place.data, "--log", place.log, "--wait", "--timeout"],
      String(PATIENCE / 1000),
    ]);
  } catch (error) {
    if (error instanceof EmbeddedPostgresFailed) return error;
    throw error;
  }
  return await configFor(place, socket ? place.run : "127.0.0.1", port);
}

/** Stops the server if it is running, without waiting for clients. Open transactions roll back. */
export async function stop(place: Place, bin: string): Promise<void> {
  if (await readPostmaster(place) === null) return;
  const args = ["--pgdata", place.data, "--mode=fast", "--wait", "--timeout"];
  try {
    await run(place, `${bin}/pg_ctl`, ["stop", ...args, String(PATIENCE / 1000)]);
  } catch (error) {
    if (await findRunning(place) !== null) throw error;
  }
}

export async function configFor(place: Place, host: string, port: number): Promise<DatabaseConfig> {
  return {
    host,
    port,
    database: EMBEDDED_DATABASE,
    user: EMBEDDED_ROLE,
    password: await readPassword(place),
    ssl: false,
    sslRootCertificate: null,
  };
}

/** `yes`, or why the server can't be used (yet). */
async function ask(config: DatabaseConfig): Promise<string> {
  try {
    const session = await Session.open({ ...config, database: "postgres" });
    await session.close();
    return "yes";
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return error.message;
    throw error;
  }
}

async function createDatabase(config: DatabaseConfig): Promise<void> {
  const session = await Session.open({ ...config, database: "postgres" });
  try {
    await session.execute(`create database ${EMBEDDED_DATABASE}`);
  } catch (error) {
    const exists = error instanceof PostgresError && error.code === "42P04";
    if (!exists) throw error;
  } finally {
    await session.close();
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The server's last fatal error in its log, after so many bytes of it. */
async function lastComplaint(place: Place, after: number): Promise<string | null> {
  const log = await Deno.readFile(place.log).catch(() => new Uint8Array());
  const complaints = new TextDecoder().decode(log.subarray(after)).split("\n").flatMap((line) => {
    const found = /(?:FATAL|PANIC):\s+(.*)$/.exec(line);
    return found ? [found[1]] : [];
  });
  return complaints.at(-1) ?? null;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

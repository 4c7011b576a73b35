/** What `postmaster.pid` says about the server, and whether that is still true. */
import { exists } from "./files.ts";
import { type Place, SOCKET_PORT } from "./place.ts";

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Empty if it listens only on loopback. */
  readonly socketFolder: string;
  /** The process exists and is this server. */
  readonly alive: boolean;
}

/** Null if there is no such file. */
export async function readPostmaster(place: Place): Promise<Postmaster | null> {
  let lines: string[];
  try {
    lines = (await Deno.readTextFile(`${place.data}/postmaster.pid`)).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const pid = Number(lines[0]);
  return {
    pid,
    port: Number(lines[3] || SOCKET_PORT),
    socketFolder: lines[4] ?? "",
    alive: await isServer(pid, place),
  };
}

/**
 * After a kill -9, the process id in `postmaster.pid` can belong to a zombie or to another program.
 * Postgres then refuses to start: "lock file already exists".
 */
export async function removeLeftovers(place: Place): Promise<void> {
  const socket = `${place.run}/.s.PGSQL.${SOCKET_PORT}`;
  for (const path of [`${place.data}/postmaster.pid`, socket, `${socket}.lock`]) {
    if (await exists(path)) await Deno.remove(path);
  }
}

async function isServer(pid: number, place: Place): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  return (await commandLine(pid)).includes(place.data);
}

/** Empty for a zombie, and if there is no such process. */
async function commandLine(pid: number): Promise<string> {
  if (Deno.build.os === "linux") {
    return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  }
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "command=", "-p", String(pid)],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Which processes use the server: one file for each use, named `<process id>.<random>`. File locks
 * would not do: Deno 2.6 can't try one without waiting, and the watchdog is a shell, which can't
 * use them at all.
 */
import { kill } from "node:process";
import type { Place } from "./place.ts";

/** Marks a use by this process. Resolves with the mark's name. */
export async function markUse(place: Place): Promise<string> {
  const name = `${Deno.pid}.${crypto.randomUUID()}`;
  await Deno.mkdir(usersFolder(place), { recursive: true });
  await Deno.writeTextFile(`${usersFolder(place)}/${name}`, "");
  return name;
}

export async function unmarkUse(place: Place, name: string): Promise<void> {
  await Deno.remove(`${usersFolder(place)}/${name}`).catch(() => {});
}

/** Whether any living process uses the server. Removes the marks of dead ones on the way. */
export async function isUsed(place: Place): Promise<boolean> {
  for await (const { name } of Deno.readDir(usersFolder(place))) {
    if (isAlive(Number.parseInt(name))) return true;
    await unmarkUse(place, name);
  }
  return false;
}

/**
 * Removes all other marks. Called when no server is running, so they are stale, and their process
 * ids may belong to other processes by now.
 */
export async function forgetOthers(place: Place, own: string | null): Promise<void> {
  await Deno.mkdir(usersFolder(place), { recursive: true });
  for await (const { name } of Deno.readDir(usersFolder(place))) {
    if (name !== own) await unmarkUse(place, name);
  }
}

/** Milliseconds. A watchdog needs a few, unless somebody has suspended it. */
const PATIENCE = 60_000;
const STOPPING = "stopping.";

/**
 * A watchdog that has begun to look for users may not have seen ours, and may be about to stop the
 * server. Resolves when it has done so, or won't. Call it after `markUse`.
 */
export async function untilNobodyStops(place: Place): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const signs = (await signsOf(place)).filter((name) => isAlive(pidIn(name)));
    if (signs.length === 0) return;
    if (performance.now() > deadline) {
      // The process may be another one by now.
      for (const name of signs) await Deno.remove(`${place.root}/${name}`).catch(() => {});
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What watchdogs leave while they look who uses the server. */
async function signsOf(place: Place): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(place.root));
  return entries.map(({ name }) => name).filter((name) => name.startsWith(STOPPING));
}

function pidIn(name: string): number {
  return Number(name.slice(STOPPING.length));
}

function usersFolder(place: Place): string {
  return `${place.root}/users`;
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only checks.
    kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

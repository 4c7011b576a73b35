/**
 * Who uses the server: a file for each use, named `<process>.<random>`. Not file locks, because
 * Deno 2.6 can't ask for one without waiting, and the watchdog is a shell, which can't at all.
 */
import { kill } from "node:process";
import type { Place } from "./place.ts";

/** Adds this process; resolves with the mark's name. */
export async function markUse(place: Place): Promise<string> {
  const name = `${Deno.pid}.${crypto.randomUUID()}`;
  await Deno.mkdir(usersFolder(place), { recursive: true });
  await Deno.writeTextFile(`${usersFolder(place)}/${name}`, "");
  return name;
}

export async function unmarkUse(place: Place, name: string): Promise<void> {
  await Deno.remove(`${usersFolder(place)}/${name}`).catch(() => {});
}

/** Is there a use by a process that is alive? Marks of those that are not are removed. */
export async function isUsed(place: Place): Promise<boolean> {
  for await (const { name } of Deno.readDir(usersFolder(place))) {
    if (isAlive(Number.parseInt(name))) return true;
    await unmarkUse(place, name);
  }
  return false;
}

/** When no server runs nobody uses it; the numbers in old marks may be other processes' by now. */
export async function forgetOthers(place: Place, own: string | null): Promise<void> {
  await Deno.mkdir(usersFolder(place), { recursive: true });
  for await (const { name } of Deno.readDir(usersFolder(place))) {
    if (name !== own) await unmarkUse(place, name);
  }
}

function usersFolder(place: Place): string {
  return `${place.root}/users`;
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only asks.
    kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

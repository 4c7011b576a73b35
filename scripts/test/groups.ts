/**
 * Decides which test files run together. Several `deno test` processes run at the same time, each
 * with its own server, so tests share only the machine: its cores, ports and folders.
 */

/**
 * Tests that other work on the machine could make fail. They run after all others, one file after
 * the other. Each entry gives the reason.
 */
export const ALONE: Readonly<Record<string, string>> = {
  "tests/db/session_loss_test.ts":
    "ends connections at fractions of the time that a transaction took before",
  "tests/run/memory_test.ts":
    "compares the peaks of two runs, and garbage that isn't collected in time counts",
};

/** The slowest files, 15 s to a minute each. They start first, so that none is the last to end. */
export const LONGEST: readonly string[] = [
  "tests/run/reference_test.ts",
  "tests/chaos/kill_test.ts",
  "tests/chaos/combined_kill_test.ts",
  "tests/run/dry_run_test.ts",
  "tests/run/request/retry_test.ts",
  "tests/chaos/commands_test.ts",
  "tests/run/request/prune_test.ts",
];

/** Files per process. Starting a process costs 0.2 s, and in the end the others wait for the last. */
const GROUP_SIZE = 4;

export interface Groups {
  readonly together: readonly (readonly string[])[];
  readonly alone: readonly (readonly string[])[];
}

/** Files of one folder stay together, and each file is in one group. */
export function groupTests(files: readonly string[]): Groups {
  const longest = LONGEST.filter((file) => files.includes(file));
  const together = longest.map((file) => [file]);
  let neighbours: string[] = [];
  for (const file of files) {
    if (Object.hasOwn(ALONE, file) || longest.includes(file)) continue;
    const begins = neighbours.length === 0 || neighbours.length === GROUP_SIZE ||
      folderOf(neighbours[0]) !== folderOf(file);
    if (begins) together.push(neighbours = []);
    neighbours.push(file);
  }
  const alone = files.filter((file) => Object.hasOwn(ALONE, file)).map((file) => [file]);
  return { together, alone };
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

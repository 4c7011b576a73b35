/**
 * The flags with which the program is started. The task `dev` in deno.json repeats
 * them, and a test compares the two.
 */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,uid,gid,username,statfs",
  "--allow-run",
  "--no-prompt",
];

/**
 * V8's space for new objects is 16 MB by default, and each thread has up to three of them. It fills
 * with what batches leave behind before it is ever collected, so it is limited to 4 MB. And each
 * thread's heap of old objects grows to several times what is in use before it is collected.
 * `optimize-for-size` keeps it close to what is in use. Peak resident memory for a million rows (3
 * workers) without the flags, with the first, and with both: 600, 427 and 321 MB if all rows fail.
 * With the first and with both: 435 and 319 MB for the retry of those rows, 325 and 280 MB if all
 * rows are good. Neither flag costs measurable time.
 *
 * With `optimize-for-size` alone, all of a thread's heap is searched for garbage when it has 13 MB,
 * which a run of ten rows reaches, and which takes 20 ms of processor time. At 28 MB, a run of 10,000
 * rows would still reach it: the kernel's memory counts. Beginning at 40 MB costs 7 MB of peak memory
 * for a million good rows.
 */
const V8_FLAGS =
  "--v8-flags=--max-semi-space-size=4,--optimize-for-size,--initial-old-space-size=40";

export const RUNTIME_FLAGS = [...PERMISSIONS, V8_FLAGS];

/**
 * V8 compiles a function when it is first called, and its code cache, which a compiled program
 * writes at its first run, holds nothing of that. With `no-lazy` it holds all functions: 3 MB. An
 * import of ten rows takes 0.16 s of processor time instead of 0.20, and one of 100,000 as much as
 * without; the first run and `ingest version` take 0.02 and 0.01 s more. Peak memory for a million good rows
 * is 25 MB higher.
 */
export const COMPILED_FLAGS = [...PERMISSIONS, `${V8_FLAGS},--no-lazy`];

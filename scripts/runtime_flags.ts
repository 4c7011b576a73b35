/**
 * What the program is started and compiled with. The task `dev` in deno.json says the same, and
 * a test compares them.
 */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,uid,gid,username",
  "--allow-run",
  "--no-prompt",
];

/**
 * V8's space for new objects, 16 MB by default and up to three of them for each thread, fills
 * with what the batches leave behind before it is ever collected: 4 MB. And each thread's heap of
 * old objects grows to several times what is in use before it is collected; `optimize-for-size`
 * keeps it near that. Peak resident memory of a million rows (3 workers) without either, with the
 * first, with both: all of them failing 600, 427 and 321 MB; their retry 435 and 319 with the
 * last two; all of them good 325 and 280. None of it costs time that could be measured.
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=4,--optimize-for-size";

export const RUNTIME_FLAGS = [...PERMISSIONS, V8_FLAGS];

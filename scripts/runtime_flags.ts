/**
 * What the program is started and compiled with. The task `dev` in deno.json says the same, and
 * a test compares them.
 */
export const PERMISSIONS = [
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
 * with what the batches leave behind before it is ever collected. With 4 MB, a run of which each
 * of 800,000 rows fails stays at 375 MB of resident memory instead of 600.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=4";

export const RUNTIME_FLAGS = [...PERMISSIONS, V8_FLAGS];

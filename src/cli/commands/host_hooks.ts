/**
 * The process in which a run's hooks are. Whatever they do, it does not reach the program that imports:
 * they have no connection, no environment, no network, and can't write files or start programs; and
 * a hook that never returns, or takes all memory, takes only this process with it. Its main thread
 * never calls a hook, so it can always end the process.
 */
import { ownModule } from "../../config/own_files.ts";
import type { Begin } from "../../hooks/thread.ts";
import {
  CALLED,
  type Ending,
  type FromHooks,
  type Limits,
  STATE,
  STATE_LENGTH,
  type ToHooks,
} from "../../hooks/messages.ts";
import { TextLineStream } from "../../config/text_lines.ts";

/** Milliseconds between two looks at the thread. */
const LOOK_INTERVAL = 50;
const STOOD_STILL = 500;
/** To load a file may take so many times as long as a call. */
const LOADING = 3;

/** Resolves when nobody needs the hooks any more. */
export async function hostHooks(): Promise<void> {
  await dropPermissions();
  // Ctrl-C reaches all processes of a terminal. Whoever started this one decides when it ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {});
  }
  const state = new Int32Array(new SharedArrayBuffer(4 * STATE_LENGTH));
  const thread = new Worker(ownModule("src/hooks/thread.ts"), { type: "module", name: "hooks" });
  const encoder = new TextEncoder();
  const say = (line: string) => {
    // A hook may have written something before it.
    const bytes = encoder.encode(`\n${line}\n`);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  };
  const end = (because: Ending) => {
    try {
      say(JSON.stringify({ type: "ended", because } satisfies FromHooks));
    } finally {
      Deno.exit(1);
    }
  };
  thread.onmessage = ({ data }: MessageEvent<string | Ending>) => {
    if (typeof data === "string") say(data);
    else end(data);
  };
  thread.onerror = (event) => {
    event.preventDefault();
    end({ kind: "error", message: `The hooks can't go on: ${event.message}`, row: null });
  };
  thread.postMessage({ state } satisfies Begin);
  let watching: ReturnType<typeof setInterval> | undefined;
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    // The first line says what is allowed. The others are not read here: they have the rows.
    watching ??= watch(state, limitsIn(line), end);
    thread.postMessage(line);
  }
  clearInterval(watching);
}

function limitsIn(line: string): Limits {
  const message = JSON.parse(line) as ToHooks;
  if (message.type !== "load") throw new Error("The hooks must be loaded first");
  return message.limits;
}

/** Reading stays: hooks import files beside them. */
async function dropPermissions(): Promise<void> {
  for (const name of ["net", "env", "write", "run", "sys", "ffi"] as const) {
    await Deno.permissions.revoke({ name });
  }
}

function watch(state: Int32Array, limits: Limits, end: (because: Ending) => void) {
  let calls = -1;
  let since = performance.now();
  let looked = since;
  return setInterval(() => {
    const time = performance.now();
    // The whole process stood still, and not only the hook.
    if (time - looked > STOOD_STILL) since = time;
    looked = time;
    const now = Atomics.load(state, STATE.calls);
    const called = CALLED[Atomics.load(state, STATE.hook)];
    const row = state[STATE.row] === 0 ? null : state[STATE.row];
    if (now !== calls || called === "") [calls, since] = [now, time];
    else if (time - since > (called === "the file" ? LOADING : 1) * limits.time) {
      const seconds = (called === "the file" ? LOADING : 1) * limits.time / 1000;
      end({ kind: "timeout", message: `${called} did not return within ${seconds} s.`, row });
    }
    if (Deno.memoryUsage().rss > limits.memory) {
      const megabytes = Math.round(limits.memory / 1_000_000);
      const who = called === "" ? "The hooks" : called;
      end({ kind: "memory", message: `${who} took more than ${megabytes} MB of memory.`, row });
    }
  }, LOOK_INTERVAL);
}

/** The signals that ask a command to end. */

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

export interface StopHandlers {
  readonly first: (signal: Deno.Signal) => void;
  /** Called for every signal after the first, unless it is the same one, sent on. */
  readonly again: (signal: Deno.Signal) => void;
}

/**
 * A terminal sends a Ctrl-C to all programs of the command, and some of them, such as `deno task`,
 * send it on. Within so many milliseconds of the first, the same signal is the same Ctrl-C.
 */
const SAME_PRESS = 300;

/** Tells the first signal from those after it, and both from one that was sent on: null. */
export function countSignals(): (signal: Deno.Signal, at: number) => "first" | "again" | null {
  let first: { readonly signal: Deno.Signal; readonly at: number } | null = null;
  return (signal, at) => {
    if (first === null) {
      first = { signal, at };
      return "first";
    }
    return signal === first.signal && at - first.at <= SAME_PRESS ? null : "again";
  };
}

/** Handles the signals until it is disposed of. */
export function onStopSignals(handlers: StopHandlers): Disposable {
  const count = countSignals();
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      const which = count(signal, performance.now());
      if (which !== null) handlers[which](signal);
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return {
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

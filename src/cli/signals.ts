/** The signals that ask a command to end. */

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

export interface StopHandlers {
  readonly first: (signal: Deno.Signal) => void;
  /** Called for every signal after the first. */
  readonly again: (signal: Deno.Signal) => void;
}

/** Handles the signals until it is disposed of. */
export function onStopSignals(handlers: StopHandlers): Disposable {
  let seen = 0;
  const listeners = SIGNALS.map((signal) => {
    const listener = () => seen++ === 0 ? handlers.first(signal) : handlers.again(signal);
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return {
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

/** Stretches this thread's pauses: a wait of a moment becomes one of an hour. */
const { setTimeout } = globalThis;
const unhurried = (work: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) =>
  setTimeout(() => work(...args), milliseconds < 100 ? milliseconds : 3_600_000);
globalThis.setTimeout = unhurried as typeof setTimeout;

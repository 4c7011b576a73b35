/** A worker's thread that never looks for work by itself: whatever it does, it was woken for. */
import "./unhurried_timers.ts";
import "../../../src/run/work/worker.ts";

/** A worker thread that never looks for work by itself: it works only when it is woken. */
import "./unhurried_timers.ts";
import "../../../src/run/work/worker.ts";

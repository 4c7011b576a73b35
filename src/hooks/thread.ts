/**
 * The thread in which hooks are called. The main thread of its process watches it, and passes lines
 * between it and the worker.
 */
import process from "node:process";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { checksumOf, foreignImport } from "./files.ts";
import { messageOf } from "./cells.ts";
import { nameOf } from "./value_words.ts";
import { LoadedHooks, type Note } from "./loaded_hooks.ts";
import { readHooks, usesOf, WrongHooks } from "./read_hooks.ts";
import {
  CALLED,
  type Ending,
  type FromHooks,
  type HooksPlace,
  STATE,
  type ToHooks,
} from "./messages.ts";
import { sqlTag } from "./sql_tag.ts";

/** From the main thread, first of all: the memory that says where the thread is. */
export interface Begin {
  readonly state: Int32Array;
}

const thread = self as unknown as {
  addEventListener(type: "message", listener: (event: MessageEvent<Begin | string>) => void): void;
  postMessage(message: string | Ending): void;
};

let state: Int32Array = new Int32Array(3);
let hooks: LoadedHooks | null = null;
let asked: PromiseWithResolvers<readonly unknown[]> | null = null;

// Hooks may put something else in their place.
const post = thread.postMessage.bind(thread);
const { setTimeout } = globalThis;
const say = (message: FromHooks) => post(JSON.stringify(message));

/**
 * Answers when what no hook waits for has had its turn: a promise that was rejected is only told
 * after the code that did it, and must end its own batch, not a later one.
 */
function answer(message: FromHooks): void {
  setTimeout(() => say(message), 0);
}

const note: Note = (hook, row) => called(hook ?? "", row);

function called(hook: (typeof CALLED)[number], row: number): void {
  state[STATE.row] = row;
  Atomics.store(state, STATE.hook, CALLED.indexOf(hook));
  Atomics.add(state, STATE.calls, 1);
}

thread.addEventListener("message", ({ data }) => {
  if (typeof data === "string") hear(JSON.parse(data) as ToHooks);
  else state = data.state;
});

function hear(message: ToHooks): void {
  switch (message.type) {
    case "load":
      load(message.place).then(say);
      return;
    case "rows": {
      const { id, begins, rows } = message;
      if (begins) loaded().begin(message);
      loaded().rows(rows).then((done) => answer({ type: "rows", id, done }), end);
      return;
    }
    case "columns":
      return answer({
        type: "columns",
        id: message.id,
        done: loaded().columns(message.columns, message.values),
      });
    case "after": {
      const { id, numbers } = message;
      loaded().after(numbers, sqlTag(execute))
        .then((error) => answer({ type: "after", id, error }), end);
      return;
    }
    case "answer": {
      const { rows, error } = message;
      // What follows is the hook's own time again.
      called("afterBatch", state[STATE.row]);
      const waiting = asked;
      asked = null;
      if (rows === null) waiting?.reject(new Error(error));
      else waiting?.resolve(rows);
    }
  }
}

function loaded(): LoadedHooks {
  if (hooks === null) throw new Error("The hooks are not loaded yet");
  return hooks;
}

/** One statement after the other. The database's time is not the hook's. */
let last: Promise<unknown> = Promise.resolve();
function execute(text: string, parameters: readonly unknown[]): Promise<readonly unknown[]> {
  const result = last.then(() => {
    const waiting = Promise.withResolvers<readonly unknown[]>();
    asked = waiting;
    called("", state[STATE.row]);
    say({ type: "ask", text, parameters });
    return waiting.promise;
  });
  last = result.catch(() => {});
  return result;
}

async function load({ path, file, checksum }: HooksPlace): Promise<FromHooks> {
  const refused = (message: string, changed = false): FromHooks => ({
    type: "refused",
    message,
    changed,
  });
  try {
    const before = await checksumOf(path);
    if (checksum !== null && before !== checksum) {
      return refused(`${file} has changed since the run began`, true);
    }
    const foreign = await foreignImport(path);
    if (foreign !== null) {
      return refused(
        `${file} imports ${foreign}: hooks can import only files beside them, as ./lib/names.js` +
          (foreign === "zod"
            ? "; z comes as an argument, as in export default ({ z }) => ({ … })"
            : ""),
      );
    }
    called("the file", 0);
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
    const make = module.default;
    if (typeof make !== "function") {
      return refused(
        `${file} exports ${make === undefined ? "no default" : nameOf(make)}; expected ` +
          "export default ({ z }) => ({ … })",
      );
    }
    const read = readHooks(await make({ z }));
    called("", 0);
    if (await checksumOf(path) !== before) {
      return refused(`${file} has changed while it was loaded`, true);
    }
    hooks = new LoadedHooks(read, note);
    return { type: "loaded", uses: usesOf(read), checksum: before };
  } catch (error) {
    called("", 0);
    if (error instanceof WrongHooks) return refused(`${file}: ${error.message}`);
    if (error instanceof Deno.errors.NotFound) {
      return refused(`there is no ${file}`, checksum !== null);
    }
    return refused(`${file} can't be loaded: ${reasonOf(error, path, file)}`);
  }
}

/** With names and lines as the file's owner knows them, and without the lines of code between. */
function reasonOf(error: unknown, path: string, file: string): string {
  const full = error instanceof Error ? error.message : "";
  const at = /\n\s*at (\S+:\d+:\d+)\s*$/u.exec(full)?.[1];
  const first = at === undefined ? error : `${full.split("\n", 1)[0]} at ${at}`;
  const folder = pathToFileURL(path.slice(0, -file.length)).href;
  return messageOf(first, "the file").replaceAll(pathToFileURL(path).href, file)
    .replaceAll(folder, "").replace(/^SyntaxError: /u, "");
}

/** Something that no hook waits for: nobody knows what it was for, so the batch must not go on. */
function end(error: unknown): void {
  const name = CALLED[state[STATE.hook]] || "hooks";
  post({
    kind: "error",
    message: `Something that no hook waits for went wrong: ${messageOf(error, name)}`,
    row: null,
  });
}

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  end(event.reason);
});
self.addEventListener("error", (event) => {
  event.preventDefault();
  end(event.error);
});

const exit = (name: string) => (): never => {
  throw new Error(`${name}: hooks can't end the program. Throw an error to refuse the row`);
};
Object.defineProperty(Deno, "exit", { value: exit("Deno.exit") });
process.exit = exit("process.exit");
self.close = exit("close");

/** What is said to the worker are answers: hooks would say what nobody has asked for. */
thread.postMessage = (): never => {
  throw new Error("postMessage: there is nobody to whom a hook could send messages");
};

/** What hooks print is told, and is no answer. */
for (const name of ["log", "info", "debug", "warn", "error", "table", "dir", "trace"] as const) {
  console[name] = (...values: unknown[]) =>
    say({
      type: "print",
      text: values.map((value) => typeof value === "string" ? value : Deno.inspect(value)).join(
        " ",
      ),
    });
}

/** Prints what the demo says, and runs the commands that it shows. */
import { RUNTIME_FLAGS } from "../runtime_flags.ts";
import { fileURLToPath } from "node:url";
import { COLOURED, PLAIN, type Style } from "../../src/cli/render/style.ts";
import { renderTable } from "../../src/cli/render/text_table.ts";
import { wrap } from "../../src/cli/render/terminal_text.ts";

/** A signal asked the demo to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export class Narrator {
  readonly #home: string;
  readonly #importers: string;
  readonly #style: Style;
  #step = 0;
  #child: Deno.ChildProcess | null = null;
  #interrupted = false;

  /** `home`: INGEST_HOME of the commands; `importers`: their folder of definitions. */
  constructor(home: string, importers: string) {
    this.#home = home;
    this.#importers = importers;
    const colours = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
    this.#style = colours ? COLOURED : PLAIN;
  }

  /** Ends the demo after the current command, or after the demo's own work between two commands. */
  interrupt(signal: Deno.Signal): void {
    this.#interrupted = true;
    // SIGINT and SIGHUP come from the terminal, which sends them to the command as well.
    if (signal === "SIGTERM") this.#child?.kill(signal);
  }

  /** Announces the next step of the demo. */
  step(text: string): void {
    if (this.#interrupted) throw new Interrupted();
    const lines = wrap(`${++this.#step}. ${text}`, this.#width());
    console.log(["", ...lines.map(this.#style.bold)].join("\n"));
  }

  say(text: string): void {
    console.log(wrap(text, this.#width()).join("\n"));
  }

  /** Prints a file's text, indented. */
  quote(text: string): void {
    console.log(text.trimEnd().split("\n").map((line) => this.#style.dim(`  ${line}`)).join("\n"));
  }

  /** Prints the rows of a query. */
  table(rows: readonly Readonly<Record<string, unknown>>[]): void {
    if (rows.length === 0) throw new Error("the query gave no rows");
    const columns = Object.keys(rows[0]).map((title) => ({
      title,
      right: typeof rows[0][title] === "number",
    }));
    const cells = rows.map((row) => Object.values(row).map(String));
    const width = Deno.stdout.isTerminal() ? this.#width() : null;
    console.log(renderTable(columns, cells, width, this.#style).join("\n"));
  }

  /**
   * Runs `ingest …` as a user would, on the embedded Postgres. `args` is shown as given. `paths`
   * says which files the names in it stand for.
   */
  async ingest(
    args: readonly string[],
    expectedExit: number,
    paths: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (this.#interrupted) throw new Interrupted();
    console.log(this.#style.cyan(`$ ingest ${args.join(" ")}`));
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", ...RUNTIME_FLAGS, `--config=${ROOT}deno.json`, `${ROOT}main.ts`],
        ...args.map((arg) => paths[arg] ?? arg),
      ],
      env: {
        INGEST_HOME: this.#home,
        INGEST_EMBEDDED: "1",
        INGEST_IMPORTERS: this.#importers,
        INGEST_USER: "demo",
      },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    this.#child = child;
    const { code } = await child.status;
    this.#child = null;
    if (this.#interrupted) throw new Interrupted();
    if (code === expectedExit) return;
    throw new Error(`ingest ${args[0]} ended with exit code ${code}, expected ${expectedExit}`);
  }

  #width(): number {
    try {
      return Math.min(100, Deno.consoleSize().columns || 80);
    } catch {
      return 100;
    }
  }
}

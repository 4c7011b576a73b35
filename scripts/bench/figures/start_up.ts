/** How long the program takes to do next to nothing. */
import { median } from "../statistics.ts";
import { EMPTY } from "../states.ts";
import { type Effort, figure, type Figures, milliseconds } from "./figure.ts";

const MILLISECONDS = 250;
const TIMES = 10;

export const START_UP: Figures = {
  name: "start-up",
  async measure(bench, effort) {
    const rows = 1000;
    const file = await bench.files.get("valid", rows);
    const database = await bench.states.restore(EMPTY, bench);
    const args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
    await bench.ingest.load(database, args, { created: rows });
    const commands = {
      version: ["version"],
      status: ["status", "--database-url", database.url],
    };
    const figures = [];
    for (const [name, command] of Object.entries(commands)) {
      const seconds: number[] = [];
      while (seconds.length < (effort.quick ? 3 : TIMES)) {
        seconds.push((await bench.ingest.command(command)).seconds);
      }
      figures.push(startUp(name, milliseconds(seconds), effort));
    }
    return figures;
  },
};

function startUp(name: string, all: readonly number[], effort: Effort) {
  return figure(`start-up, ingest ${name}`, median(all), "ms", MILLISECONDS, effort, { all });
}

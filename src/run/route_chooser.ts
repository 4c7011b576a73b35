/** Chooses a table for each of a batch's records: a pipeline with a single column, which is no column. */
import { plainColumn } from "../load/catalog/table_column.ts";
import type { CompiledPipeline } from "../row/compile.ts";
import type { RowError } from "../row/outcome.ts";
import type { ColumnProgram, ColumnWriter } from "../row/pipeline.ts";
import type { RouteChoice } from "../row/route_choice.ts";
import type { RowWriter } from "../row/row_writer.ts";
import type { RecordCursor } from "../source/record.ts";
import type { RunHooks } from "./hooks/run_hooks.ts";

export class RouteChooser {
  readonly pipeline: CompiledPipeline;
  /** By number: a batch may be read twice. */
  readonly #routes = new Map<number, number>();

  /** `hooks`: of the run. */
  constructor(choice: RouteChoice, hooks: RunHooks | null) {
    const isHooked = hooks?.choose === true;
    const program: ColumnProgram = {
      ...NO_COLUMN,
      write: (record, out, errors) => {
        const route = isHooked ? hooks.tableOf(record.row) : choice.of(record, errors);
        if (route !== null && route !== undefined) this.#routes.set(record.row, route);
        out.null();
      },
    };
    this.pipeline = {
      ...NO_PIPELINE,
      programs: [program],
      process: (record, out, writers = [program]) => choose(record, out, writers),
    };
  }

  /** Forgets the rows of the batch before. */
  begin(): void {
    this.#routes.clear();
  }

  /** The place of the table that takes the row. */
  routeOf(row: number): number | undefined {
    return this.#routes.get(row);
  }
}

function choose(
  record: RecordCursor,
  out: RowWriter,
  [writer]: readonly ColumnWriter[],
): readonly RowError[] | null {
  const { defect } = record;
  if (defect !== null) {
    return [{
      code: defect.code,
      message: defect.message,
      column: null,
      value: defect.value ?? null,
    }];
  }
  const start = out.length;
  const errors: RowError[] = [];
  writer.write(record, out, errors);
  if (errors.length === 0) {
    out.endRow();
    return null;
  }
  out.truncate(start);
  return errors;
}

const NO_PIPELINE: Omit<CompiledPipeline, "programs" | "process"> = {
  warnings: [],
  keyColumns: [],
  keyPredicate: null,
  onlyCompared: [],
  kept: [],
  compare: null,
  related: [],
};

const NO_COLUMN: Omit<ColumnProgram, "write"> = {
  target: "table",
  column: plainColumn("table", "text"),
  takesDefault: false,
  fields: [],
  valueType: null,
  bytes: null,
};

/** All figures, in the order of the printed table. */
import { ERRORS } from "./errors.ts";
import type { Figures } from "./figure.ts";
import { GIGABYTE } from "./gigabyte.ts";
import { GROUP_ROWS } from "./group_rows.ts";
import { MEMORY } from "./memory.ts";
import { PLANNING } from "./planning.ts";
import { START_UP } from "./start_up.ts";
import { STATUS } from "./status.ts";

export const FIGURES: readonly Figures[] = [
  MEMORY,
  GIGABYTE,
  PLANNING,
  ERRORS,
  GROUP_ROWS,
  STATUS,
  START_UP,
];

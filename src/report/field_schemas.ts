/** Fields that several of the shapes in reports have. */
import { z } from "zod";

export const count = z.int().nonnegative();
export const time = z.iso.datetime({ precision: 3 });
/** Of a run. A program's number holds 15 digits exactly. */
export const runNumber = z.int().positive().meta({ format: "int64" });

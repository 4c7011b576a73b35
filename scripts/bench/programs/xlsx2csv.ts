/** Runs Debian's xlsx2csv, with which people turn a workbook into a file that they can import. */
import { finished, type Load, measure, outputOf } from "./process.ts";

/** Its version. Null if it isn't installed. */
export async function findXlsx2csv(): Promise<string | null> {
  return (await outputOf("xlsx2csv", ["--version"]))?.trim() ?? null;
}

export async function toCsv(workbook: string, csv: string, signal: AbortSignal): Promise<Load> {
  const args = ["--dateformat", "%Y-%m-%d", workbook, csv];
  return finished(await measure({ command: "xlsx2csv", args }, signal), 0, "xlsx2csv");
}

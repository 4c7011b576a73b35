/** A file with the columns `id` and `v`: the same number in both. */
export function csvOf(from: number, to: number): string {
  let text = "id,v\n";
  for (let id = from; id <= to; id++) text += `${id},${id}\n`;
  return text;
}

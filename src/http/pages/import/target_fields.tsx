/** What the address of the page says, in a form that changes some of it. */
import { type Reading, type Target, writtenKey } from "./target.ts";

/** `of`: what is kept of how the file is read. */
export function TargetFields({ target, of }: { target: Target; of: readonly Reading[] }) {
  const { importer, table, key, onDuplicate, reading } = target;
  const fields = {
    ...{ importer, table, key: writtenKey(key), on_duplicate: onDuplicate },
    ...Object.fromEntries(of.map((name) => [name, reading[name] ?? null])),
  };
  return (
    <>
      {Object.entries(fields).map(([name, value]) =>
        value ? <input type="hidden" name={name} value={value} /> : null
      )}
    </>
  );
}

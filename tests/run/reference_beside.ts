/** Other tables in memory: those in which values are looked up, links, and children. */
import { duplicate, type RowFault } from "./reference_faults.ts";
import type { Values } from "./reference_case.ts";
import { CITIES, LABELS, type OtherTables, TAGS, TWIN } from "./reference_others.ts";

/** Names are in lower case. Links and children are `key: name`, `key: line qty`. */
export interface Beside {
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly links: readonly string[];
  readonly items: readonly string[];
}

const BAD = LABELS[1];

export class ModelOfOthers {
  readonly #others: OtherTables;
  readonly #tags = new Set(TAGS);
  readonly #labels = new Set(LABELS);
  /** By the key of the row. */
  readonly #links = new Map<string, Set<string>>();
  /** By the key of the row, and by line. */
  readonly #items = new Map<string, Map<number, number>>();

  /** `keys`: the table's rows. Each of them has a link and a child. */
  constructor(others: OtherTables, keys: readonly string[]) {
    this.#others = others;
    for (const key of keys) {
      if (others.labels !== null) this.#links.set(key, new Set([LABELS[0]]));
      if (others.items !== null) this.#items.set(key, new Map([[1, 1]]));
    }
  }

  save(): Beside {
    const links = [...this.#links].flatMap(([key, names]) =>
      [...names].map((name) => `${key}: ${name}`)
    );
    const items = [...this.#items].flatMap(([key, lines]) =>
      [...lines].map(([line, qty]) => `${key}: ${line} ${qty}`)
    );
    return {
      tags: [...this.#tags].sort(),
      labels: [...this.#labels].sort(),
      links: links.sort(),
      items: items.sort(),
    };
  }

  /** What is wrong with a row's values, before anything is written. */
  faults({ city, labels, items }: Values): readonly RowFault[] {
    const found: RowFault[] = [];
    if (this.#others.city && city === TWIN) {
      found.push({ code: "lookup_ambiguous", message: "Several cities rows have this name." });
    } else if (this.#others.city && city !== "" && !Object.hasOwn(CITIES, city)) {
      found.push(notFound("cities"));
    }
    if (this.#others.labels?.create === false) {
      for (const name of namesOf(labels)) {
        if (!this.#labels.has(name)) found.push(notFound("labels"));
      }
    }
    for (const [index, { line }] of this.#children(items).entries()) {
      if (line !== "x") continue;
      const message = `items ${index + 1}: The line field must be a whole number.`;
      found.push({ code: "type", message });
    }
    return found;
  }

  /** What two columns get. Adds what isn't there yet. */
  lookUp({ city, tag, labels }: Values): { city: string | null; tag: string | null } {
    const tagged = this.#others.tag && tag !== "" ? tag.toLowerCase() : null;
    if (tagged !== null) this.#tags.add(tagged);
    if (this.#others.labels?.create) { for (const name of namesOf(labels)) this.#labels.add(name); }
    return { city: this.#others.city && city !== "" ? CITIES[city] : null, tag: tagged };
  }

  /** Why the tables would refuse what belongs to a row. */
  refusals(key: string, { labels, items }: Values): readonly RowFault[] {
    const found: RowFault[] = [];
    if (this.#others.labels !== null && namesOf(labels).includes(BAD)) {
      found.push({ code: "check", message: "The links table refuses this row: none_is_bad." });
    }
    const lines = new Set(this.#items.get(key)?.keys());
    for (const [index, { line }] of this.#children(items).entries()) {
      if (line === "x") continue;
      const place = `items ${index + 1}: `;
      if (line === 7) {
        const message = `${place}The items table refuses this row: line_is_lucky.`;
        found.push({ code: "check", message });
      } else if (lines.has(line) && this.#others.items === "fail") {
        const { code, message } = duplicate("t, line");
        found.push({ code, message: place + message });
      }
      lines.add(line);
    }
    return found;
  }

  /** Writes what belongs to a row, and is not refused. */
  relate(key: string, { labels, items }: Values): void {
    if (this.#others.labels !== null) {
      const before = this.#others.labels.replace ? [] : this.#links.get(key) ?? [];
      this.#links.set(key, new Set([...before, ...namesOf(labels)]));
    }
    const lines = this.#items.get(key) ?? new Map();
    for (const { line, qty } of this.#children(items)) {
      if (!lines.has(line) || this.#others.items === "update") lines.set(line, qty);
    }
    this.#items.set(key, lines);
  }

  #children(items: Values["items"]): NonNullable<Values["items"]> {
    return this.#others.items === null ? [] : items ?? [];
  }
}

function namesOf(labels: string): readonly string[] {
  return labels.toLowerCase().split("|").filter((name) => name !== "");
}

function notFound(table: string): RowFault {
  return { code: "lookup", message: `No ${table} row has this name.` };
}

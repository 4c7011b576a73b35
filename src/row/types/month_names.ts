/** The months' names in the languages whose files have them most often, without accents. */
const NAMES: readonly string[] = [
  "january januar janner janvier enero gennaio janeiro januari",
  "february februar feber fevrier febrero febbraio fevereiro februari",
  "march marz maerz mars marzo marco maart marts mrt mrz",
  "april avril abril aprile",
  "may mai mayo maggio maio mei maj",
  "june juni juin junio giugno junho",
  "july juli juillet julio luglio julho",
  "august aout agosto augustus augusti",
  "september septembre septiembre settembre setembro",
  "october oktober octobre octubre ottobre outubro",
  "november novembre noviembre novembro",
  "december dezember decembre diciembre dicembre dezembro",
];
const MONTHS = NAMES.map((names) => names.split(" "));
/** `jui` could be June or July. */
const SHORTEST = 3;

const known = new Map<string, number | null>();
/** A file has a few dozen spellings of months, unless it has anything in that place. */
const MAX_KNOWN = 1000;

/** 1 to 12, by a name or an unmistakable beginning of one, with or without a point. */
export function monthOf(text: string): number | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size === MAX_KNOWN) known.clear();
  const month = find(text.normalize("NFKD").replace(/\p{M}|\.$/gu, "").toLowerCase());
  known.set(text, month);
  return month;
}

function find(name: string): number | null {
  if (name.length < SHORTEST) return null;
  const months = MONTHS.flatMap((names, index) =>
    names.some((each) => each.startsWith(name)) ? [index + 1] : []
  );
  return months.length === 1 ? months[0] : null;
}

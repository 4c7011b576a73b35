/** What was meant by a date format in another language's notation, such as `YYYY-MM-DD`. */

/** The directives of strftime, which Python, C, Ruby and MySQL use. */
const STRFTIME: Readonly<Record<string, string>> = {
  Y: "yyyy",
  y: "yy",
  m: "MM",
  c: "M",
  d: "dd",
  e: "d",
  H: "HH",
  k: "H",
  I: "hh",
  l: "h",
  M: "mm",
  i: "mm",
  S: "ss",
  s: "ss",
  p: "a",
  z: "Z",
  Z: "z",
  f: "SSSSSS",
  b: "MMM",
  B: "MMMM",
  a: "EEE",
  A: "EEEE",
  T: "HH:mm:ss",
  F: "yyyy-MM-dd",
  R: "HH:mm",
};

/** Words of to_char (Postgres, Oracle), of .NET and of spreadsheets, and runs of one letter. */
const WORDS =
  /'[^']*'|HH24|HH12|MI|MONTH|MON|FF\d|(?<!F)FF(?!F)|[AP]\.?M\.?|tt|TZH|TZ|(?:([A-Za-z])\1*)|[^]/giu;

/** `isRight`: could the format be used? Null if no such format can be thought of. */
export function suggestFormat(
  format: string,
  isRight: (format: string) => boolean,
): string | null {
  const meant = /%[A-Za-z]/u.test(format) ? fromStrftime(format) : fromLetters(format);
  return meant !== null && meant !== format && isRight(meant) ? meant : null;
}

function fromStrftime(format: string): string | null {
  let known = true;
  const meant = format.replaceAll(/%-?([A-Za-z])/gu, (_, letter: string) => {
    if (!Object.hasOwn(STRFTIME, letter)) known = false;
    return STRFTIME[letter] ?? "";
  });
  return known ? meant : null;
}

/** Case is what people mix up most, and `m`: it is a minute only after an hour. */
function fromLetters(format: string): string | null {
  const seen = { hour: false, minute: false, second: false, month: false };
  let meant = "";
  for (const [word, letter] of format.matchAll(WORDS)) {
    if (/^(?:HH24|HH12)$/iu.test(word)) {
      seen.hour = true;
      meant += word.endsWith("4") ? "HH" : "hh";
    } else if (/^MON(?:TH)?$/iu.test(word)) {
      seen.month = true;
      meant += word.length === 3 ? "MMM" : "MMMM";
    } else if (/^FF\d?$/iu.test(word)) {
      meant += word === "ff" ? "SS" : "S".repeat(Number(word[2] ?? 3));
    } else if (/^MI$/iu.test(word)) {
      seen.minute = true;
      meant += "mm";
    } else if (/^(?:[AP]\.?M\.?|tt)$/iu.test(word)) {
      meant += "a";
    } else if (/^TZH?$/iu.test(word)) {
      meant += "Z";
    } else if (letter === undefined) {
      meant += word;
    } else {
      const run = meaning(word, letter, seen);
      if (run === null) return null;
      meant += run;
    }
  }
  return meant;
}

function meaning(
  run: string,
  letter: string,
  seen: { hour: boolean; minute: boolean; second: boolean; month: boolean },
): string | null {
  const width = run.length;
  switch (letter.toLowerCase()) {
    case "y":
    case "u":
    case "j":
      return width === 2 ? "yy" : "yyyy";
    case "d":
    case "t":
      return letter === "T" ? "T" : width === 1 ? "d" : "dd";
    case "h":
      seen.hour = true;
      return width === 1 ? letter : letter + letter;
    case "m": {
      const isMinute = seen.hour && !seen.minute && (seen.month || letter === "m" || width < 3);
      if (isMinute) {
        seen.minute = true;
        return "mm";
      }
      seen.month = true;
      return "M".repeat(Math.min(width, 4));
    }
    case "s":
    case "f":
      if (seen.second || letter.toLowerCase() === "f") return "S".repeat(Math.min(width, 9));
      seen.second = true;
      return "ss";
    case "a":
      return "a";
    case "e":
      return width < 4 ? "EEE" : "EEEE";
    case "v":
      return "z";
    case "z":
    case "x":
      return "Z";
    default:
      return null;
  }
}

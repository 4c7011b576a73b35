/** What was asked for can't be done with things as they are: "Cannot X: current state". */
export class Refused extends Error {
  override readonly name = "Refused";
}

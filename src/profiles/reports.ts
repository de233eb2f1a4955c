/** Something that a user update said and that is not sent as it was said. Nothing of its value is in it. */
export interface Report {
  readonly property: string;
  readonly why: Why;
}

/** Also the label of a metric. */
export type Why = keyof typeof explanations;

/** What each code means, in words for logs and documentation. */
export const explanations = {
  text_cut: 'a text was cut at 255 characters or 479 bytes, as Braze does',
  list_cut: 'of a list, the newest 500 values were kept, as Braze does',
  members_cut:
    'values or keys that Braze takes in no object or list were taken out, since it would drop the whole attribute',
  too_large: 'the value is larger than 100 KB, so it was left out: Braze would drop it',
  state_too_large:
    'all that is kept of the user is larger than the server takes as a message, so the largest values are not remembered',
  too_deep: 'the value is nested deeper than the 40 levels that Amplitude takes, so it was left out',
  bad_format: "the value is not in the format of Braze's standard field of this name, so it was left out",
  not_finite: 'the number is too large, so it was left out',
  instruction: 'Braze would take the object for an instruction, such as to increment, so it was left out',
  not_a_number: '$add found something else than a number, so it was ignored',
  no_operand: 'a list operation was given null, so it was ignored',
  malformed_operation: 'an operation does not hold an object of properties, so it was ignored',
  overtaken: 'a dead letter was replayed after newer events of its user, so that it changed nothing',
} as const;

/** What the environment holds. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its variables replaced. */
export interface Interpolated {
  readonly text: string;
  /** Whether a part of the text came from the environment, so that it must not be shown. */
  readonly secret: boolean;
  /** The variables that are unset or empty; the text still holds them as they were written. */
  readonly unset: readonly string[];
  /** Whether something looks like a variable and is none, such as `${A-B}`. */
  readonly malformed: boolean;
}

/**
 * Replaces each `${NAME}` by the value of that environment variable. `$${` stands for the characters `${`.
 *
 * In an expression, `${` can also begin a JSONata object (`${event_type: $count($)}`), which no variable looks like;
 * so there, everything that is not exactly a variable is left as it is.
 */
export function interpolate(source: string, environment: Environment, isExpression: boolean): Interpolated {
  const unset = new Set<string>();
  let malformed = false;
  let secret = false;
  const text = source.replace(isExpression ? variable : variableOrFault, (match: string, name: string | undefined) => {
    if (match.startsWith('$$')) return match.slice(1);
    if (name === undefined) {
      malformed = true;
      return match;
    }
    const value = environment[name];
    if (value === undefined || value === '') {
      unset.add(name);
      return match;
    }
    secret = true;
    return value;
  });
  return { text, secret, unset: [...unset], malformed };
}

const variable = /\$\$\{[A-Za-z_]\w*\}|\$\{([A-Za-z_]\w*)\}/g;
const variableOrFault = /\$\$\{|\$\{([A-Za-z_]\w*)\}|\$\{[^}]*\}?/g;

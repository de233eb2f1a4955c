/** Names and texts that would break out of generated code, if they got into it as they are. */
import * as fc from 'fast-check';

const pieces = ["'", '"', '`', '\\', '\n', '\r', '\u2028', '\u2029', '\ud800', '\udc00', '${', '}', '*/', '//', ');', '</script>', 'process.exit()', '__proto__', 'constructor', 'v1', 'input', 'runtime', 'a', '', '0']; // prettier-ignore

const text = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

export interface Injection {
  readonly source: string;
  readonly input: unknown;
}

/** An expression that holds the text as a name and as a literal, and an input that has it. */
export const injection: fc.Arbitrary<Injection> = fc.tuple(text, text, fc.nat(7)).map(([name, value, form]) => {
  const literal = JSON.stringify(value);
  const quoted = JSON.stringify(name);
  const forms = [
    `${quoted}.${quoted} = ${literal}`,
    `$lookup($, ${quoted})`,
    `{${quoted}: ${literal}}`,
    `$.${quoted}[0]`,
    `$$.${quoted} & ${literal}`,
    `[${literal}, ${quoted}] ~> $join(${literal})`,
    `$contains(${literal}, ${quoted})`,
    `$exists(**.${quoted})`,
  ];
  return { source: forms[form] ?? literal, input: { [name]: { [name]: value }, a: value } };
});

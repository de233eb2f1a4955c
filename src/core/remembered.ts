/** Makes a text once for each of the few names that events have. */
export function remembered(make: (name: string) => string): (name: string) => string {
  const made = new Map<string, string>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    // Who puts numbers or whole texts into names must not fill the memory with them.
    if (made.size >= maxNames || name.length > maxNameLength) return make(name);
    // The name may be cut out of a long text, and V8 then keeps all of that for it.
    const copy = JSON.parse(JSON.stringify(name)) as string;
    const text = make(copy);
    made.set(copy, text);
    return text;
  };
}

const maxNames = 1_000;
const maxNameLength = 255;

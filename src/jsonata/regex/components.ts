/** The strongly connected components of a graph, each before those it leads to have been left out: Tarjan (1972). */
export function components(size: number, next: (node: number) => Iterable<number>): readonly (readonly number[])[] {
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const open = new Uint8Array(size);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  // With a stack of its own, since graphs of pairs are deep.
  for (let start = 0; start < size; start++) {
    if (index[start] !== -1) continue;
    const work: { readonly node: number; readonly rest: Iterator<number> }[] = [];
    const enter = (node: number): void => {
      index[node] = low[node] = count++;
      stack.push(node);
      open[node] = 1;
      work.push({ node, rest: next(node)[Symbol.iterator]() });
    };
    enter(start);
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { node, rest } = top;
      const step = rest.next();
      if (step.done !== true) {
        const to = step.value;
        if (index[to] === -1) enter(to);
        else if (open[to] === 1) low[node] = Math.min(low[node] ?? 0, index[to] ?? 0);
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      if (low[node] !== index[node]) continue;
      const component: number[] = [];
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        open[member] = 0;
        component.push(member);
        if (member === node) break;
      }
      found.push(component);
    }
  }
  return found;
}

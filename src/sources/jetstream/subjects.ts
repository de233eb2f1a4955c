/** Whether any subject matches both patterns (docs.nats.io/nats-concepts/subjects#wildcards). */
export function overlap(one: string, other: string): boolean {
  const [ones, others] = [one.split('.'), other.split('.')];
  for (let place = 0; ; place++) {
    const [left, right] = [ones[place], others[place]];
    if (left === undefined || right === undefined) return left === right;
    if (left === '>' || right === '>') return true;
    if (left !== right && left !== '*' && right !== '*') return false;
  }
}

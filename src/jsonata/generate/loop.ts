import type { Env } from './env.ts';
import { anything, array, boolean, data, may, missing, only, type Value } from './types.ts';

type Body = (item: Value, index: string, length: string) => void;

/** Loops over the members of an array, or over the one value; over nothing when `skipMissing` and it is missing. */
export function emitLoop(value: Value, skipMissing: boolean, { code }: Env, body: Body): void {
  const [index, length] = [code.fresh('i'), code.fresh('n')];
  const { js, types } = value;
  const never = !may(types, array);
  const always = only(types, array);
  const many = never || always ? '' : code.value(code.call('isArray', js), boolean).js;
  const single = skipMissing && may(types, missing) ? `${js} === undefined ? 0 : 1` : '1';
  const size = never ? single : always ? `${js}.length` : `${many} ? ${js}.length : ${single}`;
  const member = never ? js : always ? `${js}[${index}]` : `${many} ? ${js}[${index}] : ${js}`;
  code.line(`const ${length} = ${size};`);
  code.line(`${code.call('charge', length)};`);
  code.block(`for (let ${index} = 0; ${index} < ${length}; ${index}++)`, () => {
    body(code.value(member, only(types, data) && !always ? data : anything), index, length);
  });
}

/** Source that adds an item to a sequence, which comes to be with the first. */
export function collecting(into: string, item: string, { code }: Env): string {
  return `if (${into} === undefined) ${into} = ${code.call('sequenceOf', item)}; else ${into}.push(${item});`;
}

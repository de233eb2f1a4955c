import type { z } from 'zod';

/**
 * Makes a check over several fields run whenever these fields are right, whatever else is wrong in the file, so that
 * one look at a file tells all of its problems. By default zod skips such a check after any other problem.
 */
export function whenSound(...fields: readonly (readonly string[])[]): z.core.$ZodSuperRefineParams {
  return {
    when: ({ issues }) =>
      !issues.some(
        ({ code, path = [] }) =>
          code !== 'unrecognized_keys' && fields.some((field) => path.every((step, depth) => field[depth] === step)),
      ),
  };
}

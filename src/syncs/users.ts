import { z } from 'zod';
import { attributeNameFault } from '../sinks/braze/names.ts';

/** `users` in a rule file: what is sent as attributes of users. */
export const sendUsers = z.strictObject({
  send: z
    .boolean()
    .default(true)
    .describe('`false` keeps what is set here and sends no users. None are sent either if `users` is left out.')
    .meta({ examples: [true] }),
  properties: z
    .array(z.string())
    .superRefine((names, context) => {
      for (const [row, name] of names.entries()) {
        const fault = faultOf(name) ?? (names.indexOf(name) < row ? 'is listed twice; leave one out' : undefined);
        if (fault !== undefined) context.addIssue({ code: 'custom', path: [row], message: `{value} ${fault}` });
      }
    })
    .default([])
    .describe(
      'The names of the user properties that are sent, each under its own name. A user is updated when one of ' +
        'them changes, and never otherwise.',
    )
    .meta({ examples: [['plan', 'lifetime_value']] }),
  content: z
    .enum(['changed', 'selected'])
    .default('changed')
    .describe(
      'What an update holds: the properties that `changed`, or all that are `selected` and have a value. ' +
        'Braze counts every attribute that it is sent, changed or not.',
    )
    .meta({ examples: ['changed'] }),
  afterCrash: z
    .enum(['resend', 'ask'])
    .default('resend')
    .describe(
      'What becomes of updates that were under way when the engine was killed, so that Braze may have them: ' +
        '`resend` sends them again, and Braze counts them again; `ask` first asks Braze what it has. That takes a ' +
        'key with the permission `users.export.ids` and users known by `external_id` or `user_alias`; without ' +
        'either they are sent again.',
    )
    .meta({ examples: ['ask'] }),
});

function faultOf(name: string): string | undefined {
  if (name.startsWith('user_properties.')) return 'has a prefix too many; write the bare name of the user property';
  return attributeNameFault(name);
}

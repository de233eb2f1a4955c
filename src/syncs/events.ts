import { z } from 'zod';
import { propertyNameFault } from '../sinks/braze/names.ts';
import { eventType } from './event-type.ts';
import { expression } from './expression.ts';
import { nameOf, propertyReference } from './property.ts';
import { whenSound } from './when-sound.ts';

const conditionalRow = z.strictObject({
  event: eventType.describe('An event type, or `*` for all.').meta({ examples: ['Song Played'] }),
  where: expression
    .exactOptional()
    .describe('A JSONata condition over the event. The row selects an event only if it holds.')
    .meta({ examples: ['event_properties.plays > 3'] }),
});

const referencedProperty = z.strictObject({
  from: propertyReference
    .describe('The property to send, written as in the short form.')
    .meta({ examples: ['event_properties.url'] }),
  as: z
    .string()
    .exactOptional()
    .describe('The name to send it under.')
    .meta({ examples: ['page_url'] }),
});

const computedProperty = z.strictObject({
  expr: expression
    .describe('A JSONata expression over the event whose value is sent.')
    .meta({ examples: ['event_properties.price * event_properties.quantity'] }),
  as: z
    .string()
    .describe('The name to send the value under.')
    .meta({ examples: ['total'] }),
});

/** One property of the events that are sent, as it is written. */
type Property = string | z.infer<typeof referencedProperty> | z.infer<typeof computedProperty>;

/** The name under which Braze will see a property. */
export function outputName(property: Property): string {
  if (typeof property === 'string') return nameOf(property);
  return 'expr' in property ? property.as : (property.as ?? nameOf(property.from));
}

const properties = z
  .array(
    z.union([propertyReference, referencedProperty, computedProperty], {
      error: 'takes a property, { from, as } or { expr, as }, not {value}',
    }),
  )
  .superRefine((list, context) => {
    const rows = new Map<string, number>();
    for (const [row, property] of list.entries()) {
      const name = outputName(property);
      const written = typeof property === 'object' && property.as !== undefined;
      const path = written ? [row, 'as'] : [row];
      // A reference to nothing has been told of already.
      const fault = written || name !== '' ? propertyNameFault(name) : undefined;
      if (fault !== undefined) context.addIssue({ code: 'custom', path, message: renamed(fault, written) });
      const other = rows.get(name);
      if (other !== undefined)
        context.addIssue({
          code: 'custom',
          path,
          message: renamed(`is sent under the name of properties[${other}]`, written),
        });
      rows.set(name, other ?? row);
    }
  });

function renamed(fault: string, written: boolean): string {
  return `{value} ${fault}; ` + (written ? 'choose another name' : 'give it a name: { from: …, as: <name> }');
}

/** `events` in a rule file: what is sent as custom events. */
export const sendEvents = z
  .strictObject({
    send: z
      .boolean()
      .default(true)
      .describe('`false` keeps what is set here and sends no events. None are sent either if `events` is left out.')
      .meta({ examples: [true] }),
    select: z
      .array(z.union([eventType, conditionalRow], { error: 'takes an event type or { event, where }, not {value}' }))
      .default([])
      .describe(
        'The events to send, by event type as Amplitude has it. Rows are alternatives, and an event that several ' +
          'rows select is sent once. `"*"` selects all; it has to be asked for.',
      )
      .meta({ examples: [['Purchase', { event: 'Song Played', where: 'event_properties.plays > 3' }]] }),
    filter: z
      .union(
        [
          expression,
          z.strictObject({
            file: z
              .string()
              .min(1, { error: 'is blank; name a file that holds a JSONata expression' })
              .describe('A file that holds the expression, found from the folder of the rule file.')
              .meta({ examples: ['filters/identified.jsonata'] }),
          }),
        ],
        { error: 'takes a JSONata expression or { file }, not {value}' },
      )
      .exactOptional()
      .describe(
        'A JSONata condition that every selected event has to meet. `$identifier` is the identifier that Braze would get.',
      )
      .meta({ examples: ['$exists($identifier)'] }),
    properties: properties
      .default([])
      .describe(
        'The properties to send with an event; nothing is sent that is not named here. A property is ' +
          '`event_properties.<name>`, `user_properties.<name>`, `group_properties.<name>`, `groups.<name>` or a field ' +
          'of the event such as `platform`, and is sent under the name behind the first dot.',
      )
      .meta({ examples: [['event_properties.price', { from: 'event_properties.url', as: 'page_url' }]] }),
  })
  .superRefine(
    ({ send, select }, context) => {
      if (send && select.length === 0)
        context.addIssue({
          code: 'custom',
          path: ['select'],
          message: 'no event is selected; name event types, or write select: ["*"] for all events',
        });
    },
    whenSound(['send'], ['select']),
  );

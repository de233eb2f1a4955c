import { z } from 'zod';
import { propertyNameFault } from '../sinks/braze/names.ts';
import { currentsType, eventType } from './event-type.ts';
import { expression } from './expression.ts';
import { currentsProperty, currentsReference, nameOf, propertyReference } from './property.ts';
import { whenSound } from './when-sound.ts';

/** What differs between the events that go to Braze and those that come back. */
interface Kind {
  readonly type: z.ZodString;
  readonly reference: z.ZodString;
  /** A property in its short form: a reference, or what stands for several. */
  readonly property: z.ZodString;
  /** What is sent when a rule says nothing of properties. */
  readonly properties: readonly string[];
  /** Why the destination takes no property of this name. */
  readonly nameFault: (name: string) => string | undefined;
  readonly about: {
    readonly select: string;
    readonly filter: string;
    readonly properties: string;
    readonly echoes: string;
  };
  readonly examples: {
    readonly type: string;
    readonly where: string;
    readonly from: string;
    readonly as: string;
    readonly expr: string;
    readonly total: string;
    readonly properties: readonly unknown[];
  };
}

/** One property of the events that are sent, as it is written. */
type Property =
  | string
  | { readonly from: string; readonly as?: string }
  | { readonly expr: string; readonly as: string };

/** The name under which the destination will see a property. */
export function outputName(property: Property): string {
  if (typeof property === 'string') return nameOf(property);
  return 'expr' in property ? property.as : (property.as ?? nameOf(property.from));
}

function eventsSchema({ type, reference, property, nameFault, about, examples, ...kind }: Kind) {
  const conditionalRow = z.strictObject({
    event: type.describe('An event type, or `*` for all.').meta({ examples: [examples.type] }),
    where: expression
      .exactOptional()
      .describe('A JSONata condition over the event. The row selects an event only if it holds.')
      .meta({ examples: [examples.where] }),
  });
  const referencedProperty = z.strictObject({
    from: reference.describe('The property to send, written as in the short form.').meta({ examples: [examples.from] }),
    as: z
      .string()
      .exactOptional()
      .describe('The name to send it under.')
      .meta({ examples: [examples.as] }),
  });
  const computedProperty = z.strictObject({
    expr: expression
      .describe('A JSONata expression over the event whose value is sent.')
      .meta({ examples: [examples.expr] }),
    as: z
      .string()
      .describe('The name to send the value under.')
      .meta({ examples: [examples.total] }),
  });
  const properties = z
    .array(
      z.union([property, referencedProperty, computedProperty], {
        error: 'takes a property, { from, as } or { expr, as }, not {value}',
      }),
    )
    .superRefine((list, context) => {
      for (const { path, message } of nameIssues(list, nameFault))
        context.addIssue({ code: 'custom', path: [...path], message });
    })
    .default([...kind.properties]);
  return z
    .strictObject({
      send: z
        .boolean()
        .default(true)
        .describe('`false` keeps what is set here and sends no events. None are sent either if `events` is left out.')
        .meta({ examples: [true] }),
      select: z
        .array(z.union([type, conditionalRow], { error: 'takes an event type or { event, where }, not {value}' }))
        .default([])
        .describe(about.select)
        .meta({ examples: [[examples.type, { event: examples.type, where: examples.where }]] }),
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
        .describe(about.filter)
        .meta({ examples: ['$exists($identifier)'] }),
      properties: properties.describe(about.properties).meta({ examples: [examples.properties] }),
      echoes: z
        .enum(['drop', 'send'])
        .default('drop')
        .describe(about.echoes)
        .meta({ examples: ['drop'] }),
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
}

/** What is wrong with the names under which properties are sent. */
function* nameIssues(list: readonly Property[], nameFault: Kind['nameFault']) {
  const rows = new Map<string, number>();
  for (const [row, property] of list.entries()) {
    const name = outputName(property);
    const written = typeof property === 'object' && property.as !== undefined;
    const path = written ? [row, 'as'] : [row];
    // A reference to nothing has been told of already.
    const fault = written || name !== '' ? nameFault(name) : undefined;
    if (fault !== undefined) yield { path, message: renamed(fault, written) };
    const other = rows.get(name);
    if (other !== undefined)
      yield { path, message: renamed(`is sent under the name of properties[${other}]`, written) };
    rows.set(name, other ?? row);
  }
}

function renamed(fault: string, written: boolean): string {
  return `{value} ${fault}; ` + (written ? 'choose another name' : 'give it a name: { from: …, as: <name> }');
}

/** `events` in a rule file for Braze: what is sent as custom events. */
export const sendEvents = eventsSchema({
  type: eventType,
  reference: propertyReference,
  property: propertyReference,
  properties: [],
  nameFault: propertyNameFault,
  about: {
    select:
      'The events to send, by event type as Amplitude has it. Rows are alternatives, and an event that several ' +
      'rows select is sent once. `"*"` selects all; it has to be asked for.',
    filter:
      'A JSONata condition that every selected event has to meet. `$identifier` is the identifier that Braze would get.',
    properties:
      'The properties to send with an event; nothing is sent that is not named here. A property is ' +
      '`event_properties.<name>`, `user_properties.<name>`, `group_properties.<name>`, `groups.<name>` or a field ' +
      'of the event such as `platform`, and is sent under the name behind the first dot.',
    echoes:
      'What becomes of events that Braze itself has sent to Amplitude (named `[Appboy] …`, or of the library `Braze`). ' +
      '`send` sends them back to Braze, which begins a loop if Braze tells Amplitude of them again.',
  },
  examples: {
    type: 'Song Played',
    where: 'event_properties.plays > 3',
    from: 'event_properties.url',
    as: 'page_url',
    expr: 'event_properties.price * event_properties.quantity',
    total: 'total',
    properties: ['event_properties.price', { from: 'event_properties.url', as: 'page_url' }],
  },
});

/** `events` in a rule file for Amplitude: what is sent of what Braze tells by Currents. */
export const currentsEvents = eventsSchema({
  type: currentsType,
  reference: currentsReference,
  property: currentsProperty,
  properties: ['*'],
  nameFault: () => undefined,
  about: {
    select:
      'The events to send, by event type as Currents has it. Rows are alternatives, and an event that several ' +
      'rows select is sent once. `"*"` selects all; it has to be asked for.',
    filter:
      'A JSONata condition over the Currents event that every selected event has to meet. `$identifier` is the external ' +
      'id, or else the device id.',
    properties:
      'The properties to send with an event. `"*"` is all of them, with the names and prefixes of `destination.names`; ' +
      'others are `properties.<name>`, `user.<name>`, `id`, `event_type` or `time`, sent under the name behind the first dot.',
    echoes:
      'What becomes of events that may have come from Amplitude in the first place (`users.behaviors.CustomEvent` and ' +
      '`users.behaviors.Purchase`). `send` sends them to Amplitude a second time; a filter has to tell those apart that ' +
      'an app sent to Braze itself.',
  },
  examples: {
    type: 'users.messages.email.Open',
    where: '$not($boolean(properties.machine_open))',
    from: 'properties.campaign_name',
    as: 'campaign',
    expr: '$substringAfter(properties.email_address, "@")',
    total: 'mail_domain',
    properties: ['*', { expr: '$substringAfter(properties.email_address, "@")', as: 'mail_domain' }],
  },
});

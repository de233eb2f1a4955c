import { z } from 'zod';

/**
 * Event types that can never be selected, each with the way out. The first two are Amplitude's internal names for
 * "any event" and "an identify call" (amplitude.com/docs/data/destination-event-streaming-overview); the others change
 * properties of a user or a group, and are not events to anybody else.
 */
const neverSent: ReadonlyMap<string, string> = new Map([
  ['_all', 'write "*" for all events'],
  ['_identify', 'changes of user properties are sent by `users`'],
  ['$identify', 'changes of user properties are sent by `users`'],
  ['$groupidentify', 'group properties cannot be sent to Braze'],
]);

/** An `event_type` that a row selects, or `*`. */
export const eventType = z.string().superRefine((type, context) => {
  const wayOut = neverSent.get(type);
  if (wayOut !== undefined)
    context.addIssue({ code: 'custom', message: `{value} is never sent as an event; ${wayOut}` });
  if (type.trim() === '')
    context.addIssue({ code: 'custom', message: '{value} is blank; name an event type, or write "*"' });
});

/** A type of Currents events that a row selects, or `*`. Types that are not known yet will come. */
export const currentsType = z.string().regex(/\S/, { error: '{value} is blank; name an event type, or write "*"' });

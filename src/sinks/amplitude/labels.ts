/**
 * The labels of Currents events in Amplitude, as Braze's glossary has them:
 * braze.com/docs/user_guide/data/distribution/braze_currents/event_glossary. Most follow from the type
 * (`users.messages.email.Open` is `Email Open`); types that appear later are named by the same rule.
 */
export function labelOf(type: string): string {
  return exceptions.get(type) ?? wordsOf(type).join(' ');
}

const exceptions: ReadonlyMap<string, string> = new Map([
  ['users.behaviors.subscription.GlobalStateChange', 'Global Subscription State Change'],
  ['users.behaviors.subscriptiongroup.StateChange', 'Subscription Group State Change'],
  ['users.campaigns.Conversion', 'Campaign Conversion'],
  ['users.campaigns.EnrollInControl', 'Campaign Control Group Enrollment'],
  ['users.canvas.Entry', 'Canvas Entry'],
  ['users.canvas.Conversion', 'Canvas Conversion'],
  ['users.canvas.exit.MatchedAudience', 'Exit Match Audience'],
  ['users.canvas.exit.PerformedEvent', 'Exit Perform Event'],
  ['users.canvas.experimentstep.SplitEntry', 'Experiment Split Entry'],
  ['users.messages.pushnotification.IosForeground', 'Push Notification iOS Foreground Open'],
]);

/** Parts of a type that only say what kind of event it is. */
const groups: ReadonlySet<string> = new Set(['users', 'behaviors', 'messages', 'campaigns', 'canvas', 'app']);

/** Words that are written together in a type. */
const names: Readonly<Record<string, string>> = {
  pushnotification: 'Push Notification',
  inappmessage: 'In-App Message',
  contentcard: 'Content Card',
  featureflag: 'Feature Flag',
  liveactivity: 'Live Activity',
  subscriptiongroup: 'Subscription Group',
  experimentstep: 'Experiment Step',
  canvasstep: 'Canvas Step',
  sms: 'SMS',
  rcs: 'RCS',
  line: 'LINE',
  whatsapp: 'WhatsApp',
};

function wordsOf(type: string): string[] {
  const parts = type.split('.').filter((part) => !groups.has(part));
  return parts.map((part) => (Object.hasOwn(names, part) && names[part]) || capitalised(part.replace(camel, ' ')));
}

/** Between the words of `SessionStart`. */
const camel = /(?<=[a-z\d])(?=[A-Z])/g;

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

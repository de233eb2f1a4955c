/**
 * What Sluice writes into the description of its consumers, which every nats-server keeps and shows: that they are
 * Sluice's, and whether a disabled sync has left one. The server remembers it for engines that are not running now.
 */
export const marks = {
  reading: 'Sluice: the place of the sync of this name',
  disabled: 'Sluice: the sync of this name is disabled; enabled again, it starts from now',
} as const;

/** What a consumer's description says of it; undefined if the consumer is not Sluice's. */
export function readMark(description: string | undefined): keyof typeof marks | undefined {
  if (description === marks.reading) return 'reading';
  return description === marks.disabled ? 'disabled' : undefined;
}

const dayMs = 86_400_000;
const lastPossibleDay = 100_000_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const threeDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));

/** The day that was asked for last, and its text up to the `T`: events come by time, so most are of the same day. */
let lastDay = Number.NaN;
let lastDayText = '';

/**
 * What `toISOString` answers, in less than half its time: most of it goes into the date.
 *
 * @param ms milliseconds since 1970; a RangeError if that is no time
 */
export function isoTime(ms: number): string {
  const whole = Math.trunc(ms);
  const day = Math.floor(whole / dayMs);
  // Of the last day that there is, only the first millisecond is a time.
  if (day !== lastDay || day === lastPossibleDay) {
    lastDayText = new Date(whole).toISOString().slice(0, -'00:00:00.000Z'.length);
    lastDay = day;
  }
  const inDay = whole - day * dayMs;
  const seconds = Math.floor(inDay / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return (
    `${lastDayText}${twoDigits[hours]}:${twoDigits[minutes - 60 * hours]}:${twoDigits[seconds - 60 * minutes]}` +
    `.${threeDigits[inDay - 1_000 * seconds]}Z`
  );
}

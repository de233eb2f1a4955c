const minuteMs = 60_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

/**
 * A formatter of instants as Amplitude's exports write them: UTC without a zone mark, `2026-01-05 09:00:00.000000`
 * (amplitude.com/docs/apis/analytics/export). It keeps the last minute's text, since an exported event has six
 * instants that lie close together.
 */
export function createTimestamp(): (ms: number) => string {
  let minute = Number.NaN;
  let prefix = '';
  return (ms) => {
    const at = Math.floor(ms / minuteMs);
    if (at !== minute) {
      minute = at;
      prefix = new Date(at * minuteMs).toISOString().slice(0, 17).replace('T', ' ');
    }
    const rest = ms - at * minuteMs;
    const seconds = Math.floor(rest / 1000);
    return `${prefix}${twoDigits[seconds]}.${threeDigits[rest - seconds * 1000]}000`;
  };
}

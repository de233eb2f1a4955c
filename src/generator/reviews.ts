import type { Activity } from './activities.ts';
import { products } from './catalogue.ts';
import { type Locale, locales } from './locales.ts';
import type { Person } from './people.ts';
import { integer, pick, type Random } from './random.ts';

/** The events of the tail: reviews of a few kilobytes, in the user's language. The texts are drawn once. */
export function createReviews(random: Random): (person: Person) => Activity {
  const texts = new Map(locales.map((locale) => [locale, Array.from({ length: 4 }, () => longText(locale, random))]));
  return ({ locale }) => ({
    type: 'Review Submitted',
    properties: {
      product_id: pick(random, products).id,
      rating: integer(random, 1, 5),
      text: pick(random, texts.get(locale) ?? ['']),
    },
  });
}

// With the rest of the event, 4 to 8 KB in either shape.
const leastBytes = 3600;
const mostBytes = 5600;

function longText(locale: Locale, random: Random): string {
  const wanted = integer(random, leastBytes, mostBytes);
  const sentences: string[] = [];
  for (let bytes = 0; bytes < wanted;) {
    const sentence = pick(random, locale.sentences);
    sentences.push(sentence);
    bytes += Buffer.byteLength(sentence) + 1;
  }
  return sentences.join(' ');
}

/**
 * Braze's pages disagree on how long a text may be: 255 characters
 * (braze.com/docs/api/objects_filters/user_attributes_object), or 479 bytes (braze.com/docs/developer_guide/analytics).
 * What keeps to both is safe.
 */
const maxCharacters = 255;
const maxBytes = 479;
/** A unit of a JavaScript string is at most three bytes of UTF-8: text of this length needs no closer look. */
const surelyFits = Math.floor(maxBytes / 3);

/** The longest beginning of the text that Braze keeps; no character is cut in two. */
export function cutText(text: string): string {
  if (text.length <= surelyFits) return text;
  let [characters, bytes, end] = [0, 0, 0];
  for (const character of text) {
    characters++;
    bytes += Buffer.byteLength(character);
    if (characters > maxCharacters || bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

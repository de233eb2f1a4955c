/** What an answer says to do with the entries of its request; each by its place in the request. */
export type Verdict =
  /** The destination has them, but for those it refused: in its own words. */
  | { readonly kind: 'accepted'; readonly refused: ReadonlyMap<number, string> }
  /** The destination has none of them because of those it refused; the others may be sent again. */
  | { readonly kind: 'refused'; readonly refused: ReadonlyMap<number, string> }
  /** The destination has none of them and does not say because of which: halve, until the culprit is alone. */
  | { readonly kind: 'split'; readonly reason: 'rejected' | 'too_large'; readonly detail: string }
  /** The destination has none of them: these have to wait, the others may be sent again at once. */
  | { readonly kind: 'throttled'; readonly waiting: ReadonlySet<number>; readonly waitMs: number }
  /** Too many requests: wait as told, or by backoff. */
  | { readonly kind: 'pause'; readonly waitMs: number | undefined }
  /**
   * No request of this sync can succeed until a person mends something: for sure if it is the `key` that is refused, and
   * otherwise unless it is this body that somebody in front of the destination refuses.
   */
  | { readonly kind: 'hold'; readonly key: boolean; readonly detail: string }
  /** No usable answer: whether the destination has them is not known. */
  | { readonly kind: 'retry'; readonly detail: string };

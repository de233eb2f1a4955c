/** REST API keys and their permissions (https://www.braze.com/docs/api/basics#rest-api-key-permissions). */
import type { ApiKey } from './options.ts';

/** What a key is worth. */
export type KeyCheck = { readonly kind: 'allowed' | 'forbidden' } | { readonly kind: 'unknown'; readonly key: string };

const scheme = 'Bearer ';

/** The key in a header, or the whole of a header that is of another form. */
export function sentKey(authorization = ''): string {
  return authorization.startsWith(scheme) ? authorization.slice(scheme.length) : authorization;
}

export class Keys {
  readonly #permissions: ReadonlyMap<string, readonly string[]>;
  readonly #revoked = new Set<string>();

  constructor(keys: readonly ApiKey[]) {
    this.#permissions = new Map(keys.map(({ key, permissions }) => [key, permissions]));
  }

  /** The header's key must be known, not revoked, and have the permission. */
  check(authorization: string | undefined, permission: string): KeyCheck {
    const isBearer = authorization?.startsWith(scheme) ?? false;
    const key = sentKey(authorization);
    const permissions = !isBearer || this.#revoked.has(key) ? undefined : this.#permissions.get(key);
    if (permissions === undefined) return { kind: 'unknown', key };
    return { kind: permissions.includes(permission) ? 'allowed' : 'forbidden' };
  }

  /** Makes a key, or all of them, unknown. */
  revoke(key?: string): void {
    for (const revoked of key === undefined ? this.#permissions.keys() : [key]) this.#revoked.add(revoked);
  }

  /** Makes a revoked key, or all of them, known again. */
  restore(key?: string): void {
    if (key === undefined) this.#revoked.clear();
    else this.#revoked.delete(key);
  }
}

/** User profiles and the ways to find them. */
import { randomBytes } from 'node:crypto';
import { type Identifier, type Target, userName } from './identifiers.ts';

export interface Profile {
  /** Assigned by the simulator: 24 hexadecimal digits. */
  readonly brazeId: string;
  readonly externalId: string | undefined;
  readonly alias: { readonly name: string; readonly label: string } | undefined;
  email: string | undefined;
  phone: string | undefined;
  /** Standard fields and custom attributes alike. */
  readonly attributes: Map<string, unknown>;
  /** The larger, the more recently updated. */
  revision: number;
}

export class Profiles {
  readonly #capacity: number;
  /** Least recently updated first. */
  readonly #all = new Map<string, Profile>();
  /** By the identifiers that only one profile has. */
  readonly #byName = new Map<string, Profile>();
  /** By email address or phone number, which several profiles may share. */
  readonly #byContact = new Map<string, Set<Profile>>();
  #revision = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  all(): Profile[] {
    return [...this.#all.values()];
  }

  /**
   * The profile of a user. Of several with an email address or phone number it is the one most recently updated, those
   * with an external id first
   * (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#frequently-asked-questions).
   */
  find(identifier: Identifier): Profile | undefined {
    const name = userName(identifier);
    if (identifier.kind !== 'email' && identifier.kind !== 'phone') return this.#byName.get(name);
    const sharing = [...(this.#byContact.get(name) ?? [])].toSorted((a, b) => b.revision - a.revision);
    return sharing.find(({ externalId }) => externalId !== undefined) ?? sharing[0];
  }

  /**
   * Makes a profile that is known by the identifier. A `braze_id` comes from Braze alone: with that there is none to be
   * made.
   */
  create(identifier: Identifier): Profile | undefined {
    if (identifier.kind === 'braze_id') return undefined;
    const { kind } = identifier;
    const profile: Profile = {
      brazeId: randomBytes(12).toString('hex'),
      externalId: kind === 'external_id' ? identifier.value : undefined,
      alias: kind === 'user_alias' ? { name: identifier.name, label: identifier.label } : undefined,
      email: undefined,
      phone: undefined,
      attributes: new Map(),
      revision: 0,
    };
    this.#byName.set(`braze_id:${profile.brazeId}`, profile);
    if (kind === 'external_id' || kind === 'user_alias') this.#byName.set(userName(identifier), profile);
    if (kind === 'email' || kind === 'phone') this.#setContact(profile, kind, identifier.value);
    this.#all.set(profile.brazeId, profile);
    if (this.#all.size > this.#capacity) this.#dropOldest();
    return profile;
  }

  /** Stores what an object says about the user besides its own content, and notes the update. */
  touch(profile: Profile, { email, phone }: Target): void {
    if (email !== undefined) this.#setContact(profile, 'email', email);
    if (phone !== undefined) this.#setContact(profile, 'phone', phone);
    profile.revision = ++this.#revision;
    this.#all.delete(profile.brazeId);
    this.#all.set(profile.brazeId, profile);
  }

  clear(): void {
    this.#all.clear();
    this.#byName.clear();
    this.#byContact.clear();
  }

  #setContact(profile: Profile, field: 'email' | 'phone', value: string | null): void {
    const previous = profile[field];
    if (previous === value) return;
    if (previous !== undefined) this.#removeContact(profile, `${field}:${previous}`);
    profile[field] = value ?? undefined;
    if (value === null) return;
    const sharing = this.#byContact.get(`${field}:${value}`);
    if (sharing === undefined) this.#byContact.set(`${field}:${value}`, new Set([profile]));
    else sharing.add(profile);
  }

  #removeContact(profile: Profile, contact: string): void {
    const sharing = this.#byContact.get(contact);
    sharing?.delete(profile);
    if (sharing?.size === 0) this.#byContact.delete(contact);
  }

  #dropOldest(): void {
    const [oldest] = this.#all.values();
    if (oldest === undefined) return;
    this.#all.delete(oldest.brazeId);
    this.#byName.delete(`braze_id:${oldest.brazeId}`);
    if (oldest.externalId !== undefined)
      this.#byName.delete(userName({ kind: 'external_id', value: oldest.externalId }));
    if (oldest.alias !== undefined) this.#byName.delete(userName({ kind: 'user_alias', ...oldest.alias }));
    this.#setContact(oldest, 'email', null);
    this.#setContact(oldest, 'phone', null);
  }
}

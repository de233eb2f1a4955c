/** The data of one Braze workspace, and what a request does to it. */
import { ActivityLog, type KeptEvent, type KeptPurchase } from './activity.ts';
import type { Answer } from './answers.ts';
import { ApplicationQueue } from './application.ts';
import { AttributeTypes } from './attribute-types.ts';
import { nextValue } from './attribute-updates.ts';
import type { AttributesObject } from './attributes.ts';
import { addObjects, noCounts } from './counts.ts';
import { dataPointsOf } from './data-points.ts';
import { evaluate } from './evaluate.ts';
import { userName } from './identifiers.ts';
import { Keys } from './keys.ts';
import type { AcceptedObject, Reading } from './objects.ts';
import {
  defaultKeeping,
  defaultKeys,
  defaultSettings,
  type SimulatorOptions,
  type SimulatorSettings,
} from './options.ts';
import { type Profile, Profiles } from './profiles.ts';
import { draw, seededRandom } from './random.ts';
import { RateLimits } from './rate-limits.ts';
import type { Arrival } from './request.ts';

/** What came of a request. */
export interface Processed {
  readonly answer: Answer;
  readonly reading: Reading | undefined;
  /** When its objects are applied, in milliseconds since 1970; 0 if there is nothing to apply. */
  readonly due: number;
}

/** Keys, limits and profiles, and the sums over all that was done to them. */
export class Workspace {
  readonly keys: Keys;
  readonly limits = new RateLimits();
  readonly profiles: Profiles;
  readonly events: ActivityLog<KeptEvent>;
  readonly purchases: ActivityLog<KeptPurchase>;
  readonly queue = new ApplicationQueue();
  settings: SimulatorSettings;
  counts = noCounts();
  readonly #attributeTypes = new AttributeTypes();
  readonly #keepsAll: boolean;
  readonly #random: () => number;
  readonly #announce: () => void;
  readonly #tell: (accepted: readonly AcceptedObject[]) => void;
  #lastId = 0;

  /**
   * @param announce called when something was applied
   * @param tell called with what was accepted
   */
  constructor(
    options: SimulatorOptions,
    announce: () => void,
    tell: (accepted: readonly AcceptedObject[]) => void = () => undefined,
  ) {
    const keeping = { ...defaultKeeping, ...options.keeping };
    this.settings = { ...defaultSettings, ...options };
    this.keys = new Keys(options.keys ?? defaultKeys);
    this.profiles = new Profiles(keeping.profiles);
    this.events = new ActivityLog(keeping.events);
    this.purchases = new ActivityLog(keeping.events);
    this.#keepsAll = options.keep !== 'counts';
    this.#random = seededRandom(options.seed ?? 1);
    this.#announce = announce;
    this.#tell = tell;
  }

  /**
   * Judges a request and takes what is good in it.
   *
   * @param overtaken what `queue.answeredDue` was when the request came in
   */
  process(arrival: Arrival, overtaken: number): Processed {
    const context = { settings: this.settings, now: Date.now(), truncations: { count: 0 } };
    const { answer, reading } = evaluate(arrival, this, context);
    if (reading === undefined) return { answer, reading, due: 0 };
    addObjects(this.counts.accepted, reading.acceptedCounts);
    addObjects(this.counts.rejected, reading.rejectedCounts);
    this.counts.truncations += context.truncations.count;
    this.#tell(reading.accepted);
    if (!this.#keepsAll || reading.accepted.length === 0) {
      for (const object of reading.accepted) this.counts.dataPoints += dataPointsOf(object);
      return { answer, reading, due: 0 };
    }
    const steps = reading.accepted.map((object) => ({ object, apply: this.#keep(object, arrival) }));
    const { applyDelayMs, applicationOrder } = this.settings;
    const applyAll = (): void => {
      for (const { object, apply } of steps) this.#apply(object, apply);
      this.#announce();
    };
    const due = this.queue.add(applyAll, draw(applyDelayMs, this.#random), applicationOrder, overtaken);
    return { answer, reading, due };
  }

  /** Forgets all data. Keys and settings stay. */
  clear(): void {
    this.queue.clear();
    this.limits.clear();
    this.profiles.clear();
    this.events.clear();
    this.purchases.clear();
    this.#attributeTypes.clear();
    this.counts = noCounts();
  }

  /** Takes down an accepted object, and answers what it will do to its profile. */
  #keep(object: AcceptedObject, { index: request }: Arrival): (profile: Profile) => void {
    if (object.kind === 'attributes') {
      return (profile) => {
        this.#setAttributes(profile, object);
      };
    }
    const user = userName(object.target.identifier);
    const kept = { id: (++this.#lastId).toString(16).padStart(24, '0'), user, request, acceptedAt: Date.now() };
    if (object.kind === 'event') {
      const { kind: _, target: __, ...content } = object;
      const entry = this.events.accept({ ...kept, ...content });
      return (profile) => {
        this.events.apply(entry, profile);
      };
    }
    const { kind: _, target: __, ...content } = object;
    const entry = this.purchases.accept({ ...kept, ...content });
    return (profile) => {
      this.purchases.apply(entry, profile);
    };
  }

  /** An object without a profile to go to is dropped without a word. */
  #apply(object: AcceptedObject, apply: (profile: Profile) => void): void {
    const { target } = object;
    const profile =
      this.profiles.find(target.identifier) ??
      (mayCreate(object, this.settings) ? this.profiles.create(target.identifier) : undefined);
    if (profile === undefined) {
      this.counts.skipped++;
      return;
    }
    apply(profile);
    this.profiles.touch(profile, target);
    this.counts.applied++;
    this.counts.dataPoints += dataPointsOf(object);
  }

  #setAttributes({ attributes }: Profile, object: AttributesObject): void {
    for (const [name, sent] of Object.entries(object.attributes)) {
      const value = this.settings.fixedAttributeTypes ? this.#attributeTypes.fit(name, sent) : sent;
      const next = value === undefined ? undefined : nextValue(attributes.get(name), value, object.mergeObjects);
      if (next === null) attributes.delete(name);
      else if (next !== undefined) attributes.set(name, next);
    }
  }
}

/**
 * Whether an object for an unknown user makes the profile. For an alias that takes an explicit
 * `_update_existing_only: false`, and on events and purchases the docs are of two minds about it
 * (https://www.braze.com/docs/api/objects_filters/user_attributes_object#update-existing-profiles-only).
 */
function mayCreate({ kind, target }: AcceptedObject, { aliasEvents }: SimulatorSettings): boolean {
  if (target.identifier.kind !== 'user_alias') return target.updateExistingOnly !== true;
  return target.updateExistingOnly === false && (kind === 'attributes' || aliasEvents === 'create');
}

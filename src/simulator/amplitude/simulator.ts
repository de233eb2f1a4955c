/**
 * The Amplitude simulator: the HTTP V2 and Batch APIs as the public documentation describes them
 * (https://amplitude.com/docs/apis/analytics/http-v2), with faults on demand, and a memory of what it took.
 */
import { jsonAnswer } from '../answers.ts';
import { Changes } from '../changes.ts';
import { type Fault, type FaultPlan, FaultScript, type RandomFault } from '../faults.ts';
import { seededRandom } from '../random.ts';
import { startServer } from '../server.ts';
import { UploadEndpoint } from './endpoint.ts';
import type { AmplitudeOptions, AmplitudeSettings } from './options.ts';
import { type AmplitudeCounts, defaultAmplitudeKey, pathOf, Project, type StoredEvent } from './project.ts';
import { amplitudeQuestions } from './questions.ts';
import type { Api, Upload } from './upload.ts';

export type { AmplitudeOptions, AmplitudeSettings } from './options.ts';
export type { AmplitudeCounts, StoredEvent } from './project.ts';
export type { Upload } from './upload.ts';

/** What an Amplitude simulator can be asked and told. */
export interface AmplitudeControls {
  /** Sums over everything it saw. */
  counts(): AmplitudeCounts;
  /** The newest events, in the order in which they were stored. */
  events(): readonly StoredEvent[];
  /**
   * Resolves once the condition holds; it is looked at whenever something has changed.
   *
   * @throws an Error with the counts if that takes longer than `timeoutMs`, 10 seconds by default
   */
  waitFor(condition: () => boolean, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Resolves once no request is open. */
  settled(): Promise<void>;

  /** Changes settings from the next request on. */
  set(settings: Partial<AmplitudeSettings>): void;
  /** Puts a fault in the queue for the next requests, one by default. */
  failNext(fault: Fault, times?: number): void;
  /** Makes a fault befall a part of the requests from now on, after the queue. */
  failAtRandom(fault: RandomFault): void;
  /** Asks the plan about each request from now on, before the queue. */
  failBy(plan: FaultPlan<Upload>): void;
  /** Ends all faults to come. */
  clearFaults(): void;
  /** Lets stalled requests go on. */
  release(): void;
  /** Makes all keys unknown. */
  revokeKeys(): void;
  /** Makes them known again. */
  restoreKeys(): void;
  /** Forgets all events, the counts, and the faults to come; keys and settings stay. */
  reset(): void;
}

/** A simulator that runs. */
export interface AmplitudeSimulator extends AmplitudeControls, AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The first of its keys. */
  readonly key: string;
  /** Ends all connections and stops. */
  close(): Promise<void>;
}

const apis: readonly Api[] = ['httpapi', 'batch'];

/** Starts a simulator on 127.0.0.1. Rejects if the port is taken. */
export async function startAmplitudeSimulator(options: AmplitudeOptions = {}): Promise<AmplitudeSimulator> {
  const { seed = 1, port = 0, keys: [key = defaultAmplitudeKey] = [] } = options;
  const changes = new Changes();
  const project = new Project(options);
  const script = new FaultScript<Upload>();
  const endpoint = new UploadEndpoint({ project, script, changes, random: seededRandom(seed) });
  const controls = controlsOf(project, endpoint, script, changes);
  const server = await startServer({
    port,
    posts: new Map(apis.map((api) => [pathOf(api), (incoming, response) => endpoint.handle(api, incoming, response)])),
    notFound: () => jsonAnswer(404, { code: 404, error: 'Invalid request path' }),
    questions(app) {
      amplitudeQuestions(app, controls);
    },
  });
  const close = (): Promise<void> => server.close();
  return { ...controls, url: server.url, key, close, [Symbol.asyncDispose]: close };
}

function controlsOf(
  project: Project,
  endpoint: UploadEndpoint,
  script: FaultScript<Upload>,
  changes: Changes,
): AmplitudeControls {
  const counts = (): AmplitudeCounts => structuredClone(project.counts);
  const waitFor = (condition: () => boolean, { timeoutMs = 10_000 } = {}): Promise<void> =>
    changes.until(condition, timeoutMs, () => `The counts are ${JSON.stringify(counts())}.`);
  return {
    counts,
    events: () => project.events(),
    waitFor,
    settled: () => waitFor(() => endpoint.open === 0),
    set(settings) {
      project.settings = { ...project.settings, ...settings };
    },
    failNext(fault, times = 1) {
      script.add(fault, times);
    },
    failAtRandom(fault) {
      script.addRandom(fault);
    },
    failBy(plan) {
      script.addPlan(plan);
    },
    clearFaults() {
      script.clear();
    },
    release() {
      endpoint.release();
    },
    revokeKeys() {
      project.revoke(true);
    },
    restoreKeys() {
      project.revoke(false);
    },
    reset() {
      project.clear();
      script.clear();
      changes.announce();
    },
  };
}

/**
 * The Braze simulator: `/users/track`, and `/users/export/ids` to read users back, as the public documentation describes
 * them, strict where Braze is strict, with faults on demand, and a memory of what it saw. It stands in for the outside
 * world in tests and demonstrations.
 */
import { type Answer, jsonAnswer } from './answers.ts';
import { Changes } from './changes.ts';
import { CurrentsConnector } from './currents/connector.ts';
import { controlsOf, type SimulatorControls } from './controls.ts';
import { Endpoint } from './endpoint.ts';
import { ExportEndpoint } from './export-endpoint.ts';
import { FaultScript } from './faults.ts';
import { InFlight } from './in-flight.ts';
import { defaultKeeping, defaultKeys, type SimulatorOptions } from './options.ts';
import { questions } from './questions.ts';
import { seededRandom } from './random.ts';
import { RequestLog } from './request-log.ts';
import { startServer } from './server.ts';
import { Workspace } from './workspace.ts';

export type { KeptEvent, KeptPurchase } from './activity.ts';
export type { ProfileView, UserReference } from './controls.ts';
export type { Counts } from './counts.ts';
export type { CurrentsConnector, CurrentsCounts } from './currents/connector.ts';
export type { CurrentsOptions } from './currents/options.ts';
export type { Fault, FaultPlan, RandomFault } from './faults.ts';
export type { Violation } from './in-flight.ts';
export type { ApiKey, HeaderModel, ObjectLimit, SimulatorOptions, SimulatorSettings } from './options.ts';
export type { TrackRequest } from './request.ts';
export type { RequestSeen } from './request-log.ts';

/** A simulator that runs. */
export interface Simulator extends SimulatorControls, AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The first of its keys. */
  readonly key: string;
  /** What it tells of what it took, with the option `currents`. */
  readonly currents: CurrentsConnector | undefined;
  /** Ends all connections and stops. */
  close(): Promise<void>;
}

/** Starts a simulator on 127.0.0.1. Rejects if the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, keys = defaultKeys, keep = 'all', keepBodies = false, port = 0 } = options;
  const changes = new Changes();
  const currents = options.currents && new CurrentsConnector(options.currents);
  const workspace = new Workspace(
    options,
    () => {
      changes.announce();
    },
    (accepted) => currents?.tell(accepted),
  );
  const kept = keep === 'all' ? (options.keeping?.requests ?? defaultKeeping.requests) : 0;
  const log = new RequestLog(kept, keepBodies);
  const inFlight = new InFlight(() => {
    workspace.counts.violations++;
    changes.announce();
  });
  const script = new FaultScript();
  const endpoint = new Endpoint({ workspace, script, log, inFlight, changes, random: seededRandom(seed + 1) });
  const controls = controlsOf({ workspace, endpoint, script, log, inFlight, changes });
  const exports = new ExportEndpoint(workspace);
  const server = await startServer({
    port,
    posts: new Map([
      ['/users/track', (incoming, response) => endpoint.handle(incoming, response)],
      ['/users/export/ids', (incoming, response) => exports.handle(incoming, response)],
    ]),
    notFound,
    questions(app) {
      questions(app, controls);
    },
  });
  const close = async (): Promise<void> => {
    await currents?.close();
    await server.close();
    workspace.queue.clear();
  };
  return { ...controls, currents, url: server.url, key: keys[0]?.key ?? '', close, [Symbol.asyncDispose]: close };
}

/** Braze lists a slash at the end among the causes of a 403 (https://www.braze.com/docs/api/errors). */
function notFound(path?: string): Answer {
  if (path === '/users/track/') return jsonAnswer(403, { message: 'Forbidden' });
  return jsonAnswer(404, { message: 'Not Found' });
}

/** `/users/track`: one request from its first byte to the last of its answer, with the faults on the way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, cutShort, sendAnswer } from './answers.ts';
import type { Changes } from './changes.ts';
import { faultAnswer } from './fault-answers.ts';
import type { Fault, FaultScript } from './faults.ts';
import type { InFlight } from './in-flight.ts';
import { draw } from './random.ts';
import { arrivalOf, type Arrival, readContent } from './request.ts';
import { closeRequest, type OpenRequest, type RequestLog } from './request-log.ts';
import type { Workspace } from './workspace.ts';

/** What the endpoint works with. */
export interface EndpointParts {
  readonly workspace: Workspace;
  readonly script: FaultScript;
  readonly log: RequestLog;
  readonly inFlight: InFlight;
  readonly changes: Changes;
  /** Draws latencies. */
  readonly random: () => number;
}

/** A request that is being answered. */
interface Exchange {
  readonly arrival: Arrival;
  readonly response: ServerResponse;
  readonly seen: OpenRequest;
  /** What `answeredDue` was when the request came in. */
  readonly overtaken: number;
  /** Notes how it ended; only the first call counts. */
  readonly end: (outcome: 'answered' | 'reset' | 'abandoned', status?: number) => void;
  /** When its objects are applied. */
  due: number;
}

/** Answers requests, as they deserve or as the script has it. */
export class Endpoint {
  readonly #parts: EndpointParts;
  /** Lets a stalled request go on. */
  readonly #stalled = new Set<() => void>();
  #requests = 0;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /** Settles once the request needs nothing more, be it answered, cut or left. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { workspace, script } = this.#parts;
    const content = await readContent(incoming, workspace.settings.maxBodyBytes);
    if (content === undefined) return;
    const arrival = arrivalOf(incoming, content, this.#requests++);
    const fault = script.next(arrival);
    const exchange = this.#open(arrival, response, fault);
    if (fault?.kind === 'stall') await this.#stall(response);
    if (fault?.kind === 'reset') cut(exchange);
    else if (exchange.seen.outcome === 'open') await this.#respond(exchange, fault);
  }

  /** Lets all stalled requests go on. */
  release(): void {
    for (const goOn of this.#stalled) goOn();
  }

  #open(arrival: Arrival, response: ServerResponse, fault: Fault | undefined): Exchange {
    const { workspace, log, inFlight, changes } = this.#parts;
    const { queue } = workspace;
    const land = inFlight.enter(arrival, response.req.socket);
    const seen = log.open(arrival, fault);
    workspace.counts.requests++;
    const end: Exchange['end'] = (outcome, status) => {
      if (seen.outcome !== 'open') return;
      land(outcome === 'answered' ? 'answered' : 'gone');
      closeRequest(seen, workspace.counts, outcome, status);
      queue.answered(exchange.due);
      changes.announce();
    };
    const exchange: Exchange = { arrival, response, seen, overtaken: queue.answeredDue, end, due: 0 };
    response.once('close', () => {
      end('abandoned');
    });
    changes.announce();
    return exchange;
  }

  async #respond(exchange: Exchange, fault: Fault | undefined): Promise<void> {
    const answer = this.#answer(exchange, fault);
    if (fault?.kind === 'lost') {
      if (fault.how !== 'silence') cut(exchange);
      return;
    }
    const ms = this.#latencyMs(exchange.arrival) + (fault?.kind === 'slow' ? fault.ms : 0);
    if (ms > 0) await wait(ms, undefined, { ref: false });
    if (exchange.seen.outcome !== 'open') return;
    // A client that has the answer may send the next request at once: this one is over before.
    exchange.end('answered', answer.status);
    sendAnswer(exchange.response, answer);
  }

  #answer(exchange: Exchange, fault: Fault | undefined): Answer {
    const { workspace } = this.#parts;
    const { arrival, seen } = exchange;
    const instead = fault && faultAnswer(fault, arrival, workspace.limits, workspace.settings);
    if (instead !== undefined) return instead;
    const { answer, reading, due } = workspace.process(arrival, exchange.overtaken);
    exchange.due = due;
    seen.accepted = reading?.acceptedCounts ?? seen.accepted;
    seen.rejected = reading?.rejectedCounts ?? seen.rejected;
    return fault?.kind === 'truncated' ? cutShort(answer) : answer;
  }

  #latencyMs(arrival: Arrival): number {
    const { latencyMs } = this.#parts.workspace.settings;
    return typeof latencyMs === 'function' ? latencyMs(arrival) : draw(latencyMs, this.#parts.random);
  }

  /** Resolves when the simulator releases it, or the client gives up. */
  #stall(response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.#stalled.delete(goOn);
        resolve();
      };
      this.#stalled.add(goOn);
      response.once('close', goOn);
    });
  }
}

function cut({ response, end }: Exchange): void {
  end('reset');
  response.req.socket.resetAndDestroy();
}

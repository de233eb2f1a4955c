/** `/2/httpapi` and `/batch`: one request from its first byte to the last of its answer, with the faults on the way. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, cutShort, htmlAnswer, jsonAnswer, sendAnswer } from '../answers.ts';
import type { Changes } from '../changes.ts';
import type { Fault, FaultScript } from '../faults.ts';
import { isObject } from '../json.ts';
import { draw } from '../random.ts';
import { readContent } from '../request.ts';
import type { Project } from './project.ts';
import { invalid, invalidKey, tooLarge, tooMany } from './refusals.ts';
import { type Api, type Upload, uploadOf } from './upload.ts';

export interface UploadEndpointParts {
  readonly project: Project;
  readonly script: FaultScript<Upload>;
  readonly changes: Changes;
  /** Draws latencies. */
  readonly random: () => number;
}

/** Answers requests, as they deserve or as the script has it. */
export class UploadEndpoint {
  readonly #parts: UploadEndpointParts;
  /** Lets a stalled request go on. */
  readonly #stalled = new Set<() => void>();
  #requests = 0;
  #open = 0;

  constructor(parts: UploadEndpointParts) {
    this.#parts = parts;
  }

  /** Requests that are being answered. */
  get open(): number {
    return this.#open;
  }

  /** Settles once the request needs nothing more, be it answered, cut or left. */
  async handle(api: Api, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { project, script } = this.#parts;
    const content = await readContent(incoming, project.settings.maxBodyBytes[api]);
    if (content === undefined) return;
    const upload = uploadOf(api, content, this.#requests++);
    const fault = script.next(upload);
    const end = this.#begin(response);
    if (fault?.kind === 'stall') await this.#stall(response);
    if (response.destroyed) return;
    const answer = fault === undefined ? project.process(upload) : this.#answer(fault, upload);
    if (fault?.kind === 'reset' || (fault?.kind === 'lost' && fault.how !== 'silence')) {
      end();
      response.req.socket.resetAndDestroy();
    }
    if (fault?.kind === 'reset' || fault?.kind === 'lost' || answer === undefined) return;
    const ms = draw(project.settings.latencyMs, this.#parts.random) + (fault?.kind === 'slow' ? fault.ms : 0);
    if (ms > 0) await wait(ms, undefined, { ref: false });
    if (response.destroyed) return;
    end(answer.status);
    sendAnswer(response, answer);
  }

  /** Lets all stalled requests go on. */
  release(): void {
    for (const goOn of this.#stalled) goOn();
  }

  /** Counts a request, and answers how to count its end: with a status, or without. Only the first end counts. */
  #begin(response: ServerResponse): (status?: number) => void {
    const { project, changes } = this.#parts;
    let ended = false;
    const end = (status?: number): void => {
      if (ended) return;
      ended = true;
      this.#open--;
      const key = status ?? 'none';
      project.counts.byStatus[key] = (project.counts.byStatus[key] ?? 0) + 1;
      changes.announce();
    };
    project.counts.requests++;
    this.#open++;
    response.once('close', () => {
      end();
    });
    changes.announce();
    return end;
  }

  /** What is answered in spite of a fault, or because of it; undefined if nothing is. */
  #answer(fault: Fault, upload: Upload): Answer | undefined {
    const { project } = this.#parts;
    switch (fault.kind) {
      case 'status':
        if (fault.body === 'empty') return { status: fault.status, headers: {}, body: '' };
        return htmlAnswer(fault.status, STATUS_CODES[fault.status] ?? '');
      case 'rate_limited':
        return tooMany();
      case 'bad_request':
        return invalid('Invalid request');
      case 'too_large':
        return tooLarge();
      case 'unauthorized':
        return invalidKey(isObject(upload.body) ? upload.body['api_key'] : undefined);
      case 'forbidden':
        return jsonAnswer(403, { code: 403, error: 'Forbidden' });
      case 'reset':
        return undefined;
      case 'truncated':
        return cutShort(project.process(upload));
      case 'lost':
      case 'stall':
      case 'slow':
        return project.process(upload);
    }
    return undefined;
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

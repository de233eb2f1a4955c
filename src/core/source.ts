import type { Observable } from 'rxjs';
import type { Message } from './message.ts';

/** Where messages come from. */
export interface Source {
  /**
   * The messages, from the moment of subscription. Completes after `stop` fires, once nothing more will come. It
   * errors only when the source itself is broken, never for a message.
   */
  messages(stop: AbortSignal): Observable<Message>;
  /**
   * Resolves when every message that was handed out has been settled and its settlement is on the way to the server.
   * What waits for something else than the sink, such as the store of dead letters, is given back when `abort` fires.
   */
  settled(abort: AbortSignal): Promise<void>;
}

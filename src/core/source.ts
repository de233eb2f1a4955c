import type { Observable } from 'rxjs';
import type { Message } from './message.ts';

/**
 * Where messages come from. Completes after `stop` fires, once nothing more will come. It errors only when the
 * source itself is broken, never for a message.
 */
export type Source = (stop: AbortSignal) => Observable<Message>;

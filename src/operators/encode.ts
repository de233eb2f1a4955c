import type { Draft, Entry } from '../core/entry.ts';
import { discarded, type Envelope } from '../core/message.ts';
import type { Sink } from '../core/sink.ts';
import { type InOrder, mapInOrder } from './map-in-order.ts';

/** Serialises each draft once, as the sink will send it; what JSON cannot hold is discarded. */
export function encode(sink: Pick<Sink, 'encode'>): InOrder<Envelope<Draft>, Envelope<Entry>> {
  return mapInOrder((envelope) => {
    try {
      return envelope.with(sink.encode(envelope.value, envelope.message.storedAt));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      envelope.settle(discarded('invalid_event', 'a selected property is nested too deep to be written as JSON'));
      return undefined;
    }
  });
}

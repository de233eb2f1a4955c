import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 make all objects in the young generation, where what dies soon costs nothing.
 *
 * V8 may come to make the objects of a literal in the old generation, and with them the texts that they hold, once it
 * saw that most of them outlive two collections: an entry that waits for its answer does. It then keeps doing so for as
 * long as the process runs, and the heap grows by each event until it is collected as a whole. Whether it comes to
 * that hangs on the first second: it did in two runs of five, with 90 MB more at the peak.
 */
export function keepObjectsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

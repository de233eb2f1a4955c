/**
 * The partition of a user or a device: FNV-1a over the UTF-16 code units of the id, modulo the number of partitions
 * (http://www.isthe.com/chongo/tech/comp/fnv). It must never change: the order of a user's events rests on it.
 */
export function partitionOf(id: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < id.length; place++) hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193);
  return (hash >>> 0) % partitions;
}

import { readFile } from 'node:fs/promises';

/** The text of a file in UTF-8 without its byte order mark, or why there is none. */
export async function readText(path: string): Promise<{ readonly text: string } | { readonly fault: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    // Node's message repeats the path, which may come from the environment.
    const { code } = error as { code?: unknown };
    return { fault: code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})` };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'is not text in UTF-8' };
  }
}

/** Writes the generated pages. With `--check` it writes nothing, and exits 1 if one of them is stale. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pages, stalePages } from './pages.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = join(import.meta.dirname, '..');

if (values.check) {
  const stale = await stalePages(root);
  if (stale.length > 0) {
    console.error(`Not what the code says any more: ${stale.join(', ')}. Run: npm run docs`);
    process.exitCode = 1;
  }
} else {
  for (const [path, text] of pages) await writeFile(join(root, path), text);
}

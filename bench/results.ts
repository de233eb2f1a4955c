/** The page of results: a section for each run of a bench, each with the machine and the day. */
import { markdownOf, type Report } from './report.ts';

const head = `# Results of the benches

Written by \`npm run bench\`, never by hand.

CPU is that of the process, user and system. A figure is the median of its rounds, with the least and the most beside it;
contenders take turns within a round. [Performance](../docs/performance.md) says what follows from them.`;

/**
 * The page with these reports in the place of what it says of the same benches.
 *
 * @param benches the names of all, in the order of the page; what it says of others is left out
 */
export function withReports(page: string, reports: readonly Report[], benches: readonly string[]): string {
  const sections = new Map<string, string[]>();
  for (const section of page.split(/^(?=## )/m).slice(1)) add(nameOf(section), section.trim());
  for (const { bench } of reports) sections.delete(bench);
  for (const report of reports) add(report.bench, markdownOf(report));
  return `${[head, ...benches.flatMap((name) => sections.get(name) ?? [])].join('\n\n')}\n`;

  function add(name: string, section: string): void {
    sections.set(name, [...(sections.get(name) ?? []), section]);
  }
}

function nameOf(section: string): string {
  return /^## (.+)$/m.exec(section)?.[1] ?? '';
}

import type { ReplayAnswer } from '../../sources/jetstream/replay-answer.ts';
import { lettersText, printable } from './format.ts';

/** What became of the letters of a replay. */
export class Tally {
  readonly selected: number;
  delivered = 0;
  filtered = 0;
  readonly discarded: Record<string, number> = {};
  /** Somebody else had them sent, or removed. */
  gone = 0;
  /** Not sent, as far as is known. */
  left = 0;
  /** What went wrong besides, each once. */
  readonly faults = new Set<string>();

  constructor(selected: number) {
    this.selected = selected;
  }

  /** Letters of which it is known what became of them. */
  get settled(): number {
    return this.delivered + this.filtered + this.failed + this.gone;
  }

  get failed(): number {
    return Object.values(this.discarded).reduce((sum, count) => sum + count, 0);
  }

  add(letter: number, answer: ReplayAnswer): void {
    switch (answer.kind) {
      case 'delivered':
      case 'filtered':
        this[answer.kind]++;
        break;
      case 'discarded':
        this.discarded[answer.reason] = (this.discarded[answer.reason] ?? 0) + 1;
        break;
      case 'gone':
        this.gone++;
        break;
      case 'returned':
        this.left++;
        break;
      case 'unreadable':
        this.left++;
        this.faults.add(`letter ${letter}: ${answer.detail}`);
        break;
      default:
        answer satisfies never;
    }
    if ('kept' in answer && answer.kept !== undefined) this.faults.add(`letter ${letter} is kept: ${answer.kept}`);
  }

  json() {
    const { selected, delivered, filtered, discarded, gone, left } = this;
    return { selected, delivered, filtered, discarded, gone, left };
  }

  text(): string {
    const reasons = Object.entries(this.discarded).map(([reason, count]) => `${reason} ${count}`);
    const parts = [
      `${this.delivered} sent`,
      this.filtered > 0 && `${this.filtered} not wanted by the rule any more`,
      this.failed > 0 && `${this.failed} failed again (${reasons.join(', ')})`,
      this.gone > 0 && `${this.gone} gone before`,
      this.left > 0 && `${this.left} left as they were, or still under way`,
    ].filter((part) => part !== false);
    return `${lettersText(this.selected)}: ${parts.join(', ')}\n`;
  }

  faultsText(): string {
    const shown = [...this.faults].slice(0, 10);
    const more = this.faults.size > shown.length ? [`and ${this.faults.size - shown.length} more`] : [];
    return [...shown, ...more].map((fault) => `${printable(fault)}\n`).join('');
  }
}

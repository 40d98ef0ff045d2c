/** The numbers of every kind of server as the page shows them, by the names that Prometheus has. */
import { type OperatedServer, withNumbers } from '../../ops/internal.ts';
import type { CountRow, NumberRow } from '../protocol.ts';
import { DROP_TEXT } from '../traffic/dropText.ts';
import { REFUSAL_TEXTS } from './refusalTexts.ts';

/** All numbers of a server that no label tells apart. */
export function numberRows(server: OperatedServer): NumberRow[] {
  return withNumbers(server, ({ gauges, counters }, read) => {
    const metrics = read();
    return [
      ...gauges.map(([name, label, of]) => numberRow(name, label, of(metrics), false)),
      ...counters.map(([name, label, of]) => numberRow(name, label, of(metrics), true)),
    ];
  });
}

/** Everything that a label tells apart and that was there at least once. */
export function countRows(server: OperatedServer): CountRow[] {
  return withNumbers(server, ({ labelled }, read) => {
    const metrics = read();
    // Which suites DTLS agreed on is nothing that went wrong.
    const wrong = labelled.filter(([, name]) => !name.endsWith('_by_suite_total'));
    return wrong.flatMap(([, name, , of]) =>
      [...of(metrics)]
        .filter(([, times]) => times > 0)
        .map(([reason, times]) => {
          const kind = kindOf(name);
          return { reason, times, of: kind, text: textOf(kind, reason) };
        }),
    );
  });
}

/** `calls_received_total` is `callsReceived`. */
function numberRow(name: string, label: string, value: number, isCounter: boolean): NumberRow {
  const plain = name.replace(/_total$/, '');
  const unit = plain.endsWith('_seconds')
    ? 'seconds'
    : plain.endsWith('_ms')
      ? 'ms'
      : /bytes/.test(plain)
        ? 'bytes'
        : '';
  const camel = plain.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return { name: camel, label, value, unit, isCounter };
}

function kindOf(name: string): CountRow['of'] {
  if (name.startsWith('dtls')) return 'dtls';
  if (name.startsWith('drops')) return 'drop';
  return name.startsWith('refusals') ? 'refusal' : 'end';
}

function textOf(kind: CountRow['of'], reason: string): string {
  if (kind === 'drop') return (DROP_TEXT as Readonly<Record<string, string>>)[reason] ?? '';
  return kind === 'refusal' ? (REFUSAL_TEXTS[reason] ?? '') : '';
}

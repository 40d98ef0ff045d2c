/** What is looked for in the traffic: words and conditions, as `TrafficView.filter` explains them. Cheap conditions are asked first. */
import type { ParsedDatagram } from '../../enet/index.ts';
import { addressOf, type DatagramReader } from './DatagramReader.ts';
import { type DatagramRecord, RecordKind } from './DatagramRing.ts';
import { DROP_REASONS } from './TrafficRecorder.ts';

/** A filter that was read. */
export interface TrafficFilter {
  /** Whether a datagram is looked for. */
  matches(record: DatagramRecord, reader: DatagramReader): boolean;
}

/** A datagram while it is looked at: taken apart at most once. */
interface Candidate {
  readonly record: DatagramRecord;
  readonly reader: DatagramReader;
  parsed?: { readonly datagram: ParsedDatagram | undefined };
  texts?: readonly string[];
}

interface Condition {
  /** 0: of the record alone, 1: of its commands, 2: of its texts. */
  readonly cost: 0 | 1 | 2;
  holds(candidate: Candidate): boolean;
}

/** @throws RangeError with a sentence for what is no filter. */
export function readFilter(text: string): TrafficFilter {
  if (text.length > MAX_FILTER) throw new RangeError(`a filter has at most ${MAX_FILTER} characters`);
  const conditions = [...text.matchAll(/(-?)(?:"([^"]*)"|([^\s"]+))/g)].map(
    ([, minus, quoted, word = '']) => {
      const condition =
        quoted === undefined ? readWord(word.toLowerCase()) : textCondition(quoted.toLowerCase());
      return minus === '-' ? not(condition) : condition;
    },
  );
  conditions.sort((a, b) => a.cost - b.cost);
  return {
    matches: (record, reader) => {
      const candidate: Candidate = { record, reader };
      for (const condition of conditions) if (!condition.holds(candidate)) return false;
      return true;
    },
  };
}

function readWord(word: string): Condition {
  switch (word) {
    case 'in':
      return ofRecord(({ kind }) => kind === RecordKind.IN);
    case 'out':
      return ofRecord(({ kind }) => kind === RecordKind.OUT);
    case 'drop':
      return ofRecord(({ kind }) => kind === RecordKind.DROP);
    default:
  }
  const [, size, bytes = ''] = /^size([<>=:])(.*)$/.exec(word) ?? [];
  if (size !== undefined) return sizeCondition(size, bytes);
  const [, name, sign, value = ''] =
    /^(drop|address|peer|command|channel|call|event)([:<>=])(.*)$/.exec(word) ?? [];
  if (name === undefined) return textCondition(word);
  if (sign !== ':') throw new RangeError(`"${name}" needs a colon: ${name}:${value}. In quotes it is a text`);
  if (value === '') throw new RangeError(`"${name}:" needs something behind it`);
  return readNamed(name, value);
}

function sizeCondition(sign: string, bytes: string): Condition {
  if (sign !== '<' && sign !== '>')
    throw new RangeError('"size" is compared by < or >: size>200. In quotes it is a text');
  const limit = wholeNumber(`size${sign}`, bytes);
  return sign === '>' ? ofRecord((record) => record.size > limit) : ofRecord((record) => record.size < limit);
}

/** @throws RangeError for what is none. */
function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new RangeError(`"${name}" needs a number behind it, got ${text === '' ? 'nothing' : text}`);
  return Number(text);
}

function readNamed(name: string, value: string): Condition {
  switch (name) {
    case 'drop':
      return ofRecord(
        ({ kind, reason }) =>
          kind === RecordKind.DROP && (DROP_REASONS[reason] ?? '').toLowerCase().includes(value),
      );
    case 'address':
      return ofRecord((record) => addressOf(record).toLowerCase().includes(value));
    case 'peer':
      return {
        cost: 0,
        holds: ({ record, reader }) => {
          const { key, peerId } = reader.partyOf(record);
          return key?.toLowerCase() === value || String(peerId) === value;
        },
      };
    case 'command':
      return ofCommands((datagram) =>
        datagram.commands.some((command) => command.name.toLowerCase().includes(value)),
      );
    case 'channel': {
      const channel = wholeNumber('channel:', value);
      return ofCommands((datagram) => datagram.commands.some((command) => command.channel === channel));
    }
    case 'call':
      return ofTexts((text) => /remote_call|simplify_path/.test(text) && text.includes(value));
    default: {
      // As the JSON of a packet has it.
      const wanted = new RegExp(`"_event":"[^"]*${value.replaceAll(/[^a-z0-9_]/g, '\\$&')}`);
      return ofTexts((text) => wanted.test(text));
    }
  }
}

function textCondition(word: string): Condition {
  return ofTexts((text) => text.includes(word));
}

function ofRecord(holds: (record: DatagramRecord) => boolean): Condition {
  return { cost: 0, holds: ({ record }) => holds(record) };
}

function ofCommands(holds: (datagram: ParsedDatagram) => boolean): Condition {
  return {
    cost: 1,
    holds: (candidate) => {
      const datagram = datagramOf(candidate);
      return datagram !== undefined && holds(datagram);
    },
  };
}

function ofTexts(holds: (text: string) => boolean): Condition {
  return {
    cost: 2,
    holds: (candidate) => {
      const { record, reader } = candidate;
      candidate.texts ??= reader.parts(record, datagramOf(candidate)).map((text) => text.toLowerCase());
      return candidate.texts.some(holds);
    },
  };
}

function datagramOf(candidate: Candidate): ParsedDatagram | undefined {
  candidate.parsed ??= { datagram: candidate.reader.parse(candidate.record) };
  return candidate.parsed.datagram;
}

function not({ cost, holds }: Condition): Condition {
  return { cost, holds: (candidate) => !holds(candidate) };
}

const MAX_FILTER = 200;

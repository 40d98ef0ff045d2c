/** The receive rules of the core against their slow twin, on random commands. enet-protocol 6.3 to 6.8. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDatagram } from '../../src/enet/commands.ts';
import { EventType } from '../../src/enet.ts';
import { ReceivingTwin, type TwinCommand } from '../reference/receiving.ts';
import { fcParameters } from '../support/fc.ts';
import { be, connected, text, toHex } from './harness.ts';

const NUMBERS = {
  reliable: 0x86,
  unreliable: 0x07,
  unsequenced: 0x49,
  fragment: 0x88,
  unreliableFragment: 0x0c,
};
const encode = (value: string): string => toHex(new TextEncoder().encode(value));

interface Step {
  readonly kind: keyof typeof NUMBERS;
  readonly channel: number;
  /** Distance of the number from where the channel is believed to be. */
  readonly offset: number;
  readonly second: number;
  readonly count: number;
  readonly number: number;
  readonly wantsAcknowledge: boolean;
  /** Commands in one datagram up to the next step with this set. */
  readonly endsDatagram: boolean;
}

const near = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -2, max: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-4096, -40_000, 4096, 24_575, 24_576, 28_671, 28_672, 32_768, 36_864, 65_535),
  },
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('reliable', 'unreliable', 'unsequenced', 'fragment', 'unreliableFragment'),
  channel: fc.integer({ min: 0, max: 1 }),
  offset: near,
  second: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 65_535 }) },
  ),
  count: fc.integer({ min: 2, max: 3 }),
  number: fc.integer({ min: 0, max: 2 }),
  wantsAcknowledge: fc.boolean(),
  endsDatagram: fc.boolean(),
});

/** What a step says on the wire. All fragments of one packet carry pieces of the same length. */
function commandOf(step_: Step, base: number, index: number): TwinCommand {
  const { kind, channel, second, count } = step_;
  const number = Math.min(step_.number, count - 1);
  const start = (base + step_.offset) & 0xffff;
  if (kind === 'fragment') {
    const text_ = `${String.fromCharCode(97 + number)}${start % 10}`;
    return { kind, channel, rel: (start + number) & 0xffff, second: start, count, number, text: text_ };
  }
  if (kind === 'unreliableFragment') {
    return {
      kind,
      channel,
      rel: start,
      second,
      count,
      number,
      text: `${String.fromCharCode(97 + number)}${second % 10}`,
    };
  }
  return {
    kind,
    channel,
    rel: kind === 'unsequenced' ? 0 : start,
    second,
    count: 0,
    number: 0,
    text: `${kind}${index}`,
  };
}

function wire(command: TwinCommand, wantsAcknowledge: boolean): string {
  const data = encode(command.text);
  const length = data.length / 2;
  const first = (NUMBERS[command.kind] & 0x7f) | (wantsAcknowledge ? 0x80 : 0);
  const head = be(first, 1) + be(command.channel, 1) + be(command.rel, 2);
  switch (command.kind) {
    case 'reliable':
      return head + be(length, 2) + data;
    case 'unreliable':
    case 'unsequenced':
      return head + be(command.second, 2) + be(length, 2) + data;
    default:
      return (
        head +
        be(command.second, 2) +
        be(length, 2) +
        [command.count, command.number, command.count * length, command.number * length]
          .map((v) => be(v, 4))
          .join('') +
        data
      );
  }
}

/** @returns what was delivered, `channel:text`. */
function play(steps: readonly Step[], startSeq: number): string[] {
  const { server, client } = connected();
  const twin = new ReceivingTwin(2);
  const delivered: string[] = [];
  const acknowledged: string[] = [];
  const feed = (commands: readonly (readonly [TwinCommand, boolean])[]): void => {
    for (const [command, wants] of commands) {
      if (!twin.receive(command, wants)) break;
    }
    server.clear();
    server.feed(
      `80004321${commands.map(([command, wants]) => wire(command, wants)).join('')}`,
      client.address,
    );
    for (const event of server.service()) {
      if (event.type === EventType.RECEIVE) delivered.push(`${event.channel}:${text(event.bytes)}`);
    }
    for (const { bytes } of server.sent) {
      for (const sent of parseDatagram(bytes)?.commands ?? []) {
        if (sent.name === 'ACKNOWLEDGE' && sent.channel !== 255)
          acknowledged.push(`${sent.channel}:${sent.receivedSeq}`);
      }
    }
  };
  // To the start number, window by window, as a sender would: reliable packets from 1 on would take too long, so
  // fragmented packets jump.
  let base = 0;
  while (base < startSeq) {
    const count = Math.min(4000, startSeq - base);
    if (count === 1) {
      for (const channel of [0, 1]) {
        feed([
          [{ kind: 'reliable', channel, rel: base + 1, second: 0, count: 0, number: 0, text: 'x' }, false],
        ]);
      }
    } else {
      for (const channel of [0, 1]) {
        for (let number = 0; number < count; number++) {
          feed([
            [
              {
                kind: 'fragment',
                channel,
                rel: base + 1 + number,
                second: base + 1,
                count,
                number,
                text: 'x',
              },
              false,
            ],
          ]);
        }
      }
    }
    base += count;
  }
  const believed = [base, base];
  let datagram: (readonly [TwinCommand, boolean])[] = [];
  for (const [index, current] of steps.entries()) {
    const command = commandOf(current, believed[current.channel] ?? 0, index);
    datagram.push([command, current.wantsAcknowledge]);
    if (current.endsDatagram || datagram.length === 30) {
      feed(datagram);
      datagram = [];
    }
    if (index % 4 === 3) believed[current.channel] = ((believed[current.channel] ?? 0) + 1) & 0xffff;
  }
  feed(datagram);
  expect(delivered).toEqual(twin.delivered);
  expect(acknowledged).toEqual(twin.acknowledged);
  return delivered;
}

describe('deliveries and acknowledgements are those of the specification', () => {
  test('from a fresh connection', () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(steps, (s) => void play(s, 0)),
      fcParameters(300),
    );
  }, 300_000);

  test('a packet with the number of a fragment of another one does not stop its channel', () => {
    const common = { channel: 0, second: 0, count: 2, wantsAcknowledge: true, endsDatagram: true };
    const delivered = play(
      [
        { ...common, kind: 'fragment', offset: 1, number: 1 },
        { ...common, kind: 'reliable', offset: 2, number: 0 },
        { ...common, kind: 'reliable', offset: 3, number: 0 },
        { ...common, kind: 'fragment', offset: 1, number: 0 },
      ],
      0,
    );
    expect(delivered).toEqual(['0:a1b1', '0:reliable2']);
  });

  test('around the wrap of the numbers', () => {
    const { numRuns, ...seed } = fcParameters(300);
    const steps = fc.array(step, { minLength: 40, maxLength: 150 });
    // Each run takes most of a second, so shrinking a failure must end by itself.
    const runs = {
      numRuns: Math.ceil(numRuns / 60),
      ...seed,
      interruptAfterTimeLimit: 120_000,
      markInterruptAsFailure: true,
    };
    fc.assert(
      fc.property(steps, fc.constantFrom(65_500, 65_530), (s, start) => void play(s, start)),
      runs,
    );
  }, 300_000);
});

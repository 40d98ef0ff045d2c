/** A side of a handshake that does only what a test lets it do: flights are handed over instead of being sent. */

import type { DtlsEndpoint, DtlsEvent, DtlsSessionInfo, DtlsWorld } from '../../src/dtls/endpoint.ts';
import { encodeFlight, type FlightItem, type OutgoingMessage } from '../../src/dtls/handshake/flight.ts';
import type { Handshake, HandshakeCarrier } from '../../src/dtls/handshake/handshake.ts';
import { encodeFragment, readFragments } from '../../src/dtls/handshake/handshakeMessages.ts';
import { Reassembly } from '../../src/dtls/handshake/reassembly.ts';
import { readRecord } from '../../src/dtls/record/record.ts';
import type { RecordCipher } from '../../src/dtls/record/recordCipher.ts';
import { RecordWriter } from '../../src/dtls/record/recordWriter.ts';
import type { Address } from '../../src/enet/address.ts';

export const PEER: Address = { ip: '10.0.0.2', port: 1000 };

export class Puppet<Side extends Handshake> implements HandshakeCarrier {
  readonly handshake: Side;
  readonly writer = new RecordWriter();
  /** What the handshake wanted to send. */
  readonly flights: FlightItem[][] = [];
  /** Alerts that came, as level and description. */
  readonly alerts: number[][] = [];
  /** Contents that came. */
  readonly texts: string[] = [];
  info: DtlsSessionInfo | undefined;
  readonly #reassembly = new Reassembly();
  #read: RecordCipher | undefined;
  #nextSeq = 0;

  constructor(make: (carrier: HandshakeCarrier) => Side) {
    this.handshake = make(this);
  }

  randomBytes(size: number): Uint8Array {
    return new Uint8Array(size).fill(7);
  }

  number(type: number, body: Uint8Array): OutgoingMessage {
    const messageSeq = this.#nextSeq;
    this.#nextSeq += 1;
    return { epoch: type === 20 ? 1 : 0, type, messageSeq, body };
  }

  sendFlight(items: readonly FlightItem[]): void {
    this.flights.push([...items]);
  }

  tellSecret(): void {}

  setCiphers(read: RecordCipher, write: RecordCipher): void {
    this.#read = read;
    this.writer.setCipher(write);
  }

  complete(info: DtlsSessionInfo): void {
    this.info = info;
  }

  /** The latest flight. */
  get flight(): FlightItem[] {
    return this.flights.at(-1) ?? [];
  }

  encode(items: readonly FlightItem[]): Uint8Array[] {
    return encodeFlight(items, this.writer, 1200);
  }

  /** Takes what the endpoint sent. */
  feed(datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) {
      for (let at = 0; at < datagram.length; ) {
        const record = readRecord(datagram, at);
        if (record === undefined) throw new Error('half a record');
        at += record.whole.length;
        const content = record.epoch === 0 ? record.payload : this.#read?.open(record.whole);
        if (content === undefined) throw new Error('a record that cannot be opened');
        if (record.type === 21) this.alerts.push([...content]);
        else if (record.type === 23) this.texts.push(Buffer.from(content).toString());
        else if (record.type === 22) this.#messages(content);
      }
    }
  }

  #messages(content: Uint8Array): void {
    for (const fragment of readFragments(content) ?? []) this.#reassembly.add(fragment);
    for (let one = this.#reassembly.take(); one; one = this.#reassembly.take()) this.handshake.receive(one);
  }
}

/** An endpoint whose datagrams pile up, with a clock that stands still. */
export class Bench<Endpoint extends DtlsEndpoint> {
  readonly endpoint: Endpoint;
  readonly events: DtlsEvent[] = [];
  readonly texts: string[] = [];
  now = 0;
  #outbox: Uint8Array[] = [];

  constructor(make: (world: DtlsWorld) => Endpoint) {
    this.endpoint = make({
      now: () => this.now,
      transmit: (datagram) => this.#outbox.push(datagram),
      deliver: (plaintext) => this.texts.push(Buffer.from(plaintext).toString()),
      onEvent: (event) => this.events.push(event),
    });
  }

  /** Gives it datagrams and returns what it answers. */
  exchange(datagrams: readonly Uint8Array[]): Uint8Array[] {
    for (const datagram of datagrams) this.endpoint.receive(datagram, PEER);
    return this.take();
  }

  take(): Uint8Array[] {
    const datagrams = this.#outbox;
    this.#outbox = [];
    return datagrams;
  }

  /** The failure of the latest event. */
  get failure(): { code: string; alert: number | undefined } | undefined {
    const event = this.events.at(-1);
    return event === undefined || event.type === 'open' ? undefined : event.failure;
  }
}

/** One message in a plaintext record, whatever it is. */
export function plainMessage(
  writer: RecordWriter,
  type: number,
  messageSeq: number,
  body: Uint8Array,
): Uint8Array {
  return writer.write(0, 22, encodeFragment(type, messageSeq, body));
}

/** A flight with one of its messages changed. */
export function changed(
  items: readonly FlightItem[],
  type: number,
  change: (body: Uint8Array) => Uint8Array,
): FlightItem[] {
  return items.map((item) =>
    item !== 'changeCipherSpec' && item.type === type
      ? { ...item, body: change(Uint8Array.from(item.body)) }
      : item,
  );
}

/** Flips one bit of the byte at `index` (counted from the end when negative). */
export function flip(index: number): (body: Uint8Array) => Uint8Array {
  return (body) => {
    const at = index < 0 ? body.length + index : index;
    body[at] = (body[at] ?? 0) ^ 1;
    return body;
  };
}

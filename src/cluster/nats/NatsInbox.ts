/** Receives the messages of one inbox: a consumer of the stream of inboxes sends them, each is acknowledged when it was handled. */

import type { BusListener } from '../bus.ts';
import type { Clock } from '../clock.ts';
import {
  askApi,
  deliveryOf,
  isPassing,
  isTable,
  JetStreamCode,
  nanos,
  streamInfo,
  unless,
} from './jetStream.ts';
import type { Link } from './Link.ts';
import type { NatsConnection, NatsMessage } from './natsModule.ts';

/** A message that has come and is not handled yet. */
interface Waiting {
  readonly sequence: number;
  readonly message: NatsMessage;
}

/** What was handled of one stream: sequences of its messages. */
interface History {
  readonly createdUs: number;
  handled: number;
  handling: number;
}

/** One consumer. When anything is odd about what it sends, another one begins with what is not acknowledged. */
interface Source {
  readonly connection: NatsConnection;
  /** How many messages it has sent. */
  sent: number;
  /** When it was heard last. */
  heardMs: number;
  end(): void;
}

/**
 * Messages come in the order in which they were sent, and are handled in it: so the sequence of the last one that was handled says of each
 * that comes again whether it was. It is acknowledged then, and not handled a second time.
 */
export class NatsInbox {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #handle: BusListener;
  readonly #report: (error: unknown) => void;
  /** Who receives: the consumer says it, so that another one who takes the inbox over is seen. */
  readonly #id: string;
  #source: Source | undefined;
  #isBeginning = false;
  #isOver = false;
  #isBusy = false;
  #queue: Waiting[] = [];
  /** The sequence of the last message that has come. */
  #lastCome = 0;
  #history: History = { createdUs: 0, handled: 0, handling: 0 };

  /** @param handle never rejects. */
  constructor(link: Link, clock: Clock, name: string, handle: BusListener, report: (error: unknown) => void) {
    this.#link = link;
    this.#clock = clock;
    this.#name = name;
    this.#handle = handle;
    this.#report = report;
    this.#id = clock.newId();
  }

  /** Takes the inbox, from whoever had it. @throws (as rejection) BusError DOWN, JetStreamError: nothing is received then. */
  async open(): Promise<void> {
    try {
      await this.#begin(true);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Looks whether messages still come. Called from time to time, and when the server answers again. Never rejects. */
  async look(): Promise<void> {
    const source = this.#source;
    const isHeard =
      source !== undefined &&
      source.connection === this.#link.up?.connection &&
      this.#clock.now() - source.heardMs < SILENT_MS;
    if (this.#isOver || this.#isBeginning || this.#link.up === undefined || isHeard) return;
    try {
      await this.#begin(false);
    } catch (error) {
      // Without an answer it is done again at the next look.
      if (!isPassing(error)) this.#report(error);
    }
  }

  /** Nothing more comes. What was not handled is for who comes next. */
  close(): void {
    this.#isOver = true;
    this.#drop();
  }

  /** @param isNew whether it takes the inbox from whoever has it. */
  async #begin(isNew: boolean): Promise<void> {
    this.#isBeginning = true;
    try {
      this.#drop();
      const { way, connection, data } = this.#link.begin();
      const { names } = data;
      const path = `${names.inboxes}.${names.consumer(this.#name)}`;
      const stream = await streamInfo(way, names.inboxes);
      if (stream === undefined) throw way.missing(names.inboxes);
      this.#beginIn(stream.createdUs, stream.last);
      if (!isNew) {
        const known = await unless(JetStreamCode.CONSUMER_NOT_FOUND, askApi(way, `CONSUMER.INFO.${path}`));
        const config = known?.['config'];
        if (isTable(config) && config['description'] !== this.#id) {
          this.close();
          return this.#report(new Error(`somebody else receives ${this.#name} now`));
        }
      }
      await unless(JetStreamCode.CONSUMER_NOT_FOUND, askApi(way, `CONSUMER.DELETE.${path}`));
      if (this.#isOver) return;
      const subject = way.nats.createInbox();
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => (error === null ? this.#take(source, message) : undefined),
      });
      const source: Source = {
        connection,
        sent: 0,
        heardMs: this.#clock.now(),
        end: () => subscription.unsubscribe(),
      };
      this.#source = source;
      const config = {
        ...{ durable_name: names.consumer(this.#name), description: this.#id, deliver_subject: subject },
        ...{ deliver_policy: 'all', replay_policy: 'instant', filter_subject: names.inbox(this.#name) },
        ...{
          ack_policy: 'explicit',
          ack_wait: nanos(ACK_WAIT_MS),
          max_ack_pending: MOST_COME,
          max_deliver: -1,
        },
        ...{ idle_heartbeat: nanos(HEARTBEAT_MS), inactive_threshold: nanos(INACTIVE_MS) },
      };
      await askApi(way, `CONSUMER.DURABLE.CREATE.${path}`, { stream_name: names.inboxes, config });
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      this.#isBeginning = false;
    }
  }

  /** Which messages were handled is known of a stream; not of another one, nor of one that is what it was earlier. */
  #beginIn(createdUs: number, last: number): void {
    if (createdUs !== this.#history.createdUs || last < this.#history.handled)
      this.#history = { createdUs, handled: 0, handling: 0 };
    this.#lastCome = Math.max(this.#history.handled, this.#history.handling);
  }

  #take(source: Source, message: NatsMessage): void {
    if (source !== this.#source) return;
    source.heardMs = this.#clock.now();
    const delivery = deliveryOf(message);
    if (delivery === undefined) {
      if (Number(message.headers?.get('Nats-Last-Consumer')) > source.sent) this.#again();
      return;
    }
    source.sent++;
    const { order, sequence } = delivery;
    if (order !== source.sent) this.#again();
    else if (sequence <= this.#history.handled) message.respond();
    else if (sequence > this.#lastCome) {
      this.#lastCome = sequence;
      this.#queue.push({ sequence, message });
      void this.#hand();
    }
  }

  /** Something that was sent has not come. */
  #again(): void {
    this.#drop();
    void this.look();
  }

  #drop(): void {
    this.#source?.end();
    this.#source = undefined;
    this.#queue = [];
  }

  /** Hands over what waits, one after the other. */
  async #hand(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const history = this.#history;
      const connection = this.#source?.connection;
      history.handling = next.sequence;
      await this.#handle(new Uint8Array(next.message.data));
      history.handled = next.sequence;
      if (connection?.isClosed() === false) next.message.respond();
    }
    this.#isBusy = false;
  }
}

/** How many messages are sent ahead. At the most bytes of each that is 8 MiB. */
const MOST_COME = 16;
/** After that time without an acknowledgement a message is sent again, which changes nothing here. */
const ACK_WAIT_MS = 60_000;
/** How often a consumer that has nothing to send says so, and when it is believed to be gone. */
const HEARTBEAT_MS = 1000;
const SILENT_MS = 3500;
/** When the server forgets the consumer of who does not come back. */
const INACTIVE_MS = 300_000;

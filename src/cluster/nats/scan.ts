/** All that a bucket has, or a kind of it, in one go. */
import { askApi, type Delivery, deliveryOf, microsOf, nanos, numberIn, textIn } from './jetStream.ts';
import type { NatsMessage } from './natsModule.ts';
import type { Way } from './Way.ts';

/** What was found. */
export interface Scan {
  /** A time at which the server began, by its clock. */
  readonly serverMs: number;
  /** The last message of each subject. */
  readonly messages: ReadonlyMap<string, { readonly message: NatsMessage; readonly delivery: Delivery }>;
}

/**
 * Reads the last message of each subject that a filter takes: a consumer of its own sends them, and is gone after that.
 *
 * @throws (as rejection) JetStreamError, BusError DOWN.
 */
export async function scan(way: Way, stream: string, filter: string): Promise<Scan> {
  const { connection, nats } = way;
  const messages = new Map<string, { message: NatsMessage; delivery: Delivery }>();
  let received = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const take = (message: NatsMessage): void => {
    if (message.headers?.code === 100) {
      // An empty answer asks for more; one that nobody waits for says that there is no more.
      const stalled = message.headers.get('Nats-Consumer-Stalled') || message.reply;
      if (stalled !== undefined && stalled !== '') connection.publish(stalled);
      else if (Number(message.headers.get('Nats-Last-Consumer')) <= received) end();
      return;
    }
    const delivery = deliveryOf(message);
    if (delivery === undefined) return;
    received++;
    messages.set(message.subject, { message, delivery });
    if (delivery.pending === 0) end();
  };
  const inbox = nats.createInbox();
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => (error === null ? take(message) : undefined),
  });
  try {
    const config = {
      ...{
        deliver_subject: inbox,
        deliver_policy: 'last_per_subject',
        ack_policy: 'none',
        replay_policy: 'instant',
      },
      ...{
        filter_subject: filter,
        flow_control: true,
        idle_heartbeat: nanos(500),
        mem_storage: true,
        num_replicas: 1,
      },
      ...{ inactive_threshold: nanos(5000) },
    };
    const answer = await askApi(way, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config });
    if (numberIn(answer, 'num_pending') > 0) await way.within('a list', ended);
    if (!connection.isClosed())
      connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${textIn(answer, 'name')}`);
    return { serverMs: Math.floor(microsOf(textIn(answer, 'created')) / 1000), messages };
  } finally {
    subscription.unsubscribe();
  }
}

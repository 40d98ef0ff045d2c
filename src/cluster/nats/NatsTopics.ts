/** Who listens to which topic: a subscription for each topic, over whichever connection there is. */
import type { BusListener, Unsubscribe } from '../bus.ts';
import type { Link, Up } from './Link.ts';
import type { NatsConnection } from './natsModule.ts';

/** A topic that somebody listens to. */
interface Topic {
  readonly listeners: Set<BusListener>;
  connection: NatsConnection | undefined;
  end: Unsubscribe;
}

export class NatsTopics {
  readonly #link: Link;
  readonly #topics = new Map<string, Topic>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** @param listener never rejects. @throws (as rejection) BusError DOWN: it does not listen then. */
  async subscribe(name: string, listener: BusListener): Promise<Unsubscribe> {
    const up = this.#link.begin();
    const topic = this.#topics.get(name) ?? {
      listeners: new Set(),
      connection: undefined,
      end: () => undefined,
    };
    this.#topics.set(name, topic);
    topic.listeners.add(listener);
    const end = (): void => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0 || this.#topics.get(name) !== topic) return;
      this.#topics.delete(name);
      topic.end();
    };
    try {
      listen(up, name, topic);
      await up.way.reach();
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** There is a connection, perhaps another one. */
  up(up: Up): void {
    for (const [name, topic] of this.#topics) listen(up, name, topic);
  }
}

function listen({ connection, data }: Up, name: string, topic: Topic): void {
  if (topic.connection === connection) return;
  const subscription = connection.subscribe(data.names.topic(name), {
    callback: (error, message) => {
      if (error !== null) return;
      for (const listener of [...topic.listeners]) void listener(new Uint8Array(message.data));
    },
  });
  topic.connection = connection;
  topic.end = () => subscription.unsubscribe();
}
